"""The programs, written down as supervisord wants them. Its paths start in the run folder."""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from recommender.operations.plan import Plan
from recommender.operations.programs import Program

GROUP = "soundalike"
# What the address of a Unix socket holds on every system, less what supervisord appends while it makes it.
LONGEST_SOCKET_PATH = 90
# Together with supervisord's own work, inside the ten seconds that a stop may take.
STOP_SECONDS = 6

HEADER = """\
[supervisord]
nodaemon = true
silent = true
logfile = ../logs/supervisord.log
logfile_maxbytes = 5MB
logfile_backups = 2
pidfile = supervisord.pid
identifier = {group}

[unix_http_server]
file = {socket}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl = unix://{socket}

; One group: the stop signals go out to all at once, not to one after the other.
[group:{group}]
programs = {names}
"""

PROGRAM = """
[program:{name}]
command = {command}
environment = {environment}
autorestart = true
; Less than this counts as a failed start, which is tried again after a growing pause.
startsecs = 3
startretries = 1000000
stopsignal = {stop_signal}
stopwaitsecs = {stop_seconds}
killasgroup = true
redirect_stderr = {redirect}
stdout_logfile = ../logs/{output}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 3
stderr_logfile = {errors}
stderr_logfile_maxbytes = 10MB
stderr_logfile_backups = 3
"""


def quote_word(word: str) -> str:
    """One word of a command, for supervisord's reader.

    Quotation marks would not do: a space before `;` or `#` starts a comment even between them.
    """
    escaped = re.sub(r"[^\w@%+=:,./-]", r"\\\g<0>", word) if word else "''"
    return escaped.replace("%", "%%")


def choose_socket(folder: Path) -> Path:
    """The control socket: in the folder, or in a temporary one of its own when the path would be too long or odd."""
    wanted = folder / "supervisor.sock"
    if len(str(wanted)) <= LONGEST_SOCKET_PATH and re.fullmatch(r"[\w./-]+", str(wanted), re.ASCII):
        return wanted
    # Not in TMPDIR, which may be just as deep.
    return Path(tempfile.mkdtemp(prefix="soundalike-", dir="/tmp")) / "supervisor.sock"


def write_configuration(plan: Plan, programs: Sequence[Program], socket: Path) -> Path:
    """Write the configuration into the run folder; returns where."""
    names = ",".join(program.name for program in programs)
    parts = [HEADER.format(group=GROUP, socket=socket, names=names), *map(_describe, programs)]
    path = plan.run / "supervisord.conf"
    path.write_text("".join(parts))
    path.chmod(0o600)
    return path


def _describe(program: Program) -> str:
    separate = program.separate_output
    return PROGRAM.format(
        name=program.name,
        command=" ".join(map(quote_word, program.command)),
        environment=",".join(f'{name}="{value}"' for name, value in program.environment.items()),
        stop_signal=program.stop_signal,
        stop_seconds=STOP_SECONDS,
        redirect="false" if separate else "true",
        output=separate or program.name,
        errors=f"../logs/{program.name}.log" if separate else "NONE",
    )
