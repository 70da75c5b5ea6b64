"""Is the process alive; is everything it needs within reach. The answers tell no addresses and no causes: logs do."""

import logging
import tempfile
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from recommender.similarity.errors import IndexUnavailableError
from recommender.similarity.index import check_index

logger = logging.getLogger(__name__)

REDIS_TIMEOUT_SECONDS = 1.0
UNREACHABLE = (DatabaseError, redis.RedisError, IndexUnavailableError, OSError)


@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    parts = {name: _try(name, check) for name, check in CHECKS.items()}
    is_ready = all(answer == "ok" for answer in parts.values())
    return JsonResponse({"status": "ok" if is_ready else "failed", "parts": parts}, status=200 if is_ready else 503)


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_redis() -> None:
    patience = {"socket_timeout": REDIS_TIMEOUT_SECONDS, "socket_connect_timeout": REDIS_TIMEOUT_SECONDS}
    with redis.Redis.from_url(settings.REDIS_URL, **patience) as client:
        client.ping()


def check_storage() -> None:
    with tempfile.NamedTemporaryFile(dir=settings.STORAGE.staging, prefix="readyz-") as probe:
        probe.write(b"ok")


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "redis": check_redis,
    "index": check_index,
    "storage": check_storage,
}


def _try(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except UNREACHABLE as error:
        logger.warning("readyz: %s failed: %s", name, error)
        return "failed"
    return "ok"
