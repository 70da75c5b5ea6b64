"""Tracks that were merged into another one: where their addresses lead, and what the catalog had said of them. And
where those of merged artists lead.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.db.models import BigIntegerField, Model, Q

from recommender.catalog.browsing import visible_artists
from recommender.catalog.models import MergedArtist, MergedTrack, PairRule, RecordingPair, Track, Visibility
from recommender.catalog.models.music import Viewer, might_know_of

_PAIRS: Final[Mapping[str, type[RecordingPair] | type[PairRule]]] = {
    "recording_pairs": RecordingPair,
    "pair_rules": PairRule,
}

Kept = dict[str, list[int]]


def find_kept(track_ids: Collection[int], viewer: Viewer) -> dict[int, int]:
    """For those of these tracks that were merged, and are not back: the one that was kept, where `viewer` may know of
    both. Numbers may be larger than any track has.
    """
    numbers = [number for number in track_ids if number <= BigIntegerField.MAX_BIGINT]
    merged = MergedTrack.objects.filter(old_id__in=numbers, kept__in=Track.objects.visible_to(viewer))
    hidden = Track.objects.filter(pk__in=numbers).exclude(might_know_of(viewer), is_deleting=True)
    return dict(merged.exclude(old_id__in=hidden.values("pk")).values_list("old_id", "kept"))


def find_kept_tracks(track_ids: Collection[int], viewer: Viewer) -> dict[int, Track]:
    """The same, with their titles."""
    kept = find_kept(track_ids, viewer)
    tracks = Track.objects.only("title").in_bulk(set(kept.values())) if kept else {}
    return {old: tracks[number] for old, number in kept.items() if number in tracks}


def follow_merges(track_ids: Sequence[int], viewer: Viewer) -> list[int]:
    """The same tracks, in their order, with the kept ones in the place of those that were merged."""
    kept = find_kept(track_ids, viewer)
    return [kept.get(track_id, track_id) for track_id in track_ids]


def find_kept_artist(artist_id: int, viewer: Viewer) -> int | None:
    """The artist that was kept when this one was merged, where `viewer` may know of it. Any number may be asked for."""
    if artist_id > BigIntegerField.MAX_BIGINT:
        return None
    merged = MergedArtist.objects.filter(old_id=artist_id, kept__in=visible_artists(viewer))
    return merged.values_list("kept", flat=True).first()


def lead_on(old: int, kept: int) -> Kept:
    """All that led to `old` leads to `kept`, and what was said of pairs with `old` is said of `kept` where nothing is
    said yet. The ids of what was changed and made.
    """
    led = list(MergedTrack.objects.filter(kept=old).values_list("old_id", flat=True))
    MergedTrack.objects.filter(old_id__in=led).update(kept=kept)
    MergedTrack.objects.update_or_create(old_id=old, defaults={"kept_id": kept})
    found = {"addresses": led, **{name: _repeat_pairs(table, old, kept) for name, table in _PAIRS.items()}}
    return {name: ids for name, ids in found.items() if ids}


def lead_back(changed: Mapping[str, Any], old: int, holders: Collection[int], *, since: dt.datetime) -> None:
    """Undo what `lead_on` did at `since`; `holders` are the tracks to which the addresses lead now. What was judged
    after it stays.
    """
    MergedTrack.objects.filter(old_id=old).delete()
    MergedTrack.objects.filter(old_id__in=changed.get("addresses", []), kept__in=holders).update(kept=old)
    judged = RecordingPair.objects.filter(decided_at__gt=since)
    RecordingPair.objects.filter(pk__in=changed.get("recording_pairs", [])).exclude(pk__in=judged).delete()
    PairRule.objects.filter(pk__in=changed.get("pair_rules", [])).delete()


def forget_hidden_address(track: Track) -> None:
    """Before it is gone for good: what others could not hear does not tell by its address that it was there."""
    if track.visibility != Visibility.PUBLISHED:
        MergedTrack.objects.filter(old_id=track.pk).delete()


def _repeat_pairs(table: type[RecordingPair] | type[PairRule], old: int, kept: int) -> list[int]:
    shift = _find_start(old, kept)
    made = []
    for pair in table._default_manager.filter(Q(first=old) | Q(second=old)):
        other = pair.second_id if pair.first_id == old else pair.first_id
        if other == kept or table._default_manager.filter(_between(kept, other)).exists():
            continue
        made.append(_repeat(pair, old, kept, shift).pk)
    return made


def _repeat(pair: Any, old: int, kept: int, shift: float) -> Model:
    """The same pair, with `kept` instead of `old`, which starts `shift` seconds after it."""
    other = pair.second_id if pair.first_id == old else pair.first_id
    if isinstance(pair, RecordingPair):
        after_old = pair.offset_seconds if pair.first_id == old else -pair.offset_seconds
        pair.offset_seconds = (after_old + shift) * (1 if kept < other else -1)
    pair.pk, pair._state.adding = None, True
    pair.first_id, pair.second_id = sorted((kept, other))
    pair.save()
    made: Model = pair
    return made


def _find_start(track: int, other: int) -> float:
    """How many seconds after `other` the same sound starts in `track`, as far as that is known."""
    pair = RecordingPair.objects.filter(_between(track, other)).first()
    if pair is None:
        return 0.0
    return pair.offset_seconds if pair.second_id == track else -pair.offset_seconds


def _between(one: int, other: int) -> Q:
    first, second = sorted((one, other))
    return Q(first=first, second=second)
