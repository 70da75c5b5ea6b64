"""The shelves of similar artists and releases, on the page of one of them."""

from recommender.catalog.models import Artist, Release
from recommender.catalog.models.music import Viewer
from recommender.similarity.groups import find_similar_artists, find_similar_releases
from recommender.web.cards import ArtistCard, ReleaseCard, describe_artists, describe_releases


def describe_similar_artists(viewer: Viewer, artist: Artist) -> list[ArtistCard]:
    """Best first."""
    ids = [alike.group_id for alike in find_similar_artists(artist, viewer)]
    found = Artist.objects.in_bulk(ids) if ids else {}
    return describe_artists(viewer, [found[pk] for pk in ids if pk in found]) if found else []


def describe_similar_releases(viewer: Viewer, release: Release) -> list[ReleaseCard]:
    ids = [alike.group_id for alike in find_similar_releases(release, viewer)]
    found = Release.objects.select_related("artist").in_bulk(ids) if ids else {}
    return describe_releases(viewer, [found[pk] for pk in ids if pk in found]) if found else []
