import pytest
from django.db import transaction

from embeddings.synthesis import synthesise, write_audio
from recommender.catalog.audio_files import COVER_SIDES, cover_path_of
from recommender.catalog.credits import find_artist, find_release
from recommender.catalog.editing import edit_track
from recommender.catalog.models import Artist, Genre, Release, Track, TrackEdit
from recommender.ingest.covers import choose_cover, remove_cover, set_cover
from recommender.ingest.tags import FileTags, apply_tags, read_tags
from tests.ingest.tag_shapes import IDENTIFIER, custom, encode_picture, frame, id3, picture_frame, text
from tests.people import make_track

PICTURES = {side: f"{side} of a cover".encode() for side in COVER_SIDES}


@pytest.mark.parametrize(
    "container",
    ["mp3", "flac", "vorbis", "opus", "aac-m4a", "mka", "webm", "wma", "wavpack", "tta", "wav", "aiff", "caf"],
)
def test_every_container_tells_who_plays_what(container, tmp_path):
    tags = {"title": "Naïve 🎵", "artist": "Somebody", "album": "Somewhere", "date": "1999", "genre": "Jazz"}
    path = write_audio(tmp_path / "nameless", synthesise("flute", 1, 1), 44_100, container=container, tags=tags)
    found = read_tags(path)
    assert (found.title, found.artists) == ("Naïve 🎵", ("Somebody",))
    if container not in ("caf",):
        assert found.release == "Somewhere"


def test_all_that_a_file_says(tmp_path, song):
    frames = (
        text("TIT2", "Title"), text("TPE1", "Simon/Garfunkel"), text("TPE2", "V.A."), text("TALB", "Release"),
        text("TCMP", "1"), text("TRCK", "3/12"), text("TPOS", "2/2"), text("TYER", "2011"), text("TORY", "1979"),
        text("TCON", "(17)(8)"), text("TSRC", "US-RC1-76-07839"), custom("MusicBrainz Album Id", IDENTIFIER),
        custom("MusicBrainz Artist Id", f"{IDENTIFIER}/{IDENTIFIER}"), custom("replaygain_track_gain", "-7.1 dB"),
        frame("UFID", b"http://musicbrainz.org\0" + IDENTIFIER.encode()), picture_frame(encode_picture(400, 400)),
        custom("owner", "admin"), custom("published", "1"), text("TBPM", "1e400"),
    )  # fmt: skip
    path = tmp_path / "file"
    path.write_bytes(id3(*frames) + song)
    found = read_tags(path)
    assert found == FileTags(
        title="Title", artists=("Simon", "Garfunkel"), artist_ids=(IDENTIFIER, IDENTIFIER),
        album_artist="Various Artists", release="Release", release_id=IDENTIFIER, is_compilation=True, track_number=3,
        disc_number=2, year=1979, genres=("Rock", "Jazz"), isrc="USRC17607839", musicbrainz_id=IDENTIFIER,
        replaygain_db=-7.1, pictures=found.pictures,
    )  # fmt: skip
    assert found.pictures.keys() == set(COVER_SIDES)


def test_what_makes_no_sense_is_left_out(tmp_path, song):
    nonsense = (
        text("TYER", "9999-99-99"), text("TRCK", "-1/0"), text("TBPM", "1e400"), text("TSRC", "'; DROP TABLE"),
        custom("REPLAYGAIN_TRACK_GAIN", "NaN"), custom("MusicBrainz Album Id", "../../etc"), text("TCON", "(250)"),
        picture_frame(b"<html>not a picture</html>"), picture_frame(b"<svg onload='alert(1)'/>"),
        picture_frame(encode_picture(64, 64, kind="TIFF")),
        picture_frame(b"http://127.0.0.1:9/picture.png", media_type=b"-->"),
    )  # fmt: skip
    path = tmp_path / "file"
    path.write_bytes(id3(text("TIT2", "Title"), text("TPE1", "Artist"), text("TALB", "\x1f\u200b"), *nonsense))
    assert read_tags(path) == FileTags(title="Title", artists=("Artist",))
    path.write_bytes(id3(text("TIT2", "Title"), text("TPE1", "Artist"), picture_frame(encode_picture(6000, 6000))))
    assert read_tags(path).pictures == {}


def test_texts_are_made_harmless(tmp_path):
    path = tmp_path / "hostile"
    title = b"\x00line\x01one\nline two \x1f" + b"x" * 5000
    path.write_bytes(id3(frame("TIT2", title), frame("TPE1", b"\x01\xff\xfe\x00\xd8"), text("TALB", "<b>{{7*7}}")))
    found = read_tags(path)
    assert found.title.startswith("lineone line two xx")
    assert len(found.title) == 500
    assert (found.artists, found.release) == (("\ufffd",), "<b>{{7*7}}")


def test_a_broken_file_has_no_tags(tmp_path):
    path = tmp_path / "broken"
    path.write_bytes(b"ID3\x04\x00\xff\x7f\x7f\x7f\x7f" + bytes(range(256)) * 40)
    assert read_tags(path) == FileTags()
    assert read_tags(tmp_path / "absent") == FileTags()


@pytest.mark.parametrize(
    "playlist",
    ["#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n", "ffconcat version 1.0\nfile {}\n"],
)
def test_a_list_of_other_files_leads_nowhere(playlist, tmp_path, song):
    (tmp_path / "secret.mp3").write_bytes(song)
    path = tmp_path / "list"
    path.write_text(playlist.format("secret.mp3"))
    assert read_tags(path) == FileTags()


def told(track):
    track.refresh_from_db()
    return track.title, track.artist_name, str(track.release or ""), str(track.release.artist) if track.release else ""


@pytest.mark.django_db
def test_tags_are_kept_with_the_track():
    track = make_track(title="file name")
    tags = FileTags(
        title="Title", artists=("Simon", "Garfunkel"), artist_ids=("", IDENTIFIER), release="Release",
        release_id=IDENTIFIER, track_number=3, disc_number=1, year=1979, genres=("Rock", "Jazz"), isrc="USRC17607839",
        musicbrainz_id=IDENTIFIER, replaygain_db=-7.1, pictures=PICTURES,
    )  # fmt: skip
    apply_tags(track, tags)
    assert told(track) == ("Title", "Simon, Garfunkel", "Release", "Simon")
    assert (track.title_key, track.track_number, track.disc_number, track.year) == ("title", 3, 1, 1979)
    assert (track.isrc, track.musicbrainz_id, track.replaygain_db) == ("USRC17607839", IDENTIFIER, -7.1)
    assert (track.release.year, track.release.musicbrainz_id) == (1979, IDENTIFIER)
    assert {genre.name for genre in track.genres.all()} == {"Rock", "Jazz"}
    assert cover_path_of(track.cover_id, 300).read_bytes() == PICTURES[300]


@pytest.mark.django_db
def test_without_tags_the_file_name_stays():
    track = make_track(title="file name")
    apply_tags(track, FileTags(artists=("Guess",), release="Guessed", track_number=7))
    apply_tags(track, FileTags())
    assert told(track) == ("file name", "Guess", "Guessed", "Guess")
    assert track.track_number == 7


@pytest.mark.django_db
def test_what_was_guessed_wrongly_leaves_nothing_behind():
    track = make_track()
    apply_tags(track, FileTags(artists=("Wrong guess",), release="Wrong release", genres=("Wrong",), pictures=PICTURES))
    apply_tags(track, FileTags(artists=("Artist",), release="Release", genres=("Jazz",)))
    assert list(Artist.objects.values_list("name", flat=True)) == ["Artist"]
    assert list(Release.objects.values_list("title", flat=True)) == ["Release"]
    assert list(Genre.objects.values_list("name", flat=True)) == ["Jazz"]
    assert track.has_cover


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("tags", "artist"),
    [
        (FileTags(release="Release", artists=("A", "B")), "A"),
        (FileTags(release="Release", artists=("A",), album_artist="C"), "C"),
        (FileTags(release="Release", artists=("A",), is_compilation=True), "Various Artists"),
        (FileTags(release="Release", artists=("A",), album_artist="C", is_compilation=True), "C"),
        (FileTags(release="Release"), "Unknown artist"),
    ],
)
def test_whose_release_it_is(tags, artist):
    track = make_track()
    apply_tags(track, tags)
    assert told(track)[3] == artist


@pytest.mark.django_db
def test_what_people_have_changed_stays():
    track = make_track(title="By hand")
    release = find_release("Release by hand", find_artist("Somebody"))
    track.release = release
    track.save()
    TrackEdit.objects.create(
        track=track, editor=track.owner, before={}, after={"title": "By hand", "album_artist": "S"}
    )
    undone = TrackEdit.objects.create(track=track, before={}, after={"year": 2000, "artists": ["X"]})
    undone.undone_at = undone.made_at
    undone.save()
    apply_tags(track, FileTags(title="File", artists=("Artist",), release="Release", year=1979))
    assert told(track) == ("By hand", "Artist", "Release by hand", "Somebody")
    assert track.year == 1979


@pytest.mark.django_db
def test_what_people_change_while_the_file_is_read_stays():
    track = make_track()
    apply_tags(track, FileTags(artists=("Guessed",)))
    edit_track(Track.objects.get(pk=track.pk), track.owner, {"artists": ["By hand"]})
    assert not Artist.objects.filter(name="Guessed").exists()
    apply_tags(track, FileTags(release="Release"))
    assert told(track)[1:] == ("By hand", "Release", "By hand")


@pytest.mark.django_db
def test_the_picture_in_the_file_is_preferred_to_that_of_the_folder():
    track = make_track()
    set_cover(track, dict.fromkeys(COVER_SIDES, b"of the folder"), only_if_missing=True)
    apply_tags(track, FileTags(pictures=PICTURES))
    track.refresh_from_db()
    assert cover_path_of(track.cover_id, 64).read_bytes() == PICTURES[64]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["chosen", "removed"])
def test_a_cover_that_somebody_chose_or_took_away_is_left_alone(change):
    track = make_track(title="file name")
    with transaction.atomic():
        choose_cover(track, dict.fromkeys(COVER_SIDES, b"chosen"))
    if change == "removed":
        track.refresh_from_db()
        with transaction.atomic():
            remove_cover(track)
    before = Track.objects.get(pk=track.pk).cover_id
    with transaction.atomic():
        apply_tags(track, FileTags(title="Title", pictures=dict.fromkeys(COVER_SIDES, b"embedded")))
    after = Track.objects.get(pk=track.pk)
    assert (after.title, after.cover_id) == ("Title", before)
