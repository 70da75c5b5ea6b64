"""What waits for a curator, counted."""

from dataclasses import dataclass

from django.db.models import QuerySet

from recommender.accounts.models import User
from recommender.catalog.models import AnalysisState, PairVerdict, RecordingPair, Track, TrackQuerySet
from recommender.curation.audit import acts_seen_by
from recommender.curation.models import Job
from recommender.curation.reports import reports_known_to
from recommender.curation.review import waiting_for
from recommender.curation.trashing import in_trash


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """`failed`: tracks whose analysis failed. `jobs` are those that go on, with their acts."""

    review: int
    pairs: int
    failed: int
    reports: int
    in_trash: int
    jobs: list[Job]


def count_waiting(viewer: User) -> Waiting:
    visible = Track.objects.visible_to(viewer).values("pk")
    open_pairs = RecordingPair.objects.filter(verdict=PairVerdict.PROPOSED, first__in=visible, second__in=visible)
    return Waiting(
        review=waiting_for(viewer).count(),
        pairs=open_pairs.count(),
        failed=failed_for(viewer).count(),
        reports=reports_known_to(viewer).filter(is_open=True).count(),
        in_trash=in_trash(viewer).count(),
        jobs=list(_unfinished(viewer)),
    )


def _unfinished(viewer: User) -> QuerySet[Job]:
    """Without what they do to each track, which may be long."""
    jobs = Job.objects.unfinished().filter(act__in=acts_seen_by(viewer))
    return jobs.select_related("act").defer("arguments")


def failed_for(viewer: User) -> TrackQuerySet:
    failed = Track.objects.filter(analyses__state=AnalysisState.FAILED, analyses__space__is_active=True)
    return Track.objects.visible_to(viewer).filter(pk__in=failed.values("pk"))
