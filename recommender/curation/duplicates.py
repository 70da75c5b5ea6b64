"""The duplicates desk: groups of tracks that may be one recording, what is decided about them, and merging them.

A merge puts tracks into the trash, and so follows its rule: people give up their own tracks, administrators anybody's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.catalog.editing import FIELDS, read_fields
from recommender.catalog.models import Evidence, PairVerdict, RecordingPair, Track, Visibility
from recommender.curation.acts import perform
from recommender.curation.best_file import rank_files
from recommender.curation.errors import MergeRefusedError
from recommender.curation.models import Act, Verb
from recommender.listening.models import Play

COVER: Final = "cover"
# What the kept track may take from another one.
CHOICES: Final = (*FIELDS, COVER)
_MORE_OPEN: Final = {
    Visibility.PRIVATE: (Visibility.PUBLISHED, Visibility.SUBMITTED),
    Visibility.SUBMITTED: (Visibility.PUBLISHED,),
    Visibility.WITHDRAWN: (Visibility.PUBLISHED,),
    Visibility.PUBLISHED: (),
}


@dataclass(frozen=True, kw_only=True)
class Group:
    """Tracks that are connected by `pairs`, by their ids. It is called by the first of them."""

    track_ids: tuple[int, ...]
    pairs: tuple[RecordingPair, ...]

    @property
    def number(self) -> int:
        return self.track_ids[0]

    @property
    def is_open(self) -> bool:
        return any(pair.verdict == PairVerdict.PROPOSED for pair in self.pairs)

    @property
    def verdict(self) -> PairVerdict:
        """Of a group that is not open all pairs have the same."""
        return PairVerdict.PROPOSED if self.is_open else PairVerdict(self.pairs[0].verdict)


def find_groups(viewer: User, verdict: PairVerdict) -> list[Group]:
    """Those with this verdict, newest first. What is different is no group: its pairs stand each for itself."""
    pairs = pairs_seen_by(viewer)
    if verdict == PairVerdict.DIFFERENT:
        different = pairs.filter(verdict=verdict)
        return [Group(track_ids=(pair.first_id, pair.second_id), pairs=(pair,)) for pair in different]
    groups = connect(pairs.exclude(verdict=PairVerdict.DIFFERENT))
    return [group for group in groups if group.verdict == verdict]


def find_group(viewer: User, track_id: int) -> Group | None:
    """The one that this track is in."""
    groups = connect(pairs_seen_by(viewer).exclude(verdict=PairVerdict.DIFFERENT))
    return next((group for group in groups if track_id in group.track_ids), None)


def pairs_seen_by(viewer: User) -> QuerySet[RecordingPair]:
    """Newest first."""
    visible = Track.objects.visible_to(viewer).values("pk")
    return RecordingPair.objects.filter(first__in=visible, second__in=visible).order_by("-found_at", "-pk")


def connect(pairs: Iterable[RecordingPair]) -> list[Group]:
    """Groups of these pairs, in the order of the first pair of each."""
    group_of: dict[int, list[RecordingPair]] = {}
    for pair in pairs:
        one, other = group_of.setdefault(pair.first_id, []), group_of.setdefault(pair.second_id, [])
        if one is not other:
            one += other
            group_of.update((track_id, one) for each in other for track_id in (each.first_id, each.second_id))
            group_of[pair.second_id] = one
        one.append(pair)
    distinct = {id(found): found for found in group_of.values()}
    return [_make_group(found) for found in distinct.values()]


def _make_group(pairs: Sequence[RecordingPair]) -> Group:
    return Group(
        track_ids=tuple(sorted({pk for pair in pairs for pk in (pair.first_id, pair.second_id)})), pairs=tuple(pairs)
    )


def find_weakest(group: Group) -> RecordingPair:
    """The pair that least speaks for one recording."""
    return min(group.pairs, key=lambda pair: (pair.evidence != Evidence.FINGERPRINT, pair.score))


def find_starts(group: Group) -> dict[int, float]:
    """Where each track begins on a time line of the recording, in seconds; the first one at 0."""
    after: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for pair in group.pairs:
        after[pair.first_id].append((pair.second_id, pair.offset_seconds))
        after[pair.second_id].append((pair.first_id, -pair.offset_seconds))
    starts = {group.number: 0.0}
    waiting = [group.number]
    for track_id in waiting:
        for other, seconds in after[track_id]:
            if other not in starts:
                starts[other] = starts[track_id] + seconds
                waiting.append(other)
    return starts


def count_plays(track_ids: Collection[int]) -> dict[int, int]:
    """How often each was heard, by whomever; none that never was."""
    heard = Play.objects.filter(track__in=track_ids, is_skipped=False)
    return dict(heard.order_by().values_list("track").annotate(times=Count("pk")))


def judge(actor: User, pairs: Collection[RecordingPair], verdict: PairVerdict) -> Act:
    """Raises NotYoursError."""
    arguments = {"pairs": [pair.pk for pair in pairs], "verdict": str(verdict)}
    return perform(Verb.JUDGE, actor, {pair.first_id for pair in pairs}, arguments=arguments)


def find_mergeable(actor: User, track_ids: Collection[int]) -> frozenset[int]:
    """Those of these tracks that `actor` may give up."""
    return frozenset(Track.objects.editable_by(actor).filter(pk__in=track_ids).values_list("pk", flat=True))


def merge_tracks(
    actor: User, kept_id: int, merged_ids: Collection[int], *, taken: Mapping[str, int] | None = None
) -> Act:
    """Merge tracks of one group into one of them. `taken`: for some of CHOICES the track whose value is kept.

    Raises MergeRefusedError, NotYoursError; nothing is done then.
    """
    merged = frozenset(merged_ids) - {kept_id}
    group = find_group(actor, kept_id)
    if group is None or not merged or not merged <= frozenset(group.track_ids):
        raise MergeRefusedError(_("These tracks are not, or not any more, in one group. Nothing was merged."))
    if find_mergeable(actor, merged) != merged:
        raise MergeRefusedError(_("Only its owner or an administrator can give a track up. Nothing was merged."))
    listed = Track.objects.select_related("artist", "release__artist")
    tracks = listed.in_bulk([kept_id, *merged])
    kept, others = tracks.pop(kept_id), list(tracks.values())
    arguments = {"kept": kept_id, **_choose(kept, tracks, taken or {}, actor), **_show_as(kept, others)}
    return perform(Verb.MERGE, actor, [kept_id, *merged], arguments=arguments)


def merge_as_suggested(actor: User, group: Group) -> tuple[Act, Track]:
    """Into the track with the best file, which takes from the others, best first, what it does not say itself.

    Raises MergeRefusedError, NotYoursError; nothing is done then.
    """
    listed = Track.objects.visible_to(actor).select_related("audio_file", "artist", "release__artist")
    plays = count_plays(group.track_ids)
    tracks = rank_files(list(listed.filter(pk__in=group.track_ids)), plays)
    if not tracks:
        raise MergeRefusedError(_("These tracks are not, or not any more, in one group. Nothing was merged."))
    may_choose = Track.objects.describable_by(actor).filter(pk=tracks[0].pk).exists()
    taken = find_missing(tracks[0], tracks[1:]) if may_choose else {}
    return merge_tracks(actor, tracks[0].pk, group.track_ids, taken=taken), tracks[0]


def find_missing(kept: Track, others: Sequence[Track]) -> dict[str, int]:
    """For what `kept` does not say the first of the others that does."""
    said = [(track.pk, {**read_fields(track), COVER: track.cover_id}) for track in (kept, *others)]
    found = {name: next((pk for pk, words in said if words[name]), kept.pk) for name in CHOICES}
    return {name: pk for name, pk in found.items() if pk != kept.pk}


def _choose(kept: Track, others: Mapping[int, Track], taken: Mapping[str, int], actor: User) -> dict[str, Any]:
    """What is to be written on the kept track, as `merging.merge` takes it."""
    sources = {name: others[pk] for name, pk in taken.items() if name in CHOICES and pk in others}
    if not sources:
        return {}
    if not Track.objects.describable_by(actor).filter(pk=kept.pk).exists():
        raise MergeRefusedError(_("What the kept track says of itself is not yours to change. Nothing was merged."))
    cover = sources.pop(COVER, None)
    said = {track.pk: read_fields(track) for track in sources.values()}
    fields = {name: said[track.pk][name] for name, track in sources.items()}
    return {"fields": fields, **({"cover_id": cover.cover_id} if cover else {})}


def _show_as(kept: Track, others: Collection[Track]) -> dict[str, Any]:
    """Whoever could hear one of them can hear the kept one; nobody's private track is shown for another's sake."""
    wanted = next((each for each in _MORE_OPEN[Visibility(kept.visibility)] if _shown_as(each, others)), None)
    if wanted is None:
        return {}
    if kept.visibility == Visibility.PRIVATE and kept.owner_id not in _shown_as(wanted, others):
        sentence = _("“%(title)s” is private. Keep the other one, or have this one published first.")
        raise MergeRefusedError(sentence % {"title": kept.title})
    return {"visibility": str(wanted)}


def _shown_as(visibility: Visibility, tracks: Collection[Track]) -> set[int]:
    """The owners of those that are."""
    return {track.owner_id for track in tracks if track.visibility == visibility}
