from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from embeddings import (
    AudioError,
    DecodeLimits,
    NotAudioError,
    SilentError,
    TooLongError,
    TooShortError,
    analyse_file,
)
from embeddings.segments import SegmentSpec
from embeddings.synthesis import synthesise, write_audio

RATE_HZ = 44_100
SEGMENTS = SegmentSpec(window_seconds=2.0, hop_seconds=1.0, max_segments=6, rate_hz=16_000)


@dataclass(frozen=True)
class BandSpec:
    segments: SegmentSpec = SEGMENTS


@dataclass(frozen=True)
class BandEncoder:
    """The real interface with sixteen band levels for a network."""

    spec: BandSpec = field(default_factory=BandSpec)

    def embed_segments(self, waveforms: np.ndarray) -> np.ndarray:
        power = np.abs(np.fft.rfft(waveforms, axis=1)) ** 2
        bands = np.log1p(np.add.reduceat(power, np.geomspace(20, 15_000, 16).astype(int), axis=1))
        bands -= bands.mean(axis=1, keepdims=True) - 1e-3
        return (bands / np.linalg.norm(bands, axis=1, keepdims=True)).astype(np.float32)


ENCODER = BandEncoder()


def test_a_track_is_analysed(decoder, encoded, save):
    seconds = []
    found = analyse_file(save("a.mp3", encoded("mp3")), ENCODER, decoder=decoder, on_progress=seconds.append)

    assert found.embedding.shape == (16,)
    assert found.embedding.dtype == np.float32
    assert np.linalg.norm(found.embedding) == pytest.approx(1, abs=1e-5)
    assert found.segment_embeddings.shape == (len(found.segment_starts_seconds), 16)
    assert (np.diff(found.segment_starts_seconds) > 0).all()
    assert found.duration_seconds == pytest.approx(6, abs=0.05)
    assert found.descriptors.waveform_peaks.shape == (1000,)
    assert -40 < found.descriptors.rms_dbfs < found.descriptors.peak_dbfs <= 3
    assert found.tags == {}
    assert found.source.codec == "mp3"
    assert found.descriptors.loudness_lufs == found.source.loudness_lufs == pytest.approx(-14, abs=2)
    assert 0 < found.descriptors.energy < 1
    assert 0 < found.descriptors.brightness < 1
    assert found.fingerprint.dtype == np.uint32
    assert found.fingerprint.size > 20
    assert not found.is_truncated
    assert len(seconds) >= 6
    assert seconds == sorted(seconds)
    assert seconds[-1] == pytest.approx(found.duration_seconds)


def test_it_brings_a_decoder_of_its_own_if_need_be(encoded, save, decoder):
    path = save("a.flac", encoded("flac"))
    own, lent = analyse_file(path, ENCODER), analyse_file(path, ENCODER, decoder=decoder)
    np.testing.assert_array_equal(own.embedding, lent.embedding)
    with pytest.raises(TooLongError):
        analyse_file(path, ENCODER, limits=DecodeLimits(max_seconds=2))


@pytest.mark.parametrize("container", ["wav", "opus", "aac-m4a", "wma", "vorbis"])
def test_the_container_hardly_changes_the_vector(container, decoder, encoded, save):
    reference = analyse_file(save("a", encoded("flac")), ENCODER, decoder=decoder).embedding
    found = analyse_file(save("b", encoded(container)), ENCODER, decoder=decoder).embedding
    assert found @ reference > 0.98


def test_a_silent_track_is_measured_all_the_same(decoder, tmp_path):
    path = write_audio(tmp_path / "a.flac", np.zeros((2, 20 * RATE_HZ), np.float32), RATE_HZ, container="flac")
    with pytest.raises(SilentError) as caught:
        analyse_file(path, ENCODER, decoder=decoder)
    assert caught.value.duration_seconds == pytest.approx(20, abs=0.01)
    assert not caught.value.descriptors.waveform_peaks.any()
    assert caught.value.descriptors.loudness_lufs is None
    assert caught.value.source.codec == "flac"
    assert caught.value.fingerprint is not None


@pytest.mark.parametrize("seconds", [0.0001, 0.01, 0.4])
def test_a_short_track_is_measured_all_the_same(seconds, decoder, tmp_path):
    path = write_audio(tmp_path / "a.wav", synthesise("rock", 1, seconds), RATE_HZ)
    with pytest.raises(TooShortError) as caught:
        analyse_file(path, ENCODER, decoder=decoder)
    assert caught.value.duration_seconds == pytest.approx(seconds, abs=0.001)
    assert caught.value.descriptors.waveform_peaks.shape == (1000,)
    assert not caught.value.is_truncated
    assert len(caught.value.source.audio_sha256) == 64
    assert not caught.value.fingerprint.size


@pytest.mark.parametrize("seconds", [0.5, 0.99, 1.9])
def test_half_a_second_is_enough(seconds, decoder, tmp_path):
    path = write_audio(tmp_path / "a.wav", synthesise("rock", 1, seconds), RATE_HZ)
    assert np.isfinite(analyse_file(path, ENCODER, decoder=decoder).embedding).all()


def test_music_after_silence_is_found(decoder, tmp_path):
    music = synthesise("piano", 1, 1)
    samples = np.concatenate([np.zeros((2, 59 * RATE_HZ), np.float32), music], axis=1)
    found = analyse_file(write_audio(tmp_path / "a.flac", samples, RATE_HZ, container="flac"), ENCODER, decoder=decoder)
    assert found.segment_starts_seconds.min() >= 57
    assert found.duration_seconds == pytest.approx(60, abs=0.01)


def test_a_cut_file_is_marked(decoder, encoded, save):
    whole = encoded("flac")
    assert analyse_file(save("a.flac", whole[: len(whole) // 2]), ENCODER, decoder=decoder).is_truncated


def test_what_stops_the_caller_stops_the_decoding(decoder, encoded, save):
    class LeaseLostError(Exception):
        pass

    def renew(_: float) -> None:
        raise LeaseLostError

    path = save("a.flac", encoded("flac"))
    with pytest.raises(LeaseLostError):
        analyse_file(path, ENCODER, decoder=decoder, on_progress=renew)
    assert analyse_file(path, ENCODER, decoder=decoder).duration_seconds == 6


def test_bad_audio_is_told_as_such(decoder, save):
    with pytest.raises(NotAudioError) as caught:
        analyse_file(save("a.mp3", b"hello"), ENCODER, decoder=decoder)
    assert isinstance(caught.value, AudioError)
    assert caught.value.code == "not_audio"


def test_an_encoder_with_a_rate_of_its_own_changes_nothing_that_is_measured(decoder, tmp_path):
    path = write_audio(tmp_path / "a.flac", synthesise("techno", 1, 14), RATE_HZ, container="flac")
    encoders = [BandEncoder(BandSpec(replace(SEGMENTS, rate_hz=rate_hz))) for rate_hz in (16_000, 24_000, 48_000)]
    reference, *others = (analyse_file(path, encoder, decoder=decoder) for encoder in encoders)
    for other in others:
        assert other.source == reference.source
        assert other.duration_seconds == pytest.approx(reference.duration_seconds, abs=1e-3)
        found, wanted = other.descriptors, reference.descriptors
        assert (found.tempo_bpm, found.key) == (wanted.tempo_bpm, wanted.key)
        assert found.brightness == pytest.approx(wanted.brightness, abs=0.01)
        length = min(other.fingerprint.size, reference.fingerprint.size)
        differing = np.bitwise_count(other.fingerprint[:length] ^ reference.fingerprint[:length])
        assert differing.mean() < 2
