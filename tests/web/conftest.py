import pytest
from django.test import Client


@pytest.fixture(autouse=True)
def _quick(settings, uncollected):
    """Without the slow password hash, and with static files under their own names."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def page_client():
    """Asks for pages, as a browser does."""
    return Client(headers={"Accept": "text/html"})


@pytest.fixture
def script_client():
    """Asks for JSON, as our scripts do, and is held to the CSRF rules."""
    return Client(headers={"Accept": "application/json"}, enforce_csrf_checks=True)
