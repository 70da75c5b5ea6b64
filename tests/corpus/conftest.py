import pytest


@pytest.fixture(autouse=True)
def _uncollected(uncollected):
    """Pages with static files under their own names."""
