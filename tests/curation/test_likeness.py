"""Who may be one artist, and who may be several."""

import pytest

from recommender.accounts.models import Role
from recommender.catalog.credits import credit_artists, find_artist
from recommender.catalog.models import Artist, ArtistAlias, DistinctNames, Visibility
from recommender.catalog.names import fold_key
from recommender.curation.likeness import Why, compare_names, find_alike, find_several, simplify, split_name
from tests.people import make_track, make_user


def compare(*names, identifiers=()):
    ids = dict(enumerate(identifiers, 1))
    rows = tuple((pk, name, fold_key(name), ids.get(pk, "")) for pk, name in enumerate(names, 1))
    return compare_names(rows)


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("The Beatles", "Beatles", Why.SPELLING),
        ("Beatles, The", "The Beatles", Why.SPELLING),
        ("AC/DC", "ACDC", Why.SPELLING),
        ("Simon & Garfunkel", "Simon und Garfunkel", Why.SPELLING),
        ("Guns N' Roses", "Guns + Roses", Why.SPELLING),
        ("Davis, Miles", "Miles Davis", Why.TURNED),
        ("Beethoven", "Bethoven", Why.SLIP),
        ("Radiohead", "Raidohead", Why.SLIP),
        ("Yo La Tengo Band", "Yo La Tengoo Bnd", Why.SLIP),
        ("Blink 182", "Blink 183", None),
        ("Air", "Aim", None),
        ("Miles Davis", "John Coltrane", None),
        ("初音ミク", "初音ミワ", None),
    ],
)
def test_what_looks_like_one_artist(one, other, why):
    found = compare(one, other).alike
    assert [pair.why for pair in found] == ([why] if why else [])


def test_an_identifier_says_more_than_names():
    assert compare("Prince", "The Artist", identifiers=["x" * 36, "x" * 36]).alike[0].why == Why.IDENTIFIER
    assert compare("Prince", "The Artist", identifiers=["", ""]).alike == ()


def test_many_of_one_spelling_are_no_slips():
    assert compare(*(f"The Group{'!' * number}" for number in range(20))).alike == ()


@pytest.mark.parametrize("name", ["", "&", "the", "!!!", "The", "a, b, c", "(feat. )"])
def test_no_name_breaks_it(name):
    assert isinstance(simplify(fold_key(name)), str)
    compare(name, "Other", f"{name} x")
    split_name(name)


@pytest.mark.parametrize(
    ("name", "others", "parts"),
    [
        ("Ann feat. Bo", ["Ann"], ["Ann", "Bo"]),
        ("Ann (ft. Bo)", ["Bo"], ["Ann", "Bo"]),
        ("Ann vs. Bo", ["Ann", "Bo"], ["Ann", "Bo"]),
        ("Ann & Bo", ["Ann", "Bo"], ["Ann", "Bo"]),
        ("Ann x Bo", ["Ann", "Bo"], ["Ann", "Bo"]),
        ("Ann, Bo and Cy", ["Ann", "Bo", "Cy"], ["Ann", "Bo", "Cy"]),
        ("Simon & Garfunkel feat. Bo", ["Simon & Garfunkel", "Simon", "Garfunkel"], ["Simon & Garfunkel", "Bo"]),
        ("Simon & Garfunkel", ["Simon"], None),
        ("Earth, Wind & Fire", [], None),
        ("Ann feat. Bo", [], None),
        ("Featherweight", ["Feather"], None),
    ],
)
def test_what_looks_like_several_artists(name, others, parts):
    found = compare(name, *others).several
    assert [[part for part, _pk in each.parts] for each in found if each.whole.name == name] == [parts] * bool(parts)


def test_a_name_is_taken_apart_for_the_form():
    assert split_name("Ann & Bo feat. Cy") == ["Ann", "Bo", "Cy"]
    assert split_name("Ann") == ["Ann"]


def make_known(*names, visibility=Visibility.PUBLISHED):
    for name in names:
        credit_artists(make_track(visibility=visibility), [name])


@pytest.mark.django_db
def test_only_what_the_viewer_knows_of_is_suggested():
    curator, admin = make_user(Role.CURATOR), make_user(Role.ADMIN)
    make_known("The Beatles", "Ann & Bo", "Ann")
    make_known("Beatles", "Bo", visibility=Visibility.PRIVATE)
    assert (find_alike(curator), find_several(curator)) == ([], [])
    assert len(find_alike(admin)) == len(find_several(admin)) == 1
    make_known("Beatles", "Cy")
    ArtistAlias.objects.create(artist=find_artist("Cy"), name="Bo Too")
    Artist.objects.filter(name="Ann & Bo").update(name="Ann & Bo Too", name_key="ann & bo too")
    assert len(find_alike(curator)) == len(find_several(curator)) == 1


@pytest.mark.django_db
def test_what_was_told_apart_is_not_suggested_again():
    curator = make_user(Role.CURATOR)
    make_known("The Beatles", "Beatles", "Ann & Bo", "Ann", "Bo")
    DistinctNames.objects.create(first_key="beatles", second_key="the beatles")
    DistinctNames.objects.create(first_key="ann & bo")
    assert (find_alike(curator), find_several(curator)) == ([], [])
