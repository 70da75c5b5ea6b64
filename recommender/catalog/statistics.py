"""What SQLite knows of its tables. Until it is told to look, it takes them all for small ones and plans accordingly:
with a hundred thousand tracks a page then takes a second (https://sqlite.org/lang_analyze.html).
"""

from typing import Final

from django.db import connection

# The tables that grow. A catalog of fewer rows is quick whatever the plan.
_TABLES: Final = ("catalog_track", "listening_play")
_LEAST_ROWS: Final = 1_000
_GROWTH: Final = 2


def refresh_statistics() -> bool:
    """Have SQLite look again if one of its tables has doubled since; whether it did. PostgreSQL does so by itself.

    Nobody else can write meanwhile: that takes half a second with a hundred thousand tracks.
    """
    if connection.vendor != "sqlite" or not any(_has_outgrown(table) for table in _TABLES):
        return False
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return True


def _has_outgrown(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table}")  # noqa: S608  # a constant of this file
        count = int(cursor.fetchone()[0])
    return count >= _LEAST_ROWS and count >= _GROWTH * _count_known(table)


def _count_known(table: str) -> int:
    """How many rows there were when SQLite looked last; an index of a part of them tells of fewer."""
    with connection.cursor() as cursor:
        if "sqlite_stat1" not in connection.introspection.table_names(cursor):
            return 0
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = %s", [table])
        return max((int(stat.partition(" ")[0]) for (stat,) in cursor.fetchall()), default=0)
