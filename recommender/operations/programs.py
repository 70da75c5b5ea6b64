"""The programs that make up a running Soundalike."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from recommender.operations.milvus_server import milvus_command
from recommender.operations.plan import Plan
from recommender.operations.ports import LOOPBACK
from recommender.operations.redis_server import find_redis_server, redis_command

CELERY = (sys.executable, "-m", "celery", "-A", "recommender")
WEB_SERVER = Path(__file__).with_name("web_server.py")
# Torch run with several threads before a fork hangs the child; and one process a core is parallel enough.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# Of librosa only the mel matrix is used, which is plain numpy; importing it would compile the rest for half a minute.
WITHOUT_COMPILER = {"NUMBA_DISABLE_JIT": "1"}
# Where SIGTERM reaches a worker (its supervisor died), it then ends at once and not after its task.
QUICK_STOP = {"REMAP_SIGTERM": "SIGQUIT"}
# What people look at goes first, then what they wait for, then what can wait; at start-up too, when all want the cores.
SOON = ("nice", "-n", "5")
LATER = ("nice", "-n", "10")


@dataclass(frozen=True, kw_only=True)
class Program:
    """One supervised process. `separate_output` keeps its standard output out of its log, in a file of that name."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: str = "TERM"
    separate_output: str = ""


def list_programs(plan: Plan) -> list[Program]:
    """All programs of a plan, servers first.

    Raises:
        RedisMissingError: Redis has to be started and there is no binary.
    """
    programs = []
    if plan.redis_port is not None:
        command = redis_command(find_redis_server(), plan.home / "redis", plan.redis_port)
        programs.append(Program(name="redis", command=command))
    if plan.milvus_port is not None:
        command = milvus_command(plan.home / "milvus", plan.milvus_port)
        # On SIGTERM it would drop dead; on SIGINT it finishes and syncs what it has.
        programs.append(Program(name="milvus", command=command, stop_signal="INT"))
    programs.append(_web(plan))
    programs.append(_worker("analysis", LATER, processes=plan.analysis_processes))
    programs.append(_worker("index", SOON))
    programs.append(_worker("interactive", SOON))
    programs.append(_worker("background", LATER))
    programs.append(_beat(plan))
    return programs


def _web(plan: Plan) -> Program:
    bind = f"{LOOPBACK}:{plan.web_port}"
    command = (sys.executable, "-m", "gunicorn", "--config", str(WEB_SERVER), "--bind", bind, "recommender.wsgi")
    return Program(name="web", command=command, separate_output="access")


def _worker(queue: str, priority: tuple[str, ...], *, processes: int = 1) -> Program:
    options = ("-Q", queue, "-n", f"{queue}@%h", "--concurrency", str(processes), "--pool", "prefork")
    quiet = ("--without-gossip", "--without-mingle", "--loglevel", "INFO")
    return Program(
        name=f"worker-{queue}",
        command=(*priority, *CELERY, "worker", *options, *quiet),
        environment={**ONE_THREAD, **WITHOUT_COMPILER, **QUICK_STOP},
        # Redis stops at the same moment, and without it an orderly end takes longer than anybody waits.
        # Nothing is lost: claims are leases in SQL, and an interrupted task comes back when its lease runs out.
        stop_signal="KILL",
    )


def _beat(plan: Plan) -> Program:
    options = ("--schedule", str(plan.run / "beat-schedule"), "--loglevel", "INFO")
    return Program(name="beat", command=(*SOON, *CELERY, "beat", *options))
