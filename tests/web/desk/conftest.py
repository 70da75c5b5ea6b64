import pytest

from recommender.accounts.models import Role
from tests.people import make_user


@pytest.fixture
def curator(page_client):
    """Signed in, in the same browser."""
    made = make_user(Role.CURATOR)
    page_client.force_login(made)
    return made


@pytest.fixture
def read(page_client):
    """The text of a page, and that it is one."""

    def read_page(address, status=200, **query):
        answer = page_client.get(address, query)
        assert answer.status_code == status
        return " ".join(answer.content.decode().split())

    return read_page
