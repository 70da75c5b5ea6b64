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


def test_every_program_runs(stack):
    assert stack.pids().keys() == PROGRAMS
    wait_until(lambda: all(stack.pids().values()))


def test_it_says_how_to_sign_in_and_that_works(stack):
    assert "Sign in as admin" in stack.said
    assert stack.open_browser().get("/upload/").status == 200


@pytest.mark.chaos
@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_what_is_killed_comes_back(stack, name):
    wait_until(lambda: stack.pids()[name])
    killed = stack.kill(name)
    wait_until(lambda: stack.pids()[name] not in (0, killed))
    wait_until(stack.is_ready)


def test_a_second_up_on_the_same_home_is_refused(stack):
    refused = start_up(stack.home.parent / stack.home.name)
    assert refused.process.wait(30) != 0
    assert "already runs" in refused.said
    assert stack.is_ready()


def test_the_second_up_gets_other_ports_on_another_home(stack, tmp_path):
    with run_stack(tmp_path, {"SOUNDALIKE_PORT": str(stack.wanted_port)}) as second:
        assert f"Port {stack.wanted_port} is taken" in second.said
        assert second.address != stack.address
        assert second.is_ready()
        assert stack.is_ready()


@pytest.mark.chaos
def test_however_it_is_ended_nothing_is_left_and_it_starts_again(tmp_path):
    with run_stack(tmp_path) as first:
        first.stop(signal.SIGKILL)
    for number in (signal.SIGINT, signal.SIGTERM):
        # The programs of the run that was killed may still be ending: the next one waits for them.
        with run_stack(tmp_path) as next_one:
            next_one.stop(number, seconds=10)
            assert next_one.process.returncode == 0
            assert find_processes(tmp_path) == []


def test_it_ends_quickly_while_it_is_still_starting(tmp_path):
    starting = start_up(tmp_path)
    wait_until(lambda: "Starting redis" in starting.said)
    starting.stop(seconds=10)
    assert find_processes(tmp_path) == []


def test_settings_that_need_mending_are_said_plainly(tmp_path):
    refused = start_up(tmp_path, {"SOUNDALIKE_MAX_UPLOAD_BYTES": "-1", "SOUNDALIKE_PORT": "many"})
    assert refused.process.wait(30) != 0
    assert "SOUNDALIKE_MAX_UPLOAD_BYTES" in refused.said
    assert "SOUNDALIKE_PORT" in refused.said
