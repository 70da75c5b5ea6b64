"""What was heard, and what was skipped: kept, looked back at and forgotten."""

import datetime as dt
from typing import Final

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.catalog.models import Track, TrackQuerySet
from recommender.listening.errors import TooManyError
from recommender.listening.models import Opinion, Play, Verdict

# A slip of the finger is neither a play nor a skip.
LEAST_HEARD_SECONDS: Final = 2.0
# Streaming services count a track as heard from here on; of a short one, half is enough.
HEARD_SECONDS: Final = 30.0
HEARD_SHARE: Final = 0.5
# Whoever skips a track every six seconds for an hour gets this far.
MOST_AN_HOUR: Final = 600
# Who plays a track so many times likes it.
OFTEN: Final = 3
# One track over and over does not hide what was heard before it, up to here.
_PLAYS_OF_ONE: Final = 8
_HOUR: Final = dt.timedelta(hours=1)


def record_play(listener: User, track: Track, heard_seconds: float, *, is_left: bool) -> Play | None:
    """Keep that `track` was heard for so long (more than its length counts as its length).

    `is_left`: the listener went on to another track. Who leaves a track before it counts as heard has skipped it. One
    that merely stopped there, as when a page is closed, says nothing: None. Raises TooManyError.
    """
    heard = min(heard_seconds, track.duration_seconds or heard_seconds)
    is_heard = heard >= heard_from(track)
    if heard < LEAST_HEARD_SECONDS or not (is_heard or is_left):
        return None
    now = timezone.now()
    if Play.objects.filter(listener=listener, started_at__gte=now - _HOUR).count() >= MOST_AN_HOUR:
        raise TooManyError(_("That is more than anybody can hear in an hour."))
    # Not as far back as the limit looks: long tracks would not count there.
    started_at = now - min(dt.timedelta(seconds=min(heard, 3600.0)), _HOUR / 2)
    return Play.objects.create(
        listener=listener, track=track, heard_seconds=heard, is_skipped=not is_heard, started_at=started_at
    )


def heard_from(track: Track) -> float:
    """The seconds from which on `track` counts as heard."""
    return min(HEARD_SECONDS, HEARD_SHARE * track.duration_seconds) if track.duration_seconds else HEARD_SECONDS


def played_lately(listener: User, most: int) -> list[Play]:
    """The last play of each of the tracks heard last, newest first. What was skipped is not taken up again."""
    newest = Play.objects.filter(listener=listener, is_skipped=False).order_by("-started_at", "-pk")
    of_track: dict[int, Play] = {}
    for play in newest[: most * _PLAYS_OF_ONE]:
        of_track.setdefault(play.track_id, play)
    return list(of_track.values())[:most]


def forgotten_favourites(listener: User, tracks: TrackQuerySet, *, since: dt.datetime) -> TrackQuerySet:
    """Those of `tracks` that were liked or often played before `since`, and not heard after it."""
    liked = Opinion.objects.filter(listener=listener, verdict=Verdict.LIKE, given_at__lt=since)
    disliked = Opinion.objects.filter(listener=listener, verdict=Verdict.DISLIKE)
    heard = Play.objects.filter(listener=listener, is_skipped=False)
    often = heard.values("track").annotate(times=Count("pk")).filter(times__gte=OFTEN).order_by()
    lately = Play.objects.filter(listener=listener, started_at__gte=since)
    known = tracks.filter(Q(pk__in=liked.values("track")) | Q(pk__in=often.values("track")))
    return known.exclude(pk__in=lately.values("track")).exclude(pk__in=disliked.values("track"))


def forget_play(listener: User, play_id: int) -> bool:
    """Whether there was such a play of this listener. What it told of their taste goes with it."""
    return bool(Play.objects.filter(listener=listener, pk=play_id).delete()[0])


def forget_all_plays(listener: User) -> int:
    """How many there were."""
    return Play.objects.filter(listener=listener).delete()[0]
