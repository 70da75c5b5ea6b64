"""How the analysis of tracks is getting on, as SQL knows it: what is where, since when, how fast, and what failed."""

import datetime as dt
import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Exists, Max, OuterRef, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from recommender.accounts.models import User
from recommender.catalog.models import Analysis, AnalysisState, Space, Track
from recommender.catalog.models.spaces import AnalysisQuerySet
from recommender.curation.acts import perform
from recommender.curation.models import Act, Verb
from recommender.ingest.reanalysis import find_again
from recommender.similarity.spaces import chosen_space, describe_obstacles

# What the pace is told from: so many tracks that ended, as far as that was lately; fewer than LEAST tell nothing.
MOST_RECENT: Final = 60
LATELY: Final = dt.timedelta(minutes=10)
LEAST: Final = 3
# The stages of so many tracks are looked at.
STAGES_OF: Final = 200
LISTED: Final = 5
_LEFT: Final = (AnalysisState.QUEUED, AnalysisState.ANALYSING)


@dataclass(frozen=True, kw_only=True)
class SpaceState:
    """`counts` of all states. `obstacles` is what keeps a space that is being filled from taking over, in English."""

    space: Space
    counts: Mapping[str, int]
    seconds_left: float | None
    obstacles: str

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def ended(self) -> int:
        unfinished = (*_LEFT, AnalysisState.INDEXING)
        return self.total - sum(self.counts.get(state, 0) for state in unfinished)


@dataclass(frozen=True, kw_only=True)
class Stages:
    """How many seconds each stage takes, of half of `count` tracks at most; None where none is known."""

    count: int
    queued: float | None
    analysing: float | None
    indexing: float | None


@dataclass(frozen=True, kw_only=True)
class FailureGroup:
    """Tracks that failed for one reason. `detail` is what a worker said of one of them; `tracks` are the first few, and
    so many are `retriable` by the viewer.
    """

    reason: str
    detail: str
    count: int
    retriable: int
    tracks: list[Track]


def describe_spaces(spaces: Iterable[Space]) -> list[SpaceState]:
    return [_describe(space) for space in spaces]


def find_oldest_waiting(spaces: Collection[Space]) -> dt.datetime | None:
    """Since when the track waits that has waited longest for its turn."""
    waiting = Analysis.objects.waiting().filter(space__in=spaces).order_by("not_before")
    return waiting.values_list("state_changed_at", flat=True).first()


def measure_stages(space: Space) -> Stages | None:
    ready = Analysis.objects.filter(space=space, state=AnalysisState.READY, analysed_for__isnull=False)
    names = ("queued_for", "analysed_for", "indexed_for")
    rows = list(ready.order_by("-state_changed_at").values_list(*names)[:STAGES_OF])
    if not rows:
        return None
    queued, analysing, indexing = (_median(column) for column in zip(*rows, strict=True))
    return Stages(count=len(rows), queued=queued, analysing=analysing, indexing=indexing)


def group_failures(viewer: User) -> list[FailureGroup]:
    """What failed in the space that answers, of what `viewer` may know: what most tracks have in common, first."""
    failed = failures_of(viewer)
    own = Count("pk", filter=Q(track__in=Track.objects.editable_by(viewer)))
    reasons = failed.values_list("reason").annotate(count=Count("pk"), detail=Max("detail"), retriable=own)
    latest = _find_latest(viewer, failed)
    return [
        FailureGroup(reason=reason, detail=detail, count=count, retriable=retriable, tracks=latest.get(reason, []))
        for reason, count, detail, retriable in reasons.order_by("-count", "reason")
    ]


def failures_of(viewer: User, reason: str | None = None) -> AnalysisQuerySet:
    """In the space that answers; for one reason, if that is given."""
    failed = Analysis.objects.filter(space__is_active=True, state=AnalysisState.FAILED)
    failed = failed.filter(Exists(Track.objects.visible_to(viewer).filter(pk=OuterRef("track"))))
    return failed if reason is None else failed.filter(reason=reason)


def retry_failures(actor: User, reason: str) -> Act:
    """Have everything of the actor's analysed again that failed for this reason; all, for an administrator.

    Raises CurationError.
    """
    own = failures_of(actor, reason).filter(track__in=Track.objects.editable_by(actor))
    return perform(Verb.ANALYSE, actor, list(own.values_list("track_id", flat=True)))


def analyse_again(admin: User, choice: str) -> Act:
    """`choice` is one of `reanalysis.CHOICES`. Raises CurationError."""
    chosen = chosen_space()
    arguments = {"space": chosen.pk} if choice == "missing" and chosen else {}
    ids = list(find_again(choice).values_list("track_id", flat=True))
    return perform(Verb.ANALYSE, admin, ids, arguments=arguments)


def _describe(space: Space) -> SpaceState:
    counts = _count_states(space)
    return SpaceState(
        space=space,
        counts=counts,
        seconds_left=_estimate(space, sum(counts[state] for state in _LEFT)),
        obstacles="" if space.is_active else describe_obstacles(space),
    )


def _count_states(space: Space) -> Counter[str]:
    """Of tracks that are not in the trash; one that no worker has met yet is queued."""
    analyses = Analysis.objects.filter(space=space).order_by()
    counts = Counter(dict(analyses.values_list("state").annotate(count=Count("pk"))))
    trashed = analyses.filter(track__in=Track.objects.filter(is_deleting=True))
    counts.subtract(dict(trashed.values_list("state").annotate(count=Count("pk"))))
    # The few are counted, and not the many: that takes no look at each track.
    alive = Track.objects.count() - Track.objects.filter(is_deleting=True).count()
    counts[AnalysisState.QUEUED] += alive - counts.total()
    return Counter({state: counts[state] for state in AnalysisState})


def _estimate(space: Space, left: int) -> float | None:
    """In seconds, from the pace of the last minutes; None where nothing is left, or nothing went on lately."""
    now = timezone.now()
    lately = Analysis.objects.filter(space=space, state_changed_at__gt=now - LATELY).exclude(state__in=_LEFT)
    ended = list(lately.order_by("-state_changed_at").values_list("state_changed_at", flat=True)[:MOST_RECENT])
    if not left or len(ended) < LEAST:
        return None
    return left * (now - ended[-1]).total_seconds() / len(ended)


def _median(lasted: tuple[dt.timedelta | None, ...]) -> float | None:
    known = [each.total_seconds() for each in lasted if each is not None]
    return statistics.median(known) if known else None


def _find_latest(viewer: User, failed: AnalysisQuerySet) -> dict[str, list[Track]]:
    """By reason."""
    place = Window(RowNumber(), partition_by="reason", order_by="-state_changed_at")
    rows = list(failed.annotate(place=place).filter(place__lte=LISTED).values_list("reason", "track_id"))
    tracks = Track.objects.visible_to(viewer).for_listing().in_bulk([track for _reason, track in rows])
    latest: dict[str, list[Track]] = {}
    for reason, pk in rows:
        if pk in tracks:
            latest.setdefault(reason, []).append(tracks[pk])
    return latest
