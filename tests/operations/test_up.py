"""The real `manage.py up`, started, watched and ended from outside."""

import signal

import pytest

from tests.stack import find_processes, run_stack, start_up, wait_until

PROGRAMS = {
    "redis",
    "milvus",
    "web",
    "worker-analysis",
    "worker-index",
    "worker-interactive",
    "worker-background",
    "beat",
}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with run_stack(tmp_path_factory.mktemp("up")) as stack:
        yield stack


def test_every_program_runs(running):
    assert running.pids().keys() == PROGRAMS
    wait_until(lambda: all(running.pids().values()))


def test_it_says_how_to_sign_in_and_that_works(running):
    assert "Sign in as admin" in running.said
    assert running.open_browser().get("/upload/").status == 200


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_what_is_killed_comes_back(running, name):
    wait_until(lambda: running.pids()[name])
    killed = running.kill(name)
    wait_until(lambda: running.pids()[name] not in (0, killed))
    wait_until(running.is_ready)


def test_a_second_up_on_the_same_home_is_refused(running):
    refused = start_up(running.home.parent / running.home.name)
    assert refused.process.wait(30) != 0
    assert "already runs" in refused.said
    assert running.is_ready()


def test_the_second_up_gets_other_ports_on_another_home(running, tmp_path):
    with run_stack(tmp_path, {"SOUNDALIKE_PORT": str(running.wanted_port)}) as second:
        assert f"Port {running.wanted_port} is taken" in second.said
        assert second.address != running.address
        assert second.is_ready()
        assert running.is_ready()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_everything_within_ten_seconds_and_starts_again(tmp_path, number):
    for _ in range(2):
        with run_stack(tmp_path) as stack:
            stack.stop(number, seconds=10)
            assert stack.process.returncode == 0
            assert find_processes(tmp_path) == []


def test_killed_outright_it_leaves_nothing_behind_and_can_start_again(tmp_path):
    with run_stack(tmp_path) as stack:
        stack.stop(signal.SIGKILL)
    with run_stack(tmp_path):
        pass
    wait_until(lambda: not find_processes(tmp_path))


def test_it_ends_quickly_while_it_is_still_starting(tmp_path):
    stack = start_up(tmp_path)
    wait_until(lambda: "Starting redis" in stack.said)
    stack.stop(seconds=10)
    assert find_processes(tmp_path) == []


def test_settings_that_need_mending_are_said_plainly(tmp_path):
    stack = start_up(tmp_path, {"SOUNDALIKE_MAX_UPLOAD_BYTES": "-1", "SOUNDALIKE_PORT": "many"})
    assert stack.process.wait(30) != 0
    assert "SOUNDALIKE_MAX_UPLOAD_BYTES" in stack.said
    assert "SOUNDALIKE_PORT" in stack.said
