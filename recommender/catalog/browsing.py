"""Artists, releases and genres as far as a viewer may know of them: those of tracks that the viewer may see."""

from collections import Counter
from typing import Any, Final

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from recommender.catalog.joining import JoinedLines
from recommender.catalog.kept import Kept
from recommender.catalog.models import Artist, ArtistAlias, Genre, Release, Shelf, Track
from recommender.catalog.models.music import Viewer

_TOTALS: Final[Kept[int]] = Kept(1_000, may_lag=True)
_GENRES: Final[Kept[Counter[int]]] = Kept(100, may_lag=True)


def visible_artists(viewer: Viewer) -> QuerySet[Artist]:
    """Who is credited on a track or has made the release it is on."""
    tracks = Track.objects.visible_to(viewer)
    credited = tracks.filter(credits__artist=OuterRef("pk"))
    released = tracks.filter(release__artist=OuterRef("pk"))
    return Artist.objects.filter(Exists(credited) | Exists(released))


def counted_artists(viewer: Viewer) -> QuerySet[Artist]:
    """All artists, each with a `track_count` and a `release_count` of what `viewer` may see: both 0 for the others. And
    with `alias_lines`, the other names, each on a line; None without one.
    """
    tracks = Track.objects.visible_to(viewer).order_by()
    credited = tracks.filter(credits__artist=OuterRef("pk")).values("credits__artist")
    released = tracks.filter(release__artist=OuterRef("pk")).values("release__artist")
    aliases = ArtistAlias.objects.filter(artist=OuterRef("pk")).annotate(joined=F("name")).values("joined")
    return Artist.objects.annotate(
        alias_lines=JoinedLines(aliases),
        track_count=_count(credited, "pk"),
        release_count=_count(released, "release", distinct=True),
    )


def count_artists(viewer: Viewer) -> int:
    return _TOTALS.of(viewer, "artists", lambda: visible_artists(viewer).count())


def visible_releases(viewer: Viewer) -> QuerySet[Release]:
    return Release.objects.filter(Exists(Track.objects.visible_to(viewer).filter(release=OuterRef("pk"))))


def count_releases(viewer: Viewer) -> int:
    return _TOTALS.of(viewer, "releases", lambda: visible_releases(viewer).count())


def visible_genres(viewer: Viewer) -> QuerySet[Genre]:
    """Of what can be heard: a genre leads to the library, which shows nothing else."""
    heard = Track.objects.visible_to(viewer).playable()
    return Genre.objects.filter(Exists(heard.filter(genres=OuterRef("pk"))))


def count_genres(viewer: Viewer) -> Counter[int]:
    """How many tracks of each genre `viewer` can hear, by its id. Not to be changed."""
    return _GENRES.of(viewer, None, lambda: _count_genres(viewer))


def _count_genres(viewer: Viewer) -> Counter[int]:
    """The shelf has them in an index that answers alone."""
    heard = Shelf.objects.visible_to(viewer).filter(is_playable=True).exclude(genres="").order_by()
    counts: Counter[int] = Counter()
    for joined, count in heard.values_list("genres").annotate(count=Count("*")):
        for genre in joined.split("\n"):
            counts[int(genre)] += count
    return counts


def releases_of(viewer: Viewer, artist: Artist) -> QuerySet[Release]:
    return visible_releases(viewer).filter(artist=artist).select_related("artist")


def appearances_of(viewer: Viewer, artist: Artist) -> QuerySet[Release]:
    """Releases of others with a track that is credited to `artist`."""
    credited = Track.objects.visible_to(viewer).filter(credits__artist=artist).exclude(release=None)
    others = Release.objects.filter(pk__in=credited.values("release")).exclude(artist=artist)
    return others.select_related("artist")


def _count(grouped: QuerySet[Track, Any], what: str, *, distinct: bool = False) -> Coalesce:
    counted = grouped.annotate(count=Count(what, distinct=distinct)).values("count")
    return Coalesce(Subquery(counted), 0)
