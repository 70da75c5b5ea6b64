"""Which tracks of this catalog a playlist file names: by an address of ours, else by artist, title and length."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from recommender.catalog.models import ArtistAlias, Credit, Track, TrackQuerySet
from recommender.catalog.models.music import Viewer
from recommender.catalog.names import LONGEST_KEY, fold
from recommender.listening.playlist_files import Listed

# Encoders add and cut some silence, and M3U rounds.
_SAME_LENGTH_SECONDS: Final = 4.0
_BATCH: Final = 500
_MORE_ARTISTS: Final = re.compile(r"\s*(?:[,;/&+]|\s(?:feat|ft|featuring|with|vs|and|x)\b\.?)\s*")


@dataclass(frozen=True)
class _Known:
    """A track with what is compared of it, folded."""

    pk: int
    title_key: str
    duration_seconds: float | None
    artist_keys: tuple[str, ...]


def match_listed(listed: Sequence[Listed], own_ids: Sequence[int | None], viewer: Viewer) -> list[int | None]:
    """For each of `listed` the id of its track, among those the viewer may know of; None where there is none.

    `own_ids`: the track that an address of ours names, for each of `listed`. It is not believed where title and length
    both say otherwise: another catalog may have had the same address.
    """
    visible = Track.objects.visible_to(viewer)
    by_id = {each.pk: each for each in _load(visible, "pk", {pk for pk in own_ids if pk is not None})}
    by_title: dict[str, list[_Known]] = defaultdict(list)
    for each in _load(visible, "title_key", {_key(one.title) for one in listed if one.title}):
        by_title[each.title_key].append(each)
    named_otherwise = _read_aliases({name for one in listed for name in _spell(one.artist)})
    found: list[int | None] = []
    for one, own_id in zip(listed, own_ids, strict=True):
        named = by_id.get(own_id or 0)
        found.append(named.pk if named and _may_be(one, named) else _find_by_name(one, by_title, named_otherwise))
    return found


def _load(visible: TrackQuerySet, field: str, values: set[int] | set[str]) -> Iterator[_Known]:
    """In two queries for each batch."""
    for batch in _batches(values):
        tracks = visible.filter(**{f"{field}__in": batch}).order_by()
        artists: dict[int, list[str]] = defaultdict(list)
        credited = Credit.objects.filter(track__in=tracks.values("pk")).order_by("position")
        for pk, name in credited.values_list("track", "artist__name_key"):
            artists[pk].append(name)
        for pk, title, seconds, artist in tracks.values_list("pk", "title_key", "duration_seconds", "artist__name_key"):
            yield _Known(pk, title, seconds, tuple(artists[pk]) or ((artist,) if artist else ()))


def _batches(values: Iterable[object]) -> Iterator[list[object]]:
    left = iter(values)
    while batch := list(islice(left, _BATCH)):
        yield batch


def _read_aliases(names: set[str]) -> dict[str, str]:
    """For those that are another name of an artist the one it has here."""
    aliases = ArtistAlias.objects.order_by()
    found = (aliases.filter(name_key__in=batch) for batch in _batches(names))
    return {name: key for each in found for name, key in each.values_list("name_key", "artist__name_key")}


def _find_by_name(
    listed: Listed, by_title: Mapping[str, Sequence[_Known]], named_otherwise: Mapping[str, str]
) -> int | None:
    """The one whose length is nearest; the oldest of equals."""
    spellings = _spell(listed.artist)
    spellings |= {named_otherwise[name] for name in spellings if name in named_otherwise}
    candidates = [each for each in by_title.get(_key(listed.title), ()) if _is_named(listed, spellings, each)]
    if not listed.artist and listed.duration_seconds is None and len(candidates) > 1:
        return None
    return min(candidates, key=lambda each: (_difference(listed, each), each.pk)).pk if candidates else None


def _spell(artist: str) -> frozenset[str]:
    """What the artist of a track may be called here: all that is said, or the first of several. Empty for nothing."""
    whole = fold(artist)
    return frozenset({whole, _MORE_ARTISTS.split(whole, maxsplit=1)[0]} if artist else ())


def _is_named(listed: Listed, spellings: frozenset[str], known: _Known) -> bool:
    if _difference(listed, known) > _SAME_LENGTH_SECONDS:
        return False
    return not spellings or not spellings.isdisjoint((*known.artist_keys, ", ".join(known.artist_keys)))


def _may_be(listed: Listed, known: _Known) -> bool:
    is_called_so = not listed.title or _key(listed.title) == known.title_key
    return is_called_so or _difference(listed, known) <= _SAME_LENGTH_SECONDS


def _difference(listed: Listed, known: _Known) -> float:
    """In seconds; none where a length is not known."""
    if listed.duration_seconds is None or known.duration_seconds is None:
        return 0.0
    return abs(listed.duration_seconds - known.duration_seconds)


def _key(title: str) -> str:
    return fold(title)[:LONGEST_KEY]
