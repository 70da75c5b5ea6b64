"""Voices that sing or speak with the music.

Speech comes from eSpeak NG. For singing, its spectral envelope, stretched so that a syllable lies on each note, shapes
a pulse train at the pitch of the melody: a channel vocoder with cepstral envelopes (Oppenheim, "Speech
analysis-synthesis system based on homomorphic filtering", 1969).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import istft, stft

from embeddings.training.instruments import STUDIO_RATE_HZ, Wave, fit, say
from embeddings.training.midi import Note

FRAME: Final = 2048
HOP: Final = 512
LIFTER: Final = 90  # coefficients kept: formants, not the pitch of the speaker
LOWEST_GAIN: Final = 1e-4
LANGUAGES: Final = ("en-us", "en-gb", "es", "it", "fr-fr", "de", "pt-br", "sv", "pl", "tr")
CONSONANTS: Final = ("b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "y", "sh", "l", "n")
VOWELS: Final = ("a", "e", "i", "o", "u", "ah", "oo", "ay")
WORDS: Final = (
    "time night day love fire street light river heart money dream city rain road world mind soul never always down "
    "up over under running walking talking looking waiting baby brother sister mother father people music rhyme beat "
    "power freedom water stone sky wind summer winter morning evening home away back again forever together alone "
    "crazy lazy easy heavy steady ready money honey story glory hold told gold cold feel real steal deal"
)


def draw_voice(rng: np.random.Generator) -> tuple[str, bool]:
    """An eSpeak voice, and whether it is a woman's."""
    is_female = bool(rng.random() < 0.5)
    number = int(rng.integers(1, 5 if is_female else 8))
    return f"{rng.choice(LANGUAGES)}+{'f' if is_female else 'm'}{number}", is_female


def speak(kind: str, tempo_bpm: float, seconds: float, rng: np.random.Generator) -> Wave:
    """Lines of random words, each beginning on a bar: ``rap`` fills its two bars, anything else is slow talk."""
    voice, is_female = draw_voice(rng)
    voice = "en-us" + voice[voice.index("+") :]
    line_seconds = 8 * 60 / tempo_bpm
    speed = int(rng.integers(190, 250) if kind == "rap" else rng.integers(120, 165))
    count = max(3, int(line_seconds * speed / 60 * 0.85))
    out = np.zeros(round(seconds * STUDIO_RATE_HZ), np.float32)
    for start in np.arange(0 if rng.random() < 0.5 else line_seconds, seconds - 1, line_seconds):
        spoken = say(
            " ".join(rng.choice(WORDS.split(), count)), voice, speed, int(rng.integers(30, 60) + 15 * is_female)
        )
        begin = int(start * STUDIO_RATE_HZ)
        out[begin : begin + int(line_seconds * STUDIO_RATE_HZ)] += fit(spoken, len(out))[
            : min(int(line_seconds * STUDIO_RATE_HZ), len(out) - begin)
        ]
    return out


def sing(
    lines: Sequence[Sequence[Note]], tempo_bpm: float, seconds: float, kind: str, rng: np.random.Generator
) -> Wave:
    """The melodic ``lines`` sung at once to the syllables of the first: float32 at 32 kHz, ``seconds`` long.

    ``kind``: sing, shout (strained), growl (low and rough) or choir (several singers a line, mostly vowels).
    """
    voice, is_female = draw_voice(rng)
    beat = 60 / tempo_bpm
    length = round(seconds * STUDIO_RATE_HZ)
    notes = [note for note in lines[0] if note.start * beat < seconds - 0.1]
    if not notes:
        return np.zeros(length, np.float32)
    singers = 3 if kind == "choir" else 1
    source = np.zeros(length)
    for line in lines:
        for _ in range(singers):
            source += _pulses(_pitch_curve(line, beat, length, (kind, is_female), rng), rng)
    if kind == "growl":
        source = 0.4 * source + rng.normal(0, 0.06, length)
    source += rng.normal(0, 0.004, length)
    envelope = _syllables(len(notes), kind, voice, rng)
    shaped = _shape(source, envelope, _positions(notes, beat, length, envelope.shape[1]))
    strain = {"shout": 4.0, "growl": 8.0}.get(kind, 0.0)
    if strain:
        shaped = np.tanh(shaped * strain / max(float(np.std(shaped)), 1e-9))
    return np.asarray(shaped, np.float32)


def _pitch_curve(
    line: Sequence[Note], beat: float, length: int, singer: tuple[str, bool], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Hertz at each sample: notes in the singer's octave, gliding, with vibrato."""
    kind, is_female = singer
    middle = float(np.mean([note.key for note in line])) if line else 60.0
    target = 42 if kind == "growl" else 66 if is_female else 55
    octave = 0 if kind == "choir" else 12 * round((target - middle) / 12)
    keys = np.full(-(-length // HOP), middle + octave)
    for note in line:
        keys[int(note.start * beat * STUDIO_RATE_HZ / HOP) :] = note.key + octave
    glide = np.hanning(7)
    keys = np.convolve(np.pad(keys, 3, mode="edge"), glide / glide.sum(), "valid")
    clock = np.arange(len(keys)) * HOP / STUDIO_RATE_HZ
    depth = rng.uniform(0.05, 0.15) if kind == "growl" else rng.uniform(0.1, 0.45)
    keys = keys + depth * np.sin(2 * np.pi * rng.uniform(4.8, 6.2) * clock + rng.uniform(0, 6)) + rng.normal(0, 0.06)
    keys = np.interp(np.arange(length), np.arange(len(keys)) * HOP, keys)
    return np.asarray(440 * 2 ** ((keys - 69) / 12))


def _pulses(hertz: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """One pulse a period, spread over two samples so that pitches between the sample grid stay in tune."""
    phase = rng.uniform() + np.cumsum(hertz) / STUDIO_RATE_HZ
    turns = np.flatnonzero(np.diff(np.floor(phase)) > 0)
    share = (np.ceil(phase[turns]) - phase[turns]) / np.maximum(phase[turns + 1] - phase[turns], 1e-9)
    out = np.zeros(len(hertz))
    np.add.at(out, turns, 1 - share)
    np.add.at(out, turns + 1, share)
    return out


def _syllables(count: int, kind: str, voice: str, rng: np.random.Generator) -> NDArray[np.float64]:
    """The spectral envelope (1025, frames) of that many spoken syllables, without the silence around them."""
    vowel = str(rng.choice(VOWELS))
    parts = [
        vowel if kind == "choir" and rng.random() < 0.7 else f"{rng.choice(CONSONANTS)}{rng.choice(VOWELS)}"
        for _ in range(min(count, 48))
    ]
    spoken = say(" ".join("".join(parts[start : start + 3]) for start in range(0, len(parts), 3)), voice, 130, 40)
    _, _, spectrum = stft(spoken, nperseg=FRAME, noverlap=FRAME - HOP)
    magnitude = np.abs(spectrum)
    loud = magnitude.sum(axis=0)
    magnitude = magnitude[:, loud > 0.05 * loud.max()]
    cepstrum = np.fft.irfft(np.log(np.maximum(magnitude, LOWEST_GAIN * magnitude.max())), axis=0)
    cepstrum[LIFTER:-LIFTER] = 0
    return np.exp(np.fft.rfft(cepstrum, axis=0).real)


def _positions(notes: Sequence[Note], beat: float, length: int, frames: int) -> NDArray[np.float64]:
    """For each output frame the frame of speech that it takes its envelope from, or -1 between notes."""
    positions = np.full(length // HOP + 1, -1.0)
    per_note = frames / min(len(notes), 48)
    for number, note in enumerate(notes):
        start, end = (int(time * beat * STUDIO_RATE_HZ / HOP) for time in (note.start, note.start + note.length))
        within = np.linspace(0, 1, max(end - start, 1)) ** 0.6
        stop = min(end, len(positions))
        positions[start:stop] = (((number % 48) + within) * per_note)[: max(stop - start, 0)] % frames
    return positions


def _shape(
    source: NDArray[np.float64], envelope: NDArray[np.float64], positions: NDArray[np.float64]
) -> NDArray[np.float64]:
    _, _, spectrum = stft(source, nperseg=FRAME, noverlap=FRAME - HOP)
    frames = min(spectrum.shape[1], len(positions))
    gain = envelope[:, np.clip(positions[:frames], 0, None).astype(int)] * (positions[:frames] >= 0)
    _, shaped = istft(spectrum[:, :frames] * gain, nperseg=FRAME, noverlap=FRAME - HOP)
    return np.asarray(fit(shaped, len(source)))
