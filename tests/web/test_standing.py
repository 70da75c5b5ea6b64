"""What owners read about who hears their tracks, and what they may do about it."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.models import Track, Visibility
from recommender.conf import Uploads
from recommender.curation.acts import perform
from recommender.curation.models import Verb
from recommender.web.standing import describe_standing, describe_standings
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def curator():
    return make_user(Role.CURATOR)


@pytest.fixture
def reviewed(settings):
    settings.UPLOADS = Uploads(max_bytes=1, needs_review=True)


def standing(track, viewer):
    return describe_standing(Track.objects.get(pk=track.pk), viewer)


def verbs(track, viewer):
    return [verb for verb, _label in standing(track, viewer).deeds]


@pytest.mark.parametrize(
    ("verb", "told"),
    [
        (Verb.ASK, "Changes are asked for: Too loud."),
        (Verb.REJECT, "Rejected: Too loud."),
        (Verb.WITHDRAW, "Withdrawn by a curator: Too loud."),
    ],
)
def test_what_a_curator_said(owner, curator, verb, told):
    track = make_track(owner, visibility=Visibility.SUBMITTED)
    assert standing(track, owner).sentence.startswith("Waiting for review")
    assert standing(track, curator).may_review
    assert not standing(track, owner).may_review
    perform(verb, curator, [track.pk], note="Too loud.")
    assert standing(track, owner).sentence == told
    assert standing(track, owner).is_bad


def test_what_was_asked_for_is_done_with_once_it_is_published(owner, curator):
    track = make_track(owner, visibility=Visibility.SUBMITTED)
    perform(Verb.ASK, curator, [track.pk], note="Too loud.")
    perform(Verb.PUBLISH, owner, [track.pk])
    perform(Verb.KEEP, owner, [track.pk])
    assert standing(track, owner).sentence.startswith("Private")


def test_the_word_of_the_admin_pages_has_no_note(owner):
    assert standing(make_track(owner, visibility=Visibility.WITHDRAWN), owner).sentence == "Withdrawn by a curator."


@pytest.mark.parametrize(
    ("visibility", "with_review", "without"),
    [
        (Visibility.PRIVATE, [Verb.SUBMIT], [Verb.PUBLISH]),
        (Visibility.SUBMITTED, [Verb.KEEP], [Verb.PUBLISH, Verb.KEEP]),
        (Visibility.PUBLISHED, [Verb.KEEP], [Verb.KEEP]),
        (Visibility.WITHDRAWN, [], []),
    ],
)
def test_what_an_owner_may_do(owner, settings, visibility, with_review, without):
    track = make_track(owner, visibility=visibility)
    assert verbs(track, owner) == without
    settings.UPLOADS = Uploads(max_bytes=1, needs_review=True)
    assert verbs(track, owner) == with_review
    for stranger in (make_user(Role.ADMIN), AnonymousUser()):
        assert verbs(track, stranger) == []


def test_many_take_one_query(owner, django_assert_num_queries):
    tracks = [make_track(owner, visibility=Visibility.PRIVATE) for _ in range(3)]
    assert owner.is_uploader
    with django_assert_num_queries(1):
        assert len(describe_standings(tracks, owner)) == 3


def test_from_the_track_page(page_client, owner, reviewed):
    track = make_track(owner, title="My song", visibility=Visibility.PRIVATE)
    page_client.force_login(owner)
    address = reverse("track", args=[track.pk])
    assert "Submit for review" in page_client.get(address).content.decode()
    form = {"verb": "submit", "track": track.pk, "next": address}
    page = page_client.post(reverse("desk_do"), form, follow=True)
    assert page.redirect_chain == [(address, 302)]
    text = page.content.decode()
    assert "1 track waits for review." in text
    assert "Waiting for review: others hear it once a curator has." in text
    assert "What you upload waits for review" in page_client.get(reverse("upload")).content.decode()
    page_client.force_login(make_user(Role.CURATOR))
    assert f"{reverse('desk_review')}?from={track.pk}" in page_client.get(address).content.decode()


def test_on_the_upload_page(page_client, script_client, owner, curator):
    track = make_track(owner, visibility=Visibility.SUBMITTED)
    perform(Verb.REJECT, curator, [track.pk], note="Not <yours>.")
    page_client.force_login(owner)
    assert "Rejected: Not &lt;yours&gt;." in page_client.get(reverse("upload")).content.decode()
    script_client.force_login(owner)
    states = script_client.get(reverse("upload_states"), {"ids": track.pk}).json()["tracks"]
    assert [state["standing"] for state in states] == ["Rejected: Not <yours>."]
