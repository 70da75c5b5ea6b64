import pytest
from django.test import Client

PLAIN_STATIC_FILES = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


@pytest.fixture(autouse=True)
def _quick_and_uncollected(settings):
    """Without the slow password hash, and with static files under their own names. See test_static_files."""
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {**settings.STORAGES, "staticfiles": PLAIN_STATIC_FILES}


@pytest.fixture
def page_client():
    """Asks for pages, as a browser does."""
    return Client(headers={"Accept": "text/html"})


@pytest.fixture
def script_client():
    """Asks for JSON, as our scripts do, and is held to the CSRF rules."""
    return Client(headers={"Accept": "application/json"}, enforce_csrf_checks=True)
