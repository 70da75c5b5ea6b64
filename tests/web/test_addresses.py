from django.http import QueryDict

from recommender.web.addresses import read_address

KNOWN = ("q", "genre", "sort", "after")


def read(text):
    return read_address(QueryDict(text), KNOWN)


def test_one_choice_has_one_address_however_it_was_made():
    assert read("genre=1").toggled("genre", "2") == read("genre=2").toggled("genre", "1") == "?genre=1&genre=2"
    assert read("sort=title&utm=x&genre=2&q=a").replaced("sort", "tempo") == "?q=a&genre=2&sort=tempo"


def test_what_is_chosen_twice_is_taken_away():
    assert read("genre=1&genre=2").toggled("genre", "1") == "?genre=2"
    assert read("sort=title").replaced("sort") == read("genre=1&q=a").cleared("q", "genre") == "?"


def test_a_change_leads_to_the_first_page():
    address = read("sort=title&after=5~a")
    assert (address.toggled("genre", "1"), address.cleared()) == ("?genre=1&sort=title", "?sort=title")
    assert address.replaced("after", "9~b & c") == "?sort=title&after=9~b+%26+c"


def test_what_cannot_be_is_not_read():
    address = read("genre=" + "x" * 301 + "&genre=%00&genre=&q=1&q=1")
    assert address.pairs == (("q", "1"),)
    assert len(read("&".join(f"genre={number}" for number in range(50))).pairs) == 20
