"""Old addresses of tracks that were merged."""

import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.models import MergedTrack, Track, Visibility
from recommender.listening.models import Play
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept():
    return make_track()


@pytest.fixture
def old(kept):
    made = make_track(is_deleting=True)
    MergedTrack.objects.create(old_id=made.pk, kept=kept)
    return made.pk


@pytest.mark.parametrize(
    ("name", "more"),
    [("track", []), ("track_audio", []), ("track_cover", [300]), ("track_waveform", []), ("track_download", [])],
)
def test_every_address_leads_to_the_same_of_the_kept_track(page_client, old, kept, name, more):
    answer = page_client.get(reverse(name, args=[old, *more]) + "?variety=raw")
    assert (answer.status_code, answer.url) == (302, reverse(name, args=[kept.pk, *more]) + "?variety=raw")


def test_also_when_the_track_is_gone_for_good(page_client, old, kept):
    Track.objects.filter(pk=old).delete()
    assert page_client.get(reverse("track", args=[old])).url == reverse("track", args=[kept.pk])


def test_who_may_not_know_of_the_kept_track_learns_nothing(page_client, old, kept):
    Track.objects.filter(pk=kept.pk).update(visibility=Visibility.PRIVATE)
    assert page_client.get(reverse("track", args=[old])).status_code == 404


@pytest.mark.parametrize("number", [10**18, 2**63 - 1, 2**63, 10**30])
def test_a_number_that_no_track_can_have(page_client, number):
    assert page_client.get(f"/tracks/{number}/").status_code == 404


def test_an_address_does_not_tell_of_what_its_owner_kept_to_themselves(page_client, old, kept):
    Track.objects.filter(pk=old).update(visibility=Visibility.PRIVATE)
    address = reverse("track", args=[old])
    assert page_client.get(address).status_code == 404
    page_client.force_login(Track.objects.get(pk=old).owner)
    assert page_client.get(address).url == reverse("track", args=[kept.pk])


def test_a_track_that_is_back_leads_nowhere(page_client, old, kept):
    Track.objects.filter(pk=old).update(is_deleting=False)
    # Both lead to each other; neither has a picture of its sound.
    MergedTrack.objects.create(old_id=kept.pk, kept_id=old)
    for number in (old, kept.pk):
        assert page_client.get(reverse("track", args=[number])).status_code == 200
        assert page_client.get(reverse("track_spectrogram", args=[number])).status_code == 404


def test_pages_that_are_found_ask_for_no_merges(page_client, kept, django_assert_max_num_queries):
    with django_assert_max_num_queries(12) as asked:
        assert page_client.get(reverse("track", args=[kept.pk])).status_code == 200
    assert not any("mergedtrack" in query["sql"] for query in asked.captured_queries)


def test_a_player_that_is_in_the_middle_of_it(page_client, old, kept):
    page_client.force_login(make_user(Role.LISTENER))
    heard = {"heard": "50", "left": "1"}
    answer = page_client.post(reverse("track_play", args=[old]), heard)
    assert (answer.status_code, answer.url) == (307, reverse("track_play", args=[kept.pk]))
    page_client.post(reverse("track_play", args=[old]), heard, follow=True)
    assert Play.objects.filter(track=kept).exists()


def test_nothing_is_deleted_or_edited_by_an_old_address(page_client, old, kept):
    page_client.force_login(kept.owner)
    assert page_client.post(reverse("track_delete", args=[old])).status_code == 404
    assert not Track.objects.get(pk=kept.pk).is_deleting


def test_lists_have_the_kept_track(page_client, old, kept):
    asked = {"track": [kept.pk, old, 10**9]}
    assert [track["id"] for track in page_client.get(reverse("track_sound"), asked).json()] == [kept.pk]
    assert [track["id"] for track in page_client.get(reverse("track_sound"), {"track": old}).json()] == [kept.pk]


def test_a_list_by_address_has_the_kept_track(page_client, old, kept):
    page = page_client.get(reverse("path"), {"from": old})
    assert kept.title in page.content.decode()
