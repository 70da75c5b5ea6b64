import pytest
from django.contrib.auth.models import Group

from recommender.accounts.backends import RoleBackend
from recommender.accounts.first_admin import ensure_first_admin
from recommender.accounts.models import Role, User
from recommender.accounts.signup import SignUpForm, create_account
from tests.people import make_user

pytestmark = pytest.mark.django_db


def test_the_role_is_the_highest_of_the_groups():
    user = make_user(Role.UPLOADER)
    user.groups.add(Group.objects.get_or_create(name=Role.CURATOR.label)[0])
    assert User.objects.get(pk=user.pk).role == Role.CURATOR


def test_without_a_group_one_listens():
    assert User.objects.create_user("nobody").role == Role.LISTENER


def test_a_disabled_account_may_nothing():
    user = make_user(Role.ADMIN, is_active=False)
    assert [user.is_uploader, user.is_curator, user.is_administrator] == [False] * 3


def test_the_first_admin_is_made_once():
    generated = ensure_first_admin("admin", "")
    assert generated is not None
    assert User.objects.get(username="admin").check_password(generated)
    assert ensure_first_admin("admin", "another") is None
    assert User.objects.filter(is_superuser=True).count() == 1


def test_a_given_password_is_not_shown_again():
    assert ensure_first_admin("admin", "a given password") is None
    assert User.objects.get().check_password("a given password")


def test_who_signs_up_listens():
    form = SignUpForm({"username": "new", "password1": "long-and-odd-42", "password2": "long-and-odd-42"})
    assert form.is_valid(), form.errors
    assert create_account(form).role == Role.LISTENER


@pytest.mark.parametrize("role", list(Role))
def test_a_session_brings_the_role_with_the_person(role, django_assert_num_queries):
    known = make_user(role)
    with django_assert_num_queries(1):
        user = RoleBackend().get_user(known.pk)
        assert user.role == role
    assert User.objects.get(pk=known.pk).role == role


def test_the_highest_of_several_roles_counts_and_nobody_inactive_comes_in():
    user = make_user(Role.CURATOR)
    user.groups.add(*Group.objects.filter(name__in=("uploader", "listener")))
    assert RoleBackend().get_user(user.pk).role == Role.CURATOR
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert RoleBackend().get_user(user.pk) is None
    assert RoleBackend().get_user(10**9) is None
