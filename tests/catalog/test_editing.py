import pytest

from recommender.accounts.models import Role
from recommender.catalog.credits import credit_artists
from recommender.catalog.editing import ChangedMeanwhileError, edit_track, read_fields, undo_edit
from recommender.catalog.models import Artist, Genre, Release, Track, TrackEdit, Visibility
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


def make_described(owner, **changes):
    track = make_track(owner, title="Song")
    edit_track(track, owner, {"artists": ["Ann", "Bo"], "release": "Album", "genres": ["Folk", "Jazz"], **changes})
    TrackEdit.objects.all().delete()
    return track


def fresh(track):
    return Track.objects.get(pk=track.pk)


def test_only_what_differs_is_changed_and_written_down(owner):
    track = make_described(owner)
    edit = edit_track(track, owner, {"title": "New", "artists": ["Ann", "Bo"], "year": 1999})
    assert (edit.before, edit.after) == ({"title": "Song", "year": None}, {"title": "New", "year": 1999})
    assert (fresh(track).title_key, fresh(track).year, edit.editor) == ("new", 1999, owner)
    assert edit_track(track, owner, {"title": "New"}) is None
    assert TrackEdit.objects.count() == 1


def test_nothing_but_the_listed_fields_is_touched(owner):
    track = make_track(owner, visibility=Visibility.PRIVATE)
    given = {"owner": 1, "visibility": "published", "is_playable": False, "id": 7, "audio_file": None, "title_key": "x"}
    assert edit_track(track, owner, given) is None
    edit_track(track, owner, {**given, "title": "New"})
    kept = fresh(track)
    assert (kept.owner, kept.visibility, kept.is_playable, kept.title_key) == (owner, "private", True, "new")


def test_names_become_rows_and_what_is_unused_goes(owner):
    track = make_described(owner)
    edit_track(track, owner, {"artists": ["Cy"], "release": "Other", "album_artist": "Various", "genres": ["Rock"]})
    assert read_fields(fresh(track)) | {"title": ""} == {
        "title": "",
        "track_number": None,
        "disc_number": None,
        "year": None,
        "isrc": "",
        "artists": ["Cy"],
        "release": "Other",
        "album_artist": "Various",
        "genres": ["Rock"],
        "moods": [],
    }
    assert fresh(track).artist.name == "Cy"
    assert set(Artist.objects.values_list("name", flat=True)) == {"Cy", "Various"}
    assert [genre.name for genre in Genre.objects.all()] == ["Rock"]
    assert [release.title for release in Release.objects.all()] == ["Other"]


def test_a_release_is_by_the_first_artist_unless_said_otherwise(owner):
    assert fresh(make_described(owner)).release.artist.name == "Ann"
    nobody = make_track(owner)
    assert edit_track(nobody, owner, {"release": "Album"}) is None
    assert fresh(nobody).release is None


def test_the_release_can_be_taken_away_and_comes_back(owner):
    track = make_described(owner)
    edit = edit_track(track, owner, {"release": ""})
    assert (fresh(track).release, Release.objects.count()) == (None, 0)
    assert undo_edit(edit, owner) == []
    assert (fresh(track).release.title, fresh(track).release.artist.name) == ("Album", "Ann")


def test_undo_puts_everything_back_once(owner):
    track = make_described(owner)
    before = read_fields(fresh(track))
    edit = edit_track(track, owner, {"title": "T", "artists": [], "genres": [], "year": 2000, "isrc": "DEA123456789"})
    assert undo_edit(edit, owner) == []
    edit.refresh_from_db()
    assert read_fields(fresh(track)) == before
    assert edit.undone_at is not None
    assert undo_edit(edit, owner) == []
    edit_track(track, owner, {"title": "T"})
    undo_edit(edit, owner)
    assert fresh(track).title == "T"


def test_undo_leaves_what_was_changed_again(owner):
    track = make_described(owner)
    first = edit_track(track, owner, {"title": "One", "year": 2001})
    edit_track(track, make_user(Role.ADMIN), {"title": "Two"})
    assert undo_edit(first, owner) == ["title"]
    assert (fresh(track).title, fresh(track).year) == ("Two", None)


def test_two_people_who_edit_different_fields_keep_both(owner):
    track = make_described(owner)
    stale = Track.objects.get(pk=track.pk)
    edit_track(track, owner, {"title": "Mine"})
    edit_track(stale, make_user(Role.ADMIN), {"year": 1980})
    assert (fresh(track).title, fresh(track).year) == ("Mine", 1980)


def test_another_spelling_is_taken_over_where_all_tracks_are_the_editors(owner):
    track = make_described(owner, artists=["bjork"], release="album", genres=["jazz"])
    other = make_described(owner, artists=["bjork"], release="album", genres=["jazz"])
    edit = edit_track(track, owner, {"artists": ["Björk"], "release": "Album", "genres": ["Jazz"]})
    assert edit.after == {"artists": ["Björk"], "release": "Album", "album_artist": "Björk", "genres": ["Jazz"]}
    assert read_fields(fresh(other)) == read_fields(fresh(track))
    assert undo_edit(edit, owner) == []
    assert read_fields(fresh(track))["artists"] == ["bjork"]


def test_what_was_changed_since_it_was_seen_is_not_overwritten(owner):
    track = make_described(owner, year=1999)
    changes, seen = {"title": "New", "year": 2001}, {"title": "Song", "year": 1999}
    edit_track(track, owner, {"title": "Mine"})
    with pytest.raises(ChangedMeanwhileError):
        edit_track(track, owner, changes, seen=seen)
    assert (fresh(track).title, fresh(track).year) == ("Mine", 1999)
    edit_track(track, owner, {"title": "New"})
    edit_track(track, owner, changes, seen=seen)
    assert fresh(track).year == 2001


def test_names_that_were_spelt_anew_since_are_part_of_the_change(owner):
    """Two tracks of one artist: what is written on the first one changes the other."""
    tracks = [make_described(owner, artists=["bjork"]) for _ in range(2)]
    changes, seen = {"artists": ["Björk"]}, {"artists": ["bjork"]}
    edits = [edit_track(track, owner, changes, seen=seen) for track in tracks]
    assert [edit.before["artists"] for edit in edits] == [["bjork"], ["bjork"]]
    assert [undo_edit(edit, owner) for edit in reversed(edits)] == [[], []]
    assert not TrackEdit.objects.filter(undone_at=None).exists()
    assert {read_fields(fresh(track))["artists"][0] for track in tracks} == {"bjork"}


def test_another_spelling_of_a_name_that_others_use_too_changes_nothing(owner):
    track = make_described(owner, artists=["bjork"])
    credit_artists(make_track(), ["bjork"])
    assert edit_track(track, owner, {"artists": ["Björk"]}) is None
    assert edit_track(track, make_user(Role.CURATOR), {"artists": ["Björk"]}).after["artists"] == ["Björk"]


@pytest.mark.parametrize(
    ("role", "reach"),
    [
        (Role.LISTENER, set()),
        (Role.UPLOADER, set()),
        (Role.CURATOR, {"published"}),
        (Role.ADMIN, {"published", "private", "submitted", "withdrawn"}),
    ],
)
def test_who_may_describe_what(role, reach):
    user = make_user(role)
    for visibility in Visibility:
        make_track(visibility=visibility)
    make_track(is_deleting=True)
    assert {track.visibility for track in Track.objects.describable_by(user)} == reach
    own = make_track(user, visibility=Visibility.PRIVATE)
    assert own in Track.objects.describable_by(user)
    user.is_active = False
    assert not Track.objects.describable_by(user).exists()
