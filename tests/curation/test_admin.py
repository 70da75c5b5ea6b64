import pytest
from django.urls import reverse

from recommender.accounts.models import Role, User
from recommender.catalog.models import Analysis, AnalysisState, Track, Visibility
from tests.people import make_space, make_track, make_user

pytestmark = pytest.mark.django_db
TRACKS = "admin:catalog_track_changelist"


@pytest.fixture
def sign_in(client):
    def sign_in_as(role):
        user = make_user(role)
        client.force_login(user)
        return user

    return sign_in_as


def act(client, action, *tracks):
    return client.post(reverse(TRACKS), {"action": action, "_selected_action": [track.pk for track in tracks]})


@pytest.mark.parametrize(("role", "status"), [(Role.LISTENER, 302), (Role.UPLOADER, 302), (Role.CURATOR, 200)])
def test_the_desk_is_for_curators(client, sign_in, role, status):
    sign_in(role)
    assert client.get(reverse(TRACKS)).status_code == status


def test_curators_find_tracks_but_not_the_private_ones_of_others(client, sign_in):
    sign_in(Role.CURATOR)
    make_track(title="Findable tune")
    private = make_track(title="Findable secret", visibility=Visibility.PRIVATE)
    page = client.get(reverse(TRACKS), {"q": "findable"})
    assert b"Findable tune" in page.content
    assert b"Findable secret" not in page.content
    change = reverse("admin:catalog_track_change", args=[private.pk])
    assert client.get(change).status_code == 302


@pytest.mark.parametrize(
    ("action", "field", "expected"),
    [
        ("withdraw", "visibility", Visibility.WITHDRAWN),
        ("publish", "visibility", Visibility.PUBLISHED),
        ("hide", "is_recommendable", False),
    ],
)
def test_actions_change_the_chosen_tracks_only(client, sign_in, action, field, expected):
    sign_in(Role.CURATOR)
    start = {"visibility": Visibility.SUBMITTED} if action == "publish" else {}
    chosen, other = make_track(**start), make_track(**start)
    before = getattr(other, field)
    act(client, action, chosen)
    assert getattr(Track.objects.get(pk=chosen.pk), field) == expected
    assert getattr(Track.objects.get(pk=other.pk), field) == before


def test_failed_tracks_are_tried_again(client, sign_in):
    sign_in(Role.CURATOR)
    track = make_track()
    Analysis.objects.create(track=track, space=make_space(), state=AnalysisState.FAILED, reason="corrupt")
    act(client, "retry", track)
    assert Analysis.objects.get().state == AnalysisState.QUEUED


@pytest.mark.parametrize(("role", "is_gone"), [(Role.CURATOR, False), (Role.ADMIN, True)])
def test_only_administrators_remove(client, sign_in, role, is_gone):
    sign_in(role)
    track = make_track()
    act(client, "remove", track)
    assert Track.objects.get(pk=track.pk).is_deleting is is_gone


def test_a_track_is_edited(client, sign_in):
    sign_in(Role.CURATOR)
    track = make_track()
    url = reverse("admin:catalog_track_change", args=[track.pk])
    fields = {"title": "Better title", "visibility": "published", "is_recommendable": "on"}
    inline = {f"analyses-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}
    assert client.post(url, {**fields, **inline, "owner": "1", "is_playable": ""}).status_code == 302
    changed = Track.objects.get(pk=track.pk)
    assert (changed.title, changed.owner_id, changed.is_playable) == ("Better title", track.owner_id, True)


def test_only_administrators_give_roles_and_none_makes_himself_superuser(client, sign_in):
    sign_in(Role.CURATOR)
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 403
    admin = sign_in(Role.ADMIN)
    url = reverse("admin:accounts_user_change", args=[admin.pk])
    assert client.get(url).status_code == 200
    client.post(url, {"username": admin.username, "is_active": "on", "is_superuser": "on", "is_staff": "on"})
    assert not User.objects.get(pk=admin.pk).is_superuser
