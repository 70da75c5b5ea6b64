import pytest
from django.urls import NoReverseMatch, reverse, set_script_prefix

from recommender.web.reversing import address_of


@pytest.mark.parametrize(
    ("name", "numbers"), [("track", (7,)), ("track_cover", (12, 300)), ("playlist_entry", (3, 99))]
)
def test_it_says_what_django_says(name, numbers):
    assert address_of(name, *numbers) == reverse(name, args=numbers)


def test_a_site_below_a_path_has_that_in_front():
    address_of("track", 7)
    set_script_prefix("/music/")
    try:
        assert address_of("track", 7) == reverse("track", args=[7]) == "/music/tracks/7/"
    finally:
        set_script_prefix("/")


def test_what_is_no_address_is_refused():
    with pytest.raises(NoReverseMatch):
        address_of("track", 1, 2)
