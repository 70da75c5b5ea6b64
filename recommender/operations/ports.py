"""Loopback ports: is one taken, and which is the next free one."""

import socket

from recommender.operations.errors import PortsTakenError

LOOPBACK = "127.0.0.1"
LAST_PORT = 65_535


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Without this, connections of the last run that are still closing would count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def find_free_port(wanted: int, avoid: frozenset[int] = frozenset(), tries: int = 200) -> int:
    """The wanted port, else the next one above it that nobody uses and `avoid` does not name.

    Raises:
        PortsTakenError: none of the next `tries` ports is free.
    """
    for port in range(wanted, min(wanted + tries, LAST_PORT + 1)):
        if port not in avoid and is_free(port):
            return port
    raise PortsTakenError(f"No port from {wanted} to {min(wanted + tries - 1, LAST_PORT)} is free on {LOOPBACK}.")
