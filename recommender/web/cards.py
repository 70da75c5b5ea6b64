"""What lists show of artists and releases: a picture and counts, of nothing but what the viewer may see."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Max, Q
from django.urls import reverse

from recommender.catalog.models import Artist, Release, Track, TrackQuerySet
from recommender.catalog.models.music import Viewer
from recommender.web.placeholder import number_of
from recommender.web.reversing import address_of

COVERED = Q(cover__isnull=False)
# In a collage.
PICTURES = 4
# The order of tracks on a release: what has no number follows what has one.
IN_ORDER = (F("disc_number").asc(nulls_first=True), F("track_number").asc(nulls_last=True), "title_key", "pk")


@dataclass(frozen=True, kw_only=True)
class ArtistCard:
    artist: Artist
    tracks: int
    releases: int
    picture: str


@dataclass(frozen=True, kw_only=True)
class ReleaseCard:
    """`covered` is a track that has a cover, `first` the track that is played first, where there are such."""

    release: Release
    tracks: int
    covered: int | None
    first: Track | None

    @property
    def picture(self) -> str:
        return picture_url(self.covered, self.release.pk)

    @property
    def sounds(self) -> str:
        """Where the player asks for all of its tracks."""
        return f"{reverse('track_sound')}?release={self.release.pk}"


@dataclass(frozen=True)
class _Member:
    """A track of a release."""

    pk: int
    is_playable: bool
    has_cover: bool


def picture_url(track_id: int | None, fallback_number: int, side: int = 300) -> str:
    """The cover of this track, or one of the placeholders."""
    if track_id is None:
        return address_of("placeholder_cover", number_of(fallback_number))
    return address_of("track_cover", track_id, side)


def describe_artists(viewer: Viewer, artists: Sequence[Artist]) -> list[ArtistCard]:
    """In two queries, whatever the number of artists."""
    tracks = Track.objects.visible_to(viewer)
    credited = _count(tracks.filter(credits__artist__in=artists), "credits__artist", Count("pk"))
    made = _count(tracks.filter(release__artist__in=artists), "release__artist", Count("release", distinct=True))
    cards = []
    for artist in artists:
        count, shown = credited.get(artist.pk, (0, None))
        releases, shown_by_release = made.get(artist.pk, (0, None))
        picture = picture_url(shown_by_release or shown, artist.pk)
        cards.append(ArtistCard(artist=artist, tracks=count, releases=releases, picture=picture))
    return cards


def _count(tracks: TrackQuerySet, by: str, count: Count) -> dict[int, tuple[int, int | None]]:
    """For each value of `by` how many there are, and a track that has a cover."""
    rows = tracks.values_list(by).annotate(count=count, picture=Max("pk", filter=COVERED))
    return {pk: (number, picture) for pk, number, picture in rows}


def describe_releases(viewer: Viewer, releases: Sequence[Release]) -> list[ReleaseCard]:
    """In three queries, whatever the number of releases."""
    members = _find_members(viewer, releases)
    playable = {pk: next((one.pk for one in found if one.is_playable), None) for pk, found in members.items()}
    listed = Track.objects.for_listing().in_bulk([pk for pk in playable.values() if pk])
    return [
        ReleaseCard(
            release=release,
            tracks=len(members[release.pk]),
            covered=next((one.pk for one in members[release.pk] if one.has_cover), None),
            first=listed.get(playable.get(release.pk) or 0),
        )
        for release in releases
    ]


def _find_members(viewer: Viewer, releases: Sequence[Release]) -> dict[int, list[_Member]]:
    """The tracks of each, in their order."""
    tracks = Track.objects.visible_to(viewer).filter(release__in=releases).order_by(*IN_ORDER)
    members: dict[int, list[_Member]] = defaultdict(list)
    for release, pk, is_playable, cover in tracks.values_list("release", "pk", "is_playable", "cover"):
        members[release].append(_Member(pk, is_playable, cover is not None))
    return members
