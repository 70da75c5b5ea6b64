"""The Celery app. Queues only wake workers: what there is to do is asked of SQL, so a lost message loses nothing."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recommender.settings")

app = Celery("recommender")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["recommender.ingest", "recommender.curation"])
