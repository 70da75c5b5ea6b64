"""Music rendered from a seed, in styles that the collection at hand lacks.

MMA plays a groove over a random harmony, parts and a melody are composed beside it, FluidSynth plays it all with a
General MIDI sound font, guitars go through a driven amplifier, some pieces are sung to; see :mod:`instruments` for what
must be installed. The same seed gives the same samples with the same versions of those programs.
"""

import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from scipy.signal import butter, fftconvolve, resample_poly, sosfilt

from embeddings.encoders.cnn_spec import RATE_HZ
from embeddings.errors import EmbeddingError
from embeddings.training.harmony import draw_melody
from embeddings.training.instruments import STUDIO_RATE_HZ, Wave, check_instruments, play_groove, play_notes
from embeddings.training.material import SMALLEST_RMS, Piece, rms
from embeddings.training.midi import Note
from embeddings.training.scores import Score, swap_programs, write_score
from embeddings.training.styles import STYLES, Style
from embeddings.training.voices import sing, speak

RECIPE: Final = 2
SECONDS: Final = 40.0
PEAK: Final = 0.9
QUIETEST_RMS: Final = 0.005
ELECTRIC_GUITARS: Final = range(26, 32)
TWO_STAGES_DB: Final = 20.0


def render_pieces(cache: Path, *, count: int, seed: int) -> list[Piece]:
    """``count`` pieces of 40 s named ``render/<style>/<number>``, styles in turn, kept in ``cache`` and used again.

    Raises MissingInstrumentError where a program or the sound font is not installed and a piece is yet to be made.
    """
    cache.mkdir(parents=True, exist_ok=True)
    styles = list(STYLES)
    pieces = []
    for number in range(count):
        style = styles[number % len(styles)]
        path = cache / f"render-{RECIPE}-{style}-{seed}-{number}.npy"
        if not path.exists():
            check_instruments()
            temporary = path.with_suffix(".tmp.npy")
            np.save(temporary, render_piece(style, [seed, number]))
            temporary.replace(path)
        pieces.append(Piece(f"render/{style}/{number}", np.load(path, mmap_mode="r")))
    return pieces


def render_piece(style_name: str, seed: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """One piece of 40 s, int16 mono at 16 kHz. EmbeddingError if it came out silent."""
    rng = np.random.default_rng([*seed, zlib.crc32(style_name.encode())])
    style = STYLES[style_name]
    score = write_score(style, SECONDS, rng)
    studio = _mix_down(_play_stems(style, score, rng), style, rng)
    samples = resample_poly(studio, 1, STUDIO_RATE_HZ // RATE_HZ)
    if not rms(np.asarray(samples, np.float32)) >= QUIETEST_RMS:  # nor NaN, which no stem at all would give
        raise EmbeddingError(f"The render of {style_name} with seed {seed} is silent: is the sound font complete?")
    return np.asarray(np.rint(np.clip(samples, -1, 1) * 32767), np.int16)


@dataclass(frozen=True)
class Stem:
    """A group of instruments before the mixing desk; ``level_db`` is its RMS relative to the others."""

    samples: Wave
    level_db: float


def _play_stems(style: Style, score: Score, rng: np.random.Generator) -> list[Stem]:
    groove = play_groove(score.groove) if score.groove else []
    drive_db = float(rng.uniform(*style.drive))
    notes = swap_programs(groove + score.parts, score.kit, keep=ELECTRIC_GUITARS if drive_db else (), rng=rng)
    drums, guitars, band = _split(notes, is_driven=drive_db > 0)
    stems = [
        Stem(play_notes(group, score.tempo_bpm, SECONDS), float(rng.normal(level, 2.0)))
        for group, level in ((drums, style.drums_db), (band, -2.0 if guitars else 0.0))
        if group
    ]
    if guitars:
        stems.append(Stem(_record_guitars(guitars, score, drive_db, rng), float(rng.normal(1.5, 2.0))))
    is_sung = rng.random() < style.voice_share
    if is_sung:
        stems.append(Stem(_add_voice(style, score, rng), float(rng.normal(0.5, 2.5))))
    if not is_sung or rng.random() < 0.25:
        lead = play_notes(score.melody, score.tempo_bpm, SECONDS)
        is_guitar = bool(drive_db) and any(note.program in ELECTRIC_GUITARS for note in score.melody)
        stems.append(Stem(_drive(lead, drive_db, rng) if is_guitar else lead, float(rng.normal(-1.5, 2.5))))
    return [stem for stem in stems if rms(stem.samples) > SMALLEST_RMS]


def _split(notes: list[Note], *, is_driven: bool) -> tuple[list[Note], list[Note], list[Note]]:
    """Drums, guitars for the amplifier, all else."""
    drums = [note for note in notes if note.is_drum]
    pitched = [note for note in notes if not note.is_drum]
    if not is_driven:
        return drums, [], pitched
    # A driven sample of a driven guitar only gets dull: the amplifier is fed the clean one.
    clean = {29: 27, 30: 27, 31: 26}
    guitars = [
        replace(note, program=clean.get(note.program, note.program))
        for note in pitched
        if note.program in ELECTRIC_GUITARS
    ]
    return drums, guitars, [note for note in pitched if note.program not in ELECTRIC_GUITARS]


def _record_guitars(notes: list[Note], score: Score, gain_db: float, rng: np.random.Generator) -> Wave:
    """The notes through the amplifier; where it is driven hard, played twice, the second take late and out of tune."""
    clean = play_notes(notes, score.tempo_bpm, SECONDS)
    if gain_db <= TWO_STAGES_DB:
        return _drive(clean, gain_db, rng)
    late = np.pad(clean, (int(rng.integers(300, 900)), 0))[: len(clean)]
    detuned = np.interp(np.arange(len(late)) * rng.uniform(0.998, 1.002), np.arange(len(late)), late)
    return _drive(clean, gain_db, rng) + _drive(np.asarray(detuned, np.float32), gain_db + 2, rng)


def _drive(samples: Wave, gain_db: float, rng: np.random.Generator) -> Wave:
    """A guitar amplifier: low cut, two stages of soft clipping, a loudspeaker from 80 Hz to 5-8 kHz with presence."""
    tight = sosfilt(butter(1, 150, "high", fs=STUDIO_RATE_HZ, output="sos"), samples)
    hot = np.tanh(tight / max(float(np.std(tight)), 1e-9) * 10 ** ((gain_db - 9) / 20) + 0.1)
    if gain_db > TWO_STAGES_DB:
        hot = np.tanh(3 * sosfilt(butter(1, 200, "high", fs=STUDIO_RATE_HZ, output="sos"), hot))
    body = sosfilt(butter(2, (80, rng.uniform(5000, 8000)), "band", fs=STUDIO_RATE_HZ, output="sos"), hot)
    presence = sosfilt(butter(1, (1800, 5000), "band", fs=STUDIO_RATE_HZ, output="sos"), body)
    return np.asarray(body + rng.uniform(0.0, 1.5) * presence, np.float32)


def _add_voice(style: Style, score: Score, rng: np.random.Generator) -> Wave:
    if style.voice == "rap" or rng.random() < 0.06:
        return speak(style.voice, score.tempo_bpm, SECONDS, rng)
    if style.voice == "choir":
        lines = [draw_melody(score.plan.chords, score.plan.scale, "sparse", (0, key), rng) for key in (48, 57, 64, 71)]
        return sing(lines, score.tempo_bpm, SECONDS, "choir", np.random.default_rng(rng.integers(1 << 32)))
    lines = [score.melody] if rng.random() < 0.8 else [score.melody, [_third(note) for note in score.melody]]
    return sing(lines, score.tempo_bpm, SECONDS, style.voice, rng)


def _third(note: Note) -> Note:
    return Note(note.start, note.length, note.key + 4, note.velocity, note.program)


def _mix_down(stems: list[Stem], style: Style, rng: np.random.Generator) -> Wave:
    """The stems at their levels, in a room, with more or less bass and loudness."""
    mixed = np.zeros(round(SECONDS * STUDIO_RATE_HZ), np.float32)
    for stem in stems:
        mixed += stem.samples * (0.1 * 10 ** (stem.level_db / 20) / _loudness(stem.samples))
    mixed = _reverberate(mixed, float(rng.uniform(*style.room_seconds)), float(rng.uniform(0.05, 0.35)), rng)
    low = sosfilt(butter(1, rng.uniform(90, 180), fs=STUDIO_RATE_HZ, output="sos"), mixed)
    mixed = np.asarray(mixed + low * rng.uniform(-0.4, 0.9), np.float32)
    is_loud = bool(style.grooves or style.drums)
    if rng.random() < (0.6 if is_loud else 0.1):
        mixed = np.tanh(mixed / rms(mixed) * rng.uniform(0.1, 0.5)).astype(np.float32)
    return np.asarray(mixed * (PEAK / max(float(np.abs(mixed).max()), 1e-9)), np.float32)


def _loudness(samples: Wave) -> float:
    """RMS of what the ear weighs most: the lows count little (a first-order cut at 250 Hz)."""
    return rms(np.asarray(sosfilt(butter(1, 250, "high", fs=STUDIO_RATE_HZ, output="sos"), samples), np.float32))


def _reverberate(samples: Wave, seconds: float, share: float, rng: np.random.Generator) -> Wave:
    """Decaying noise, darker as it fades, beside the direct sound."""
    length = int(seconds * STUDIO_RATE_HZ)
    tail = rng.normal(size=length) * np.exp(-6.9 * np.arange(length) / length)
    tail = sosfilt(butter(1, rng.uniform(2000, 8000), fs=STUDIO_RATE_HZ, output="sos"), tail)
    wet = fftconvolve(samples, tail / np.sqrt(np.sum(tail**2)))[: len(samples)]
    return np.asarray((1 - share) * samples + share * wet, np.float32)
