"""What listeners said of one track becomes what they said of another, when the two turn out to be the same recording;
and back again.

Of two opinions of one listener the newer counts; a playlist that has both tracks keeps the place of the one that is
kept. What moved is written down by id, so that only that goes back, and only where nobody changed it since.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from recommender.accounts.models import User
from recommender.catalog.models import Track
from recommender.listening.models import Opinion, Play, PlaylistEntry, PlaylistRefusal, Unlikeness

# What moves: the table, its column that names the track, and the other columns of which there is one row a track.
_PLACES: Final[Mapping[str, tuple[type[Model], str, tuple[str, ...]]]] = {
    "plays": (Play, "track", ()),
    "opinions": (Opinion, "track", ("listener",)),
    "unlike_seeds": (Unlikeness, "seed", ("listener", "track")),
    "unlike_found": (Unlikeness, "track", ("listener", "seed")),
    "playlist_entries": (PlaylistEntry, "track", ("playlist",)),
    "playlist_refusals": (PlaylistRefusal, "track", ("playlist",)),
}
# Who says the same of both has said it once. Places in playlists that are one too many are seen by nobody.
_SAID_ONCE: Final = ("unlike_seeds", "unlike_found")
_TRACKS: Final = frozenset({"seed", "track"})
_BATCH: Final = 500

Moved = dict[str, Any]


def move_listening(old: int, kept: int) -> Moved:
    """What moved, as plain values: for each kind of row the ids, and what had to go as whole rows."""
    gone = _drop_older_opinions(old, kept)
    moved: Moved = {}
    for name in _PLACES:
        moved[name] = _move(name, _find_free(name, old, kept), kept)
        if name in _SAID_ONCE:
            gone += _drop(_rows_of(name, old), why=None)
    return {**{name: ids for name, ids in moved.items() if ids}, **({"gone": gone} if gone else {})}


def move_back(moved: Mapping[str, Any], old: int, holders: Collection[int]) -> int:
    """Undo `move_listening`; `holders` are the tracks that have the rows now. How many rows stay as they are, because
    something else is in their place or was said since.
    """
    stayed = 0
    for name in _PLACES:
        ids = moved.get(name, [])
        for holder in holders:
            _move(name, _find_free(name, holder, old, ids), old)
            stayed += sum(_rows_of(name, holder).filter(pk__in=batch).count() for batch in _batches(ids))
    return stayed + sum(not _bring_back(row, holders) for row in moved.get("gone", []))


def count_moved(moved: Mapping[str, Any]) -> dict[str, int]:
    """How many rows of each kind."""
    return {name: len(moved[name]) for name in _PLACES if moved.get(name)}


def _rows_of(name: str, track: int) -> QuerySet[Any]:
    table, column, _others = _PLACES[name]
    return table._default_manager.filter(**{column: track})


def _find_free(name: str, source: int, target: int, ids: Sequence[int] | None = None) -> list[int]:
    """The rows of `source`, or those of `ids` among them, whose place at `target` is free."""
    table, column, others = _PLACES[name]
    rows = _rows_of(name, source)
    if others:
        taken = table._default_manager.filter(**{column: target}, **{other: OuterRef(other) for other in others})
        rows = rows.exclude(Exists(taken))
    for other in _TRACKS.intersection(others):
        # Nobody says of a track that it is not like itself.
        rows = rows.exclude(**{other: target})
    if ids is None:
        return list(rows.order_by("pk").values_list("pk", flat=True))
    return [pk for batch in _batches(ids) for pk in rows.filter(pk__in=batch).values_list("pk", flat=True)]


def _move(name: str, ids: Sequence[int], target: int) -> list[int]:
    table, column, _others = _PLACES[name]
    for batch in _batches(ids):
        table._default_manager.filter(pk__in=batch).update(**{column: target})
    return list(ids)


def _drop_older_opinions(old: int, kept: int) -> list[Moved]:
    """Of listeners who said something of both, the older word goes; the newer one is why."""
    said_of_kept = {opinion.listener_id: opinion for opinion in Opinion.objects.filter(track=kept)}
    gone: list[Moved] = []
    for opinion in Opinion.objects.filter(track=old, listener__in=said_of_kept).order_by("pk"):
        both = (said_of_kept[opinion.listener_id], opinion)
        older, newer = sorted(both, key=lambda each: each.given_at)
        gone += _drop(Opinion.objects.filter(pk=older.pk), why=newer.pk)
    return gone


def _drop(rows: QuerySet[Any], *, why: int | None) -> list[Moved]:
    """What is taken away, as it has to be written down to come back."""
    written = [{"table": rows.model.__name__, "why": why, "row": _write(row)} for row in rows.order_by("pk").values()]
    rows.delete()
    return written


def _write(row: Mapping[str, Any]) -> Moved:
    return {name: value.isoformat() if name == "given_at" else value for name, value in row.items()}


def _bring_back(written: Mapping[str, Any], holders: Collection[int]) -> bool:
    """Whether it is there again: not where its listener changed their mind, or is gone, or a track of it is. The word
    that was newer may have given way to a still newer one, where `holders` were merged in turn.
    """
    table: type[Any] = {each.__name__: each for each in (Opinion, Unlikeness)}[written["table"]]
    row, why = written["row"], written["why"]
    tracks = {name: value for name, value in row.items() if name in ("track_id", "seed_id")}
    said = table._default_manager.filter(listener=row["listener_id"])
    is_valid = (
        (why is None or said.filter(Q(pk=why) | Q(track__in=holders)).exists())
        and not said.filter(**tracks).exists()
        and User.objects.filter(pk=row["listener_id"]).exists()
        and Track.objects.filter(pk__in=tracks.values()).count() == len(tracks)
    )
    if is_valid:
        table._default_manager.bulk_create([table(**row)])
    return is_valid


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[first : first + _BATCH] for first in range(0, len(ids), _BATCH))
