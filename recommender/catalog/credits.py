"""To whom a track is credited, on which release it is, of which genres: found or made by name, taken away when unused.

Names are text fit to be shown (`ingest.text.make_readable`). Call these inside a transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, Model, OuterRef, QuerySet

from recommender.catalog.models import Artist, ArtistAlias, Credit, Genre, PoolRule, Release, Track
from recommender.catalog.names import fold_key


@dataclass(frozen=True)
class Mentions:
    """The ids of artists, releases and genres that tracks refer to."""

    artists: frozenset[int]
    releases: frozenset[int]
    genres: frozenset[int]


def find_artist(name: str, musicbrainz_id: str = "") -> Artist:
    """The artist of this name, or of whom it is another name; made if there is none. Raises ValueError for a name that
    folds to nothing.
    """
    key = _key(name)
    # Held until the credit is there, so that nobody takes the artist away as unused in between.
    held = Artist.objects.select_for_update(no_key=True)
    if not Artist.objects.filter(name_key=key).exists():
        called = ArtistAlias.objects.filter(name_key=key).values("artist")
        if found := held.filter(pk__in=called).first():
            return found
    artist, _ = held.get_or_create(name_key=key, defaults={"name": name, "musicbrainz_id": musicbrainz_id})
    if musicbrainz_id and not artist.musicbrainz_id:
        artist.musicbrainz_id = musicbrainz_id
        artist.save(update_fields=["musicbrainz_id"])
    return artist


def find_release(title: str, artist: Artist, *, year: int | None = None, musicbrainz_id: str = "") -> Release:
    """The release of this title by this album artist, made if there is none; what it lacked is filled in.

    Raises ValueError for a title that folds to nothing.
    """
    known = {"year": year, "musicbrainz_id": musicbrainz_id}
    release, is_new = Release.objects.select_for_update(no_key=True).get_or_create(
        title_key=_key(title), artist=artist, defaults={"title": title, **known}
    )
    lacking = {name: value for name, value in known.items() if value and not getattr(release, name)}
    if lacking and not is_new:
        for name, value in lacking.items():
            setattr(release, name, value)
        release.save(update_fields=list(lacking))
    return release


def credit_artists(track: Track, names: Iterable[str], musicbrainz_ids: Iterable[str] = ()) -> None:
    """Credit `track` to these artists, the first of them its main one; to nobody when there are none.

    `musicbrainz_ids` are in the order of the names, "" where one is unknown. Raises ValueError as `find_artist` does.
    """
    ids = list(musicbrainz_ids)
    artists: dict[int, Artist] = {}
    for position, name in enumerate(names):
        artist = find_artist(name, ids[position] if position < len(ids) else "")
        artists.setdefault(artist.pk, artist)
    Credit.objects.filter(track=track).delete()
    Credit.objects.bulk_create(
        Credit(track=track, artist=artist, position=position) for position, artist in enumerate(artists.values())
    )
    track.artist = next(iter(artists.values()), None)
    track.save(update_fields=["artist"])


def set_genres(track: Track, names: Iterable[str]) -> None:
    """Raises ValueError for a name that folds to nothing."""
    held = Genre.objects.select_for_update(no_key=True)
    genres = [held.get_or_create(name_key=_key(name), defaults={"name": name})[0] for name in names]
    track.genres.set(genres)


def mentions_of(tracks: Iterable[Track]) -> Mentions:
    """What these tracks refer to now: ask before they change or go, and give it to `drop_unused` afterwards."""
    referring = Track.objects.filter(pk__in=[track.pk for track in tracks])
    main = referring.values_list("artist", "release", "release__artist")
    credited = Credit.objects.filter(track__in=referring).values_list("artist", flat=True)
    genres = Track.genres.through.objects.filter(track__in=referring).values_list("genre", flat=True)
    rows = list(main)
    artists = {artist for row in rows for artist in (row[0], row[2])} | set(credited)
    return Mentions(
        artists=frozenset(artists - {None}),
        releases=frozenset({row[1] for row in rows} - {None}),
        genres=frozenset(genres),
    )


def drop_unused(mentions: Mentions) -> None:
    """Take away those of `mentions` that nothing refers to any more. What people said of an artist or a release, other
    names or a rule, is kept for the tracks that may come.
    """
    on_release = Track.objects.filter(release=OuterRef("pk"))
    ruled = ~Exists(PoolRule.objects.filter(release=OuterRef("pk")))
    _delete(Release.objects.filter(~Exists(on_release), ruled), mentions.releases)
    credited = Credit.objects.filter(artist=OuterRef("pk"))
    main = Track.objects.filter(artist=OuterRef("pk"))
    released = Release.objects.filter(artist=OuterRef("pk"))
    called = ArtistAlias.objects.filter(artist=OuterRef("pk"))
    excluded = PoolRule.objects.filter(artist=OuterRef("pk"))
    referring = (credited, main, released, called, excluded)
    _delete(Artist.objects.filter(*(~Exists(rows) for rows in referring)), mentions.artists)
    of_genre = Track.genres.through.objects.filter(genre=OuterRef("pk"))
    _delete(Genre.objects.filter(~Exists(of_genre)), mentions.genres)


def _delete(unused: "QuerySet[Model]", ids: frozenset[int]) -> None:
    """Locked first: a transaction that is about to refer to one of them has ended before we look."""
    if not ids:
        return
    locked = unused.model._default_manager.select_for_update().filter(pk__in=ids).order_by("pk")
    unused.filter(pk__in=[row.pk for row in locked]).delete()


def _key(name: str) -> str:
    key = fold_key(name)
    if not key:
        raise ValueError("a name without a letter to fold")
    return key
