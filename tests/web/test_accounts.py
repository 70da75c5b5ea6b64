import pytest
from django.test import Client
from django.urls import reverse

from recommender.accounts.models import Role, User
from recommender.conf import Access
from tests.people import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "a long password"


def sign_in(client, name, password=PASSWORD, **more):
    return client.post(reverse("sign_in"), {"username": name, "password": password, **more})


def test_signing_in_and_out(page_client):
    user = make_user(password=PASSWORD)
    assert sign_in(page_client, user.username)["Location"] == reverse("home")
    assert "Sign out" in page_client.get(reverse("library")).content.decode()
    assert page_client.post(reverse("sign_out"))["Location"] == reverse("home")
    assert "Sign out" not in page_client.get(reverse("library")).content.decode()


def test_the_session_key_changes_at_sign_in(page_client):
    user = make_user(password=PASSWORD)
    planted = page_client.session
    planted["planted"] = True
    planted.save()
    sign_in(page_client, user.username)
    assert page_client.session.session_key != planted.session_key


@pytest.mark.parametrize("name", ["nobody", "%", "", "a\0b"])
def test_unknown_names_and_wrong_passwords_look_alike(name, page_client):
    user = make_user(password=PASSWORD)
    wrong = sign_in(page_client, user.username, "not the password")
    unknown = sign_in(page_client, name)
    assert wrong.status_code == unknown.status_code == 200
    assert not unknown.wsgi_request.user.is_authenticated
    if name in ("nobody", "%"):
        assert wrong.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()


def test_a_disabled_account_is_shut_out_at_once(page_client):
    user = make_user(Role.ADMIN, password=PASSWORD)
    sign_in(page_client, user.username)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert page_client.get(reverse("upload")).status_code == 302
    assert sign_in(Client(headers={"Accept": "text/html"}), user.username).status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "https:elsewhere.example",
        "\thttps://elsewhere.example",
    ],
)
def test_the_way_back_never_leads_elsewhere(target, page_client):
    assert sign_in(page_client, make_user(password=PASSWORD).username, next=target)["Location"] == reverse("home")


def test_the_way_back_leads_back(page_client):
    assert sign_in(page_client, make_user(password=PASSWORD).username, next="/upload/")["Location"] == "/upload/"


def test_sign_up_is_closed_unless_opened(page_client, settings):
    form = {"username": "newcomer", "password1": "quite-a-Long-word", "password2": "quite-a-Long-word"}
    assert page_client.post(reverse("sign_up"), form).status_code == 404
    assert not User.objects.filter(username="newcomer").exists()
    settings.ACCESS = Access(open_signup=True, require_sign_in=False)
    assert page_client.post(reverse("sign_up"), {**form, "is_superuser": "1", "groups": "4"})["Location"] == "/"
    made = User.objects.get(username="newcomer")
    assert (made.role, made.is_superuser) == (Role.LISTENER, False)
    assert page_client.get(reverse("upload")).status_code == 403
    assert page_client.get(reverse("sign_up")).status_code == 302


def test_a_bad_sign_up_says_what_is_wrong(page_client, settings):
    settings.ACCESS = Access(open_signup=True, require_sign_in=False)
    page = page_client.post(reverse("sign_up"), {"username": "x y", "password1": "short", "password2": "shorter"})
    assert page.status_code == 200
    assert page.content.decode().count('class="error"') >= 2
