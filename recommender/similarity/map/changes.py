"""Whether the database has changed at all: a stamp that stays the same until somebody commits something.

It costs next to nothing and can err on one side only. SQLite counts the commits that a connection has not made itself
(https://sqlite.org/pragma.html#pragma_data_version), so one connection is kept that makes none. PostgreSQL tells which
transactions are visible (https://www.postgresql.org/docs/current/functions-info.html, `pg_current_snapshot`), and equal
answers see equal rows.
"""

import functools
import os
import secrets
import sqlite3
import threading
from pathlib import Path

from django.db import connection

_one_at_a_time = threading.Lock()


def read_stamp() -> str | None:
    """None where there is no telling: inside a transaction, whose own changes no stamp knows, or elsewhere."""
    if connection.in_atomic_block:
        return None
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_snapshot()::text")
            return str(cursor.fetchone()[0])
    path = Path(str(connection.settings_dict["NAME"]))
    return _count_commits(path.resolve()) if connection.vendor == "sqlite" and path.is_file() else None


def _count_commits(path: Path) -> str:
    with _one_at_a_time:
        watcher, name = _watch(path, os.getpid(), path.stat().st_ino)
        (version,) = watcher.execute("PRAGMA data_version").fetchone()
    return f"{name}-{version}"


@functools.lru_cache(maxsize=1)
def _watch(path: Path, _process: int, _inode: int) -> tuple[sqlite3.Connection, str]:
    """A connection of this process that only looks; another one for a file that took the place of the first. Each
    counts from its own beginning, hence the name.
    """
    address = f"{path.as_uri()}?mode=ro"
    return sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None), secrets.token_hex(8)
