"""What `up` is about to start: on which ports, with which environment."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from recommender.operations import milvus_server, ports, redis_server

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`redis_port` and `milvus_port` are None where REDIS_URL or MILVUS_URI names a server that others look after."""

    home: Path
    web_port: int
    redis_port: int | None
    milvus_port: int | None
    analysis_processes: int

    @property
    def run(self) -> Path:
        return self.home / "run"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def address(self) -> str:
        return f"http://{ports.LOOPBACK}:{self.web_port}"

    def environment(self) -> dict[str, str]:
        """What every program finds in its environment, beside what the caller of `up` had there."""
        own = {
            "SOUNDALIKE_HOME": str(self.home),
            "SOUNDALIKE_PORT": str(self.web_port),
            "PYTHONUNBUFFERED": "1",
            # The programs run in the run folder, where they may drop what they like.
            "PYTHONPATH": str(ROOT),
        }
        if self.redis_port is not None:
            own["REDIS_URL"] = redis_server.redis_url(self.redis_port)
        if self.milvus_port is not None:
            own["MILVUS_URI"] = milvus_server.milvus_uri(self.milvus_port)
        return own

    def make_folders(self) -> None:
        for folder in ("run", "logs", "redis", "milvus"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)


def count_cores() -> int:
    """The cores this process may use; some systems (macOS) only tell how many there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def make_plan(
    home: Path, web_port: int, analysis_processes: int, environment: Mapping[str, str], say: Callable[[str], None]
) -> Plan:
    """Choose ports and say plainly where one is not the wanted one.

    Raises:
        PortsTakenError: no free port near a wanted one.
    """
    taken: set[int] = set()

    def choose(what: str, wanted: int) -> int:
        port = ports.find_free_port(wanted, frozenset(taken))
        taken.add(port)
        if port != wanted:
            say(f"Port {wanted} is taken: {what} gets {port}")
        return port

    return Plan(
        home=home,
        web_port=choose("the web server", web_port),
        redis_port=None if environment.get("REDIS_URL") else choose("Redis", redis_server.WANTED_PORT),
        milvus_port=None if environment.get("MILVUS_URI") else choose("Milvus", milvus_server.WANTED_PORT),
        analysis_processes=analysis_processes or count_cores(),
    )
