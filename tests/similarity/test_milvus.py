"""What only the real thing does: going away, coming back, and being written to from two processes at once."""

import dataclasses
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from recommender.conf import Milvus
from recommender.operations.milvus_server import milvus_command, milvus_uri
from recommender.similarity.errors import IndexUnavailableError
from recommender.similarity.index import IndexItem
from recommender.similarity.milvus import MilvusIndex
from tests.people import unit_vector
from tests.servers import choose_port, run_server
from tests.stack import wait_until

HOLDER = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def is_reachable(index: MilvusIndex) -> bool:
    try:
        index.check()
    except IndexUnavailableError:
        return False
    return True


def test_an_absent_server_is_said_quickly():
    index = MilvusIndex(Milvus(uri=milvus_uri(choose_port()), token=""))
    began = time.monotonic()
    with pytest.raises(IndexUnavailableError):
        index.check()
    assert time.monotonic() - began < 30


def test_what_was_written_is_found_after_a_restart(tmp_path):
    port = choose_port()
    index = MilvusIndex(Milvus(uri=milvus_uri(port), token=""))
    command, log = milvus_command(tmp_path / "milvus", port), tmp_path / "log"
    with run_server(command, port, log) as server:
        index.create("restarted", 8)
        index.switch("served", "restarted")
        index.upsert("restarted", [IndexItem(number, unit_vector(number)) for number in range(1, 21)])
        server.kill()
        server.wait()
    with pytest.raises(IndexUnavailableError):
        index.neighbours("served", unit_vector(3)[None, :], 1)
    with run_server(command, port, log):
        wait_until(lambda: is_reachable(index))
        assert index.neighbours("served", unit_vector(3)[None, :], 1)[0][0].track_id == 3
        assert index.count("restarted") == 20


@pytest.mark.usefixtures("milvus_server")
def test_a_writer_waits_for_another_process_and_says_so_when_it_takes_too_long():
    impatient = MilvusIndex(dataclasses.replace(settings.MILVUS, write_timeout_seconds=0.2))
    lock = settings.STORAGE.locks / "milvus-lite-writer.lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(IndexUnavailableError):
        impatient.create("waited_for", 8)
    holder.communicate()
    patient = MilvusIndex(settings.MILVUS)
    patient.create("waited_for", 8)
    patient.drop("waited_for")


def test_a_server_that_hangs_is_given_up_soon(tmp_path):
    port = choose_port()
    index = MilvusIndex(Milvus(uri=milvus_uri(port), token=""))
    with run_server(milvus_command(tmp_path / "milvus", port), port, tmp_path / "log") as server:
        index.check()
        server.send_signal(signal.SIGSTOP)
        wait_until(lambda: Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
        try:
            began = time.monotonic()
            for question in (index.check, lambda: index.exists("some"), lambda: index.count("some")):
                with pytest.raises(IndexUnavailableError):
                    question()
            # One timeout of 2 s; whoever asks after that is told at once. The rest is patience with a busy machine.
            assert time.monotonic() - began < 20
        finally:
            server.send_signal(signal.SIGCONT)
