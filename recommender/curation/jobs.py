"""Jobs: batch after batch, so that a killed worker loses nothing, and everybody sees how far it is and can stop it."""

import logging
import time
from typing import Final

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from recommender.curation.acts import RUN_JOB, conclude_undoing, do_to, undo_changes
from recommender.curation.models import SILENCE, Change, Job, JobState
from recommender.ingest.wake import send_task

logger = logging.getLogger(__name__)

# Of so many tracks SQLite's only writer is held at a time.
BATCH: Final = 50
PAUSE_SECONDS: Final = 0.12


def run_job(job_id: int) -> None:
    """Run it to its end, unless another worker does, or it is over."""
    now = timezone.now()
    free = Q(state=JobState.WAITING) | Q(state=JobState.RUNNING, seen_at__lt=now - SILENCE)
    if not Job.objects.filter(free, pk=job_id).update(state=JobState.RUNNING, seen_at=now):
        return
    while _run_batch(job_id):
        _let_others_write()


def resume_jobs() -> None:
    """Wake a worker for what nobody works on: the message was lost, or the worker."""
    for job_id in Job.objects.abandoned().values_list("pk", flat=True):
        send_task(RUN_JOB, job_id)


def _let_others_write() -> None:
    """Whoever waits for SQLite's only writer looks again within a tenth of a second. Without a pause so long the next
    batch would be there before them, and a click anywhere on the site would wait for the end of the job.
    """
    if connection.vendor == "sqlite":
        time.sleep(PAUSE_SECONDS)


@transaction.atomic
def _run_batch(job_id: int) -> bool:
    """Whether there is more to do."""
    job = Job.objects.select_for_update(of=("self",)).select_related("act__actor", "act__undone_by").get(pk=job_id)
    if job.is_over:
        return False
    batch = job.ids[job.done : job.done + BATCH]
    if batch:
        _do(job, batch)
    job.done += len(batch)
    job.seen_at = timezone.now()
    if job.done >= job.total:
        job.state, job.ended_at = JobState.DONE, job.seen_at
        if job.is_undoing:
            conclude_undoing(job.act)
        logger.info("job %d is done: %s", job.pk, job)
    job.save(update_fields=["done", "seen_at", "state", "ended_at"])
    return not job.is_over


def _do(job: Job, batch: list[int]) -> None:
    if not job.is_undoing:
        do_to(job.act, batch, job.arguments)
    elif job.act.undone_by is not None:
        undo_changes(Change.objects.filter(pk__in=batch).select_related("act"), job.act.undone_by)
