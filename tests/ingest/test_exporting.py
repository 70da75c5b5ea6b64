import errno
import os

import pytest

from recommender.catalog import audio_files
from recommender.catalog.credits import find_artist, find_release
from recommender.catalog.models import AudioFile, Track
from recommender.ingest import exporting
from recommender.ingest.exporting import PART, ExportStoppedError, MusicExport, Outcome, name_copy, name_track
from tests.people import make_audio_file, make_track

pytestmark = pytest.mark.django_db
CONTENT = b"\xff\xfb\x90\x64" + bytes(1000)


@pytest.fixture
def owner(django_user_model):
    return django_user_model.objects.create_user("owner")


@pytest.fixture
def add(owner):
    def add_track(title, artist="", release="", content=b"", **given):
        content = content or CONTENT + f"{title}{Track.objects.count()}".encode()
        audio_file = make_audio_file(content)
        path = audio_files.path_of(audio_file.sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        by = find_artist(artist) if artist else None
        on = find_release(release, by) if release else None
        return make_track(owner, audio_file=audio_file, title=title, artist=by, release=on, **given)

    return add_track


def run(folder):
    tracks = Track.objects.select_related("audio_file", "artist", "release__artist").order_by("pk")
    return [(result.name, result.outcome) for result in MusicExport(folder).put_out(tracks)]


def test_folders_by_artist_and_release(add, tmp_path):
    add("One", "Ann", "First", track_number=1)
    add("Two", "Ann", "First", track_number=12, disc_number=2)
    add("Loose: one?", "Ann")
    add("Nobody's")
    assert run(tmp_path) == [
        ("Ann/First/01 One.mp3", Outcome.WRITTEN),
        ("Ann/First/2-12 Two.mp3", Outcome.WRITTEN),
        ("Ann/Loose_ one_.mp3", Outcome.WRITTEN),
        ("Unknown artist/Nobody's.mp3", Outcome.WRITTEN),
    ]
    written = (tmp_path / "Ann/First/01 One.mp3").read_bytes()
    assert written.startswith(b"ID3\x04")
    assert written.endswith(CONTENT + b"One0")
    assert not (tmp_path / PART).exists()


def test_names_that_only_some_systems_tell_apart(add, tmp_path):
    for title in ("Song", "song", "SONG?", "Song_"):
        add(title, "Ann")
    assert [name for name, _ in run(tmp_path)] == [
        "Ann/Song.mp3", "Ann/song (2).mp3", "Ann/SONG_.mp3", "Ann/Song_ (2).mp3"
    ]  # fmt: skip


def test_a_second_run_goes_on_and_writes_nothing_over(add, tmp_path):
    for title in ("Same", "Lost", "Other", "Longer"):
        add(title, "Ann")
    run(tmp_path)
    (tmp_path / "Ann/Lost.mp3").unlink()
    other = bytearray((tmp_path / "Ann/Other.mp3").read_bytes())
    other[-1] ^= 1
    (tmp_path / "Ann/Other.mp3").write_bytes(other)
    (tmp_path / "Ann/Longer.mp3").write_bytes(b"mine")
    assert [outcome for _, outcome in run(tmp_path)] == [
        Outcome.SAME, Outcome.WRITTEN, Outcome.OCCUPIED, Outcome.OCCUPIED
    ]  # fmt: skip
    assert (tmp_path / "Ann/Longer.mp3").read_bytes() == b"mine"


def test_what_takes_no_details_is_written_as_it_came(add, tmp_path):
    track = add("Bare", "Ann", content=b".snd and more", file_name="bare.au")
    AudioFile.objects.filter(pk=track.audio_file_id).update(suffix=".au")
    assert run(tmp_path) == [("Ann/Bare.au", Outcome.PLAIN)]
    assert (tmp_path / "Ann/Bare.au").read_bytes() == b".snd and more"


def test_what_cannot_be_written_or_is_lost_is_said(add, tmp_path):
    lost = add("Lost", "Ann")
    audio_files.path_of(lost.audio_file_id).unlink()
    add("Blocked", "Bo")
    (tmp_path / "Bo").write_text("a file")
    assert [outcome for _, outcome in run(tmp_path)] == [Outcome.REFUSED, Outcome.OCCUPIED]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only where there is a full device")  # noqa: PTH110
def test_a_full_disk_ends_it_with_a_sentence(add, tmp_path):
    add("One", "Ann")
    (tmp_path / PART).symlink_to("/dev/full")
    with pytest.raises(ExportStoppedError, match="no room"):
        run(tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["Ann"]
    assert errno.ENOSPC in exporting.OUT_OF_SPACE


def test_a_single_copy_has_a_name_of_its_own(add):
    assert name_copy(add("So: what?", "Ann", file_name="x.MP2")) == "Ann - So_ what_.mp2"
    assert name_copy(add("", file_name="evil.exe")) == "_.mp3"
    assert name_track(add("..", "../..", "/etc")) == "_.._/_etc/_.mp3"
