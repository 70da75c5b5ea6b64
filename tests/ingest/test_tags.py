import io

import numpy as np
import pytest
from PIL import Image

from embeddings.synthesis import synthesise, write_audio
from recommender.catalog.audio_files import cover_path_of
from recommender.ingest.tags import FileTags, apply_tags, read_tags
from tests.people import make_track


def id3(frames: bytes) -> bytes:
    size = len(frames)
    syncsafe = bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\x00\x00" + syncsafe + frames


def frame(name: bytes, content: bytes) -> bytes:
    return name + len(content).to_bytes(4, "big") + b"\x00\x00" + content


def picture(side: int, kind: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.fromarray(np.full((side, side, 3), 120, np.uint8)).save(made, kind)
    return frame(b"APIC", b"\x00image/png\x00\x03\x00" + made.getvalue())


@pytest.mark.parametrize("container", ["mp3", "flac", "vorbis", "opus", "aac-m4a", "mka", "wma", "wav"])
def test_title_artist_and_release_are_read(container, tmp_path):
    tags = {"title": "Naïve 🎵", "artist": "Somebody", "album": "Somewhere"}
    path = write_audio(tmp_path / "nameless", synthesise("flute", 1, 2), 44_100, container=container, tags=tags)
    found = read_tags(path)
    assert (found.title, found.artist, found.release) == ("Naïve 🎵", "Somebody", "Somewhere")


def test_a_cover_is_made_small(tmp_path, song):
    path = tmp_path / "covered"
    path.write_bytes(id3(frame(b"TIT2", b"\x00Covered") + picture(900)) + song)
    with Image.open(io.BytesIO(read_tags(path).cover)) as cover:
        assert (cover.format, cover.size) == ("WEBP", (600, 600))


@pytest.mark.parametrize(
    "frames",
    [
        frame(b"APIC", b"\x00image/png\x00\x03\x00<html>not a picture</html>"),
        frame(b"APIC", b"\x00-->\x00\x03\x00http://127.0.0.1/picture.png"),
        frame(b"APIC", b"\x00image/svg+xml\x00\x03\x00<svg onload='alert(1)'/>"),
        picture(6000),
        picture(64, "TIFF"),
    ],
)
def test_a_cover_that_is_no_plain_picture_is_left_out(frames, tmp_path, song):
    path = tmp_path / "hostile"
    path.write_bytes(id3(frame(b"TIT2", b"\x00Still here") + frames) + song)
    found = read_tags(path)
    assert (found.title, found.cover) == ("Still here", b"")


def test_tags_are_made_harmless(tmp_path, song):
    path = tmp_path / "hostile"
    text = b"\x00line\x01one\nline two " + b"x" * 5000
    path.write_bytes(id3(frame(b"TIT2", text) + frame(b"TPE1", b"\x01\xff\xfe\x00\xd8")) + song)
    found = read_tags(path)
    assert found.title.startswith("lineone line two xx")
    assert len(found.title) == 500


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


@pytest.mark.django_db
def test_tags_are_kept_with_the_track():
    track = make_track(title="file name")
    apply_tags(track, FileTags(title="Title", artist="Artist", release="Release", cover=b"webp"))
    track.refresh_from_db()
    assert (track.title, track.artist_name, str(track.release), track.has_cover) == ("Title", "Artist", "Release", True)
    assert cover_path_of(track.audio_file_id).read_bytes() == b"webp"


@pytest.mark.django_db
def test_without_tags_the_file_name_stays():
    track = make_track(title="file name")
    apply_tags(track, FileTags())
    track.refresh_from_db()
    assert (track.title, track.artist_name) == ("file name", "Unknown artist")
