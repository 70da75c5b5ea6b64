"""Tell the workers that there is something to do. Only a hint: what is missed here, the sweeper finds in SQL."""

import logging
from collections.abc import Iterable

from celery import current_app
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

ANALYSE = "recommender.ingest.tasks.analyse_track_task"
SYNCHRONISE = "recommender.ingest.tasks.synchronise_index_task"


def wake_analysis(analysis_ids: Iterable[int]) -> None:
    for analysis_id in analysis_ids:
        if not _send(ANALYSE, analysis_id):
            return


def wake_index() -> None:
    _send(SYNCHRONISE)


def queue_length(name: str) -> int:
    """Messages waiting in the queue. Raises RedisError, OperationalError when the broker cannot be asked."""
    with current_app.connection_for_read() as connection:
        redis: Redis = connection.default_channel.client  # type: ignore[attr-defined]  # only Redis channels have it
        return int(redis.llen(name))


def _send(name: str, *arguments: int) -> bool:
    try:
        current_app.send_task(name, args=arguments)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("the broker cannot be reached, the sweeper will send %s later: %s", name, error)
        return False
    return True
