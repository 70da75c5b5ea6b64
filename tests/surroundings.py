"""What each process of the tests is set up with before Django is: a home and ports of its own, nothing of the caller's.

A plugin, and so loaded before all others: with `-n` there are several processes, which pass on their environment.
"""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

from recommender.operations.milvus_server import milvus_uri
from recommender.operations.redis_server import redis_url
from tests.servers import choose_port

HOME = Path(tempfile.mkdtemp(prefix="soundalike-test-"))
REDIS_PORT, MILVUS_PORT = choose_port(), choose_port()

for name in [*os.environ]:
    if name.startswith("SOUNDALIKE_") or name in ("DATABASE_URL", "MILVUS_TOKEN"):
        del os.environ[name]
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "recommender.settings",
    # Its handlers now and then kill a child between fork and exec, and tests start servers while they hold channels.
    "GRPC_ENABLE_FORK_SUPPORT": "0",
    "SOUNDALIKE_HOME": str(HOME),
    "SOUNDALIKE_SECRET_KEY": "only-for-tests-" * 4,
    # An empty one is SQLite in the home; TEST_DATABASE_URL has the tests run on a PostgreSQL server.
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", ""),
    "REDIS_URL": redis_url(REDIS_PORT),
    "MILVUS_URI": milvus_uri(MILVUS_PORT),
}


def pytest_sessionfinish() -> None:
    shutil.rmtree(HOME, ignore_errors=True)


# Two that come up at once could choose the same ports; and what asks for the fixture `stack` shares one.
WITH_STACK = ("tests/flows/", "tests/operations/test_up.py")


class OneStack(LoadScopeScheduling):
    """Tests go to whichever process is free, but for those with a running Soundalike: they all go to one process.

    The marks of `--dist loadgroup` have no effect here: pytest 9.2 no longer sends the name that xdist 3.8 gives them.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "stack" if nodeid.startswith(WITH_STACK) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> OneStack:
    return OneStack(config, log)
