"""Watching the programs: waiting until they are ready, and saying plainly when one ends or keeps ending."""

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from recommender.operations.plan import Plan
from recommender.operations.readiness import Readiness, ask_readiness
from recommender.operations.supervisor import ProgramState, Supervisor

PATIENCE_SECONDS = 60.0
LOG_LINES = 12
# So many restarts within so long a time, and the log is shown.
MANY_RESTARTS = 3
MANY_WITHIN_SECONDS = 120.0


class ProgramWatch:
    """Compares how the programs are with how they were, and reports each change once."""

    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        self._logs = logs
        self._say = say
        self._before: dict[str, ProgramState] = {}
        self._restarts: dict[str, deque[float]] = {}

    def look(self, states: list[ProgramState]) -> None:
        """Take in how the programs are now."""
        for state in states:
            before = self._before.get(state.name, state)
            if state.state == "STOPPED" != before.state:
                self._say(f"{state.name} was stopped")
            elif before.state == "STOPPED" != state.state:
                self._say(f"{state.name} was started")
            elif before.started_at not in (0, state.started_at):
                self._report_restart(state.name)
            self._before[state.name] = state

    def _report_restart(self, name: str) -> None:
        now = time.monotonic()
        restarts = self._restarts.setdefault(name, deque(maxlen=MANY_RESTARTS))
        restarts.append(now)
        if len(restarts) < MANY_RESTARTS or now - restarts[0] > MANY_WITHIN_SECONDS:
            self._say(f"{name} ended and was started again")
            return
        restarts.clear()
        log = self._logs / f"{name}.log"
        self._say(f"{name} keeps ending. The last lines of {log}:")
        for line in read_last_lines(log, LOG_LINES):
            self._say(f"  {line}")


def read_last_lines(path: Path, count: int) -> list[str]:
    """The last lines of a log; none when it is not there."""
    if not path.is_file():
        return []
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 16_384))
        return log.read().decode(errors="replace").splitlines()[-count:]


def wait_until_ready(
    plan: Plan, supervisor: Supervisor, watch: ProgramWatch, allowed_hosts: list[str], say: Callable[[str], None]
) -> None:
    """Return when /readyz says so. It keeps waiting however long that takes, and says for what.

    Raises:
        SupervisorFailedError: supervisord ended.
    """
    complain_at = time.monotonic() + PATIENCE_SECONDS
    before = ""
    while True:
        watch.look(supervisor.list_programs())
        readiness: Readiness = ask_readiness(plan.web_port, allowed_hosts)
        if readiness.is_ready:
            return
        if readiness.waiting_for != before:
            say(f"Waiting for {readiness.waiting_for}")
            before = readiness.waiting_for
        if time.monotonic() > complain_at:
            say(f"Still waiting for {before}; the logs are in {plan.logs}")
            complain_at = time.monotonic() + PATIENCE_SECONDS
        time.sleep(0.15)


def watch_for_ever(supervisor: Supervisor, watch: ProgramWatch) -> None:
    """Raises:
    SupervisorFailedError: supervisord ended.
    """
    while True:
        watch.look(supervisor.list_programs())
        time.sleep(1)
