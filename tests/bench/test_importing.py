"""Does an import need more memory the more files it takes in, and what does a file cost?"""

import os
import time
from pathlib import Path

import pytest

from embeddings.synthesis import synthesise, write_audio
from recommender.accounts.models import Role
from recommender.ingest.folder_walk import find_files
from recommender.ingest.importing import MusicImport, Outcome
from tests.people import make_user

FILES, PER_FOLDER, STEP = 10_000, 20, 1_000
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES / 1e6


def make_files(folder):
    sound = write_audio(folder / "sound", synthesise("piano", 1, 0.2), 8_000).read_bytes()
    for number in range(FILES):
        album = folder / "music" / f"{number // PER_FOLDER:04}"
        album.mkdir(parents=True, exist_ok=True)
        (album / f"{number:05}.wav").write_bytes(sound + number.to_bytes(4, "big"))
    return folder / "music"


@pytest.mark.bench
@pytest.mark.timeout(3600)
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("redis_server")
def test_memory_while_thousands_are_imported(tmp_path, capsys):
    music_import, music = MusicImport(make_user(Role.ADMIN)), make_files(tmp_path)
    began, told = time.perf_counter(), []
    for done, result in enumerate(music_import.take_in(find_files([music])), 1):
        assert result.outcome == Outcome.ACCEPTED
        if done % STEP == 0:
            told.append(f"{done}: {resident_mb():.0f} MB")
    new = time.perf_counter() - began
    began = time.perf_counter()
    assert all(result.outcome == Outcome.KNOWN for result in music_import.take_in(find_files([music])))
    known = time.perf_counter() - began
    with capsys.disabled():
        print(f"\nresident after {', '.join(told)}")
        print(f"{FILES} files: new {new / FILES * 1000:.1f} ms each, known {known / FILES * 1000:.2f} ms each")
