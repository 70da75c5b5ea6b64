"""`up`, step by step: lock, prepare, plan, start, wait, watch, stop."""

import os
import signal
from collections.abc import Callable

from django.conf import settings

from recommender.operations.plan import Plan, make_plan
from recommender.operations.preparation import prepare
from recommender.operations.programs import Program, list_programs
from recommender.operations.run_lock import hold_run_lock
from recommender.operations.supervisor import Supervisor
from recommender.operations.watch import ProgramWatch, wait_until_ready, watch_for_ever

Say = Callable[[str], None]


def bring_up(say: Say) -> None:
    """Start everything, say where it is, and keep it until Ctrl-C or SIGTERM.

    Raises:
        OperationsError: it cannot start, or supervisord ended.
    """
    _listen_for_stop()
    home = settings.STORAGE.home
    with hold_run_lock(home / "run", say) as lock:
        try:
            password = prepare(say)
            if password is not None:
                # At once: were this start to fail, nobody would ever learn it.
                say(f"Made the administrator {settings.ADMIN_NAME} with the password {password}  (shown this once)")
            # Only now, so that little time passes between finding a port free and taking it.
            plan = make_plan(home, settings.PORT, settings.ANALYSIS_PROCESSES, os.environ, say)
            plan.make_folders()
            _keep_running(plan, lock, password, say)
        except KeyboardInterrupt:
            say("Stopped")


def _keep_running(plan: Plan, lock: int, password: str | None, say: Say) -> None:
    programs = list_programs(plan)
    watch = ProgramWatch(plan.logs, say)
    with Supervisor(plan, programs, lock) as supervisor:
        try:
            say(_describe_start(plan, programs))
            wait_until_ready(plan, supervisor, watch, settings.ALLOWED_HOSTS, say)
            for line in _describe_ready(plan, password):
                say(line)
            watch_for_ever(supervisor, watch)
        finally:
            _ignore_stop()
            say("Stopping")


def _describe_start(plan: Plan, programs: list[Program]) -> str:
    names = ", ".join(program.name for program in programs)
    return f"Starting {names}; logs in {plan.logs}"


def _describe_ready(plan: Plan, password: str | None) -> list[str]:
    name = settings.ADMIN_NAME
    if password is not None:
        sign_in = f"Sign in as {name} with the password shown above"
    elif settings.ADMIN_PASSWORD:
        sign_in = f"Sign in as {name} with the password in SOUNDALIKE_ADMIN_PASSWORD, unless it was changed since"
    else:
        sign_in = "Sign in as before"
    return [f"Soundalike is ready: {plan.address}", sign_in, "Ctrl-C stops it"]


def _listen_for_stop() -> None:
    """SIGTERM and a closed terminal do what Ctrl-C does, also where the caller's shell had Ctrl-C ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)


def _ignore_stop() -> None:
    """Once it is stopping, a second Ctrl-C must not leave programs behind."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
