# ruff: noqa: S608  # every part of these statements is a constant of this file
"""Whether the catalog has changed: a stamp that stays the same until it has.

What pages count and what the map shows may be kept as long as the stamp stays. On SQLite it is a number that triggers
draw anew whenever something changes that is counted or shown, in the transaction of the change itself; plays, likes
and sessions leave it alone. On PostgreSQL such a row would make all writers wait for each other. There the stamp tells
which transactions are visible (https://www.postgresql.org/docs/current/functions-info.html, `pg_current_snapshot`):
it changes with every commit, and equal stamps see equal rows.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection

_TABLE = "catalog_revision"
_ROWS = ("INSERT", "UPDATE", "DELETE")
# What the stamp watches: tables with events, of an UPDATE the columns that count. Who may see a track and what it is
# counted by stands on its shelf.
_WATCHED: dict[str, tuple[str, ...]] = {
    "catalog_shelf": _ROWS,
    "catalog_track": ("UPDATE OF title, artist_id, release_id, cover_id, duration_seconds, is_recommendable",),
    "catalog_credit": _ROWS,
    "catalog_artist": ("UPDATE OF name, musicbrainz_id",),
    "catalog_artistalias": _ROWS,
    "catalog_release": ("UPDATE OF artist_id, year",),
    "catalog_genre": ("UPDATE OF name",),
    "catalog_analysis": ("INSERT", "UPDATE OF state", "DELETE"),
    "catalog_space": ("INSERT", "UPDATE OF is_active", "DELETE"),
    "catalog_poolrule": _ROWS,
    "catalog_mappoint": _ROWS,
    "catalog_mapregion": _ROWS,
}


def read_revision() -> str | None:
    """None where there is no telling: inside a transaction, whose own changes may come to nothing, or elsewhere."""
    # With the day, as the database tells it: some rules of the pool hold for a season.
    statements = {
        "sqlite": f"SELECT number || date('now', 'localtime') FROM {_TABLE}",
        "postgresql": "SELECT pg_current_snapshot()::text || CURRENT_DATE::text",
    }
    if connection.in_atomic_block or connection.vendor not in statements:
        return None
    with connection.cursor() as cursor:
        cursor.execute(statements[connection.vendor])
        found = cursor.fetchone()
    return str(found[0]) if found else None


def create_revision_triggers(*_of_migration: Any) -> None:
    """On SQLite. Without the table, as before the migration that makes it, there are none."""
    if _has_table():
        _run(*_renew(), *_triggers())


def drop_revision_triggers(*_of_migration: Any) -> None:
    """The number goes with them: nobody may take for true what was kept while nothing renewed it."""
    if _has_table():
        _run(*(f"DROP TRIGGER IF EXISTS {name}" for name, _event in _events()), f"DELETE FROM {_TABLE}")


def _has_table() -> bool:
    return connection.vendor == "sqlite" and _TABLE in connection.introspection.table_names()


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _events() -> Iterator[tuple[str, str]]:
    """Name and event of every trigger."""
    for table, events in _WATCHED.items():
        for event in events:
            yield f"renew_{table}_{event.partition(' ')[0].lower()}", f"{event} ON {table}{_when(event)}"


def _when(event: str) -> str:
    """A row is saved whole far more often than one of these columns changes."""
    columns = [column.strip() for column in event.partition(" OF ")[2].split(",") if column]
    return " WHEN " + " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns) if columns else ""


def _triggers() -> Iterator[str]:
    body = "; ".join(_renew())
    there = set(connection.introspection.table_names())
    for name, event in _events():
        # Migrations make the triggers anew whenever there is another table to watch.
        if event.rpartition(" ON ")[2].split()[0] not in there:
            continue
        yield f"CREATE TRIGGER {name} AFTER {event} BEGIN {body}; END"


def _renew() -> tuple[str, str]:
    """By chance, so that no number comes back: not after a rollback, and not after the table was emptied."""
    return f"DELETE FROM {_TABLE}", f"INSERT INTO {_TABLE} (number) VALUES (random())"
