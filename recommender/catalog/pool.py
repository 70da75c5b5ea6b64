# ruff: noqa: S608  # every part of these statements is a constant of this file
"""Which tracks the rules of the pool hit, as a view of the database: one definition for pages and recommendations.

Every query for recommendations reads it, and building it anew each time would cost more than running it.
"""

from typing import Any, Final

from django.db import connection

VIEW: Final = "catalog_poolhit"
# A word is said of a track that is likely to deserve it.
LEAST_PROBABILITY: Final = 0.5

_TODAY = {
    "sqlite": "CAST(strftime('%m%d', 'now', 'localtime') AS INTEGER)",
    "postgresql": "CAST(to_char(CURRENT_DATE, 'MMDD') AS INTEGER)",
}
# Tracks `track_id` of a rule `r`, kind by kind. What a rule does not name is NULL, or no word.
_HITS: Final = (
    """SELECT r.id AS rule_id, t.id AS track_id FROM catalog_poolrule r
JOIN catalog_track t ON t.artist_id = r.artist_id""",
    "SELECT r.id, c.track_id FROM catalog_poolrule r JOIN catalog_credit c ON c.artist_id = r.artist_id",
    "SELECT r.id, t.id FROM catalog_poolrule r JOIN catalog_track t ON t.release_id = r.release_id",
    "SELECT r.id, g.track_id FROM catalog_poolrule r JOIN catalog_track_genres g ON g.genre_id = r.genre_id",
    f"""SELECT r.id, w.track_id FROM catalog_poolrule r
JOIN catalog_tracktag w ON w.name = r.tag AND w.probability >= {LEAST_PROBABILITY} WHERE r.kind = 'tag'""",
    """SELECT r.id, t.id FROM catalog_poolrule r
JOIN catalog_track t ON t.duration_seconds >= r.least_seconds AND t.duration_seconds < r.most_seconds
WHERE r.kind = 'length'""",
)


def create_pool_view(*_of_migration: Any) -> None:
    """Without the table of rules, as before the migration that makes it, there is none."""
    if connection.vendor in _TODAY and "catalog_poolrule" in connection.introspection.table_names():
        _run(f"CREATE VIEW {VIEW} AS {_define(_TODAY[connection.vendor])}")


def drop_pool_view(*_of_migration: Any) -> None:
    """SQLite cannot make a table anew that a view reads."""
    _run(f"DROP VIEW IF EXISTS {VIEW}")


def _define(today: str) -> str:
    """From November to January, over new year, one end of the season is enough."""
    in_season = f"""(p.from_day IS NULL OR (p.from_day <= {today} AND {today} <= p.to_day)
OR (p.from_day > p.to_day AND (p.from_day <= {today} OR {today} <= p.to_day)))"""
    hits = " UNION ".join(_HITS)
    return f"""SELECT h.track_id, h.rule_id, (p.is_on AND {in_season}) AS holds
FROM ({hits}) h JOIN catalog_poolrule p ON p.id = h.rule_id"""


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
