"""What only the real thing does: going away, coming back, and being written to from two processes at once."""

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


WRITER = """
import sys, django
django.setup()
from recommender.similarity.index import IndexItem, get_index
from tests.people import unit_vector
for number in range(int(sys.argv[1]), int(sys.argv[1]) + 20):
    get_index().upsert("two_writers", [IndexItem(number, unit_vector(number))])
"""


@pytest.mark.usefixtures("milvus_server")
def test_two_writing_processes_lose_nothing():
    index = MilvusIndex(settings.MILVUS)
    index.create("two_writers", 8)
    command = [sys.executable, "-c", WRITER]
    root = Path(__file__).parents[2]
    writers = [subprocess.Popen([*command, first], cwd=root) for first in ("1", "101")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert index.count("two_writers") == 40
    index.drop("two_writers")
