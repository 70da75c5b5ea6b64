"""Celery's side of the desk: ids in, one call, nothing out."""

from celery import shared_task

from recommender.curation.jobs import resume_jobs, run_job
from recommender.curation.tables import drop_old_drafts


@shared_task
def run_job_task(job_id: int) -> None:
    run_job(job_id)


@shared_task
def resume_jobs_task() -> None:
    resume_jobs()


@shared_task
def drop_old_drafts_task() -> None:
    drop_old_drafts()
