"""Names that stay spelt as they are, whoever writes them otherwise."""

import pytest

from recommender.accounts.models import Role
from recommender.catalog.editing import edit_track
from recommender.catalog.models import Artist, ArtistAlias, Visibility
from recommender.catalog.spelling import find_fixed_names
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db
SAID = {"artists": ["bjork"], "release": "debut", "album_artist": "bjork", "genres": ["pop"]}
WANTED = {"artists": ["Björk"], "release": "Debut", "album_artist": "Björk", "genres": ["Pop"]}


@pytest.fixture
def owner():
    return make_user()


def make_described(owner, **given):
    track = make_track(owner, **given)
    edit_track(track, owner, SAID)
    return track


@pytest.mark.parametrize("role", [Role.UPLOADER, Role.CURATOR, Role.ADMIN])
def test_only_who_may_describe_all_of_its_tracks_spells_a_name_anew(owner, role):
    make_described(owner)
    make_described(owner, visibility=Visibility.PRIVATE)
    fixed = find_fixed_names(make_user(role), [WANTED])
    assert fixed.spell(WANTED) == (WANTED if role == Role.ADMIN else SAID)
    assert find_fixed_names(owner, [WANTED]).spell(WANTED) == WANTED


def test_what_is_in_the_trash_keeps_no_spelling(owner):
    make_described(owner, is_deleting=True)
    assert find_fixed_names(make_user(), [WANTED]).spell(WANTED) == WANTED


def test_a_release_of_the_same_title_by_others_is_another_one(owner):
    make_described(owner)
    wanted = {"release": "Debut", "album_artist": "Ann"}
    assert find_fixed_names(make_user(), [wanted]).spell(wanted) == wanted


def test_who_has_other_names_is_meant_by_them(owner):
    ArtistAlias.objects.create(artist=Artist.objects.create(name="Prince"), name="The Artist")
    wanted = {"artists": ["the artist", "Prince", "Ann"], "album_artist": "The Artist"}
    spelt = find_fixed_names(owner, [wanted]).spell(wanted)
    assert spelt == {"artists": ["Prince", "Ann"], "album_artist": "Prince"}
