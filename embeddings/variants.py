"""The same music as it may come back: shifted, quieter, noisy, band-limited, cut in half, as an MP3 or in mono.

Most variants alter the samples that were decoded. ``MP3 64 kb/s``, ``mono`` and ``left channel`` are files, made from
the channels and at the sample rate of the original and decoded again.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft, rfftfreq

from embeddings.synthesis import write_audio

SHIFT_SECONDS: Final = 1.2
NOISE_DB: Final = -10.0
NARROW_HZ: Final = 4000.0
MP3_BIT_RATE: Final = 64_000
# LAME's -q 7: half the time of its default and no better sound.
MP3_EFFORT: Final = "7"
# What LAME takes; other originals are resampled to the first.
MP3_RATES_HZ: Final = (44_100, 48_000, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)
QUERY: Final = "5 s query"
QUERY_SECONDS: Final = 5.0

Wave = NDArray[np.float32]


def shift(wave: Wave, rate_hz: int) -> Wave:
    """Without its first 1.2 s."""
    return wave[round(SHIFT_SECONDS * rate_hz) :]


def attenuate(wave: Wave, _rate_hz: int) -> Wave:
    """12 dB quieter."""
    return np.asarray(wave * np.float32(10 ** (-12 / 20)), np.float32)


def add_pink_noise(wave: Wave, _rate_hz: int) -> Wave:
    """With pink noise 10 dB below the music (power falling as 1/f), the same noise every time."""
    size = next_fast_len(len(wave), real=True)
    spectrum = rfft(np.random.default_rng(0).standard_normal(size, np.float32))
    noise = irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum), dtype=np.float32), 1)), size)[: len(wave)]
    scale = np.std(wave) / max(float(np.std(noise)), 1e-12) * 10 ** (NOISE_DB / 20)
    return np.asarray(wave + scale * noise, np.float32)


def narrow(wave: Wave, rate_hz: int) -> Wave:
    """Without anything above 4 kHz."""
    size = next_fast_len(len(wave), real=True)
    spectrum = rfft(wave, size)
    spectrum[rfftfreq(size, 1 / rate_hz) > NARROW_HZ] = 0
    return np.asarray(irfft(spectrum, size)[: len(wave)], np.float32)


def first_half(wave: Wave, _rate_hz: int) -> Wave:
    return wave[: len(wave) // 2]


def second_half(wave: Wave, _rate_hz: int) -> Wave:
    return wave[len(wave) // 2 :]


def middle_seconds(wave: Wave, rate_hz: int) -> Wave:
    """The 5 s in the middle, or all of what is shorter: what a phone hears of a track."""
    samples = min(len(wave), round(QUERY_SECONDS * rate_hz))
    start = (len(wave) - samples) // 2
    return wave[start : start + samples]


WAVE_VARIANTS: Final[Mapping[str, Callable[[Wave, int], Wave]]] = {
    "shifted 1.2 s": shift,
    "-12 dB": attenuate,
    "pink noise at 10 dB": add_pink_noise,
    "below 4 kHz": narrow,
    "first half": first_half,
    "second half": second_half,
}
MP3: Final = "MP3 64 kb/s"
MONO: Final = "mono"
LEFT: Final = "left channel"
FILE_VARIANTS: Final = (MP3, MONO, LEFT)
VARIANTS: Final = (*WAVE_VARIANTS, *FILE_VARIANTS)


@contextmanager
def write_copies(path: Path) -> Iterator[dict[str, Path]]:
    """Copies of a file by variant, gone again afterwards.

    ``mono`` is the plain mean of left and right, ``left channel`` that channel alone and not made of a mono file; both
    as 16-bit WAV. The MP3 has 64 kb/s for all its channels. Errors: those of ``read_channels``.
    """
    samples, rate_hz = read_channels(path)
    with tempfile.TemporaryDirectory() as folder:
        copies = {MP3: Path(folder, "copy.mp3"), MONO: Path(folder, "mono.wav")}
        write_mp3(copies[MP3], samples, rate_hz)
        write_audio(copies[MONO], samples.mean(axis=0, keepdims=True), rate_hz)
        if len(samples) > 1:
            copies[LEFT] = Path(folder, "left.wav")
            write_audio(copies[LEFT], samples[:1], rate_hz)
        yield copies


def read_channels(path: Path) -> tuple[Wave, int]:
    """The samples (1 or 2, n) of a file and their rate in Hz: the original's where MP3 knows it.

    More than two channels are mixed to stereo by libav. Raises av.error.FFmpegError when it cannot read the file,
    ValueError when there is no sound in it.
    """
    with av.open(str(path), metadata_errors="replace") as container:
        stream = container.streams.audio[0]
        layout = "mono" if stream.codec_context.layout.nb_channels == 1 else "stereo"
        rate_hz = stream.rate if stream.rate in MP3_RATES_HZ else MP3_RATES_HZ[0]
        samples = [frame.to_ndarray() for frame in _resample(container.decode(stream), layout, rate_hz)]
    return np.nan_to_num(np.concatenate(samples, axis=1)).astype(np.float32), rate_hz


def _resample(frames: Iterable[av.AudioFrame], layout: str, rate_hz: int) -> Iterator[av.AudioFrame]:
    """Frames of any shape, which may change midway, to planar float of one layout and rate."""
    for _, alike in groupby(frames, lambda frame: (frame.sample_rate, frame.layout.name, frame.format.name)):
        resampler = av.AudioResampler("fltp", layout, rate_hz)
        for frame in alike:
            yield from resampler.resample(frame)
        yield from resampler.resample(None)


def write_mp3(path: Path, samples: Wave, rate_hz: int) -> None:
    """``samples`` (1 or 2, n) as an MP3 of 64 kb/s; ``rate_hz`` is one of ``MP3_RATES_HZ``."""
    layout = "mono" if len(samples) == 1 else "stereo"
    with av.open(str(path), "w", format="mp3") as output:
        stream = output.add_stream("libmp3lame", rate=rate_hz, layout=layout, options={"compression_level": MP3_EFFORT})
        stream.bit_rate = MP3_BIT_RATE
        for start in range(0, samples.shape[1], rate_hz):
            second = np.ascontiguousarray(samples[:, start : start + rate_hz])
            frame = av.AudioFrame.from_ndarray(second, "fltp", layout)
            frame.sample_rate, frame.pts, frame.time_base = rate_hz, start, Fraction(1, rate_hz)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
