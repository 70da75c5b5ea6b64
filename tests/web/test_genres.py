import pytest
from django.urls import reverse

from recommender.catalog.credits import set_genres
from recommender.catalog.models import Genre, Visibility
from recommender.web import genres
from tests.people import make_cover, make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


def make_of(owner, *names, **given):
    track = make_track(owner, **given)
    set_genres(track, names)
    return track


def shown(client, **query):
    page = client.get(reverse("genres"), query).context["page"]
    return [(card.genre.name, card.tracks, len(card.pictures)) for card in page.cards]


def test_genres_have_counts_and_up_to_four_different_covers(page_client, owner):
    for number in range(6):
        make_of(owner, "Rock", "folk", cover=make_cover(f"cover {number // 3}"))
        make_of(owner, "Jazz", cover=make_cover(f"jazz {number}"))
    make_of(owner, "Bare")
    assert shown(page_client) == [("Bare", 1, 1), ("folk", 6, 2), ("Jazz", 6, 4), ("Rock", 6, 2)]
    text = page_client.get(reverse("genres")).content.decode()
    assert f'{reverse("library")}?genre={Genre.objects.get(name="Rock").pk}"' in text


def test_what_cannot_be_heard_counts_nowhere(page_client, owner):
    make_of(owner, "Rock", "Secret", visibility=Visibility.PRIVATE, cover=make_cover("hidden"))
    make_of(owner, "Rock", is_playable=False, cover=make_cover("unplayable"))
    make_of(owner, "Rock")
    assert shown(page_client) == [("Rock", 1, 1)]
    assert "/tracks/" not in shown_pictures(page_client)
    page_client.force_login(owner)
    assert shown(page_client) == [("Rock", 2, 1), ("Secret", 1, 1)]
    assert "/tracks/" in shown_pictures(page_client)


def shown_pictures(client):
    return " ".join(card.pictures[0] for card in client.get(reverse("genres")).context["page"].cards)


def test_pages_lead_through_all_genres(page_client, owner, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(genres, "PAGE_SIZE", 3)
    make_of(owner, *(f"genre {letter}" for letter in "abcde"))
    page_client.force_login(owner)
    with django_assert_max_num_queries(12):
        first = page_client.get(reverse("genres"))
    page = page_client.get(reverse("genres") + first.context["page"].after).context["page"]
    assert [card.genre.name for card in page.cards] == ["genre d", "genre e"]
    assert (page.total, page.after, bool(page.before)) == (5, "", True)
