import pytest
from django.test import Client

from recommender.accounts.models import Role
from tests.people import make_user


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


@pytest.fixture
def listener(page_client):
    """Signed in, in the same browser."""
    made = make_user(Role.LISTENER)
    page_client.force_login(made)
    return made
