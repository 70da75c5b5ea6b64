import os
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from PIL import Image

from embeddings.synthesis import synthesise, write_audio
from recommender.accounts.models import Role
from recommender.catalog.audio_files import path_of
from recommender.catalog.models import ImportedFile, Track
from recommender.conf import Uploads
from recommender.ingest import validate
from recommender.ingest.folder_walk import find_files, key_of, printable
from recommender.ingest.importing import ImportStoppedError, MusicImport, Outcome
from tests.people import make_user

pytestmark = pytest.mark.django_db

OTHER_TIME_NS = 1_500_000_000_000_000_000


@pytest.fixture(scope="module")
def sounds(tmp_path_factory) -> list[bytes]:
    """Three short WAV files."""
    folder = tmp_path_factory.mktemp("sounds")
    made = [write_audio(folder / f"{seed}", synthesise("piano", seed, 0.2), 8_000) for seed in range(3)]
    return [path.read_bytes() for path in made]


@pytest.fixture
def owner():
    return make_user(Role.ADMIN)


@pytest.fixture
def put(tmp_path):
    """Writes a file below the folder that is imported."""

    def put_file(name: str, content: bytes) -> Path:
        path = tmp_path / "music" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    return put_file


@pytest.fixture
def take_in(tmp_path, owner):
    def run(*paths, **options):
        roots = paths or [tmp_path / "music"]
        results = MusicImport(options.pop("owner", owner), **options).take_in(find_files(roots))
        return {result.path.name: (result.outcome, result.sentence) for result in results}

    yield run
    assert list(Path(settings.STORAGE.staging).iterdir()) == []


def outcomes(found):
    return {name: outcome for name, (outcome, _) in found.items()}


def test_a_folder_is_taken_in_once(put, take_in, owner, sounds):
    put("B/b.wav", sounds[0])
    put("a.wav", sounds[1])
    put("B/again.wav", sounds[0])
    first = outcomes(take_in())
    assert first == {"a.wav": Outcome.ACCEPTED, "again.wav": Outcome.ACCEPTED, "b.wav": Outcome.DUPLICATE}
    assert list(first) == ["a.wav", "again.wav", "b.wav"]
    tracks = {track.file_name: track for track in Track.objects.filter(owner=owner)}
    assert tracks.keys() == {"a.wav", "again.wav"}
    assert path_of(tracks["a.wav"].audio_file_id).read_bytes() == sounds[1]
    assert set(outcomes(take_in()).values()) == {Outcome.KNOWN}


def test_what_is_known_is_not_even_opened(put, take_in, sounds):
    path = put("a.wav", sounds[0])
    take_in()
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    path.write_bytes(bytes(len(sounds[0])))
    os.utime(path, ns=times)
    assert outcomes(take_in()) == {"a.wav": Outcome.KNOWN}


def test_a_file_that_changed_is_read_again(put, take_in, sounds):
    path = put("a.wav", sounds[0])
    take_in()
    path.write_bytes(sounds[1])
    os.utime(path, ns=(OTHER_TIME_NS, OTHER_TIME_NS))
    assert outcomes(take_in()) == {"a.wav": Outcome.ACCEPTED}
    os.utime(path, ns=(OTHER_TIME_NS, OTHER_TIME_NS + 1))
    assert outcomes(take_in()) == {"a.wav": Outcome.DUPLICATE}


def test_what_another_owner_imported_is_new_to_this_one(put, take_in, sounds):
    put("a.wav", sounds[0])
    take_in()
    assert outcomes(take_in(owner=make_user())) == {"a.wav": Outcome.ACCEPTED}


def test_what_was_deleted_here_is_taken_in_again_but_not_by_watching(put, take_in, sounds):
    put("a.wav", sounds[0])
    take_in()
    Track.objects.all().delete()
    assert outcomes(take_in(is_watching=True)) == {"a.wav": Outcome.KNOWN}
    assert outcomes(take_in()) == {"a.wav": Outcome.ACCEPTED}


def test_no_music_is_refused_where_it_calls_itself_music(put, take_in, sounds):
    put("words.mp3", b"These are words. " * 100)
    put("empty.flac", b"")
    put("cover.jpg", b"\xff\xd8\xff")
    put("notes", b"words")
    named = put("asked", b"words")
    found = take_in()
    assert found["words.mp3"] == (Outcome.REFUSED, str(validate.not_audio()))
    assert found["empty.flac"] == (Outcome.REFUSED, str(validate.empty_file()))
    assert outcomes(found)["cover.jpg"] == outcomes(found)["notes"] == Outcome.OTHER
    assert outcomes(take_in(named)) == {"asked": Outcome.REFUSED}
    assert not Track.objects.exists()


def test_a_refusal_is_remembered_where_nobody_asked(put, take_in, sounds):
    path = put("words.mp3", b"These are words.")
    take_in()
    assert ImportedFile.objects.get().refusal == str(validate.not_audio())
    assert outcomes(take_in(is_watching=True)) == {"words.mp3": Outcome.KNOWN}
    assert outcomes(take_in()) == {"words.mp3": Outcome.REFUSED}
    path.write_bytes(sounds[0])
    assert outcomes(take_in(is_watching=True)) == {"words.mp3": Outcome.ACCEPTED}
    assert ImportedFile.objects.get().refusal == ""


def test_a_file_that_is_too_large_is_refused(put, take_in, sounds, settings):
    settings.UPLOADS = Uploads(max_bytes=100, needs_review=False)
    put("a.wav", sounds[0])
    assert "larger" in take_in()["a.wav"][1]


def test_a_full_quota_refuses_and_is_asked_again(put, take_in, sounds):
    uploader = make_user(quota_bytes=len(sounds[0]) + 10)
    put("a.wav", sounds[0])
    put("b.wav", sounds[1])
    assert outcomes(take_in(owner=uploader)) == {"a.wav": Outcome.ACCEPTED, "b.wav": Outcome.REFUSED}
    uploader.quota_bytes = None
    assert outcomes(take_in(owner=uploader)) == {"a.wav": Outcome.KNOWN, "b.wav": Outcome.ACCEPTED}


def test_a_full_disk_stops_it_and_what_is_taken_in_stays(put, owner, sounds, tmp_path, monkeypatch):
    put("a.wav", sounds[0])
    put("b.wav", sounds[1])
    results = MusicImport(owner).take_in(find_files([tmp_path / "music"]))
    assert next(results).outcome == Outcome.ACCEPTED
    monkeypatch.setattr(validate, "ROOM_TO_SPARE_BYTES", 1 << 62)
    with pytest.raises(ImportStoppedError, match="no room"):
        next(results)
    assert Track.objects.count() == ImportedFile.objects.count() == 1


def test_a_dry_run_changes_nothing(put, take_in, sounds):
    put("known.wav", sounds[0])
    take_in()
    put("new.wav", sounds[1])
    put("same.wav", sounds[0])
    put("words.mp3", b"words")
    assert outcomes(take_in(is_dry_run=True)) == {
        "known.wav": Outcome.KNOWN,
        "new.wav": Outcome.ACCEPTED,
        "same.wav": Outcome.DUPLICATE,
        "words.mp3": Outcome.REFUSED,
    }
    assert Track.objects.count() == ImportedFile.objects.count() == 1


def test_a_link_takes_no_room_and_leaves_the_file_alone(put, take_in, sounds, tmp_path):
    path = put("a.wav", sounds[0])
    (tmp_path / "music" / "link.wav").symlink_to(put("../elsewhere/b.wav", sounds[1]))
    put("same.wav", sounds[0])
    found = take_in(is_linked=True)
    assert outcomes(found) == {
        "a.wav": Outcome.ACCEPTED,
        "link.wav": Outcome.ACCEPTED,
        "same.wav": Outcome.DUPLICATE,
    }, found
    linked = path_of(Track.objects.get(file_name="link.wav").audio_file_id)
    assert linked.samefile(tmp_path / "elsewhere" / "b.wav")
    assert not linked.is_symlink()
    assert path.read_bytes() == sounds[0]
    assert outcomes(take_in(path, is_linked=True)) == {"a.wav": Outcome.KNOWN}
    ImportedFile.objects.all().delete()
    assert outcomes(take_in(path, is_linked=True)) == {"a.wav": Outcome.DUPLICATE}


def test_a_link_to_another_file_system_is_refused(take_in, sounds):
    shared_memory = Path("/dev/shm")
    if not shared_memory.is_dir() or shared_memory.stat().st_dev == settings.STORAGE.staging.stat().st_dev:
        pytest.skip("this system has no second file system to write to")
    folder = shared_memory / f"soundalike-test-{os.getpid()}"
    folder.mkdir()
    try:
        (folder / "a.wav").write_bytes(sounds[0])
        outcome, sentence = take_in(folder, is_linked=True)["a.wav"]
    finally:
        shutil.rmtree(folder)
    assert outcome == Outcome.REFUSED
    assert "--copy" in sentence


def test_hidden_files_loops_and_pipes_are_passed_over(put, take_in, tmp_path, sounds):
    put("album/.hidden.wav", sounds[0])
    put(".trash/a.wav", sounds[0])
    put("album/a.wav", sounds[0])
    (tmp_path / "music" / "album" / "loop").symlink_to(tmp_path / "music")
    (tmp_path / "music" / "self.wav").symlink_to(tmp_path / "music" / "self.wav")
    (tmp_path / "music" / "broken.wav").symlink_to(tmp_path / "nothing.wav")
    os.mkfifo(tmp_path / "music" / "pipe.wav")
    found = take_in()
    assert outcomes(found) == {"a.wav": Outcome.ACCEPTED, "broken.wav": Outcome.REFUSED, "self.wav": Outcome.REFUSED}
    assert "No such file" in found["broken.wav"][1]


def test_our_own_home_is_never_imported(put, take_in, owner, sounds):
    put("a.wav", sounds[0])
    take_in()
    assert not [*find_files([settings.STORAGE.home.parent / settings.STORAGE.home.name])]


def test_names_may_be_any_bytes(tmp_path, take_in, sounds):
    folder = tmp_path / "music"
    folder.mkdir()
    for number, name in enumerate((b"caf\xe9.wav", b"line\nbreak.wav", "日本.wav".encode())):
        (folder / os.fsdecode(name)).write_bytes(sounds[number])
    assert set(outcomes(take_in()).values()) == {Outcome.ACCEPTED}
    assert set(outcomes(take_in()).values()) == {Outcome.KNOWN}
    assert printable(os.fsdecode(b"caf\xe9\x1b[2J.wav")) == "caf\\xe9\\x1b[2J.wav"
    assert key_of(Path(os.fsdecode(b"/caf\xe9"))) != key_of(Path("/café"))


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_what_may_not_be_read_is_refused(put, take_in, sounds):
    put("closed/a.wav", sounds[0]).parent.chmod(0)
    put("b.wav", sounds[0]).chmod(0)
    found = take_in()
    assert outcomes(found) == {"closed": Outcome.REFUSED, "b.wav": Outcome.REFUSED}


def test_a_file_that_grows_while_it_is_read_is_left_for_later(put, take_in, owner, sounds, tmp_path):
    path = put("a.wav", sounds[0])
    found = [*find_files([tmp_path / "music"])]
    path.write_bytes(sounds[0] + bytes(100))
    result = next(MusicImport(owner).take_in(found))
    assert result.outcome == Outcome.REFUSED
    assert "changed" in result.sentence
    assert not ImportedFile.objects.exists()
    assert outcomes(take_in()) == {"a.wav": Outcome.ACCEPTED}


def test_the_picture_of_a_folder_becomes_the_cover_of_its_tracks(put, take_in, sounds, tmp_path):
    put("album/a.wav", sounds[0])
    put("album/b.wav", sounds[1])
    put("bare/c.wav", sounds[2])
    Image.new("RGB", (32, 32), "teal").save(tmp_path / "music" / "album" / "folder.jpg")
    take_in()
    covers = {track.file_name: track.cover_id for track in Track.objects.all()}
    assert covers["a.wav"] == covers["b.wav"] is not None
    assert covers["c.wav"] is None


def test_a_broken_picture_fails_no_track(put, take_in, sounds):
    put("a.wav", sounds[0])
    put("cover.jpg", b"no picture")
    assert outcomes(take_in())["a.wav"] == Outcome.ACCEPTED
    assert Track.objects.get().cover_id is None
