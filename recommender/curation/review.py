"""The review queue: what waits for a curator, and what is near a track of it."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.db.models import Count, Prefetch, Q, prefetch_related_objects

from recommender.accounts.models import User
from recommender.catalog.models import Credit, RecordingPair, Track, TrackQuerySet, Visibility
from recommender.curation.models import Act, Change, Verb
from recommender.similarity.candidates import find_seed
from recommender.similarity.recommend import Recommendation, SimilarTracks, Variety, Wish, find_similar

MOST_NEAR: Final = 6
MOST_TWINS: Final = 8
MOST_RELEASES: Final = 12
# What says who sees a track.
SHOWING: Final = (Verb.APPROVE, Verb.REJECT, Verb.ASK, Verb.WITHDRAW, Verb.SUBMIT, Verb.PUBLISH, Verb.KEEP)
# A genre that fewer of the near tracks have says nothing.
LEAST_IN_COMMON: Final = 2
# Reasons that are offered again, and how far back they are looked for.
MOST_NOTES: Final = 8
_EARLIER: Final = 40


@dataclass(frozen=True)
class Group:
    """What waits of one uploader, or of one release."""

    pk: int
    name: str
    count: int


class Groups(NamedTuple):
    """Of whom, and of which release, the most waits stands first."""

    uploaders: list[Group]
    releases: list[Group]


class Place(NamedTuple):
    """`ahead` begins with the track that is looked at, `behind` with the one before it."""

    ahead: list[int]
    behind: list[int]


class Twin(NamedTuple):
    """`track` may be the same recording as the one that waits."""

    track: Track
    pair: RecordingPair


def waiting_for(viewer: User, *, owner: int | None = None, release: int | None = None) -> TrackQuerySet:
    """What waits for review, oldest first; of one uploader or of one release where that is asked for."""
    queue = Track.objects.visible_to(viewer).filter(visibility=Visibility.SUBMITTED).order_by("pk")
    if owner is not None:
        queue = queue.filter(owner=owner)
    return queue if release is None else queue.filter(release=release)


def group_waiting(queue: TrackQuerySet, *, owner: int | None = None) -> Groups:
    """The releases are those of `owner` where one is given; a single track is no group."""
    names = ("owner", "owner__username", "release", "release__title")
    by_uploader: Counter[tuple[int, str]] = Counter()
    by_release: Counter[tuple[int, str]] = Counter()
    rows = queue.order_by(*names).values_list(*names).annotate(count=Count("pk"))
    for uploader, username, release, title, count in rows:
        by_uploader[uploader, username] += count
        if release is not None and owner in (None, uploader):
            by_release[release, title] += count
    releases = [Group(pk, title, count) for (pk, title), count in by_release.most_common(MOST_RELEASES) if count > 1]
    return Groups([Group(pk, name, count) for (pk, name), count in by_uploader.most_common()], releases)


def find_place(queue: TrackQuerySet, start: int, size: int) -> Place:
    """Where `start` waits in the queue, or else what comes after it, or else what is last."""
    ahead = list(queue.filter(pk__gte=start).values_list("pk", flat=True)[: size + 1])
    behind = list(queue.filter(pk__lt=start).order_by("-pk").values_list("pk", flat=True)[: size + 1])
    if not ahead:
        ahead, behind = behind[:1], behind[1:]
    return Place(ahead, behind[:size])


def find_near(track: Track, viewer: User) -> SimilarTracks | None:
    """The nearest tracks, whoever made them and whatever `viewer` likes; None where `track` has no vector."""
    found = find_seed(track)
    if found is None:
        return None
    return find_similar(*found, track, viewer, Wish(limit=MOST_NEAR, variety=Variety.RAW))


def suggest_genres(near: Sequence[Recommendation]) -> list[tuple[str, int]]:
    """The genres that several of the near tracks have, and how many do. Their genres are prefetched."""
    counted = Counter(genre.name for found in near for genre in found.track.genres.all())
    return [(name, count) for name, count in counted.most_common() if count >= LEAST_IN_COMMON]


def find_twins(track: Track, viewer: User) -> list[Twin]:
    """What may be the same recording as `track`, with what was decided about it."""
    visible = Track.objects.visible_to(viewer).values("pk")
    either = Q(first=track, second__in=visible) | Q(second=track, first__in=visible)
    sides = [f"{side}__{name}" for side in ("first", "second") for name in ("audio_file", "artist", "owner")]
    pairs = RecordingPair.objects.filter(either).select_related(*sides).order_by("-score", "pk")[:MOST_TWINS]
    twins = [Twin(pair.second if pair.first_id == track.pk else pair.first, pair) for pair in pairs]
    credited = Prefetch("credits", Credit.objects.select_related("artist"))
    prefetch_related_objects([twin.track for twin in twins], credited)
    return twins


def recent_notes(curator: User) -> list[str]:
    """What this curator has told uploaders lately, each once."""
    said = Act.objects.filter(actor=curator, verb__in=(Verb.REJECT, Verb.ASK))
    return list(dict.fromkeys(said.order_by("-pk").values_list("note", flat=True)[:_EARLIER]))[:MOST_NOTES]


def find_decisions(track_ids: Collection[int]) -> dict[int, Act]:
    """By track the last that was decided about who sees it, and still stands."""
    changes = Change.objects.filter(track_id__in=track_ids, act__verb__in=SHOWING).standing()
    decided = changes.order_by("pk").select_related("act")
    return {change.track_id: change.act for change in decided if change.track_id is not None}
