import os
import subprocess
import sys

import pytest

from recommender.operations import run_lock
from recommender.operations.errors import AlreadyRunningError
from recommender.operations.run_lock import hold_run_lock


def test_a_second_one_is_refused_and_told_who_holds_it(tmp_path):
    with hold_run_lock(tmp_path, print), pytest.raises(AlreadyRunningError, match=f"process {os.getpid()}"):  # noqa: SIM117
        with hold_run_lock(tmp_path, print):
            pass


def test_it_can_be_held_again_afterwards(tmp_path):
    for _ in range(2):
        with hold_run_lock(tmp_path, print):
            pass


def test_it_waits_for_programs_that_outlive_their_up(tmp_path):
    """As after a SIGKILL: the holder is gone, and a process that inherited the lock is still ending."""
    said = []
    with hold_run_lock(tmp_path, print) as lock:
        ending = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[lock])
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(gone.pid).encode(), 0)

    def say(line):
        said.append(line)
        ending.communicate(b"\n")

    with hold_run_lock(tmp_path, say):
        assert ending.returncode == 0
    assert len(said) == 1


def test_it_does_not_wait_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(run_lock, "PATIENCE_SECONDS", 0)
    with hold_run_lock(tmp_path, print) as lock:
        os.ftruncate(lock, 0)
        with pytest.raises(AlreadyRunningError, match="unknown"), hold_run_lock(tmp_path, print):
            pass
