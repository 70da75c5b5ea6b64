import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.web import errors, pages
from tests.people import make_user

pytestmark = pytest.mark.django_db


def test_a_missing_page_looks_like_ours(page_client):
    page = page_client.get("/nothing/here/")
    assert page.status_code == 404
    assert "Nothing here" in page.content.decode()
    assert "nothing/here" not in page.content.decode()


def test_a_forbidden_page_says_why(page_client):
    page_client.force_login(make_user(Role.LISTENER))
    page = page_client.get(reverse("upload"))
    assert page.status_code == 403
    assert "may listen, but not upload" in page.content.decode()


def test_scripts_get_a_problem_document(script_client):
    answer = script_client.get("/tracks/1/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"


def test_a_stale_form_is_told_so(page_client):
    client = Client(enforce_csrf_checks=True, headers={"Accept": "text/html"})
    page = client.post(reverse("sign_in"), {"username": "a", "password": "b"})
    assert page.status_code == 403
    assert "too old" in page.content.decode()


@pytest.mark.parametrize(
    ("accept", "said"), [("text/html", "Your music is safe"), ("application/json", "server_error")]
)
def test_a_broken_page_tells_nothing_of_the_inside(accept, said, monkeypatch):
    def broken(*_arguments):
        raise RuntimeError("secret /var/path")

    monkeypatch.setattr(pages, "browse", broken)
    answer = Client(raise_request_exception=False, headers={"Accept": accept}).get(reverse("library"))
    assert answer.status_code == 500
    assert said in answer.content.decode()
    assert "secret" not in answer.content.decode()


def test_the_other_answers():
    request = RequestFactory().get("/", headers={"Accept": "application/json"})
    assert errors.bad_request(request, ValueError()).status_code == 400
    assert errors.csrf_failed(request).status_code == 403
