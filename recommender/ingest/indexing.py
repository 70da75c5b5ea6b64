"""The one consumer of the index queue: brings the vector index up to date, has a complete space take over, and ends
what is being deleted.
"""

import logging

from recommender.catalog.models import Space
from recommender.ingest.removal import finish_removals
from recommender.similarity.errors import IndexUnavailableError
from recommender.similarity.spaces import filling_spaces, promote_complete_space
from recommender.similarity.sync import synchronise_space

logger = logging.getLogger(__name__)


def synchronise_index() -> None:
    """Do what is outstanding. When the index is away nothing is lost: beat asks again in a few seconds."""
    try:
        for space in filling_spaces():
            _synchronise(space)
        finish_removals()
    except IndexUnavailableError as error:
        logger.warning("the vector index is behind and will be caught up with: %s", error)


def _synchronise(space: Space) -> None:
    count = synchronise_space(space)
    if count:
        logger.info("indexed %d tracks in %s", count, space)
    if promote_complete_space(space):
        logger.info("%s holds all tracks and answers from now on", space)
