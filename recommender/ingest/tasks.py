"""Celery's side of the house: ids in, one call, nothing out."""

from celery import Task, shared_task

from recommender.ingest.duplicates import propose_duplicates
from recommender.ingest.indexing import synchronise_index
from recommender.ingest.renditions import make_renditions
from recommender.ingest.sweeper import sweep
from recommender.ingest.watching import import_watched


@shared_task(bind=True)
def analyse_track_task(self: Task, analysis_id: int) -> None:
    # The hinge: this one import keeps torch and the decoder out of every process that only enqueues.
    from recommender.ingest.analysis import analyse_track  # noqa: PLC0415

    analyse_track(analysis_id, lease_owner=self.request.id or "")


@shared_task
def synchronise_index_task() -> None:
    synchronise_index()


@shared_task
def propose_duplicates_task() -> None:
    propose_duplicates()


@shared_task
def sweep_task() -> None:
    sweep()


@shared_task
def make_renditions_task() -> None:
    make_renditions()


@shared_task
def import_watched_task() -> None:
    import_watched()
