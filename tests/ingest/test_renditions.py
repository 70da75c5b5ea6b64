import errno
import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from django.conf import settings

from embeddings.decoding import decode_blocks
from embeddings.errors import TooLongError
from embeddings.synthesis import CONTAINERS, synthesise, write_audio
from recommender.catalog.audio_files import path_of, rendition_path_of
from recommender.catalog.models import AudioFile, Rendition
from recommender.ingest import renditions
from recommender.ingest.formats import HEAD_BYTES, sniff
from recommender.ingest.rendition_writer import Sink, choose_rate, mix_matrix, write_copy
from recommender.ingest.renditions import (
    NoRoomError,
    choose_rendition,
    make_rendition,
    make_renditions,
    needs_rendition,
)
from tests.people import make_audio_file

RATE_HZ = 44_100
SECONDS = 3
PLAYED = {"wav", "wav-24", "wav-u8", "wav-f32", "flac", "mp3", "vorbis", "opus", "aac-m4a", "aac-adts", "webm"}
LOSSY = {"mp2", "wma", "ac3", "eac3"}


@pytest.fixture(scope="module")
def music():
    return synthesise("rock", 3, SECONDS, RATE_HZ)


def listen(path):
    blocks = decode_blocks(path, 16_000, max_seconds=3600)
    return np.concatenate(list(blocks)), blocks.source


def keep(path: Path) -> AudioFile:
    """The file in the store, described as the analysis leaves it."""
    content = path.read_bytes()
    audio_file = make_audio_file(content)
    stored = path_of(audio_file.sha256)
    stored.parent.mkdir(parents=True, exist_ok=True)
    stored.write_bytes(content)
    rendition_path_of(audio_file.sha256).unlink(missing_ok=True)  # of another test with the same bytes
    _, source = listen(path)
    audio_file.suffix = sniff(content[:HEAD_BYTES]).suffix
    audio_file.codec, audio_file.channels = source.codec, source.channels
    audio_file.rendition = choose_rendition(audio_file)
    audio_file.save()
    return audio_file


def aiff(path, samples, rate_hz=RATE_HZ):
    """A file that browsers do not play."""
    return write_audio(path, samples, rate_hz, container="aiff")


def copy_here(path, kind, max_seconds=3600):
    """A copy made in this process, without limits."""
    copy = path.with_name("copy")
    with copy.open("wb") as file:
        write_copy(str(path), Sink(file), kind, max_seconds)
    return copy


def staged():
    return list(settings.STORAGE.staging.iterdir())


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_is_played_as_it_is_or_has_a_copy_of_the_same_sound(container, music, tmp_path):
    path = write_audio(tmp_path / "song", music, RATE_HZ, container=container)
    original, source = listen(path)
    suffix = sniff(path.read_bytes()[:HEAD_BYTES]).suffix
    assert needs_rendition(suffix, source.codec, source.channels) == (container not in PLAYED)
    kind = "mp3" if container in LOSSY else "flac"
    sound, _ = listen(copy_here(path, kind))
    assert abs(sound.size - original.size) < 0.06 * 16_000
    shared = min(sound.size, original.size)
    assert np.corrcoef(sound[:shared], original[:shared])[0, 1] > 0.99


@pytest.mark.django_db
@pytest.mark.parametrize(("container", "suffix"), [("wavpack", ".flac"), ("wma", ".mp3")])
def test_copies_are_made_of_what_is_wanted(container, suffix, music, tmp_path):
    audio_file = keep(write_audio(tmp_path / "song", music, RATE_HZ, container=container))
    make_renditions()
    audio_file.refresh_from_db()
    assert audio_file.rendition == Rendition.MADE
    copy = rendition_path_of(audio_file.sha256)
    assert sniff(copy.read_bytes()[:HEAD_BYTES]).suffix == suffix
    assert listen(copy)[0].size == pytest.approx(SECONDS * 16_000, abs=0.06 * 16_000)
    assert staged() == []


@pytest.mark.parametrize(
    ("suffix", "codec", "channels", "is_needed"),
    [
        (".mp3", "mp3float", 2, False),
        (".mp3", "mp1float", 2, True),
        (".m4a", "alac", 2, True),
        (".ogg", "libopus", 2, False),
        (".flac", "flac", 6, False),
        (".flac", "flac", 8, True),
        (".wav", "adpcm_ms", 2, True),
        (".rf64", "pcm_s16le", 2, True),
        (".mka", "aac", 2, True),
        (".mpc", "mpc8", 2, True),
        (".webm", "opus", 2, False),
    ],
)
def test_which_files_need_a_copy(suffix, codec, channels, is_needed):
    assert needs_rendition(suffix, codec, channels) == is_needed


def test_a_wav_file_of_the_long_kind_is_not_taken_for_a_plain_one():
    assert sniff(b"RF64\xff\xff\xff\xffWAVEds64" + bytes(40)).suffix == ".rf64"


def test_a_new_analysis_keeps_a_copy_that_is_made():
    tta = AudioFile(suffix=".tta", codec="tta", channels=2)
    assert choose_rendition(tta) == Rendition.WANTED
    tta.rendition = Rendition.MADE
    assert choose_rendition(tta) == Rendition.MADE
    tta.rendition = Rendition.FAILED
    assert choose_rendition(tta) == Rendition.WANTED


@pytest.mark.parametrize(("channels", "container"), [(4, "wav-f64"), (6, "wavpack"), (8, "w64")])
def test_many_channels_become_two(channels, container, music, tmp_path):
    samples = np.zeros((channels, RATE_HZ), np.float32)
    samples[0], samples[1] = music[0, :RATE_HZ], -music[0, :RATE_HZ]
    path = write_audio(tmp_path / "a", samples, RATE_HZ, container=container)
    with av.open(str(copy_here(path, "flac"))) as copy:
        frames = np.concatenate([frame.to_ndarray().reshape(-1, 2) for frame in copy.decode(audio=0)]).astype(float)
    assert frames.shape[0] == RATE_HZ
    assert np.corrcoef(frames[:, 0], samples[0])[0, 1] > 0.99
    assert np.corrcoef(frames[:, 1], samples[1])[0, 1] > 0.99


def test_a_mix_is_never_louder_and_leaves_the_subwoofer_out():
    surround = mix_matrix(["FL", "FR", "FC", "LFE", "BL", "BR"])
    np.testing.assert_allclose(surround.sum(axis=0), 1, rtol=1e-6)
    assert not surround[3].any()
    assert surround[2, 0] == surround[2, 1] > 0
    np.testing.assert_allclose(mix_matrix(["NONE"] * 3), [[0.5, 0], [0, 1], [0.5, 0]])
    assert np.isfinite(mix_matrix(["FL", "LFE"])).all()


@pytest.mark.parametrize(
    ("kind", "rate_hz", "expected"),
    [
        *[("flac", 44_100, 44_100), ("flac", 96_000, 96_000), ("flac", 192_000, 96_000), ("flac", 176_400, 88_200)],
        *[("mp3", 22_050, 44_100), ("mp3", 88_200, 44_100), ("mp3", 32_000, 48_000), ("mp3", 96_000, 48_000)],
    ],
)
def test_the_rate_of_a_copy(kind, rate_hz, expected):
    assert choose_rate(kind, rate_hz) == expected


@pytest.mark.parametrize(("rate_hz", "copied_hz"), [(192_000, 96_000), (8_000, 8_000)])
def test_a_lossless_copy_keeps_the_rate_and_one_channel(rate_hz, copied_hz, tmp_path):
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate_hz) / rate_hz, dtype=np.float32)[None]
    sound, source = listen(copy_here(aiff(tmp_path / "a", tone, rate_hz), "flac"))
    assert (source.codec, source.rate_hz, source.channels) == ("flac", copied_hz, 1)
    assert sound.size == pytest.approx(16_000, abs=20)


def test_what_is_longer_than_allowed_is_not_copied(music, tmp_path):
    with pytest.raises(TooLongError):
        copy_here(aiff(tmp_path / "a", music), "mp3", max_seconds=1)


@pytest.mark.django_db
def test_a_file_that_cannot_be_encoded_is_given_up_and_holds_up_no_other(music, tmp_path):
    broken = keep(aiff(tmp_path / "a", music))
    path_of(broken.sha256).write_bytes(b"FORM\x00\x00\x00\x08AIFFCOMM")
    fine = keep(aiff(tmp_path / "b", music[:, :RATE_HZ]))
    AudioFile.objects.filter(pk=broken.pk).update(rendition_failures=renditions.MAX_FAILURES - 1)
    make_renditions()
    for audio_file in (broken, fine):
        audio_file.refresh_from_db()
    assert (broken.rendition, broken.rendition_failures) == (Rendition.FAILED, renditions.MAX_FAILURES)
    assert fine.rendition == Rendition.MADE
    assert not rendition_path_of(broken.sha256).exists()
    assert staged() == []


@pytest.mark.django_db
def test_a_lost_original_is_no_crash(music, tmp_path):
    audio_file = keep(aiff(tmp_path / "a", music))
    path_of(audio_file.sha256).unlink()
    make_rendition(audio_file)
    audio_file.refresh_from_db()
    assert audio_file.rendition_failures == 1


@pytest.mark.django_db
def test_without_room_nothing_is_made_and_nothing_is_counted(music, tmp_path, monkeypatch):
    audio_file = keep(aiff(tmp_path / "a", music))
    monkeypatch.setattr(renditions, "SPARE_BYTES", 1 << 60)
    with pytest.raises(NoRoomError):
        make_rendition(audio_file)
    make_renditions()
    audio_file.refresh_from_db()
    assert (audio_file.rendition, audio_file.rendition_failures) == (Rendition.WANTED, 0)
    assert staged() == []


def test_a_full_disk_is_told_from_a_broken_file(music, tmp_path):
    """/dev/full has no room for anything, also where the last bytes are written as the file is closed."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    source = aiff(tmp_path / "a", music[:, :1000])
    command = [sys.executable, "-m", "recommender.ingest.rendition_writer", str(source), "flac"]
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        limits = ["3600", str(1 << 30), "60", str(os.getpid())]
        ended = subprocess.run([*command, *limits], stdout=full, stderr=subprocess.PIPE, check=False)
    assert ended.returncode == 3, ended.stderr


def test_a_copy_larger_than_allowed_is_a_failure(music, tmp_path):
    source = aiff(tmp_path / "a", music)
    command = [sys.executable, "-m", "recommender.ingest.rendition_writer", str(source), "mp3"]
    with (tmp_path / "copy").open("wb") as copy:
        limits = ["3600", "10000", "60", str(os.getpid())]
        ended = subprocess.run([*command, *limits], stdout=copy, stderr=subprocess.PIPE, check=False)
    assert ended.returncode == 1
    assert (tmp_path / "copy").stat().st_size <= 10_000


def test_errors_of_writing_are_kept(tmp_path):
    path = tmp_path / "read-only"
    path.write_bytes(b"")
    with path.open("rb", buffering=0) as file:
        sink = Sink(file)
        with pytest.raises(OSError, match="writ"):
            sink.write(b"words")
    assert sink.error is not None
    sink.error = OSError(errno.ENOSPC, "full")
    assert sink.is_out_of_room


@pytest.mark.django_db
def test_the_copy_of_a_track_that_was_deleted_meanwhile_goes_too(music, tmp_path):
    audio_file = keep(aiff(tmp_path / "a", music[:, :RATE_HZ]))
    AudioFile.objects.filter(pk=audio_file.pk).delete()
    make_rendition(audio_file)
    assert not rendition_path_of(audio_file.sha256).exists()
    assert staged() == []


@pytest.mark.django_db
def test_a_copy_that_is_there_is_not_made_again(music, tmp_path):
    audio_file = keep(aiff(tmp_path / "a", music[:, :RATE_HZ]))
    copy = rendition_path_of(audio_file.sha256)
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(b"the copy")
    make_rendition(audio_file)
    audio_file.refresh_from_db()
    assert audio_file.rendition == Rendition.MADE
    assert copy.read_bytes() == b"the copy"
