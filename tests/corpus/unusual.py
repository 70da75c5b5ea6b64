"""Section C: legal audio that is seldom met."""

import os

import av
import numpy as np

from embeddings.synthesis import CONTAINERS, synthesise
from tests.corpus.case import RATE_HZ, Material, case, lasts, of
from tests.corpus.tagged import TITLED, tag


def samples(make):
    """WAV of what `make` returns for the music, float32 (channels, n)."""
    return lambda material: material.write(make(material.music).astype(np.float32), "wav-f32")


def cut(seconds: float):
    return samples(lambda music: music[:, : max(1, round(seconds * RATE_HZ))])


def constant(seconds: float, make):
    clock = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return samples(lambda _: np.tile(make(clock), (2, 1)))


def spoil(music: np.ndarray) -> np.ndarray:
    spoilt = music.copy()
    spoilt[:, 1000:1100] = np.nan
    spoilt[0, 2000], spoilt[1, 2001], spoilt[1, 3000] = np.inf, -np.inf, 1e38
    spoilt[:, 50_000:60_000] = 1e-42
    return spoilt


def channels(count: int, container: str = "wav"):
    return lambda material: material.write(np.resize(material.music, (count, material.music.shape[1])), container)


def at_rate(rate_hz: int):
    return lambda material: material.write(synthesise("piano", 5, 6, rate_hz), "flac", rate_hz)


def mp3(bit_rate: int, rate_hz: int = RATE_HZ):
    return lambda material: material.write(synthesise("piano", 5, 6, rate_hz), "mp3", rate_hz, bit_rate=bit_rate)


def hours_of_music(hours: int):
    """A minute of music over and over, as Opus at 32 kb/s."""

    def build(material: Material) -> bytes:
        path = material.folder / "long.opus"
        frame = av.AudioFrame.from_ndarray(synthesise("techno", 1, 60, 48_000), "fltp", "stereo")
        frame.sample_rate = 48_000
        with av.open(os.fspath(path), "w", format="ogg") as output:
            stream = output.add_stream("libopus", rate=48_000, layout="stereo")
            stream.bit_rate = 32_000
            context = stream.codec_context
            context.open()
            fit = av.AudioResampler(context.format, "stereo", 48_000, frame_size=context.frame_size)
            for minute in range(60 * hours):
                frame.pts = minute * frame.samples
                output.mux([packet for fitted in fit.resample(frame) for packet in stream.encode(fitted)])
            output.mux([packet for fitted in [*fit.resample(None), None] for packet in stream.encode(fitted)])
        return path.read_bytes()

    return build


def chained(material: Material) -> bytes:
    slow = material.write(synthesise("flute", 2, 4, 22_050), "vorbis", 22_050)
    return material.encoded("vorbis") + slow


def two_streams(material: Material) -> bytes:
    path = material.folder / "two.mka"
    with av.open(os.fspath(path), "w", format="matroska") as output:
        streams = [output.add_stream("pcm_s16le", rate=RATE_HZ, layout="mono") for _ in range(2)]
        for stream, gain in zip(streams, (0.5, 0.0), strict=True):
            frame = av.AudioFrame.from_ndarray((material.music[:1] * gain * 32_000).astype(np.int16), "s16", "mono")
            frame.sample_rate, frame.pts = RATE_HZ, 0
            output.mux([*stream.encode(frame), *stream.encode(None)])
    return path.read_bytes()


def rf64(wav: bytes) -> bytes:
    """The WAV as RF64: sizes of 64 bits in a chunk of their own (EBU Tech 3306)."""
    at = wav.index(b"data")
    size = int.from_bytes(wav[at + 4 : at + 8], "little")
    sizes = b"ds64\x1c\0\0\0" + (len(wav) + 28).to_bytes(8, "little") + size.to_bytes(8, "little") + bytes(12)
    return b"RF64\xff\xff\xff\xffWAVE" + sizes + wav[12 : at + 4] + b"\xff" * 4 + wav[at + 8 :]


def tags_all_over(mp3: bytes) -> bytes:
    ape = b"APETAGEX\xd0\7\0\0\x20\0\0\0\0\0\0\0\0\0\0\0" + bytes(8)
    return tag(TITLED) * 3 + mp3 + ape + b"TAG" + b"old title".ljust(125, b"\0")


SHORT = "unindexed too_short"

CASES = [
    case(39, "1 sample", cut(0), SHORT),
    case(39, "10 ms", cut(0.01), SHORT),
    case(39, "0.4 s", cut(0.4), SHORT),
    case(40, "0.5 s", cut(0.5), "ready"),
    case(40, "0.99 s", cut(0.99), "ready"),
    case(40, "2.9 s", cut(2.9), "ready"),
    case(41, "60 s of silence", constant(60, np.zeros_like), "unindexed silent"),
    case(
        42, "60 s of direct current", constant(60, lambda clock: np.full_like(clock, 0.5)), "ready", "unindexed silent"
    ),
    case(42, "60 s of square wave", constant(60, lambda clock: np.sign(np.sin(2 * np.pi * 220 * clock))), "ready"),
    case(42, "clipped", samples(lambda music: np.clip(40 * music, -1, 1)), "ready"),
    case(
        43,
        "59 s of silence, then 1 s of music",
        samples(lambda music: np.concatenate([np.zeros((2, 59 * RATE_HZ)), music[:, :RATE_HZ]], axis=1)),
        "ready",
    ),
    case(
        44,
        "11 h of music, Opus at 32 kb/s",
        hours_of_music(11),
        "ready",
        check=lasts(11 * 3600, within=1),
        is_slow=True,
    ),
    case(45, "NaN, Inf, 1e38 and denormals", samples(spoil), "ready"),
    case(46, "5.1", channels(6), "ready"),
    case(46, "7.1", channels(8), "ready"),
    case(46, "4 channels", channels(4), "ready"),
    case(47, "left = -right", samples(lambda music: np.stack([music[0], -music[0]])), "ready"),
    *(
        case(48, f"{rate_hz} Hz", at_rate(rate_hz), "ready", is_slow=rate_hz in (11_025, 22_050))
        for rate_hz in (8_000, 11_025, 22_050, 192_000)
    ),
    *(case(49, kind, of(kind), "ready") for kind in ("wav-u8", "wav-24", "wav-f64", "wav-alaw", "wav-mulaw")),
    case(50, "MP3 at 8 kb/s, MPEG-2.5", mp3(8_000, 8_000), "ready"),
    case(50, "MP3 at 320 kb/s", mp3(320_000), "ready"),
    # That each is decoded as it should be, tests/embeddings and tests/ingest/test_renditions.py show every time.
    *(
        case(51, kind, of(kind), "ready", check=lasts(6), is_slow=kind not in ("alac-m4a", "wma", "wavpack", "mka"))
        for kind in CONTAINERS
        if not kind.startswith("wav-")
    ),
    case(51, "RF64", of("wav", rf64), "ready", check=lasts(6)),
    case(52, "chained Ogg that changes its rate", chained, "ready", "failed unsupported"),
    case(53, "two streams", two_streams, "ready", check=lasts(6)),
    case(54, "three ID3 tags, APE and ID3v1", of("mp3", tags_all_over), "ready"),
]
