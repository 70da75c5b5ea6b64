"""What the catalog runs on, as administrators look at it: queues, workers, the index, and what lies on the disk."""

import datetime as dt
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from recommender.catalog.models import AudioFile, Embedding
from recommender.curation.lately import Lately
from recommender.ingest.sweeper import MARK
from recommender.ingest.wake import queue_depths
from recommender.similarity.errors import IndexUnavailableError
from recommender.similarity.index import get_index
from recommender.similarity.spaces import active_space
from recommender.similarity.sync import collection_of

QUEUES: Final = ("analysis", "index", "interactive", "background")
# A worker answers within milliseconds, unless the machine is busy; who does not answer is waited for this long.
PATIENCE_SECONDS: Final = 1.0
UNREACHABLE: Final = (RedisError, OperationalError, OSError)


@dataclass(frozen=True, kw_only=True)
class Queue:
    """`waiting`: messages; `workers`: how many workers that answer take from it. None where Redis does not answer."""

    name: str
    waiting: int | None
    workers: int | None


@dataclass(frozen=True, kw_only=True)
class IndexCount:
    """How many tracks SQL has seen the index take, and how many it holds; None where it does not answer."""

    expected: int
    held: int | None


@dataclass(frozen=True, kw_only=True)
class DiskUse:
    """Bytes by what takes them, and of the file system that the home is on."""

    used: Mapping[str, int]
    free_bytes: int
    total_bytes: int
    measured_at: dt.datetime


def describe_queues() -> list[Queue]:
    try:
        depths: Mapping[str, int | None] = queue_depths(QUEUES)
    except UNREACHABLE:
        return [Queue(name=name, waiting=None, workers=None) for name in QUEUES]
    workers = _workers.read()
    return [
        Queue(name=name, waiting=depths[name], workers=None if workers is None else workers[name]) for name in QUEUES
    ]


def find_last_sweep() -> dt.datetime | None:
    """When what got lost was looked for last."""
    try:
        swept = (settings.STORAGE.locks / MARK).stat().st_mtime
    except OSError:
        return None
    return dt.datetime.fromtimestamp(swept, dt.UTC)


def compare_index() -> IndexCount | None:
    """Of the space that answers; None where none does yet."""
    return _index.read()


def measure_disk() -> DiskUse:
    return _disk.read()


def _find_workers() -> Counter[str] | None:
    """By queue. Who answers is told by who takes from it, since workers may have any name."""
    try:
        with current_app.connection_for_read() as asking:
            # All that ever were are known to Redis: when so many have answered nobody is waited for.
            channel: Any = asking.default_channel  # only channels of Redis and the like have tables
            known = len(channel.get_table("celery.pidbox"))
            inspected = current_app.control.inspect(timeout=PATIENCE_SECONDS, limit=known, connection=asking)
            answers: Mapping[str, Any] = (inspected.active_queues() if known else None) or {}
    except (*UNREACHABLE, KeyError):
        return None
    return Counter(str(queue["name"]) for queues in answers.values() for queue in queues)


def _compare_index() -> IndexCount | None:
    space = active_space()
    if space is None:
        return None
    expected = Embedding.objects.indexed(space).count()
    index, collection = get_index(), collection_of(space)
    try:
        return IndexCount(expected=expected, held=index.count(collection) if index.exists(collection) else 0)
    except IndexUnavailableError:
        return IndexCount(expected=expected, held=None)


def _measure_disk() -> DiskUse:
    usage = shutil.disk_usage(settings.STORAGE.home)
    return DiskUse(
        used={name: size for name, size in _measure_parts() if size is not None},
        free_bytes=usage.free,
        total_bytes=usage.total,
        measured_at=timezone.now(),
    )


def _measure_parts() -> Iterator[tuple[str, int | None]]:
    storage = settings.STORAGE
    # Each file once, as it was when it came: a hundred thousand need not be looked at for that.
    yield "audio", AudioFile.objects.aggregate(size=Sum("size_bytes"))["size"] or 0
    yield "renditions", _weigh(storage.renditions)
    yield "covers", _weigh(storage.covers)
    yield "staging", _weigh(storage.staging)
    yield "database", _weigh_database()
    yield "index", _weigh(storage.home / "milvus") if settings.MILVUS.is_lite else None


def _weigh_database() -> int:
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"])
        return sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _weigh(folder: Path) -> int:
    """Bytes of the files below. What goes meanwhile weighs nothing."""
    total, folders = 0, [str(folder)]
    while folders:
        try:
            entries = list(os.scandir(folders.pop()))
        except OSError:
            continue
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    total += entry.stat(follow_symlinks=False).st_size
            except OSError:
                continue
    return total


_workers: Final = Lately(10, _find_workers)
_index: Final = Lately(5, _compare_index)
_disk: Final = Lately(300, _measure_disk)
