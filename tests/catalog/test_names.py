import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recommender.catalog.models import Artist
from recommender.catalog.names import LONGEST_KEY, fold
from recommender.ingest.text import make_readable


@pytest.mark.parametrize(
    "names",
    [
        ("Björk", "BJÖRK", "bjork", "Bjo\u0308rk", "  Björk "),
        ("Motörhead", "MOTORHEAD"),
        ("Sigur Rós", "sigur  rós", "Sigur\u00a0Ros"),
        ("Guns N\u2019 Roses", "Guns N' Roses", "GUNS N\u00b4 ROSES", "Guns N` Roses"),
        ("“Weird Al” Yankovic", '"Weird Al" Yankovic'),
        ("a\u2010ha", "a-ha", "A\u2013HA"),
        ("Die Ärzte", "DIE ÄRZTE"),
        ("Straße", "STRASSE"),
        ("Mø", "MO"),
        ("Æther", "aether"),
        ("\uff26\uff35\uff2c\uff2c", "full"),
        ("ΣΊΣΥΦΟΣ", "Σίσυφος"),
        ("Кино", "КИНО"),
    ],
)
def test_names_that_are_one(names):
    assert len({fold(name) for name in names}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The The", "The"),
        ("か", "が"),
        ("שָׁלוֹם", "שלום"),
        ("!!!", "!!"),
        ("Boards of Canada", "Board of Canada"),
        ("1\u0301", "1"),
        ("AC/DC", "ACDC"),
    ],
)
def test_names_that_are_two(one, other):
    assert fold(one) != fold(other)


@example("\u0345")
@example("ΐ")
@example("a\u0345\u0301")
@example("\u1e9e\u0307")
@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)


@example("\u00b4")
@example("\u00a8")
@given(st.text(max_size=60))
def test_of_what_can_be_shown_something_is_left(text):
    assert bool(fold(make_readable(text, 50))) == bool(make_readable(text, 50))


@pytest.mark.django_db
def test_the_folded_form_is_written_with_the_row():
    artist = Artist.objects.create(name="Björk")
    assert artist.name_key == "bjork"
    artist.name = "Ö" * 2 * LONGEST_KEY
    artist.save()
    artist.refresh_from_db()
    assert artist.name_key == "o" * LONGEST_KEY
