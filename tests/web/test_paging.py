import pytest

from recommender.catalog.models import Artist
from recommender.web.paging import Order, Place, cut_page, link_to, read_place

BY_NAME = Order(field="name_key", kind=str)
BY_TEMPO = Order(field="tempo_bpm", kind=float, is_nullable=True)


@pytest.mark.parametrize(
    ("text", "order", "place"),
    [
        ("5", Order(), Place(5)),
        ("5~a~b", BY_NAME, Place(5, "a~b")),
        ("5~", BY_NAME, Place(5, "")),
        ("5", BY_NAME, None),
        ("5", BY_TEMPO, Place(5)),
        ("5~120.5", BY_TEMPO, Place(5, 120.5)),
        *((text, BY_TEMPO, None) for text in ("", "x", "-5", "5~x", "5~nan", "5~-inf", "5~1e300", "9" * 30, "٣")),
        ("5~a\0", BY_NAME, None),
        # Of another order, or made up: there is no value to go by.
        ("5~5", Order(), None),
    ],
)
def test_places_are_read_or_none(text, order, place):
    assert read_place(text, order) == place
    assert place is None or str(place) == text


@pytest.mark.django_db
def test_rows_are_loaded_as_they_are_listed_in_the_order_they_are_found():
    for name in "cab":
        Artist.objects.create(name=name)
    listed = Artist.objects.exclude(name="b").defer("musicbrainz_id")
    cut = cut_page(Artist.objects.all(), BY_NAME, {}, size=2, listed=listed)
    assert ([artist.name for artist in cut.rows], cut.before) == (["a"], "")
    further = cut_page(Artist.objects.all(), BY_NAME, {"after": cut.after}, size=2)
    assert ([artist.name for artist in further.rows], further.after) == (["c"], "")
    assert further.before


def test_links_leave_out_what_is_empty():
    assert link_to({"q": "a b", "after": "5"}, after="", sort="x") == "?q=a+b&sort=x"
