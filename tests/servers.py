"""Real servers for tests, on loopback, for as long as a context lasts."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from recommender.operations.ports import LOOPBACK
from recommender.operations.supervisord import end_with_parent

# Linux gives its clients ports from 32,768 up.
_FIRST_PORT, _PORTS, _MOST_PROCESSES = 20_000, 12_000, 8
_chance = random.SystemRandom()


def choose_port() -> int:
    """A free one: of those that no client is given before a server listens there, and that no other process tries."""
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _MOST_PROCESSES
    while True:
        # Tests set the seed of the common generator, and processes the same one.
        port = _FIRST_PORT + _chance.randrange(_PORTS // _MOST_PROCESSES) * _MOST_PROCESSES + process
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port


def is_listening(port: int) -> bool:
    with socket.socket() as caller:
        caller.settimeout(1)
        return caller.connect_ex((LOOPBACK, port)) == 0


@contextlib.contextmanager
def run_server(command: Sequence[str], port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The server, once it listens. It ends with the tests even when they are killed."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, preexec_fn=partial(end_with_parent, os.getpid())
        )
    try:
        deadline = time.monotonic() + 30
        while not is_listening(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} does not listen on {port}:\n{log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
