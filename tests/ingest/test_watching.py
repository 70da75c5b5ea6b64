import logging
import os

import pytest
from filelock import FileLock

from embeddings.synthesis import synthesise, write_audio
from recommender.accounts.models import Role
from recommender.catalog.models import ImportedFile, Track
from recommender.conf import Uploads
from recommender.ingest import watching
from recommender.ingest.folder_walk import FoundFile, find_files
from recommender.ingest.watching import RestingFiles, Watch, import_watched
from tests.people import make_user


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "watched"
    made.mkdir()
    return made


@pytest.fixture
def song(folder):
    return write_audio(folder / "a.wav", synthesise("piano", 1, 0.2), 8_000)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(watching, "REST_SECONDS", 0.0)


def look(path, size=1, modified_ns=1):
    return FoundFile(path, path.name, size, modified_ns)


def test_a_file_rests_after_two_looks_ten_seconds_apart(tmp_path):
    files = RestingFiles()
    assert not files.is_resting(look(tmp_path), 0)
    assert not files.is_resting(look(tmp_path), 9)
    assert files.is_resting(look(tmp_path), 10)


def test_a_file_that_grows_does_not_rest(tmp_path):
    files = RestingFiles()
    for second in range(0, 100, 10):
        assert not files.is_resting(look(tmp_path, size=second), second)
    assert not files.is_resting(look(tmp_path, 90, modified_ns=2), 100)
    assert files.is_resting(look(tmp_path, 90, modified_ns=2), 110)


def test_what_is_gone_is_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr(watching, "MOST_LOOKS", 1)
    files = RestingFiles()
    files.is_resting(look(tmp_path / "a"), 0)
    files.forget_others()
    assert not files.is_resting(look(tmp_path / "b"), 10)
    files.forget_others()
    assert not files.is_resting(look(tmp_path / "b"), 20)
    assert not files.is_resting(look(tmp_path / "b"), 25)
    assert files.is_resting(look(tmp_path / "b"), 30)


@pytest.mark.django_db
@pytest.mark.usefixtures("impatient")
def test_what_rests_is_taken_in_and_stays_where_it_is(folder, song):
    admin, watch = make_user(Role.ADMIN), Watch()
    watch.import_folder(folder)
    assert not Track.objects.exists()
    watch.import_folder(folder)
    track = Track.objects.get()
    assert (track.owner, track.file_name) == (admin, "a.wav")
    assert song.exists()
    song.unlink()
    watch.import_folder(folder)
    assert Track.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("impatient")
def test_a_refusal_is_said_once_and_tried_again_when_the_file_changes(folder, song, caplog):
    make_user(Role.ADMIN)
    caplog.set_level(logging.WARNING)
    content = song.read_bytes()
    song.write_bytes(b"words")
    (folder / "broken.wav").symlink_to(folder / "nothing")
    watch = Watch()
    for _ in range(4):
        watch.import_folder(folder)
    assert sum("a.wav" in line for line in caplog.messages) == 1
    assert sum("broken.wav" in line for line in caplog.messages) == 1
    assert ImportedFile.objects.get().refusal
    song.write_bytes(content)
    for _ in range(2):
        watch.import_folder(folder)
    assert Track.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("impatient")
def test_a_track_that_was_deleted_does_not_come_back(folder, song):
    make_user(Role.ADMIN)
    watch = Watch()
    for _ in range(2):
        watch.import_folder(folder)
    Track.objects.all().delete()
    for _ in range(3):
        watch.import_folder(folder)
    assert not Track.objects.exists()
    os.utime(song, ns=(1, 1))
    for _ in range(2):
        watch.import_folder(folder)
    assert Track.objects.exists()


@pytest.mark.django_db
def test_a_round_ends_before_others_wait_too_long(folder, song, monkeypatch):
    make_user(Role.ADMIN)
    write_audio(folder / "b.wav", synthesise("piano", 2, 0.2), 8_000)
    watch = Watch()
    watch.import_folder(folder)
    monkeypatch.setattr(watching, "REST_SECONDS", 0.0)
    monkeypatch.setattr(watching, "SECONDS_PER_ROUND", 0.0)
    watch.import_folder(folder)
    assert Track.objects.count() == 1
    monkeypatch.setattr(watching, "SECONDS_PER_ROUND", 30.0)
    watch.import_folder(folder)
    assert Track.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.usefixtures("impatient")
def test_only_one_walks_at_a_time(folder, song, settings):
    make_user(Role.ADMIN)
    settings.UPLOADS = Uploads(max_bytes=1 << 30, needs_review=False, watch_folder=str(folder))
    with FileLock(settings.STORAGE.locks / "watch.lock"):
        for _ in range(2):
            import_watched()
    assert not Track.objects.exists()
    for _ in range(2):
        import_watched()
    assert Track.objects.exists()


def test_no_folder_is_watched_unless_one_is_named(folder):
    import_watched()


@pytest.mark.django_db
def test_a_folder_that_went_away_is_no_error(folder):
    make_user(Role.ADMIN)
    folder.rmdir()
    Watch().import_folder(folder)
    assert not [*find_files([folder])]
