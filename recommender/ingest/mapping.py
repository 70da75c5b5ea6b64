"""The map of the active space, brought up to date behind everything else. The sweeper asks for it."""

import contextlib
import logging

from django.conf import settings
from filelock import FileLock, Timeout

from recommender.catalog.models import Space
from recommender.ingest.wake import wake_map
from recommender.similarity.errors import IndexUnavailableError
from recommender.similarity.map.drawing import AT_ONCE, Report, draw_map, is_outgrown, place_new
from recommender.similarity.spaces import active_space

logger = logging.getLogger(__name__)


def update_map() -> None:
    """Draw the map anew where it was outgrown, else place some new tracks. Whoever comes meanwhile leaves again."""
    space = active_space()
    if space is None:
        return
    with contextlib.suppress(Timeout), _drawing(timeout_seconds=0):
        try:
            _update(space)
        except IndexUnavailableError as error:
            logger.warning("new tracks get their places on the map later: %s", error)


def bring_up_to_date(space: Space, report: Report, *, is_anew: bool) -> None:
    """All that is outstanding, or the whole map anew, after whoever is at it. Raises IndexUnavailableError."""
    with _drawing(timeout_seconds=-1):
        if is_anew or is_outgrown(space):
            draw_map(space, report)
        while place_new(space):
            pass


def _drawing(*, timeout_seconds: float) -> FileLock:
    """Two at once would leave half of each map."""
    return FileLock(settings.STORAGE.locks / "map.lock", timeout=timeout_seconds)


def _update(space: Space) -> None:
    if is_outgrown(space):
        logger.info("drew the map of %s: %d tracks", space, draw_map(space))
    elif place_new(space) == AT_ONCE:
        wake_map()
