"""Effects on mono float32 waves at 16 kHz: tempo, dynamics, codecs. Each leaves its input as it is."""

import io
from fractions import Fraction
from typing import Final

import av
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from embeddings.encoders.cnn_spec import RATE_HZ

Wave = NDArray[np.float32]
GRAIN: Final = 1024
SEARCH: Final = 160
SEARCH_STEP: Final = 2
LEVEL_FRAME: Final = 80
SHORT_SAMPLES: Final = 5 * RATE_HZ
BIT_RATES: Final = (32_000, 48_000, 64_000, 96_000, 128_000)
# Codec, muxer, options, and the samples that come before the music where the container does not say so.
CODECS: Final = (
    ("libmp3lame", "mp3", {"compression_level": "8"}, 0),
    ("aac", "adts", {"aac_coder": "fast"}, 1024),
    ("libopus", "ogg", {"compression_level": "3"}, 0),
)


def stretch_tempo(wave: Wave, factor: float, length: int) -> Wave:
    """``length`` samples of the wave played ``factor`` times as fast at its own pitch.

    WSOLA: grains of 64 ms, each taken where it continues the one before best (Verhelst and Roelands, "An overlap-add
    technique based on waveform similarity", ICASSP 1993). Needs about ``factor * length`` samples; silence beyond.
    """
    hop = GRAIN // 2
    count = -(-length // hop) + 1
    padded = np.pad(wave, (SEARCH, max(0, int(count * hop * factor) + 2 * GRAIN + 2 * SEARCH - len(wave))))
    window = np.hanning(GRAIN + 1)[:-1].astype(np.float32)
    out = np.zeros((count + 1) * hop, np.float32)
    start = SEARCH
    for grain in range(count):
        if grain:
            # Where the grain before would have gone on, looked for around where the tempo asks to be.
            wanted = padded[start + hop : start + hop + GRAIN : SEARCH_STEP]
            middle = SEARCH + int(grain * hop * factor)
            around = padded[middle - SEARCH : middle + SEARCH + GRAIN]
            scores = sliding_window_view(around, GRAIN)[::SEARCH_STEP, ::SEARCH_STEP] @ wanted
            start = middle - SEARCH + SEARCH_STEP * int(np.argmax(scores))
        out[grain * hop : grain * hop + GRAIN] += window * padded[start : start + GRAIN]
    return np.asarray(out[hop // 2 : hop // 2 + length])


def resample_speed(wave: Wave, factor: float, length: int) -> Wave:
    """``length`` samples of the wave played ``factor`` times as fast, pitch and tempo together."""
    return np.asarray(np.interp(np.arange(length) * factor, np.arange(len(wave)), wave), np.float32)


def compress(wave: Wave, threshold_db: float, ratio: float) -> Wave:
    """Peaks more than ``threshold_db`` (below zero) under the highest are brought closer to it by ``ratio``.

    Levels of 5 ms, gains that fall at once and recover by 0.3 dB a frame, the level of the whole unchanged.
    """
    frames = np.abs(np.pad(wave, (0, -len(wave) % LEVEL_FRAME))).reshape(-1, LEVEL_FRAME).max(axis=1)
    levels = 20 * np.log10(np.maximum(frames, 1e-6) / max(float(frames.max()), 1e-6))
    gains = -(1 - 1 / ratio) * np.maximum(levels - threshold_db, 0)
    # A gain recovers 0.3 dB a frame: the lowest of those before it, each raised by its age.
    ages = 0.3 * np.arange(len(gains))
    gains = np.minimum.accumulate(gains - ages) + ages
    # The fall begins a frame early, so that the attack is met.
    gains = np.minimum(gains, np.append(gains[1:], gains[-1]))
    curve = np.interp(np.arange(len(wave)), np.arange(len(gains)) * LEVEL_FRAME + LEVEL_FRAME / 2, gains)
    loud = wave * 10 ** (curve / 20)
    return np.asarray(loud * (np.std(wave) / max(float(np.std(loud)), 1e-9)), np.float32)


def repeat_short(wave: Wave, start: int) -> Wave:
    """Five seconds from ``start`` on, repeated to the length of the wave, as a recording of 5 s is heard."""
    return np.resize(wave[start : start + SHORT_SAMPLES], len(wave))


def encode_lossily(wave: Wave, codec: int, bit_rate: int) -> Wave:
    """The wave after a codec of ``CODECS`` at ``bit_rate`` bit/s and back, of the same length."""
    name, muxer, options, delay = CODECS[codec]
    peak = max(float(np.abs(wave).max()), 1e-6)
    file = io.BytesIO()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave[None] * (0.8 / peak), np.float32), "fltp", "mono")
    frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, 0, Fraction(1, RATE_HZ)
    with av.open(file, "w", format=muxer) as output:
        stream = output.add_stream(name, rate=RATE_HZ, layout="mono")
        stream.bit_rate = bit_rate
        context = stream.codec_context
        context.format = context.codec.audio_formats[0]
        context.options = dict(options)
        context.open()
        fit = av.AudioResampler(context.format, "mono", RATE_HZ, frame_size=context.frame_size or 4096)
        for fitted in [*fit.resample(frame), *fit.resample(None), None]:
            output.mux(stream.encode(fitted))
    file.seek(0)
    return np.asarray(_decode(file, delay, len(wave)) * (peak / 0.8), np.float32)


def _decode(file: io.BytesIO, delay: int, length: int) -> Wave:
    convert = av.AudioResampler("fltp", "mono", RATE_HZ)
    with av.open(file) as source:
        frames = [fitted for frame in source.decode(audio=0) for fitted in convert.resample(frame)]
    decoded = np.concatenate([frame.to_ndarray()[0] for frame in [*frames, *convert.resample(None)]])[delay:]
    return np.asarray(np.pad(decoded[:length], (0, max(0, length - len(decoded)))), np.float32)
