"""Music to learn from: decoded once, then multiplied by mixing and by what happens to audio in the world.

Teachers can label any sound, so a window may be a mix of two pieces, transposed, filtered, driven or reverberant, and
still have an exact target.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.decoding import decode_blocks
from embeddings.encoders.cnn_spec import RATE_HZ, WINDOW_SAMPLES
from embeddings.recordings import LabelledTrack

MAX_SECONDS: Final = 1200.0
SMALLEST_RMS: Final = 1e-4
Wave = NDArray[np.float32]


@dataclass(frozen=True)
class Piece:
    """One decoded track of the training half: ``samples`` int16 mono at 16 kHz, mapped from disk."""

    name: str
    samples: NDArray[np.int16]


def decode_pieces(tracks: Sequence[LabelledTrack], cache: Path) -> list[Piece]:
    """Decode each track once into ``cache``; later calls only map the files. One of another size is decoded again."""
    cache.mkdir(parents=True, exist_ok=True)
    pieces = []
    for track in tracks:
        path = cache / f"{track.name.replace('/', '__')}-{track.path.stat().st_size}.npy"
        if not path.exists():
            wave = np.concatenate(list(decode_blocks(track.path, RATE_HZ, max_seconds=MAX_SECONDS)))
            temporary = path.with_suffix(".tmp.npy")
            np.save(temporary, np.rint(np.clip(wave, -1.0, 1.0) * 32767).astype(np.int16))
            temporary.replace(path)
        pieces.append(Piece(track.name, np.load(path, mmap_mode="r")))
    return pieces


def cut_window(piece: Piece, rng: np.random.Generator, speed: float = 1.0) -> Wave:
    """A random window (163,840,) that sounds, played ``speed`` times as fast (pitch and tempo together)."""
    needed = int(np.ceil(WINDOW_SAMPLES * speed)) + 2
    for _ in range(8):
        if len(piece.samples) <= needed:
            raw = np.resize(piece.samples, needed)
        else:
            start = int(rng.integers(len(piece.samples) - needed))
            raw = piece.samples[start : start + needed]
        wave = np.asarray(raw.astype(np.float32) / 32767, np.float32)
        if rms(wave) > SMALLEST_RMS:
            break
    if speed == 1.0:
        return wave[:WINDOW_SAMPLES]
    positions = np.arange(WINDOW_SAMPLES) * speed
    return np.asarray(np.interp(positions, np.arange(needed), wave), np.float32)


def rms(wave: Wave) -> float:
    return float(np.sqrt(np.mean(np.square(wave), dtype=np.float64)))


def to_level(wave: Wave, level: float = 0.1) -> Wave:
    return np.asarray(wave * (level / max(rms(wave), SMALLEST_RMS)), np.float32)


def mix(first: Wave, second: Wave, rng: np.random.Generator) -> Wave:
    """Two windows played at once, up to 8 dB apart."""
    balance = 10 ** (rng.uniform(-8, 8) / 20)
    return to_level(to_level(first) + balance * to_level(second))


def colour(wave: Wave, rng: np.random.Generator) -> Wave:
    """Another production of the same music: equaliser, room and drive, each now and then."""
    if rng.random() < 0.2:
        wave = np.tanh(to_level(wave) * rng.uniform(5, 40)).astype(np.float32)
    spectrum = np.fft.rfft(wave, 2 * WINDOW_SAMPLES)
    frequencies = np.fft.rfftfreq(2 * WINDOW_SAMPLES, 1 / RATE_HZ)
    if rng.random() < 0.7:
        spectrum *= _random_equaliser(frequencies, rng)
    if rng.random() < 0.2:
        spectrum *= np.fft.rfft(_random_room(rng), 2 * WINDOW_SAMPLES)
    return np.fft.irfft(spectrum)[:WINDOW_SAMPLES].astype(np.float32)


def _random_equaliser(frequencies: NDArray[np.floating], rng: np.random.Generator) -> NDArray[np.float64]:
    """A smooth gain curve, up to about 15 dB up or down, over six points between 40 Hz and 8 kHz."""
    points = np.geomspace(40, 8000, 6)
    gains_db = rng.normal(0, 6, 6)
    decibels = np.interp(np.log(np.maximum(frequencies, 20)), np.log(points), gains_db)
    return np.asarray(10 ** (decibels / 20), np.float64)


def _random_room(rng: np.random.Generator) -> Wave:
    """Exponentially decaying noise after the direct sound (Moorer, "About this reverberation business", 1979)."""
    seconds = rng.uniform(0.2, 1.5)
    length = int(seconds * RATE_HZ)
    tail = rng.normal(size=length) * np.exp(-6.9 * np.arange(length) / length)
    response = tail * rng.uniform(0.1, 0.5) / np.sqrt(np.sum(tail**2))
    response[0] += 1.0
    return np.asarray(response, np.float32)


def degrade(wave: Wave, rng: np.random.Generator) -> Wave:
    """What a listener would not call another piece: noise at 5-30 dB, a lost top or bottom, clipping."""
    kind = rng.integers(3)
    levelled = to_level(wave)
    if kind == 0:
        noise = _coloured_noise(rng) * 10 ** (-rng.uniform(5, 30) / 20)
        return levelled + noise
    if kind == 1:
        limit = rng.uniform(0.15, 0.6)
        return np.clip(levelled, -limit, limit)
    spectrum = np.fft.rfft(levelled)
    frequencies = np.fft.rfftfreq(WINDOW_SAMPLES, 1 / RATE_HZ)
    low, high = rng.uniform(0, 150), rng.uniform(3500, 8000)
    spectrum[(frequencies < low) | (frequencies > high)] *= 0.03
    return np.fft.irfft(spectrum, WINDOW_SAMPLES).astype(np.float32)


def _coloured_noise(rng: np.random.Generator) -> Wave:
    """Noise between white and brown, mostly pink, at the level of the music."""
    spectrum = np.fft.rfft(rng.normal(size=WINDOW_SAMPLES))
    frequencies = np.maximum(np.fft.rfftfreq(WINDOW_SAMPLES, 1 / RATE_HZ), 20.0)
    slope = rng.choice([0.0, 0.5, 0.5, 1.0])
    return to_level(np.fft.irfft(spectrum / frequencies**slope, WINDOW_SAMPLES).astype(np.float32))
