import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from embeddings.decoding import Mixdown, _goes_beyond, decode_blocks
from embeddings.errors import (
    CorruptAudioError,
    NoAudioStreamError,
    NotAudioError,
    TooLongError,
    UnsupportedAudioError,
)
from embeddings.synthesis import CONTAINERS, synthesise, write_audio

RATE_HZ = 44_100
HOURS = 12 * 3600.0


def decode(path: Path, max_seconds: float = HOURS) -> tuple[np.ndarray, bool]:
    blocks = decode_blocks(path, 16_000, max_seconds=max_seconds)
    samples = np.concatenate([np.zeros(0, np.float32), *blocks])
    return samples, blocks.is_truncated


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def spectrum(samples: np.ndarray) -> np.ndarray:
    """The level of 40 bands below 7 kHz, as a unit vector."""
    power = np.abs(np.fft.rfft(samples[:80_000], 96_000))[:42_000].reshape(40, -1).mean(axis=1)
    return power / np.linalg.norm(power)


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_gives_the_same_sound(container, music, encoded, save):
    samples, is_truncated = decode(save("song" + CONTAINERS[container].suffix, encoded(container)))
    reference, _ = decode(save("reference.wav", encoded("wav-f32")))

    assert samples.dtype == np.float32
    assert samples.size / 16_000 == pytest.approx(6, abs=0.1)
    assert not is_truncated
    assert rms(samples) == pytest.approx(rms(reference), rel=0.1)
    assert spectrum(samples) @ spectrum(reference) > 0.99


def test_the_name_says_nothing_about_the_content(encoded, save):
    for name in ("-i.mp3", "$(touch x).mp3", "song", "concat:a|b.wav", "http:", "a%20\nb.flac", "x.txt"):
        samples, _ = decode(save(name.replace("/", ""), encoded("flac")))
        assert samples.size == 96_000


def test_a_name_that_is_not_unicode_is_fine(tmp_path, encoded):
    path = os.fsencode(tmp_path) + b"/\xff\xfe.mp3"
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(encoded("mp3"))
    samples, _ = decode(Path(os.fsdecode(path)))
    assert samples.size > 90_000


def test_blocks_are_about_a_second_long(tmp_path):
    path = write_audio(tmp_path / "a.flac", synthesise("piano", 1, 10), RATE_HZ, container="flac")
    sizes = [block.size for block in decode_blocks(path, 16_000, max_seconds=HOURS)]
    assert sum(sizes) == 160_000
    assert max(sizes) <= 17_000


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 48_000, 96_000, 192_000])
def test_rates_from_8_to_192_khz(rate_hz, tmp_path):
    tone = np.sin(2 * np.pi * 1000 * np.arange(2 * rate_hz) / rate_hz).astype(np.float32)[None] / 2
    samples, _ = decode(write_audio(tmp_path / "tone.flac", tone, rate_hz, container="flac"))
    assert samples.size == pytest.approx(32_000, abs=2)
    assert np.abs(np.fft.rfft(samples[:16_000])).argmax() == 1000
    assert rms(samples[1000:-1000]) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)


def test_mono_and_dual_mono_are_the_same(music, tmp_path):
    mono, _ = decode(write_audio(tmp_path / "mono.wav", music[:1], RATE_HZ))
    dual, _ = decode(write_audio(tmp_path / "dual.wav", np.tile(music[:1], (2, 1)), RATE_HZ))
    assert np.abs(mono - dual).max() < 1e-6


def test_the_side_stands_in_where_the_mid_cancels(music, tmp_path):
    opposite, _ = decode(write_audio(tmp_path / "a.wav", np.stack([music[0], -music[0]]), RATE_HZ))
    plain, _ = decode(write_audio(tmp_path / "b.wav", music[:1], RATE_HZ))
    # 16 bits cannot hold +1, and steps are not symmetrical about 0
    assert np.abs(opposite - plain).max() < 1e-3


def test_one_side_wired_the_wrong_way_round_changes_nothing(music, tmp_path):
    crossed, _ = decode(write_audio(tmp_path / "a.wav", music * [[1], [-1]], RATE_HZ))
    plain, _ = decode(write_audio(tmp_path / "b.wav", music, RATE_HZ))
    assert np.abs(crossed - plain).max() < 1e-3


def test_a_wide_mix_is_still_mixed_to_its_middle():
    rng = np.random.default_rng(1)
    unrelated = rng.normal(0, 0.1, (1000, 2)).astype(np.float32)
    np.testing.assert_allclose(Mixdown(RATE_HZ).mix(unrelated), unrelated.mean(axis=1), atol=1e-6)
    one_sided = unrelated * np.float32([1, 0])
    np.testing.assert_allclose(Mixdown(RATE_HZ).mix(one_sided), one_sided.mean(axis=1), atol=1e-6)


@pytest.mark.parametrize("gain", [0.55, 0.45])
def test_a_mix_with_a_loud_side_does_not_change_from_bar_to_bar(gain):
    """The middle lies 5 or 7 dB below the side on the whole, and swells and fades against it twice in three seconds."""
    rng = np.random.default_rng(2)
    swell = 1 + 0.6 * np.sin(np.arange(20 * RATE_HZ) * 2 * np.pi / (1.5 * RATE_HZ))
    middle, side = gain * swell * rng.normal(0, 0.1, 20 * RATE_HZ), rng.normal(0, 0.1, 20 * RATE_HZ)
    sides = np.stack([middle + side, middle - side], axis=1).astype(np.float32)
    mixdown = Mixdown(RATE_HZ)
    mixed = np.split(np.concatenate([mixdown.mix(block) for block in np.split(sides, 20)]), 20)
    is_side = [np.corrcoef(found, wanted)[0, 1] > 0.9 for found, wanted in zip(mixed, np.split(side, 20), strict=True)]
    assert np.count_nonzero(np.diff(is_side)) <= 1


def test_a_mix_that_is_inverted_midway_is_heard_throughout_without_a_click():
    seconds = np.arange(40 * RATE_HZ) / RATE_HZ
    wave = np.sin(2 * np.pi * 220 * seconds).astype(np.float32)
    other = np.where(seconds < 8, wave, -wave)
    mixdown = Mixdown(RATE_HZ)
    mixed = np.concatenate([mixdown.mix(block) for block in np.split(np.stack([wave, other], axis=1), 40)])
    assert rms(mixed[-8 * RATE_HZ :]) == pytest.approx(rms(wave), rel=0.01)
    steps = np.abs(np.diff(mixed))
    assert np.delete(steps, 8 * RATE_HZ - 1).max() < 1.1 * np.abs(np.diff(wave)).max()


@pytest.mark.parametrize("channels", [4, 6, 8])
@pytest.mark.parametrize("container", ["wav", "flac", "aac-m4a", "opus", "wavpack"])
def test_surround(channels, container, music, tmp_path):
    samples = np.tile(music[:1], (channels, 1))
    path = write_audio(tmp_path / "a", samples, RATE_HZ, container=container)
    plain, _ = decode(write_audio(tmp_path / "b.wav", music[:1], RATE_HZ))
    surround, _ = decode(path)
    assert rms(surround) == pytest.approx(rms(plain), rel=0.05)


def test_the_subwoofer_is_left_out(tmp_path):
    samples = np.zeros((6, RATE_HZ), np.float32)
    samples[3] = 0.5  # FL FR FC LFE
    low_only, _ = decode(write_audio(tmp_path / "a.wav", samples, RATE_HZ))
    assert not low_only.any()


def test_mix_down_falls_back_to_the_strongest_of_many_channels():
    wave = np.sin(np.arange(1000)).astype(np.float32)
    np.testing.assert_array_equal(Mixdown(RATE_HZ).mix(np.stack([wave, -wave, 2 * wave, -2 * wave], axis=1)), 2 * wave)


def test_numbers_that_are_no_sound_are_removed(music, tmp_path):
    spoilt = music.copy()
    spoilt[:, 1000:1100] = np.nan
    spoilt[0, 2000], spoilt[1, 2001], spoilt[1, 3000] = np.inf, -np.inf, 1e38
    spoilt[:, 50_000:60_000] = 1e-42
    for container in ("wav-f32", "wav-f64"):
        samples, _ = decode(write_audio(tmp_path / "a.wav", spoilt, RATE_HZ, container=container))
        assert np.isfinite(samples).all()
        assert np.abs(samples).max() < 1.2
        assert not np.any((samples != 0) & (np.abs(samples) < 1e-30))


NOT_AUDIO = {
    "empty": b"",
    "text": b"hello",
    "random": np.random.default_rng(1).bytes(1 << 20),
    "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(5000),
    "zip": b"PK\x03\x04" + bytes(5000),
    "elf": b"\x7fELF" + bytes(5000),
    "midi": b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0",
    "hls": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://%s\n#EXT-X-ENDLIST\n",
    "hls relative": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nother.wav\n#EXT-X-ENDLIST\n",
    "concat": b"ffconcat version 1.0\nfile '%s'\n",
    "pls": b"[playlist]\nFile1=%s\n",
    "cue": b'FILE "%s" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n',
    "srt": b"1\n00:00:01,000 --> 00:00:02,000\nhello\n",
    "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
}


@pytest.mark.parametrize("kind", NOT_AUDIO)
@pytest.mark.parametrize("suffix", [".mp3", ".wav", ".m3u8", ".ogg"])
def test_what_is_not_audio_is_refused_and_leads_nowhere(kind, suffix, save, encoded):
    other = save("other.wav", encoded("wav"))
    path = save("upload" + suffix, NOT_AUDIO[kind].replace(b"%s", os.fsencode(other)))
    with pytest.raises(NotAudioError):
        decode(path)


def write_video(path: Path, sound: np.ndarray | None) -> Path:
    with av.open(os.fspath(path), "w", format="mp4") as output:
        video = output.add_stream("mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        audio = output.add_stream("aac", rate=RATE_HZ, layout="stereo") if sound is not None else None
        for _ in range(50):
            output.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")))
        output.mux(video.encode(None))
        if sound is not None:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), "fltp", "stereo")
            frame.sample_rate, frame.pts = RATE_HZ, 0
            fit = av.AudioResampler("fltp", "stereo", RATE_HZ, frame_size=1024)
            for fitted in [*fit.resample(frame), *fit.resample(None), None]:
                output.mux(audio.encode(fitted))
    return path


def test_of_a_video_only_the_sound_is_taken(music, tmp_path):
    samples, _ = decode(write_video(tmp_path / "clip.m4a", music))
    assert samples.size / 16_000 == pytest.approx(6, abs=0.1)


def test_a_silent_film_has_no_audio_stream(tmp_path):
    with pytest.raises(NoAudioStreamError):
        decode(write_video(tmp_path / "film.mp4", None))


@pytest.mark.parametrize("entry", [b"drms", b"enca"])
def test_encrypted_music_is_not_supported(entry, encoded, save):
    with pytest.raises(UnsupportedAudioError, match="encrypted"):
        decode(save("a.m4p", encoded("aac-m4a").replace(b"mp4a", entry)))


def with_format_field(wav: bytes, offset: int, value: bytes) -> bytes:
    at = wav.index(b"fmt ") + 8 + offset
    return wav[:at] + value + wav[at + len(value) :]


def test_too_many_channels_and_odd_rates_are_not_supported(encoded, save):
    wav = encoded("wav")
    sixteen = with_format_field(with_format_field(wav, 2, b"\x10\0"), 12, b"\x20\0")
    for broken in (
        sixteen,
        with_format_field(wav, 4, (384_000).to_bytes(4, "little")),
        with_format_field(wav, 4, (4_000).to_bytes(4, "little")),
    ):
        with pytest.raises(UnsupportedAudioError, match="channels at"):
            decode(save("a.wav", broken))
    absurd = with_format_field(with_format_field(wav, 2, b"\xff\xff"), 4, (4_000_000_000).to_bytes(4, "little"))
    with pytest.raises((NotAudioError, UnsupportedAudioError)):
        decode(save("a.wav", absurd))


def test_opus_with_255_channels(encoded, save):
    opus = bytearray(encoded("opus"))
    head = opus.index(b"OpusHead")
    opus[head + 9] = opus[head + 18] = 255
    with pytest.raises((NotAudioError, UnsupportedAudioError, CorruptAudioError)):
        decode(save("a.opus", bytes(opus)))


@pytest.mark.parametrize("container", ["wav", "flac", "mp3", "wavpack", "aiff", "mka"])
def test_a_file_cut_short_gives_what_is_left_and_says_so(container, encoded, save):
    whole = encoded(container)
    samples, is_truncated = decode(save("cut", whole[: len(whole) * 6 // 10]))
    assert 2 < samples.size / 16_000 < 5
    assert is_truncated
    again, _ = decode(save("again", whole[: len(whole) * 6 // 10]))
    np.testing.assert_array_equal(samples, again)


def test_an_mp4_without_its_index_is_refused(encoded, save):
    whole = encoded("aac-m4a")
    with pytest.raises((NotAudioError, CorruptAudioError)):
        decode(save("cut.m4a", whole[: whole.index(b"moov")]))


def test_a_missing_ogg_page_is_noticed(encoded, save):
    ogg = encoded("vorbis")
    pages = [at for at in range(len(ogg)) if ogg.startswith(b"OggS", at)]
    samples, is_truncated = decode(save("a.ogg", ogg[: pages[3]] + ogg[pages[4] :]))
    assert samples.size < 90_000
    assert is_truncated


def test_a_header_without_samples_is_corrupt(encoded, save):
    wav = encoded("wav")
    data = wav.index(b"data")
    with pytest.raises(CorruptAudioError):
        decode(save("a.wav", wav[: data + 4] + bytes(4)))


def test_a_single_sample_is_no_error_here(music, tmp_path):
    samples, _ = decode(write_audio(tmp_path / "a.wav", music[:, :1], RATE_HZ))
    assert samples.size <= 1


def claiming(flac: bytes, total_samples: int) -> bytes:
    """The FLAC with another number of samples in its STREAMINFO (36 bits)."""
    lie = bytearray(flac)
    lie[21] = (lie[21] & 0xF0) | (total_samples >> 32)
    lie[22:26] = (total_samples & 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(lie)


def lying_files(encoded) -> dict[str, bytes]:
    wav, flac, mp3 = encoded("wav"), encoded("flac"), bytearray(encoded("mp3"))
    data = wav.index(b"data") + 4
    frames = max(mp3.find(b"Info"), mp3.find(b"Xing")) + 8
    mp3[frames : frames + 4] = (1000 * int.from_bytes(mp3[frames : frames + 4], "big")).to_bytes(4, "big")
    return {
        "wav 4 GB": wav[:data] + b"\xff" * 4 + wav[data + 4 :],
        "flac 433 h": claiming(flac, 2**36 - 1),
        "flac unknown": claiming(flac, 0),
        "xing x 1000": bytes(mp3),
        "wav with 100 000 chunks": wav[:12] + b"junk\2\0\0\0ab" * 100_000 + wav[12:],
        "64 kB before the first frame": np.random.default_rng(2).bytes(65_536) + encoded("mp3"),
        "three tags": b"ID3\4\0\0\0\0\0\x10" + bytes(16) + encoded("mp3") + b"TAG" + b"a" * 125,
    }


def test_what_headers_claim_is_not_believed(encoded, save):
    for name, content in lying_files(encoded).items():
        samples, _ = decode(save("a", content), max_seconds=60)
        assert samples.size / 16_000 == pytest.approx(6, abs=0.1), name


@pytest.mark.parametrize("container", ["vorbis", "opus", "flac", "wav", "aac-m4a", "mka", "wma"])
def test_far_too_long_is_known_before_anything_is_decoded(container, music, tmp_path):
    # seeking goes by pages and clusters of some seconds: a shorter piece would be decoded instead
    path = write_audio(tmp_path / "a", np.tile(music, (1, 8)), RATE_HZ, container=container)
    blocks = decode_blocks(path, 16_000, max_seconds=15)
    with pytest.raises(TooLongError):
        next(blocks)


@pytest.mark.parametrize("container", ["mp3", "aac-adts", "ac3", "flac"])
def test_a_little_too_long_is_noticed_while_decoding(container, encoded, save):
    blocks = decode_blocks(save("a", encoded(container)), 16_000, max_seconds=4.5)
    heard = [next(blocks).size for _ in range(3)]
    assert sum(heard) <= 4.5 * 16_000
    with pytest.raises(TooLongError):
        list(blocks)


def test_of_two_streams_the_first_is_taken(music, tmp_path):
    path = tmp_path / "two.mka"
    with av.open(os.fspath(path), "w", format="matroska") as output:
        streams = [output.add_stream("pcm_s16le", rate=RATE_HZ, layout="mono") for _ in range(2)]
        for stream, gain in zip(streams, (0.5, 0.0), strict=True):
            samples = (music[:1] * gain * 32_000).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(samples, "s16", "mono")
            frame.sample_rate, frame.pts = RATE_HZ, 0
            output.mux([*stream.encode(frame), *stream.encode(None)])
    samples, _ = decode(path)
    assert samples.any()


def test_a_chained_ogg_whose_rate_changes_does_no_harm(encoded, tmp_path, save):
    second = write_audio(tmp_path / "b.oga", synthesise("flute", 1, 3, 22_050), 22_050, container="flac-ogg")
    samples, _ = decode(save("chain.oga", encoded("flac-ogg") + second.read_bytes()))
    assert samples.size >= 96_000


def test_no_descriptor_stays_open(encoded, save):
    good, bad = save("a.flac", encoded("flac")), save("b.mp3", b"hello")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for _ in range(5):
        next(decode_blocks(good, 16_000, max_seconds=HOURS))
        with pytest.raises(NotAudioError):
            decode(bad)
        decode(good)
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        decode(tmp_path / "none.mp3")


@pytest.mark.parametrize("failure", [av.error.EOFError(1, "end"), None], ids=["libav fails", "no packet"])
def test_looking_ahead_in_vain_goes_back_to_the_beginning(failure):
    """Or the decoding that follows would start at the end and find nothing."""

    class Container:
        position = 0
        format = type("Format", (), {"name": "flac"})

        def seek(self, position, *, stream):
            self.position = position

        def demux(self, _stream):
            if failure is not None:
                raise failure
            yield from ()

    container = Container()
    assert not _goes_beyond(container, type("Stream", (), {"time_base": Fraction(1, 1000)}), 10.0)
    assert container.position == 0
