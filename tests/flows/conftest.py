from collections.abc import Iterator

import pytest

from tests.stack import Stack, run_stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One whole running Soundalike for all flows: leave it ready, with every program running."""
    with run_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running
