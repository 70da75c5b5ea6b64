import numpy as np
import pytest
from django.test import Client
from django.utils import translation

from recommender.accounts.models import Role
from recommender.similarity.sync import synchronise_space
from tests.people import make_embedding, make_track, make_user


@pytest.fixture(autouse=True)
def _quick(settings, uncollected):
    """Without the slow password hash, and with static files under their own names."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def page_client():
    """Asks for pages, as a browser does."""
    return Client(headers={"Accept": "text/html"})


@pytest.fixture
def spoken_german(page_client):
    """The browser asks in German. What a thread speaks outlives a request, so it is English again afterwards."""
    page_client.cookies["language"] = "de"
    with translation.override("en"):
        yield page_client


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


@pytest.fixture
def tracks(space):
    """Two seeds, two tracks between them, and one that is like neither."""
    owner, made = make_user(), []
    for name, parts in (("A", (1, 0)), ("B", (0.8, 0.6)), ("C", (0.9, 0.4)), ("D", (0.95, 0.3)), ("E", (0, 0, 1))):
        vector = np.zeros(8, np.float32)
        vector[: len(parts)] = parts
        made.append(make_track(owner, title=f"Track {name}"))
        make_embedding(made[-1], space, vector / np.linalg.norm(vector))
    synchronise_space(space)
    return made
