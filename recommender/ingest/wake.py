"""Tell the workers that there is something to do. Only a hint: what is missed here, the sweeper finds in SQL."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

from recommender.catalog.models import Analysis, Space

logger = logging.getLogger(__name__)

ANALYSE = "recommender.ingest.tasks.analyse_track_task"
# On Redis a smaller number goes first, and each step has a list of its own beside the queue.
URGENT, LATER = 0, 9
SWEEP = "recommender.ingest.tasks.sweep_task"
SYNCHRONISE = "recommender.ingest.tasks.synchronise_index_task"
MAKE_RENDITIONS = "recommender.ingest.tasks.make_renditions_task"
COMPARE = "recommender.ingest.tasks.propose_duplicates_task"
UPDATE_MAP = "recommender.ingest.tasks.update_map_task"
LISTEN = "recommender.ingest.tasks.listen_to_query_task"
PREPARE = "recommender.ingest.tasks.prepare_to_listen_task"


def wake_analysis(analyses: Iterable[Analysis]) -> None:
    """Those in the active space go first, so that no upload queues behind a change of the encoder."""
    active = set(Space.objects.filter(is_active=True).values_list("pk", flat=True))
    for analysis in analyses:
        if not send_task(ANALYSE, analysis.pk, priority=URGENT if analysis.space_id in active else LATER):
            return


def wake_sweeper() -> None:
    """Without waiting for its turn: there may be much to wake."""
    send_task(SWEEP)


def wake_index() -> None:
    send_task(SYNCHRONISE)


def wake_renditions() -> None:
    """Behind the sweeper, as `wake_duplicates`."""
    send_task(MAKE_RENDITIONS, priority=LATER)


def wake_duplicates() -> None:
    """Behind the sweeper, which must not wait for it."""
    send_task(COMPARE, priority=LATER)


def prepare_listener() -> None:
    """Somebody is about to ask: what the first question of a worker waits for can be loaded meanwhile."""
    send_task(PREPARE, lifetime_seconds=settings.QUERIES.wait_seconds)


def wake_listener(owner_id: int, query_id: str) -> bool:
    """False when the broker cannot be reached. No sweeper sends this again: nobody would wait for it."""
    return send_task(LISTEN, owner_id, query_id, lifetime_seconds=settings.QUERIES.wait_seconds)


def wake_map() -> None:
    """Behind the sweeper, as `wake_duplicates`."""
    send_task(UPDATE_MAP, priority=LATER)


def queue_length(name: str, *, is_urgent: bool = True) -> int:
    """Messages of that priority waiting in the queue. Raises RedisError, OperationalError when it cannot be asked."""
    with current_app.connection_for_read() as connection:
        channel: Any = connection.default_channel  # only Redis channels have a client
        redis: Redis = channel.client
        return int(redis.llen(name if is_urgent else f"{name}{channel.sep}{LATER}"))


def queue_depths(names: Sequence[str]) -> dict[str, int]:
    """Messages waiting in each of these queues. Raises RedisError, OperationalError when they cannot be asked."""
    with current_app.connection_for_read() as connection:
        channel: Any = connection.default_channel
        with channel.client.pipeline(transaction=False) as asked:
            for name in names:
                asked.llen(name).llen(f"{name}{channel.sep}{LATER}")
            lengths = asked.execute()
    return {name: lengths[2 * place] + lengths[2 * place + 1] for place, name in enumerate(names)}


def send_task(name: str, *arguments: int | str, priority: int = URGENT, lifetime_seconds: int | None = None) -> bool:
    """False when the broker cannot be reached: somebody who looks into SQL has to find what was not sent."""
    try:
        current_app.send_task(name, args=arguments, priority=priority, expires=lifetime_seconds)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("the broker cannot be reached, %s was not sent: %s", name, error)
        return False
    return True
