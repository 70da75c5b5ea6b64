import pytest

from tests.web.conftest import PLAIN_STATIC_FILES


@pytest.fixture(autouse=True)
def _uncollected(settings):
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    settings.STORAGES = {**settings.STORAGES, "staticfiles": PLAIN_STATIC_FILES}
