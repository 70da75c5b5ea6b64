"""The Milvus Lite server that `up` starts when MILVUS_URI names no other."""

import sys
from pathlib import Path

from recommender.operations.ports import LOOPBACK

WANTED_PORT = 19540


def milvus_command(folder: Path, port: int) -> tuple[str, ...]:
    """The command line. The host is always given: the server's own default is every interface, without a password."""
    options = ("--data-dir", str(folder), "--host", LOOPBACK, "--port", str(port))
    return (sys.executable, "-m", "milvus_lite", "server", *options)


def milvus_uri(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"
