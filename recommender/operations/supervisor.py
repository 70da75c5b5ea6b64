"""Starting supervisord, asking it how the programs are, and ending it."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from xmlrpc.client import Error, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from recommender.operations.errors import SupervisorFailedError
from recommender.operations.plan import Plan
from recommender.operations.programs import Program
from recommender.operations.supervisor_configuration import GROUP, choose_socket, write_configuration

ENTRY = Path(__file__).with_name("supervisord.py")
# A little more than a program may take, a little less than the ten seconds promised to the person who pressed Ctrl-C.
STOP_SECONDS = 8.5


@dataclass(frozen=True)
class ProgramState:
    """`state` is one of STARTING, RUNNING, BACKOFF, STOPPING, EXITED, STOPPED, FATAL; `pid` is 0 where none runs,
    and `started_at` the Unix time of the latest start, 0 before the first."""

    name: str
    state: str
    pid: int
    started_at: int


class Control:
    """Speaks to a running supervisord over its socket."""

    def __init__(self, socket: Path) -> None:
        self._url = f"unix://{socket}"

    def list_programs(self) -> list[ProgramState]:
        """How each program is.

        Raises:
            SupervisorFailedError: nobody answers.
        """
        rows = self._call("getAllProcessInfo")
        return [ProgramState(row["name"], row["statename"], row["pid"], row["start"]) for row in rows]

    def stop_program(self, name: str) -> None:
        """End a program and keep it ended; returns when it is."""
        self._call("stopProcess", f"{GROUP}:{name}")

    def start_program(self, name: str) -> None:
        """Start a stopped program; returns when it has run for a moment."""
        self._call("startProcess", f"{GROUP}:{name}")

    def _call(self, method: str, *arguments: str) -> Any:
        # A transport that has failed once fails for ever: each call gets a fresh one.
        transport = SupervisorTransport(None, None, serverurl=self._url)
        try:
            with ServerProxy("http://127.0.0.1", transport=transport) as server:
                return getattr(server.supervisor, method)(*arguments)
        except (OSError, HTTPException, Error) as error:
            raise SupervisorFailedError(f"supervisord does not do {method}: {error}") from error


class Supervisor:
    """supervisord as a child process, for as long as the context lasts. Enter it on the main thread."""

    def __init__(self, plan: Plan, programs: Sequence[Program], lock: int) -> None:
        """`lock` is the descriptor of the run lock, which supervisord keeps open for as long as it lives."""
        self._plan = plan
        self._socket = choose_socket(plan.run)
        self._configuration = write_configuration(plan, programs, self._socket)
        self._lock = lock
        self._last_seen: list[ProgramState] = []
        self.control = Control(self._socket)

    def __enter__(self) -> Self:
        command = [sys.executable, "-P", str(ENTRY), str(self._configuration), str(os.getpid())]
        with (self._plan.logs / "supervisord.log").open("ab") as log:
            # A session of its own: Ctrl-C reaches `up` alone, which then ends everything in order.
            self._process = subprocess.Popen(
                command,
                cwd=self._plan.run,
                env={**os.environ, **self._plan.environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[self._lock],
                start_new_session=True,
            )
        return self

    def list_programs(self) -> list[ProgramState]:
        """How each program is; none while supervisord is still starting.

        Raises:
            SupervisorFailedError: supervisord has ended.
        """
        if self._process.poll() is not None:
            raise SupervisorFailedError(
                f"supervisord ended by itself; {self._plan.logs / 'supervisord.log'} may say why."
            )
        with contextlib.suppress(SupervisorFailedError):
            self._last_seen = self.control.list_programs()
        return self._last_seen

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        orderly = self._process.poll() is None
        if orderly:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                orderly = False
                self._process.kill()
                self._process.wait()
        if not orderly:
            _kill_groups(state.pid for state in self._last_seen)
        if self._socket.parent != self._plan.run:
            shutil.rmtree(self._socket.parent, ignore_errors=True)


def _kill_groups(pids: Iterable[int]) -> None:
    for pid in pids:
        if pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
