"""What curators say of two tracks that may be one recording: that they are, that they are not, or nothing any more."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from recommender.accounts.models import User
from recommender.catalog.models import PairVerdict, RecordingPair, Track
from recommender.catalog.models.music import might_know_of
from recommender.curation.models import Change, Verb
from recommender.curation.sentences import tell_stayed

Values = dict[str, Any]


def judge_pairs(track: Track, actor: User, arguments: Mapping[str, Any]) -> tuple[Values, Values] | None:
    """Arguments: the ids of `pairs`, of which those are judged whose first is `track`, and a PairVerdict."""
    verdict = PairVerdict(arguments["verdict"])
    visible = Track.objects.visible_to(actor)
    pairs = RecordingPair.objects.filter(pk__in=arguments["pairs"], first=track, second__in=visible)
    changed = list(pairs.exclude(verdict=verdict).select_related("second"))
    if not changed:
        return None
    is_judged = verdict != PairVerdict.PROPOSED
    decided = {"decided_by": actor if is_judged else None, "decided_at": timezone.now() if is_judged else None}
    RecordingPair.objects.filter(pk__in=[pair.pk for pair in changed]).update(verdict=verdict, **decided)
    others = [pair.second.title for pair in changed]
    before = {"verdict": changed[0].verdict, "pairs": [_write(pair) for pair in changed]}
    return before, {"verdict": verdict, "other_tracks": others}


def undo_judgement(change: Change, actor: User) -> str:
    """Each pair as it was, unless it was judged again since, be it to and fro."""
    known = Track.objects.filter(might_know_of(actor))
    seen = RecordingPair.objects.filter(first__in=known, second__in=known, verdict=change.after["verdict"])
    later = Change.objects.since(change).filter(act__verb=Verb.JUDGE).values_list("before", flat=True)
    judged_again = {row["pk"] for before in later for row in before.get("pairs", [])}
    stayed = 0
    for written in change.before["pairs"]:
        row = dict(written)
        as_left = seen.filter(pk=row.pop("pk")).exclude(pk__in=judged_again)
        if not User.objects.filter(pk=row["decided_by_id"]).exists():
            row["decided_by_id"] = None
        stayed += not as_left.update(**row)
    return tell_stayed(stayed, len(change.before["pairs"]))


def _write(pair: RecordingPair) -> Values:
    at = pair.decided_at
    decided = {"decided_by_id": pair.decided_by_id, "decided_at": at.isoformat() if at else None}
    return {"pk": pair.pk, "verdict": pair.verdict, **decided}
