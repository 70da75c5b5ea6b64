"""Facts about real files, measured while they are decoded."""

import hashlib
import struct
from dataclasses import asdict
from pathlib import Path

import av
import numpy as np
import pyloudnorm
import pytest

from embeddings.decoding import decode_blocks
from embeddings.source_facts import HIGHEST_BIT_RATE, SourceFacts, parse_source
from embeddings.source_meter import SourceMeter
from embeddings.synthesis import CONTAINERS, synthesise, write_audio

RATE_HZ = 44_100


def read_source(path: Path) -> SourceFacts:
    blocks = decode_blocks(path, 16_000, max_seconds=1e5)
    list(blocks)
    assert blocks.source is not None
    return blocks.source


CODECS = {"wav": "pcm_s16le", "wav-24": "pcm_s24le", "flac": "flac", "mp3": "mp3", "aac-m4a": "aac", "opus": "opus"}


@pytest.mark.parametrize("container", CONTAINERS)
def test_the_facts_of_every_container(container, encoded, save, music):
    content = encoded(container)
    found = read_source(save("song", content))
    assert found.codec == CODECS.get(container, found.codec)
    assert found.rate_hz == (CONTAINERS[container].rate_hz or RATE_HZ)
    assert found.channels == 2
    assert found.bit_rate == pytest.approx(8 * len(content) / 6, rel=0.02)
    expected = pyloudnorm.Meter(RATE_HZ).integrated_loudness(music.T.astype(np.float64))
    assert found.loudness_lufs == pytest.approx(expected, abs=1.5)
    assert -4 < found.peak_dbfs < 1


def test_lossless_files_measure_as_their_master(encoded, save, music):
    found = read_source(save("a.flac", encoded("flac")))
    expected = pyloudnorm.Meter(RATE_HZ).integrated_loudness(music.T.astype(np.float64))
    assert found.loudness_lufs == pytest.approx(expected, abs=0.1)
    assert found.peak_dbfs == pytest.approx(20 * np.log10(np.abs(music).max()), abs=0.01)
    assert found.container == "flac"


def test_all_lossless_copies_of_a_master_have_one_hash(encoded, save):
    hashes = {
        name: read_source(save(name, encoded(name))).audio_sha256 for name in ("wav", "flac", "aiff", "caf", "mka")
    }
    assert len(set(hashes.values())) == 1, hashes
    with av.open(str(save("a.wav", encoded("wav")))) as file:
        samples = np.concatenate([frame.to_ndarray().ravel() for frame in file.decode(audio=0)])
    floats = (samples / np.float32(32768)).astype("<f4")
    assert hashes["wav"] == hashlib.sha256(struct.pack("<II", RATE_HZ, 2) + floats.tobytes()).hexdigest()


def test_other_sound_other_rates_and_other_channels_have_other_hashes(encoded, save, tmp_path):
    music = synthesise("rock", 3, 2)
    files = [
        write_audio(tmp_path / "a.wav", music, RATE_HZ),
        write_audio(tmp_path / "b.wav", music * [[1], [0.99]], RATE_HZ),
        write_audio(tmp_path / "c.wav", music, 48_000),
        write_audio(tmp_path / "d.wav", np.repeat(music, 2, axis=1)[:1], RATE_HZ),
        write_audio(tmp_path / "e.wav", music[:1], RATE_HZ),
        write_audio(tmp_path / "f.wav", np.pad(music, ((0, 0), (0, 1))), RATE_HZ),
    ]
    assert len({read_source(path).audio_sha256 for path in files}) == len(files)


def test_tags_do_not_change_the_hash(encoded, save):
    mp3 = encoded("mp3")
    size = 10 + int.from_bytes(bytes([0, *mp3[7:10]]), "big")  # a small tag: its length has no byte above 127 here
    assert mp3[:3] == b"ID3"
    assert size < 10 + 128
    bare = mp3[size:]
    other = b"ID3\4\0\0\0\0\x10\0" + bytes(2048) + bare + b"TAG" + b"a" * 125
    hashes = {read_source(save("a.mp3", content)).audio_sha256 for content in (mp3, bare, other)}
    assert len(hashes) == 1


def test_a_chain_that_changes_its_rate_is_measured_throughout(encoded, tmp_path, save):
    kind = "flac-ogg"
    second = write_audio(tmp_path / "b", synthesise("flute", 1, 3, 22_050), 22_050, container=kind)
    first = read_source(save("first", encoded(kind)))
    found = read_source(save("chain", encoded(kind) + second.read_bytes()))
    assert (found.rate_hz, found.channels) == (RATE_HZ, 2)
    assert found.audio_sha256 != first.audio_sha256
    assert found.loudness_lufs is not None


def test_silence_has_no_loudness_and_the_lowest_peak(tmp_path):
    found = read_source(write_audio(tmp_path / "a.wav", np.zeros((2, RATE_HZ), np.float32), RATE_HZ))
    assert found.loudness_lufs is None
    assert found.peak_dbfs == -120


def test_numbers_that_are_no_sound_count_as_silence(tmp_path):
    music = synthesise("rock", 3, 2)
    spoilt, clean = music.copy(), music.copy()
    for sample, value in ((1000, np.nan), (2000, np.inf), (3000, 1e30)):
        spoilt[0, sample], clean[0, sample] = value, 0
    found = [
        read_source(write_audio(tmp_path / name, samples, RATE_HZ, container="wav-f32"))
        for name, samples in (("a.wav", spoilt), ("b.wav", clean))
    ]
    assert found[0] == found[1]


def test_an_empty_meter_knows_nothing():
    found = SourceMeter().finish(container="wav", codec="mp3float", file_bytes=44)
    assert found == SourceFacts("wav", "mp3", 0, 0, 0, hashlib.sha256().hexdigest(), None, -120)


def test_a_moment_of_sound_in_a_large_file_has_a_bit_rate_that_databases_hold():
    meter = SourceMeter()
    meter.start(8_000, 1, ["FC"])
    meter.add(np.ones((1, 1), np.float32), 1.0)
    facts = meter.finish(container="flac", codec="flac", file_bytes=300 << 20)
    assert parse_source(asdict(facts)) == facts
    assert facts.bit_rate == HIGHEST_BIT_RATE
