"""Music to learn from: decoded once, then multiplied by mixing and by what happens to audio in the world.

Teachers can label any sound, so a window may be a mix of two or three pieces, transposed, at another tempo, filtered,
compressed, driven or reverberant, and still have an exact target.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.decoding import decode_blocks
from embeddings.encoders.cnn_spec import RATE_HZ, WINDOW_SAMPLES
from embeddings.errors import AudioError
from embeddings.recordings import LabelledTrack
from embeddings.silence import SilenceGate
from embeddings.training.effects import (
    BIT_RATES,
    CODECS,
    SHORT_SAMPLES,
    compress,
    encode_lossily,
    repeat_short,
    resample_speed,
    stretch_tempo,
)

MAX_SECONDS: Final = 1200.0
SMALLEST_RMS: Final = 1e-4
DEGRADATIONS: Final = {"noise": 0.35, "clipping": 0.1, "band": 0.2, "codec": 0.15, "short": 0.2}
Wave = NDArray[np.float32]


@dataclass(frozen=True)
class Piece:
    """One decoded track of the training half: ``samples`` int16 mono at 16 kHz, mapped from disk."""

    name: str
    samples: NDArray[np.int16]

    def __reduce__(self) -> tuple[Callable[..., "Piece"], tuple[str, Any]]:
        """To another process a mapped piece goes as the name of its file."""
        if isinstance(self.samples, np.memmap):
            return open_piece, (self.name, self.samples.filename)
        return Piece, (self.name, self.samples)


def open_piece(name: str, path: Path) -> Piece:
    return Piece(name, np.load(path, mmap_mode="r"))


def decode_pieces(tracks: Sequence[LabelledTrack], cache: Path) -> list[Piece]:
    """Decode each track once into ``cache``; later calls only map the files. A file that changed is decoded again.

    Long silence is left out, as when a track is embedded. Raises AudioError, which names the track, and OSError.
    """
    cache.mkdir(parents=True, exist_ok=True)
    pieces = []
    for track in tracks:
        path = cache / f"{track.name.replace('/', '__')}-{stamp_of(track.path)}.npy"
        if not path.exists():
            wave = _decode_sounding(track)
            temporary = path.with_suffix(".tmp.npy")
            np.save(temporary, np.rint(np.clip(wave, -1.0, 1.0) * 32767).astype(np.int16))
            temporary.replace(path)
        pieces.append(open_piece(track.name, path))
    return pieces


def stamp_of(path: Path) -> str:
    """Size and time of last change. Raises OSError."""
    found = path.stat()
    return f"{found.st_size}-{found.st_mtime_ns}"


def _decode_sounding(track: LabelledTrack) -> Wave:
    gate = SilenceGate(RATE_HZ)
    try:
        parts = [gate.sift(block) for block in decode_blocks(track.path, RATE_HZ, max_seconds=MAX_SECONDS)]
    except AudioError as error:
        raise AudioError(f"{track.name}: {error}") from error
    wave = np.concatenate([*parts, gate.finish()])
    if not wave.size:
        raise AudioError(f"{track.name}: silent from beginning to end")
    return wave


def cut_window(piece: Piece, rng: np.random.Generator, speed: float = 1.0, *, stretch: float = 1.0) -> Wave:
    """A random window (163,840,) that sounds, played ``speed`` times as fast (pitch and tempo together).

    ``stretch`` more times as fast at its own pitch: ``speed=p, stretch=1 / p`` moves the pitch alone.
    """
    resampled = int(np.ceil(WINDOW_SAMPLES * speed)) + 2
    needed = resampled if stretch == 1.0 else int(np.ceil(resampled * stretch)) + 1
    for _ in range(8):
        if len(piece.samples) <= needed:
            raw = np.resize(piece.samples, needed)
        else:
            start = int(rng.integers(len(piece.samples) - needed))
            raw = piece.samples[start : start + needed]
        wave = np.asarray(raw.astype(np.float32) / 32767, np.float32)
        if rms(wave) > SMALLEST_RMS:
            break
    if stretch != 1.0:
        wave = stretch_tempo(wave, stretch, resampled)
    return wave[:WINDOW_SAMPLES] if speed == 1.0 else resample_speed(wave, speed, WINDOW_SAMPLES)


def draw_speeds(rng: np.random.Generator) -> tuple[float, float]:
    """``speed`` and ``stretch`` for ``cut_window``: often neither, else pitch and tempo together, or one of them."""
    kind = rng.random()
    factor = float(2 ** rng.uniform(-0.4, 0.4))
    if kind < 0.6:
        return 1.0, 1.0
    if kind < 0.8:
        return factor, 1.0
    return (factor, 1 / factor) if kind < 0.9 else (1.0, factor)


def rms(wave: Wave) -> float:
    return float(np.sqrt(np.mean(np.square(wave), dtype=np.float64)))


def to_level(wave: Wave, level: float = 0.1) -> Wave:
    return np.asarray(wave * (level / max(rms(wave), SMALLEST_RMS)), np.float32)


def mix_windows(waves: Sequence[Wave], rng: np.random.Generator) -> Wave:
    """Any number of windows at once: each but the first up to 8 dB above or below it."""
    total = to_level(waves[0])
    for wave in waves[1:]:
        total = total + to_level(wave) * np.float32(10 ** (rng.uniform(-8, 8) / 20))
    return to_level(total)


def colour(wave: Wave, rng: np.random.Generator) -> Wave:
    """Another production of the same music: compressor, drive, equaliser and room, each now and then."""
    if rng.random() < 0.25:
        wave = compress(wave, rng.uniform(-35, -10), rng.uniform(1.5, 8))
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


def degrade(wave: Wave, rng: np.random.Generator, kind: str | None = None) -> Wave:
    """What a listener would not call another piece: one of ``DEGRADATIONS``, drawn by its share where none is named.

    Noise at 5-30 dB, clipping, a lost top or bottom, a lossy codec at 32-128 kbit/s, five seconds of it repeated.
    """
    kind = kind or str(rng.choice(list(DEGRADATIONS), p=list(DEGRADATIONS.values())))
    levelled = to_level(wave)
    if kind == "noise":
        return levelled + _coloured_noise(rng) * np.float32(10 ** (-rng.uniform(5, 30) / 20))
    if kind == "clipping":
        limit = rng.uniform(0.15, 0.6)
        return np.clip(levelled, -limit, limit)
    if kind == "codec":
        return encode_lossily(levelled, int(rng.integers(len(CODECS))), int(rng.choice(BIT_RATES)))
    if kind == "short":
        return repeat_short(levelled, int(rng.integers(len(wave) - SHORT_SAMPLES + 1)))
    if kind == "band":
        return _limit_band(levelled, rng.uniform(0, 150), rng.uniform(3500, 8000))
    raise ValueError(f"{kind!r} is no degradation; known are: {', '.join(DEGRADATIONS)}.")


def _limit_band(wave: Wave, low_hz: float, high_hz: float) -> Wave:
    """30 dB less below ``low_hz`` and above ``high_hz``."""
    spectrum = np.fft.rfft(wave)
    frequencies = np.fft.rfftfreq(len(wave), 1 / RATE_HZ)
    spectrum[(frequencies < low_hz) | (frequencies > high_hz)] *= 0.03
    return np.fft.irfft(spectrum, len(wave)).astype(np.float32)


def _coloured_noise(rng: np.random.Generator) -> Wave:
    """Noise between white and brown, mostly pink, at the level of the music."""
    spectrum = np.fft.rfft(rng.normal(size=WINDOW_SAMPLES))
    frequencies = np.maximum(np.fft.rfftfreq(WINDOW_SAMPLES, 1 / RATE_HZ), 20.0)
    slope = rng.choice([0.0, 0.5, 0.5, 0.5, 1.0])
    return to_level(np.fft.irfft(spectrum / frequencies**slope, WINDOW_SAMPLES).astype(np.float32))
