import pytest
from django.http import QueryDict

from recommender.web import listing
from recommender.web.listing import browse
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 3)


@pytest.fixture
def owner():
    return make_user()


def ids(page):
    return [track.pk for track in page.tracks]


def follow(owner, link):
    return browse(owner, QueryDict(link.removeprefix("?")).dict())


def test_walking_to_the_end_and_back_meets_every_track_once(owner):
    made = [make_track(owner, title="same words").pk for _ in range(8)][::-1]
    page = browse(owner, {"q": "same"})
    assert (page.newer, page.total) == ("", 8)
    seen = [page]
    while seen[-1].older:
        seen.append(follow(owner, seen[-1].older))
    assert [pk for page in seen for pk in ids(page)] == made
    back = follow(owner, seen[-1].newer)
    assert ids(back) == ids(seen[1])
    assert ids(follow(owner, back.newer)) == ids(seen[0])
    assert follow(owner, back.newer).newer == ""


def test_an_address_keeps_showing_the_same_tracks(owner):
    for _ in range(5):
        make_track(owner)
    older = browse(owner, {}).older
    before = ids(follow(owner, older))
    make_track(owner)
    assert ids(follow(owner, older)) == before


@pytest.mark.parametrize("value", ["", "x", "-1", "1e9", "9" * 30, "٣", "\0", "18446744073709551616"])
def test_mistyped_positions_show_a_page(owner, value):
    make_track(owner)
    for name in ("before", "after"):
        assert browse(owner, {name: value}).total == 1


def test_a_page_beyond_the_end_is_empty_but_the_library_is_not(owner):
    first = make_track(owner)
    page = browse(owner, {"before": str(first.pk)})
    assert (page.tracks, page.total, page.newer, page.older) == ([], 1, "", "")


def test_an_overlong_query_is_cut(owner):
    assert len(browse(owner, {"q": "x" * 5000}).query) == listing.LONGEST_QUERY
