"""Names that tracks share. Only who may describe all tracks that a name stands on may spell it anew."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from recommender.accounts.models import User
from recommender.catalog.editing import Value
from recommender.catalog.models import Artist, ArtistAlias, Credit, Genre, Release, Track, TrackQuerySet
from recommender.catalog.names import fold_key

Words = Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class FixedNames:
    """By key how names stay spelt, and who is meant by other names of artists. A release has the key of its title and
    that of its artist.
    """

    artists: Mapping[str, str]
    genres: Mapping[str, str]
    releases: Mapping[tuple[str, str], str]

    def spell(self, wanted: Words) -> dict[str, Value]:
        """What `wanted` comes to when it is written."""
        spelt = dict(wanted)
        for name, fixed in (("artists", self.artists), ("genres", self.genres)):
            if name in wanted:
                names = [fixed.get(key_of(each), each) for each in list_names(wanted[name])]
                spelt[name] = list(dict.fromkeys(names))
        if "album_artist" in wanted:
            by = str(wanted["album_artist"])
            spelt["album_artist"] = self.artists.get(key_of(by), by)
        if "release" in wanted:
            title = str(wanted["release"])
            spelt["release"] = self.releases.get(_key_of_release(wanted), title)
        return spelt


@lru_cache(maxsize=20_000)
def key_of(name: str) -> str:
    """What the row of this name is found by. Those of many tracks are a few, again and again."""
    return fold_key(name)


def list_names(value: Value) -> list[str]:
    """Those of a field that holds a list, or one."""
    return value if isinstance(value, list) else [str(value)] if value else []


def find_fixed_names(editor: User, wanted: Collection[Words]) -> FixedNames:
    """Of all names in `wanted` those that stay spelt otherwise, whatever `editor` writes. A release comes with its
    `album_artist`.
    """
    artists = [name for each in wanted for field in ("artists", "album_artist") for name in list_names(each.get(field))]
    genres = [name for each in wanted for name in list_names(each.get("genres"))]
    releases = {_key_of_release(each): str(each["release"]) for each in wanted if each.get("release")}
    return FixedNames(
        artists=_find_fixed_artists(editor, artists) if artists else {},
        genres=_find_fixed_genres(editor, genres) if genres else {},
        releases=_find_fixed_releases(editor, releases) if releases else {},
    )


def _find_fixed_artists(editor: User, names: Collection[str]) -> dict[str, str]:
    called = ArtistAlias.objects.filter(name_key__in={key_of(name) for name in names})
    rows, others = _spelt_otherwise(Artist.objects.all(), names), _out_of_reach(editor)
    credited = Credit.objects.filter(artist__in=rows, track__in=others).values_list("artist", flat=True)
    released = others.filter(release__artist__in=rows).values_list("release__artist", flat=True)
    fixed = _pick(rows, {*credited, *released} if rows else ())
    return {**fixed, **dict(called.values_list("name_key", "artist__name"))}


def _find_fixed_genres(editor: User, names: Iterable[str]) -> dict[str, str]:
    rows = _spelt_otherwise(Genre.objects.all(), names)
    of_genre = Track.genres.through.objects.filter(genre__in=rows, track__in=_out_of_reach(editor))
    return _pick(rows, of_genre.values_list("genre", flat=True) if rows else ())


def _find_fixed_releases(editor: User, titles: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    found = Release.objects.filter(title_key__in={title for title, _by in titles})
    keys = {pk: (title, by) for pk, title, by in found.values_list("pk", "title_key", "artist__name_key")}
    rows = {row.pk: row.title for row in found if titles.get(keys[row.pk], row.title) != row.title}
    fixed = _out_of_reach(editor).filter(release__in=rows).values_list("release", flat=True) if rows else ()
    return {keys[pk]: rows[pk] for pk in set(fixed)}


def _key_of_release(wanted: Words) -> tuple[str, str]:
    return key_of(str(wanted["release"])), key_of(str(wanted.get("album_artist") or ""))


def _spelt_otherwise(named: "QuerySet[Any]", names: Iterable[str]) -> dict[int, str]:
    wanted = {key_of(name): name for name in names}
    found = named.filter(name_key__in=wanted).values_list("pk", "name_key", "name")
    return {pk: name for pk, key, name in found if name != wanted[key]}


def _out_of_reach(editor: User) -> TrackQuerySet:
    return Track.objects.filter(is_deleting=False).exclude(pk__in=Track.objects.describable_by(editor))


def _pick(rows: Mapping[int, str], fixed: Iterable[int]) -> dict[str, str]:
    return {key_of(rows[pk]): rows[pk] for pk in set(fixed)}
