import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from recommender.operations.errors import SupervisorFailedError
from recommender.operations.plan import Plan
from recommender.operations.programs import Program
from recommender.operations.supervisor import Supervisor
from tests.stack import find_processes, wait_until

SLEEP = ("sleep", "1000")
# Starts a child in its own process group, says its number, and waits.
PARENT = (sys.executable, "-c", "import subprocess as s;print(s.Popen(['sleep','1000']).pid,flush=True);input()")
STUBBORN = (sys.executable, "-c", "import signal as s;s.signal(15,s.SIG_IGN);print('deaf',flush=True);input()")


@pytest.fixture
def plan(tmp_path):
    plan = Plan(home=tmp_path, web_port=1, redis_port=2, milvus_port=3, analysis_processes=1)
    plan.make_folders()
    return plan


@pytest.fixture
def lock(tmp_path):
    with (tmp_path / "lock").open("w") as file:
        yield file.fileno()


def pid_of(supervisor, name):
    return next((state.pid for state in supervisor.list_programs() if state.name == name), 0)


def is_alive(pid):
    """A zombie that nobody has reaped yet counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_killed_program_is_started_again(plan, lock):
    with Supervisor(plan, [Program(name="one", command=SLEEP)], lock) as supervisor:
        wait_until(lambda: any(state.state == "RUNNING" for state in supervisor.list_programs()))
        first = pid_of(supervisor, "one")
        os.kill(first, signal.SIGKILL)
        assert wait_until(lambda: pid_of(supervisor, "one") not in (0, first) and pid_of(supervisor, "one"))


def test_what_a_killed_program_leaves_behind_ends_too(plan, lock):
    with Supervisor(plan, [Program(name="parent", command=PARENT)], lock) as supervisor:
        log = plan.logs / "parent.log"
        child = int(wait_until(lambda: log.is_file() and log.read_text()))
        assert is_alive(child)
        os.kill(pid_of(supervisor, "parent"), signal.SIGKILL)
        wait_until(lambda: not is_alive(child))


def test_leaving_ends_every_program_even_a_stubborn_one(plan, lock):
    programs = [Program(name="stubborn", command=STUBBORN), Program(name="sleep", command=SLEEP)]
    with Supervisor(plan, programs, lock) as supervisor:
        wait_until(lambda: b"deaf" in b"".join(log.read_bytes() for log in plan.logs.glob("stubborn*")))
        pids = [pid_of(supervisor, program.name) for program in programs]
    assert not any(is_alive(pid) for pid in pids)


def test_a_supervisord_that_is_killed_takes_the_programs_with_it(plan, lock):
    with Supervisor(plan, [Program(name="one", command=SLEEP)], lock) as supervisor:
        pid = wait_until(lambda: pid_of(supervisor, "one"))
        os.kill(int((plan.run / "supervisord.pid").read_text()), signal.SIGKILL)
        wait_until(lambda: not is_alive(pid))
        with pytest.raises(SupervisorFailedError, match=r"supervisord\.log"):
            wait_until(lambda: not supervisor.list_programs())


def test_programs_are_stopped_and_started_by_name(plan, lock):
    with Supervisor(plan, [Program(name="one", command=SLEEP)], lock) as supervisor:
        wait_until(lambda: pid_of(supervisor, "one"))
        supervisor.control.stop_program("one")
        assert pid_of(supervisor, "one") == 0
        supervisor.control.start_program("one")
        assert pid_of(supervisor, "one")


def test_a_home_may_have_any_name(tmp_path, lock):
    plan = Plan(home=tmp_path / "Müsik ;1 #2 50% 'x'", web_port=1, redis_port=2, milvus_port=3, analysis_processes=1)
    plan.make_folders()
    command = (sys.executable, "-c", "import sys;print(sys.argv[1],flush=True);input()", str(plan.home))
    with Supervisor(plan, [Program(name="one", command=command)], lock):
        log = plan.logs / "one.log"
        assert wait_until(lambda: log.is_file() and log.read_text()).strip() == str(plan.home)


def test_the_programs_get_the_plans_environment(plan, lock):
    command = (sys.executable, "-c", "import os;print(os.environ['SOUNDALIKE_HOME'],flush=True);input()")
    with Supervisor(plan, [Program(name="one", command=command)], lock):
        log = plan.logs / "one.log"
        assert wait_until(lambda: log.is_file() and log.read_text()).strip() == str(plan.home)
    assert find_processes(plan.home) == []


def test_it_loads_neither_django_nor_celery():
    entry = "import runpy, sys; sys.argv = ['x']; runpy.run_path('recommender/operations/supervisord.py')"
    check = f"{entry}; assert not {{'django', 'celery'}} & {{*sys.modules}}"
    subprocess.run([sys.executable, "-P", "-c", check], check=True)
