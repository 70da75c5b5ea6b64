import pytest
from django.http import QueryDict
from django.urls import reverse

from recommender.similarity.recommend import Variety, Wish
from recommender.web.refusals import BadAddressError
from recommender.web.wishes import read_wish
from tests.people import make_track


def test_nothing_asked_is_the_default():
    assert read_wish(QueryDict()) == Wish()


def test_everything_at_once():
    wish = read_wish(
        QueryDict(
            "variety=raw&limit=20&strictness=40&genre=3&genre=4&tag=calm&artist=5&release=6&year=1990-1999&tempo=90-"
            "&duration=-300&key=2&harmonic=1&since=2026-01-31&without=cap_artists"
        )
    )
    assert (wish.variety, wish.limit, wish.strictness) == (Variety.RAW, 20, 0.4)
    filters = wish.filters
    assert (filters.genres, filters.tags, filters.artist, filters.release) == ({3, 4}, {"calm"}, 5, 6)
    assert (filters.year, filters.tempo_bpm, filters.duration_seconds) == ((1990, 1999), (90, None), (None, 300))
    assert (filters.key, filters.is_harmonic) == (2, True)
    assert filters.added_since is not None
    assert filters.added_since.isoformat().startswith("2026-01-31T00:00")
    assert wish.without == {"cap_artists"}


NONSENSE = [
    "limit=0",
    "limit=1000000000",
    "limit=-1",
    "limit=9" * 10,
    "limit=ten",
    "strictness=nan",
    "strictness=inf",
    "strictness=-1",
    "strictness=101",
    "variety=both",
    "genre=x",
    "artist=99999999999999999999",
    "year=1999-1990",
    "tempo=90",
    "tempo=nan-",
    "duration=1-2-3",
    "key=24",
    "since=2026-02-31",
    "since=yesterday",
    "without=everything",
]


@pytest.mark.parametrize("query", NONSENSE)
def test_nonsense_is_refused_with_a_sentence(query):
    with pytest.raises(BadAddressError, match=r"\.$"):
        read_wish(QueryDict(query))


@pytest.mark.django_db
def test_the_page_says_so(client):
    answer = client.get(reverse("track", args=[make_track().pk]), {"limit": "0"})
    assert answer.status_code == 400
    assert "Ask for 1 to 100 tracks." in answer.content.decode()
