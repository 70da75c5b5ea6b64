import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.editing import edit_track
from recommender.catalog.models import Artist, ArtistAlias, Genre, Release, Visibility
from recommender.curation.models import Act, Verb
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _curator(client):
    client.force_login(make_user(Role.CURATOR))


def describe(**changes):
    track = make_track()
    edit_track(track, track.owner, changes)
    return track


def change(client, row, **fields):
    """The errors of the form, none when it was saved."""
    answer = client.post(reverse(f"admin:catalog_{row._meta.model_name}_change", args=[row.pk]), fields)
    return answer.context["adminform"].form.errors if answer.status_code == 200 else {}


def test_a_name_is_mended_for_all_tracks(client):
    describe(artists=["bjork"], genres=["Jaz"])
    artist, genre = Artist.objects.get(), Genre.objects.get()
    assert not change(client, artist, name="Björk \u202eGuðmundsdóttir")
    assert not change(client, genre, name="Jazz")
    artist.refresh_from_db()
    genre.refresh_from_db()
    assert (artist.name, artist.name_key) == ("Björk Guðmundsdóttir", "bjork gudmundsdottir")
    assert (genre.name, genre.name_key) == ("Jazz", "jazz")


def test_the_name_of_an_artist_is_changed_by_an_act(client):
    describe(artists=["bjork"])
    artist = Artist.objects.get()
    ArtistAlias.objects.create(artist=artist, name="Björk Guðmundsdóttir")
    assert not change(client, artist, name="Björk Guðmundsdóttir", musicbrainz_id="b" * 36)
    artist.refresh_from_db()
    assert (artist.name, artist.musicbrainz_id, artist.aliases.count()) == ("Björk Guðmundsdóttir", "b" * 36, 0)
    assert Act.objects.get().verb == Verb.ALIAS
    describe(artists=["Ann"])
    ArtistAlias.objects.create(artist=Artist.objects.get(name="Ann"), name="Anna")
    assert change(client, artist, name="anna") == {"name": ["“Anna” is another name of “Ann”."]}


def test_a_name_that_another_has_is_refused(client):
    describe(artists=["Ann"], release="One", genres=["Folk"])
    describe(artists=["Bo"], release="One", genres=["Rock"])
    assert change(client, Artist.objects.get(name="Bo"), name="ANN") == {"name": ["There is another one of this name."]}
    assert change(client, Genre.objects.get(name="Rock"), name="folk")
    release = Release.objects.get(artist__name="Bo")
    assert "title" in change(client, release, title="one", artist=Artist.objects.get(name="Ann").pk)
    assert change(client, release, title="\u202e", artist=release.artist_id) == {"title": ["A name has to be seen."]}


def test_a_release_given_to_another_artist_leaves_nobody_behind(client):
    describe(artists=["Ann"], release="One", album_artist="Varoius")
    release, ann = Release.objects.get(), Artist.objects.get(name="Ann")
    assert not change(client, release, title="One!", artist=ann.pk, year="1999")
    release.refresh_from_db()
    assert (release.title, release.title_key, release.artist, release.year) == ("One!", "one!", ann, 1999)
    assert [artist.name for artist in Artist.objects.all()] == ["Ann"]


def test_names_of_private_tracks_of_others_are_not_listed(client):
    track = describe(artists=["Hidden artist"], release="Hidden release", genres=["Hidden genre"])
    for visibility, is_listed in ((Visibility.SUBMITTED, True), (Visibility.PRIVATE, False)):
        type(track).objects.update(visibility=visibility)
        for name in ("artist", "release", "genre"):
            page = client.get(reverse(f"admin:catalog_{name}_changelist")).content.decode()
            assert (f"Hidden {name}" in page) is is_listed
