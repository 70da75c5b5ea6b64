"""Celery's side of the desk: ids in, one call, nothing out."""

from celery import shared_task

from recommender.curation.jobs import resume_jobs, run_job


@shared_task
def run_job_task(job_id: int) -> None:
    run_job(job_id)


@shared_task
def resume_jobs_task() -> None:
    resume_jobs()
