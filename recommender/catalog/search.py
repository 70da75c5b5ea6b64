# ruff: noqa: S608  # what these statements are put together from is constants and marks for values
"""Names found by what somebody typed, with slips of the finger, best first.

The trigrams of the query find candidates in the database (SQLite: documents of FTS5; PostgreSQL: pg_trgm), which are
then ranked word by word (`catalog.ranking`). What the viewer may not see is left out before the best are cut off.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet, Value

from recommender.catalog.models import Artist, Release, TrackQuerySet
from recommender.catalog.names import fold
from recommender.catalog.ranking import rank
from recommender.catalog.triggers import ARTIST_WORDS, RELEASE_WORDS, TRACK_WORDS, select_documents

Row = TypeVar("Row", bound=Model)

LONGEST_QUERY = 200
MOST_FOUND = 500
_MOST_WORDS = 10
# Three tables of so many are what one statement of SQLite may join.
_MOST_TRIGRAMS = 150
# How many rows are read for all trigrams and for one, and how many of those may be asked for their visibility in all.
_MOST_READ = 20_000
_MOST_OF_ONE = 8_000
_MOST_COUNTED = 15_000
_MOST_RANKED = 500
# Of each kind, where only the best few are shown.
_MOST_SUGGESTED = 150
_FEW = 50
# What of the trigrams of a word a name has to share on PostgreSQL; its own 0.6 loses one slip of the finger in five.
_LEAST_SHARE = "0.4"
_LAST_LETTER = "\U0010ffff"

# Where names stand besides the search documents: a folded column, and how to select the ids by it.
_TRACKS_OF_ARTISTS = "SELECT c.track_id {0} FROM catalog_credit c JOIN catalog_artist a ON a.id = c.artist_id"
_TRACKS_OF_ALIASES = "SELECT c.track_id {0} FROM catalog_credit c JOIN catalog_artistalias l USING (artist_id)"
_TRACKS_OF_RELEASES = "SELECT t.id {0} FROM catalog_track t JOIN catalog_release r ON r.id = t.release_id"
_KEYS = {
    TRACK_WORDS: (
        ("t.title_key", "SELECT t.id {0} FROM catalog_track t"),
        ("a.name_key", _TRACKS_OF_ARTISTS),
        ("l.name_key", _TRACKS_OF_ALIASES),
        ("r.title_key", _TRACKS_OF_RELEASES),
    ),
    ARTIST_WORDS: (
        ("a.name_key", "SELECT a.id {0} FROM catalog_artist a"),
        ("l.name_key", "SELECT l.artist_id {0} FROM catalog_artistalias l"),
    ),
    RELEASE_WORDS: (("r.title_key", "SELECT r.id {0} FROM catalog_release r"),),
}


def read_query(text: str) -> str:
    """What is searched for when somebody typed `text`: folded, and cut to a length that any person would type."""
    sound = text[:LONGEST_QUERY].encode("utf-8", "ignore").decode()
    printable = "".join(letter if letter.isprintable() else " " for letter in sound)
    return " ".join(fold(printable)[:LONGEST_QUERY].split()[:_MOST_WORDS])


@dataclass(frozen=True)
class Found:
    """What a query names, best first."""

    tracks: list[int]
    artists: list[Artist]
    releases: list[Release]


def find_tracks(text: str, among: TrackQuerySet, *, limit: int = MOST_FOUND) -> list[int]:
    """Ids of the tracks `among` these whose title, artists and release `text` names, best first."""
    return _rank_candidates(text, {TRACK_WORDS: among}, most=_MOST_RANKED)[TRACK_WORDS][:limit]


def find_artists(text: str, among: QuerySet[Artist], *, limit: int) -> list[Artist]:
    """Those `among` these who are called so or have such another name, best first."""
    return _load(among, _rank_candidates(text, {ARTIST_WORDS: among}, most=_MOST_SUGGESTED)[ARTIST_WORDS])[:limit]


def find_all(
    text: str, *, tracks: TrackQuerySet, artists: QuerySet[Artist], releases: QuerySet[Release], limit: int
) -> Found:
    """The best few of each, among these, in 6 queries."""
    among = {TRACK_WORDS: tracks, ARTIST_WORDS: artists, RELEASE_WORDS: releases}
    ranked = _rank_candidates(text, among, most=_MOST_SUGGESTED)
    return Found(
        ranked[TRACK_WORDS][:limit],
        _load(artists, ranked[ARTIST_WORDS])[:limit],
        _load(releases, ranked[RELEASE_WORDS])[:limit],
    )


def _rank_candidates(text: str, among: Mapping[str, QuerySet[Any]], *, most: int) -> dict[str, list[int]]:
    query = read_query(text)
    chosen = _find_visible(among, query, most=most) if query else {}
    documents = _read_documents({table: ids for table, ids in chosen.items() if ids})
    return {table: rank(query, documents.get(table, [])) for table in among}


def _find_visible(among: Mapping[str, QuerySet[Any]], query: str, *, most: int) -> dict[str, list[int]]:
    """The first candidates that are among these. What may not be seen goes before anything is ranked: it must not even
    push others out. Nearly always enough of the first are visible; else all are asked for.
    """
    chosen: dict[str, list[int]] = {}
    for count in (2 * most, _MOST_COUNTED // len(among)):
        candidates = _find_candidates(list(among), query, count)
        allowed = _find_allowed(among, {table: ids for table, ids in candidates.items() if ids})
        chosen = {table: [pk for pk in ids if (table, pk) in allowed][:most] for table, ids in candidates.items()}
        if all(len(chosen[table]) == most or len(ids) < count for table, ids in candidates.items()):
            break
    return chosen


def _find_allowed(among: Mapping[str, QuerySet[Any]], asked: Mapping[str, list[int]]) -> set[tuple[str, int]]:
    found = [
        among[table].filter(pk__in=ids).order_by().annotate(place=Value(table)).values_list("place", "pk")
        for table, ids in asked.items()
    ]
    return set(found[0].union(*found[1:], all=True)) if found else set()


def _load(rows: QuerySet[Row], ranked: list[int]) -> list[Row]:
    by_id = rows.in_bulk(ranked[:_FEW]) if ranked else {}
    return [by_id[pk] for pk in ranked[:_FEW] if pk in by_id]


def _find_candidates(tables: list[str], query: str, count: int) -> dict[str, list[int]]:
    """At most `count` ids of rows of each that share letters with `query`, those with the most and the rarest first."""
    if len(query) == 1:
        return {table: _find_beginning(table, query) for table in tables}
    if connection.vendor == "postgresql":
        _select("SELECT set_config('pg_trgm.word_similarity_threshold', %s, false)", [_LEAST_SHARE])
        return {table: _find_by_similarity(table, query, count) for table in tables}
    return _find_by_trigrams(tables, query, count)


def _find_by_trigrams(tables: list[str], query: str, count: int) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {table: [] for table in tables}
    read: dict[str, list[str]] = defaultdict(list)
    values: dict[str, list[Any]] = defaultdict(list)
    for table, trigram, weight in _weigh(tables, _trigrams_of(query)):
        # The words of the query reach FTS5 as quoted trigrams alone: none of its syntax gets through.
        read[table].append(
            f"SELECT * FROM (SELECT rowid AS pk, %s AS weight FROM {table}(%s) ORDER BY rowid DESC LIMIT %s)"
        )
        values[table] += [weight, _quote(trigram), _MOST_OF_ONE]
    parts = [
        f"SELECT * FROM (SELECT '{table}', pk FROM ({' UNION ALL '.join(read[table])}) "
        f"GROUP BY pk ORDER BY SUM(weight) DESC, pk DESC LIMIT {int(count)})"
        for table in read
    ]
    if parts:
        for table, pk in _select(" UNION ALL ".join(parts), list(chain.from_iterable(values.values()))):
            found[table].append(pk)
    return found


def _trigrams_of(query: str) -> list[str]:
    """Those of each word with a space on either side, as they stand in the documents."""
    padded = [f" {word} " for word in query.split()]
    return sorted({word[start : start + 3] for word in padded for start in range(len(word) - 2)})[:_MOST_TRIGRAMS]


def _weigh(tables: list[str], trigrams: list[str]) -> Iterator[tuple[str, str, float]]:
    """For each table the rarest trigrams, as many as may be read, with the weight of their rarity."""
    marks = ", ".join(["%s"] * len(trigrams))
    parts = [f"SELECT '{table}', term, doc FROM {table}_terms WHERE term IN ({marks})" for table in tables]
    read = dict.fromkeys(tables, 0)
    for table, trigram, count in _select(" UNION ALL ".join(parts) + " ORDER BY 3", trigrams * len(tables)):
        if read[table] < _MOST_READ:
            yield table, trigram, 1 / math.log2(count + 2)
        read[table] += min(count, _MOST_OF_ONE)


def _quote(trigram: str) -> str:
    return '"' + trigram.replace('"', '""') + '"'


def _find_beginning(table: str, letter: str) -> list[int]:
    """Rows with a name that begins with this one letter, which has no trigram."""
    parts, values = [], []
    for column, select in _KEYS[table]:
        selected = select.format("AS id")
        parts.append(f"SELECT * FROM ({selected} WHERE {column} >= %s AND {column} < %s LIMIT %s) AS part")
        values += [letter, letter + _LAST_LETTER, 2 * MOST_FOUND]
    return [pk for (pk,) in _select(" UNION ".join(parts), values)]


def _find_by_similarity(table: str, query: str, count: int) -> list[int]:
    """The same for PostgreSQL: each word against the words of each name (pg_trgm, `word_similarity`)."""
    parts = [
        f"{select.format(f'AS id, word_similarity(w.word, {column}) AS share')}, unnest(%s::text[]) AS w(word) "
        f"WHERE w.word <%% {column}"
        for column, select in _KEYS[table]
    ]
    union = " UNION ALL ".join(parts)
    sql = f"SELECT id FROM ({union}) AS found GROUP BY id ORDER BY SUM(share) DESC, id DESC LIMIT %s"
    return [pk for (pk,) in _select(sql, [*[query.split()] * len(parts), count])]


def _read_documents(ids: Mapping[str, list[int]]) -> dict[str, list[tuple[int, list[str]]]]:
    """The folded names of these rows, in the order of their ids: (id, [title, artists, release]) or fewer parts."""
    parts = [select_documents(table, ", ".join(["%s"] * len(wanted))) for table, wanted in ids.items()]
    if not parts:
        return {}
    rows = _select(" UNION ALL ".join(parts), [pk for wanted in ids.values() for pk in wanted])
    by_place = {(table, pk): names for table, pk, *names in rows}
    return {table: [(pk, by_place[table, pk]) for pk in wanted] for table, wanted in ids.items()}


def _select(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
