import pytest
from django.urls import reverse

from recommender.accounts.models import Role, User
from recommender.catalog.models import Analysis, AnalysisState, Track, Visibility
from recommender.curation.acts import take_back
from recommender.curation.models import Act, Verb
from tests.people import make_space, make_track, make_user

pytestmark = pytest.mark.django_db
TRACKS = "admin:catalog_track_changelist"
NO_INLINES = {f"analyses-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}


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


def test_what_is_done_is_written_down_and_taken_back(client, sign_in):
    curator = sign_in(Role.CURATOR)
    track = make_track()
    act(client, "hide", track)
    made = Act.objects.get()
    assert (made.actor, made.verb, made.changes.get().track_id) == (curator, Verb.HIDE, track.pk)
    assert reverse("desk_act", args=[made.pk]) in client.get(reverse(TRACKS)).content.decode()
    change = reverse("admin:catalog_track_change", args=[track.pk])
    client.post(change, {"visibility": Visibility.WITHDRAWN, "is_recommendable": "on", **NO_INLINES})
    assert list(Act.objects.values_list("verb", flat=True)) == [Verb.RECOMMEND, Verb.WITHDRAW, Verb.HIDE]
    for made in Act.objects.all():
        take_back(made, curator)
    track.refresh_from_db()
    assert (track.visibility, track.is_recommendable) == (Visibility.PUBLISHED, True)


def test_what_is_the_owners_choice_is_not_offered(client, sign_in):
    sign_in(Role.ADMIN)
    track = make_track()
    change = reverse("admin:catalog_track_change", args=[track.pk])
    assert client.post(change, {"visibility": Visibility.PRIVATE, **NO_INLINES}).status_code == 200
    assert Track.objects.get(pk=track.pk).visibility == Visibility.PUBLISHED
    private = make_track(visibility=Visibility.PRIVATE)
    act(client, "publish", private)
    assert Track.objects.get(pk=private.pk).visibility == Visibility.PRIVATE


def test_the_tracks_of_somebody_who_left_go_to_the_trash(client, sign_in):
    sign_in(Role.ADMIN)
    gone, other = make_track(), make_track()
    chosen = {"action": "trash_tracks", "_selected_action": [gone.owner_id]}
    client.post(reverse("admin:accounts_user_changelist"), chosen)
    assert list(Track.objects.filter(is_deleting=True)) == [gone]
    assert Track.objects.filter(pk=other.pk, is_deleting=False).exists()


@pytest.mark.parametrize(("role", "state"), [(Role.CURATOR, AnalysisState.FAILED), (Role.ADMIN, AnalysisState.QUEUED)])
def test_failed_tracks_of_others_are_tried_again_by_administrators(client, sign_in, role, state):
    sign_in(role)
    track = make_track()
    Analysis.objects.create(track=track, space=make_space(), state=AnalysisState.FAILED, reason="corrupt")
    act(client, "retry", track)
    assert Analysis.objects.get().state == state


@pytest.mark.parametrize(("role", "is_gone"), [(Role.CURATOR, False), (Role.ADMIN, True)])
def test_only_administrators_remove(client, sign_in, role, is_gone):
    sign_in(role)
    track = make_track()
    act(client, "remove", track)
    assert Track.objects.get(pk=track.pk).is_deleting is is_gone


def test_a_track_is_kept_from_recommendations_and_described_elsewhere(client, sign_in):
    sign_in(Role.CURATOR)
    track = make_track(title="As it is")
    url = reverse("admin:catalog_track_change", args=[track.pk])
    assert reverse("track_edit", args=[track.pk]) in client.get(url).content.decode()
    fields = {"title": "Changed", "visibility": "withdrawn", "owner": "1", "is_playable": ""}
    assert client.post(url, {**fields, **NO_INLINES}).status_code == 302
    changed = Track.objects.get(pk=track.pk)
    assert (changed.title, changed.owner_id, changed.is_playable) == ("As it is", track.owner_id, True)
    assert (changed.visibility, changed.is_recommendable) == ("withdrawn", False)


def test_only_administrators_give_roles_and_none_makes_himself_superuser(client, sign_in):
    sign_in(Role.CURATOR)
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 403
    admin = sign_in(Role.ADMIN)
    url = reverse("admin:accounts_user_change", args=[admin.pk])
    assert client.get(url).status_code == 200
    client.post(url, {"username": admin.username, "is_active": "on", "is_superuser": "on", "is_staff": "on"})
    assert not User.objects.get(pk=admin.pk).is_superuser


def test_administrators_give_people_room(client, sign_in):
    sign_in(Role.ADMIN)
    uploader = make_user(Role.UPLOADER)
    url = reverse("admin:accounts_user_change", args=[uploader.pk])
    groups = list(uploader.groups.values_list("pk", flat=True))
    fields = {"username": uploader.username, "is_active": "on", "groups": groups}
    for given, kept in (("5000", 5000), ("0", 0), ("", None)):
        assert client.post(url, {**fields, "quota_bytes": given}).status_code == 302
        assert User.objects.get(pk=uploader.pk).quota_bytes == kept
