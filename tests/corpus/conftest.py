import os
from collections.abc import Iterator

import pytest

from recommender.ingest import analysis as analysis_room
from tests.corpus.case import Material


@pytest.fixture(autouse=True)
def _uncollected(uncollected):
    """Pages with static files under their own names."""


@pytest.fixture(autouse=True, scope="module")
def _end_decoder() -> Iterator[None]:
    own = analysis_room._decoder(os.getpid())
    yield
    own.close()


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return Material(tmp_path_factory.mktemp("corpus"))
