"""What listeners say of tracks, and what all of it comes to. All of it can be taken back."""

import datetime as dt
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.catalog.models import Track, TrackQuerySet
from recommender.catalog.models.music import Viewer
from recommender.listening.errors import TooManyError
from recommender.listening.models import Opinion, Play, Unlikeness, Verdict

# More than a patient person says.
MOST_UNLIKE_AN_HOUR: Final = 300
# What a listener did this long ago is not of the same sitting.
SITTING: Final = dt.timedelta(hours=12)


class Kind(StrEnum):
    LIKE = "like"
    DISLIKE = "dislike"
    UNLIKE = "unlike"
    SKIP = "skip"


class Feedback(NamedTuple):
    track_id: int
    given_at: dt.datetime
    kind: Kind


def give_opinion(listener: User, track: Track, verdict: Verdict) -> None:
    """The last word counts, and stands first in the list of all that was said: so it is a row of its own."""
    with transaction.atomic():
        take_back_opinion(listener, track)
        Opinion.objects.create(listener=listener, track=track, verdict=verdict)


def take_back_opinion(listener: User, track: Track) -> None:
    Opinion.objects.filter(listener=listener, track=track).delete()


def say_unlike(listener: User, seed: Track, track: Track) -> None:
    """`track` does not sound like `seed` to this listener. Raises TooManyError."""
    own = Unlikeness.objects.filter(listener=listener)
    if own.filter(given_at__gte=timezone.now() - dt.timedelta(hours=1)).count() >= MOST_UNLIKE_AN_HOUR:
        raise TooManyError(_("That was a lot for one hour. Go on later."))
    Unlikeness.objects.get_or_create(listener=listener, seed=seed, track=track)


def take_back_unlike(listener: User, seed: Track, track: Track) -> None:
    Unlikeness.objects.filter(listener=listener, seed=seed, track=track).delete()


def newest_feedback(listener: User, seed_ids: Collection[int], *, most: int) -> list[Feedback]:
    """The newest of all the listener said and skipped, in one query. What is not similar depends on what it is compared
    with: that of `seed_ids` comes first, and nothing of other seeds.
    """
    opinions = _as_feedback(Opinion.objects.filter(listener=listener), "given_at", F("verdict"))
    unlike = Unlikeness.objects.filter(listener=listener, seed__in=seed_ids)
    skips = Play.objects.counting_skips(listener)
    found = opinions.union(
        _as_feedback(unlike, "given_at", _kind(Kind.UNLIKE)),
        _as_feedback(skips, "started_at", _kind(Kind.SKIP)),
        all=True,
    )
    return _read(found.order_by("turn", "-at", "track_id")[:most])


def feedback_of_sitting(listener: User, track_ids: Collection[int]) -> list[Feedback]:
    """What the listener thinks of these tracks, and which of them were skipped a short while ago, in one query."""
    opinions = Opinion.objects.filter(listener=listener, track__in=track_ids)
    skips = Play.objects.counting_skips(listener).filter(track__in=track_ids, started_at__gte=timezone.now() - SITTING)
    found = _as_feedback(opinions, "given_at", F("verdict"))
    return _read(found.union(_as_feedback(skips, "started_at", _kind(Kind.SKIP)), all=True))


def opinions_of(listener: User, track_ids: Collection[int]) -> Mapping[int, str]:
    """The verdict on each of these tracks that has one."""
    return dict(Opinion.objects.filter(listener=listener, track__in=track_ids).values_list("track_id", "verdict"))


def opinion_on(viewer: Viewer) -> Coalesce:
    """For tracks: the verdict of `viewer`, empty where there is none."""
    listener = viewer.pk if isinstance(viewer, User) else None
    own = Opinion.objects.filter(listener=listener, track=OuterRef("pk"))
    return Coalesce(Subquery(own.values("verdict")[:1]), Value(""))


def _as_feedback(rows: QuerySet, at: str, kind: F | Value) -> QuerySet:
    told = rows.order_by().annotate(at=F(at), kind=kind, turn=Value(int(rows.model is not Unlikeness)))
    found: QuerySet = told.values_list("track_id", "at", "kind", "turn")
    return found


def _kind(kind: Kind) -> Value:
    return Value(str(kind), output_field=CharField())


def _read(rows: QuerySet) -> list[Feedback]:
    return [Feedback(track_id, at, Kind(kind)) for track_id, at, kind, _ in rows]


def likes_of(listener: User, tracks: TrackQuerySet) -> QuerySet[Opinion]:
    """What the listener likes among `tracks`. The newest has the largest id: each like is a row of its own."""
    # Asked of each like: a list of all that may be seen would be made first.
    among = Exists(tracks.filter(pk=OuterRef("track")))
    return Opinion.objects.filter(among, listener=listener, verdict=Verdict.LIKE)
