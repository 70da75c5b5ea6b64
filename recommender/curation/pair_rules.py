"""What curators say of two tracks, for everybody: not similar, or belonging together."""

from collections.abc import Mapping
from typing import Any

from recommender.accounts.models import User
from recommender.catalog.models import PairRule, PairSaying, Track
from recommender.curation.models import Change
from recommender.curation.sentences import CHANGED_SINCE, GONE

Said = dict[str, Any]


def say_of_pair(track: Track, curator: User, arguments: Mapping[str, Any]) -> tuple[Said, Said] | None:
    """Arguments: `other`, the id of another track, and what it `says`, a `PairSaying` or nothing for no rule any more.
    What was said before, and what is said now; None where nothing changes.
    """
    other, says = int(arguments["other"]), str(arguments["says"])
    before = read_saying(track.pk, other)
    if before == says or other == track.pk or not Track.objects.visible_to(curator).filter(pk=other).exists():
        return None
    _write(track.pk, other, says, curator)
    return {"other": other, "says": before}, {"other": other, "says": says}


def unsay(change: Change, curator: User) -> str:
    one, other = change.track_id or 0, int(change.after["other"])
    if read_saying(one, other) != change.after["says"]:
        return CHANGED_SINCE
    if Track.objects.visible_to(curator).filter(pk__in=(one, other)).count() < 2:
        return GONE
    _write(one, other, change.before["says"], curator)
    return ""


def read_saying(one: int, other: int) -> str:
    """What is said of both; empty for nothing."""
    first, second = sorted((one, other))
    return PairRule.objects.filter(first=first, second=second).values_list("says", flat=True).first() or ""


def _write(one: int, other: int, says: str, curator: User) -> None:
    first, second = sorted((one, other))
    if not says:
        PairRule.objects.filter(first=first, second=second).delete()
        return
    said = {"says": PairSaying(says), "made_by": curator}
    PairRule.objects.update_or_create(first_id=first, second_id=second, defaults=said)
