"""Several acts are taken back at once, after a look at what they were."""

import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.models import Track, Visibility
from recommender.curation import acts
from recommender.curation.acts import perform
from recommender.curation.models import Act, Job, Verb
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db
SEVERAL, ACTS = reverse("desk_undo_several"), reverse("desk_acts")


@pytest.fixture
def done(curator):
    """A track that was hidden first and withdrawn then, and one that somebody else hid."""
    track = make_track()
    of_others = perform(Verb.HIDE, make_user(Role.CURATOR), [make_track().pk])
    return [perform(Verb.HIDE, curator, [track.pk]), perform(Verb.WITHDRAW, curator, [track.pk]), of_others]


def take_back(page_client, chosen):
    return page_client.post(SEVERAL, {"act": [act.pk for act in chosen]}, follow=True).content.decode()


def test_what_is_ticked_is_shown_and_taken_back(page_client, read, curator, done, django_assert_max_num_queries):
    assert read(ACTS).count('name="act"') == 3
    with django_assert_max_num_queries(20):
        asked = read(SEVERAL, act=[act.pk for act in done])
    assert asked.index("1 track was withdrawn.") < asked.index("1 track is no longer recommended.")
    assert asked.count('type="hidden" name="act"') == 3
    assert not Act.objects.exclude(undone_at=None).exists()
    assert "3 acts were taken back." in take_back(page_client, done)
    assert not Track.objects.exclude(visibility=Visibility.PUBLISHED, is_recommendable=True).exists()
    assert 'name="act"' not in read(ACTS)


def test_what_changed_since_stays(page_client, done):
    Track.objects.filter(is_recommendable=False, visibility=Visibility.PUBLISHED).update(is_recommendable=True)
    assert "1 track stays as it is." in take_back(page_client, done)


def test_of_many_a_worker_takes_back_the_rest(page_client, curator, done, monkeypatch):
    monkeypatch.setattr(acts, "AT_ONCE", 2)
    assert "Some of it takes a while." in take_back(page_client, done)
    assert [job.act for job in Job.objects.all()] == [done[2]]


def test_nothing_ticked_and_what_others_may_not(page_client, read, done):
    assert "Nothing was taken back: tick what is to be." in take_back(page_client, [])
    page_client.force_login(make_user())
    assert "Nothing was taken back" in take_back(page_client, done)
    read(SEVERAL, status=400, act="x")
