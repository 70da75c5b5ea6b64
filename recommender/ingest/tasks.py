"""Celery's side of the house: ids in, one call, nothing out."""

from celery import Task, shared_task

from recommender.ingest.duplicates import propose_duplicates
from recommender.ingest.indexing import synchronise_index
from recommender.ingest.mapping import update_map
from recommender.ingest.renditions import make_renditions
from recommender.ingest.sweeper import sweep
from recommender.ingest.watching import import_watched


@shared_task(bind=True)
def analyse_track_task(self: Task, analysis_id: int) -> None:
    # The hinge: this one import keeps torch and the decoder out of every process that only enqueues.
    from recommender.ingest.analysis import analyse_track  # noqa: PLC0415

    analyse_track(analysis_id, lease_owner=self.request.id or "")


# A sound that ends its worker is not tried again: whoever asked with it is told to ask once more.
@shared_task(acks_late=False, reject_on_worker_lost=False)
def listen_to_query_task(owner_id: int, query_id: str) -> None:
    # As above.
    from recommender.ingest.query_audio import listen_to_query  # noqa: PLC0415

    listen_to_query(owner_id, query_id)


@shared_task(acks_late=False, reject_on_worker_lost=False)
def prepare_to_listen_task() -> None:
    # As above.
    from recommender.ingest.query_audio import prepare_to_listen  # noqa: PLC0415

    prepare_to_listen()


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
def update_map_task() -> None:
    update_map()


@shared_task
def import_watched_task() -> None:
    import_watched()
