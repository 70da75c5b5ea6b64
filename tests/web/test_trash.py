"""The trash, as people see it."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from recommender.accounts.models import Role
from recommender.catalog.models import MergedTrack, Track, TrashedTrack, Visibility
from recommender.ingest.removal import trash_track
from recommender.web import trash
from recommender.web.trash import tell_time_left
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db
TRASH = "/trash/"


@pytest.fixture
def owner(page_client):
    made = make_user()
    page_client.force_login(made)
    return made


def throw_away(owner, *titles):
    tracks = [make_track(owner, title=title) for title in titles]
    for track in tracks:
        trash_track(track, owner)
    return tracks


def read(client, **query):
    return " ".join(client.get(TRASH, query).content.decode().split())


def test_own_tracks_are_listed_with_the_time_they_have_left(page_client, owner):
    assert "The trash is empty" in read(page_client)
    throw_away(owner, "My own")
    throw_away(make_user(), "Of somebody else")
    page = read(page_client)
    assert "My own" in page
    assert "30 days left" in page
    assert "Of somebody else" not in page
    assert reverse("trash_purge") not in page


def test_what_was_merged_says_into_what(page_client, owner):
    (mine,) = throw_away(owner, "Mine")
    kept = make_track(title="The <kept> one")
    MergedTrack.objects.create(old_id=mine.pk, kept=kept)
    assert f'merged into <a href="/tracks/{kept.pk}/">The &lt;kept&gt; one</a>' in read(page_client)
    Track.objects.filter(pk=kept.pk).update(visibility=Visibility.PRIVATE)
    assert "merged into" not in read(page_client)


def test_one_several_or_all_come_back(page_client, owner):
    first, second, third, fourth = throw_away(owner, "One", "Two", "Three", "Four")
    (foreign,) = throw_away(make_user(), "Five")
    alive = Track.objects.filter(is_deleting=False)
    form = {"verb": "restore", "next": TRASH}
    page = page_client.post("/desk/do", {**form, "track": first.pk}, follow=True)
    assert "1 track was restored." in page.content.decode()
    page_client.post("/desk/do", {**form, "track": [second.pk, third.pk]})
    assert set(alive.all()) == {first, second, third}
    page_client.post("/desk/do", {**form, "track": [fourth.pk, foreign.pk]})
    assert alive.all().count() == 3
    page_client.post(reverse("trash_all"), {"verb": "restore"})
    assert set(alive.all()) == {first, second, third, fourth}


def test_only_administrators_delete_for_good_and_are_asked(page_client, owner):
    tracks = throw_away(owner, "One", "Two", "Three")
    page_client.post(reverse("trash_all"), {"verb": "purge"})
    assert TrashedTrack.objects.count() == 3
    page_client.force_login(make_user(Role.ADMIN))
    assert f"of {owner}" in read(page_client)
    ask = reverse("trash_purge")
    page = page_client.get(ask, {"track": [tracks[0].pk]}).content.decode()
    assert "Delete 1 track for good?" in page
    assert f'name="track" value="{tracks[0].pk}"' in page
    page_client.post("/desk/do", {"verb": "purge", "track": tracks[0].pk, "next": TRASH})
    assert TrashedTrack.objects.count() == 2
    page = page_client.get(ask, {"all": "1"}).content.decode()
    assert "Delete 2 tracks for good?" in page
    assert f'action="{reverse("trash_all")}"' in page
    page_client.post(reverse("trash_all"), {"verb": "purge"})
    assert not TrashedTrack.objects.exists()
    # What is asked for is not there any more: by no means all is meant then.
    assert page_client.get(ask, {"track": [tracks[0].pk]}).status_code == 404
    assert page_client.get(ask).status_code == 400


def test_without_room_it_stays_there(page_client, owner):
    throw_away(owner, "Too large")
    owner.quota_bytes = 1
    owner.save()
    page = page_client.post(reverse("trash_all"), {"verb": "restore"}, follow=True).content.decode()
    assert "1 track was left as it is." in page
    assert TrashedTrack.objects.exists()


def test_who_has_nothing_there_any_more_is_told_so_on_a_page_of_theirs(page_client, owner):
    for address in (reverse("trash_all"), "/desk/do"):
        page = page_client.post(address, {"verb": "restore"}, follow=True)
        assert page.status_code == 200
        assert "Choose at least one track first." in page.content.decode()
    assert page_client.get(TRASH, {"from": "9" * 30}).status_code == 200


def test_the_newest_come_first_and_pages_follow(page_client, owner, monkeypatch):
    monkeypatch.setattr(trash, "PAGE_SIZE", 2)
    throw_away(owner, "First", "Second", "Third")
    page = read(page_client)
    assert page.index("Third") < page.index("Second")
    assert "First" not in page
    assert "First" in read(page_client, **{"from": "2"})
    assert "Second" in read(page_client, **{"from": "nonsense"})


@pytest.mark.parametrize(
    ("hours", "told"), [(1, "less than a day left"), (24.5, "2 days left"), (24 * 29.9, "30 days left")]
)
def test_the_time_left_in_words(hours, told):
    assert tell_time_left(timezone.now() + dt.timedelta(hours=hours)) == told
