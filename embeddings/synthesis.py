"""Music made by arithmetic: the demo's catalog and the tests' audio, free of anybody's rights.

Two tracks of one style share instruments and manner and differ in key, tempo, notes and dynamics, all drawn from the
seed; the same seed gives the same samples. The files are encoded by libav into any of ``CONTAINERS``.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
_Wave = NDArray[np.float64]

_MINOR: Final = (0, 2, 3, 5, 7, 8, 10)
_MAJOR: Final = (0, 2, 4, 5, 7, 9, 11)
_PROGRESSIONS: Final = ((0, 5, 3, 4), (0, 3, 4, 3), (0, 4, 5, 3), (5, 3, 0, 4))


def list_styles() -> list[str]:
    """The names that ``synthesise`` knows."""
    return list(_STYLES)


def synthesise(style: str, seed: int, seconds: float, rate_hz: int = 44_100) -> Samples:
    """A piece of music as float32 (2, samples), peak 0.8. Unknown styles raise ValueError."""
    if style not in _STYLES:
        raise ValueError(f"Unknown style {style!r}; known are: {', '.join(_STYLES)}.")
    rng = np.random.default_rng([list(_STYLES).index(style), seed])
    score = _Score(rng, round(seconds * rate_hz), rate_hz)
    _STYLES[style](score)
    return (score.mix * (0.8 / max(float(np.abs(score.mix).max()), 1e-9))).astype(np.float32)


class _Score:
    """The stereo sheet that a style writes on: key, progression and tempo come from the seed."""

    def __init__(self, rng: np.random.Generator, samples: int, rate_hz: int) -> None:
        self.rng = rng
        self.rate_hz = rate_hz
        self.mix = np.zeros((2, samples))
        self.root = int(rng.integers(0, 12))
        self.progression = _PROGRESSIONS[int(rng.integers(len(_PROGRESSIONS)))]

    @property
    def seconds(self) -> float:
        return self.mix.shape[1] / self.rate_hz

    def times(self, step_seconds: float) -> list[tuple[int, float]]:
        """(index, start in seconds) of each step of the piece."""
        return list(enumerate(np.arange(0, self.seconds, step_seconds).tolist()))

    def clock(self, seconds: float) -> _Wave:
        return np.arange(max(1, round(seconds * self.rate_hz))) / self.rate_hz

    def hertz(self, degree: int, octave: int, scale: tuple[int, ...] = _MAJOR) -> float:
        """The frequency of a degree of the scale, 0 being the key note."""
        semitones = self.root + scale[degree % 7] + 12 * (octave + degree // 7)
        return float(16.3516 * 2 ** (semitones / 12))

    def put(self, start_seconds: float, wave: _Wave, gain: float = 1.0, pan: float = 0.0) -> None:
        """Add a mono wave; ``pan`` -1 is left, 1 right."""
        start = round(start_seconds * self.rate_hz)
        wave = wave[: max(0, self.mix.shape[1] - start)]
        for channel, share in enumerate((1 - pan, 1 + pan)):
            self.mix[channel, start : start + wave.size] += gain * share * wave

    def noise(self, seconds: float, low_hz: float, high_hz: float) -> _Wave:
        """White noise between two frequencies."""
        clock = self.clock(seconds)
        return _band(self.rng.standard_normal(clock.size), self.rate_hz, low_hz, high_hz)


def _band(wave: _Wave, rate_hz: int, low_hz: float, high_hz: float) -> _Wave:
    spectrum = np.fft.rfft(wave)
    hertz = np.fft.rfftfreq(wave.size, 1 / rate_hz)
    gain = 1 / np.sqrt((1 + (hertz / high_hz) ** 6) * (1 + (low_hz / np.maximum(hertz, 1e-3)) ** 6))
    return np.asarray(np.fft.irfft(spectrum * gain, wave.size), np.float64)


def _harmonics(clock: _Wave, hertz: float, amplitudes: list[float], rate_hz: int) -> _Wave:
    """A sum of overtones, those above the Nyquist frequency left out."""
    wave = np.zeros(clock.size)
    for number, amplitude in enumerate(amplitudes, start=1):
        if amplitude and number * hertz < 0.45 * rate_hz:
            wave += amplitude * np.sin(2 * np.pi * number * hertz * clock)
    return wave


def _saw(clock: _Wave, hertz: float, rate_hz: int) -> _Wave:
    return _harmonics(clock, hertz, [1 / k for k in range(1, 16)], rate_hz)


def _fade(clock: _Wave, attack_seconds: float, decay_seconds: float) -> _Wave:
    return np.asarray(np.minimum(1, clock / attack_seconds) * np.exp(-clock / decay_seconds), np.float64)


def _kick(score: _Score) -> _Wave:
    clock = score.clock(0.3)
    cycles = 48 * clock + 6 * (1 - np.exp(-clock / 0.03))  # the pitch falls from 248 to 48 Hz
    return np.asarray(np.sin(2 * np.pi * cycles) * _fade(clock, 0.002, 0.09), np.float64)


def _hit(score: _Score, seconds: float, low_hz: float, high_hz: float) -> _Wave:
    return score.noise(3 * seconds, low_hz, high_hz) * _fade(score.clock(3 * seconds), 0.001, seconds)


def _play_piano(score: _Score) -> None:
    """Broken chords with ringing, struck overtones."""
    step = float(score.rng.uniform(0.2, 0.28))
    pattern = score.rng.permutation([0, 2, 4, 7, 9, 4, 7, 2])
    for index, start in score.times(step):
        chord = score.progression[index // 16 % 4]
        hertz = score.hertz(chord + int(pattern[index % 8]), 4)
        clock = score.clock(2.0)
        wave = sum(
            np.sin(2 * np.pi * k * hertz * np.sqrt(1 + 0.0004 * k * k) * clock) * np.exp(-clock * k / 1.1) / k**1.3
            for k in range(1, 8)
        )
        strength = float(score.rng.uniform(0.5, 1.0))
        score.put(start, wave * np.minimum(1, clock / 0.004), strength, pan=0.3 * np.sin(index))
        if index % 8 == 0:
            bass = _harmonics(clock, score.hertz(chord, 2), [1, 0.6, 0.3, 0.15], score.rate_hz)
            score.put(start, bass * _fade(clock, 0.005, 1.0), 0.8)


def _play_rock(score: _Score) -> None:
    """Distorted power chords in eighths over bass, kick, snare and hats."""
    step = 60 / float(score.rng.uniform(125, 155)) / 2
    kick, snare, hat = _kick(score), _hit(score, 0.08, 250, 7000), _hit(score, 0.025, 6000, 14000)
    rests = score.rng.random(16) < 0.2
    for index, start in score.times(step):
        hertz = score.hertz(score.progression[index // 8 % 4], 2, _MINOR)
        clock = score.clock(step * 0.95)
        strings = np.sum([_saw(clock, hertz * ratio, score.rate_hz) for ratio in (1, 1.5, 2.005)], axis=0)
        if not rests[index % 16]:
            score.put(start, _band(np.tanh(4 * strings), score.rate_hz, 90, 4500), 0.5, pan=0.2)
        score.put(start, _saw(clock, hertz / 2, score.rate_hz), 0.25)
        score.put(start, hat, 0.35, pan=-0.3)
        if index % 2 == 0:
            score.put(start, snare if index % 4 == 2 else kick, 1.2)


def _play_techno(score: _Score) -> None:
    """Four on the floor, off-beat hats, a sixteenth bass and filtered stabs that duck under the kick."""
    step = 60 / float(score.rng.uniform(122, 132)) / 4
    kick, hat, clap = _kick(score), _hit(score, 0.03, 8000, 16000), _hit(score, 0.06, 900, 5000)
    riff = score.rng.choice([0, 0, 0, 2, 4, 7], 16)
    accents = score.rng.random(16) < 0.25
    for index, start in score.times(step):
        place = index % 16
        duck = 0.2 if place % 4 == 0 else 1.0
        clock = score.clock(step)
        bass = _saw(clock, score.hertz(int(riff[place]), 1, _MINOR), score.rate_hz)
        score.put(start, _band(bass, score.rate_hz, 30, 500) * _fade(clock, 0.003, 0.12), 0.9 * duck)
        if accents[place]:
            clock = score.clock(0.25)
            stab = np.sum([_saw(clock, score.hertz(degree, 4, _MINOR), score.rate_hz) for degree in (0, 2, 4)], axis=0)
            score.put(start, _band(stab, score.rate_hz, 200, 2500) * _fade(clock, 0.004, 0.08), 0.35 * duck, pan=0.4)
        if place % 4 == 0:
            score.put(start, kick, 1.6)
        if place % 4 == 2:
            score.put(start, hat, 0.5)
        if place in (4, 12):
            score.put(start, clap, 0.6)


def _play_ambient(score: _Score) -> None:
    """Slowly swelling chords of detuned sines over a hush of low noise."""
    step = float(score.rng.uniform(5, 7))
    for index, start in score.times(step):
        clock = score.clock(2 * step)
        swell = np.sin(np.pi * clock / (2 * step)) ** 2
        for degree in (0, 2, 4, 8):
            hertz = score.hertz(score.progression[index % 4] + degree, 3)
            for detune in (0.997, 1.0, 1.003):
                phase = score.rng.uniform(0, 2 * np.pi)
                wave = np.sin(2 * np.pi * hertz * detune * clock + phase)
                score.put(start, wave * swell, 0.3, pan=float(score.rng.uniform(-0.8, 0.8)))
    for channel in range(2):
        score.mix[channel] += 0.15 * score.noise(score.seconds, 60, 600)[: score.mix.shape[1]]


def _play_chiptune(score: _Score) -> None:
    """Square arpeggios, a stepped triangle bass and a noise drum, in four-bit steps."""
    step = 60 / float(score.rng.uniform(140, 165)) / 4
    melody = score.rng.integers(0, 8, 32)
    drum = _hit(score, 0.03, 1000, 12000)
    for index, start in score.times(step):
        chord = score.progression[index // 16 % 4]
        clock = score.clock(step)
        lead = np.sign(np.sin(2 * np.pi * score.hertz(chord + int(melody[index % 32]), 5) * clock))
        arpeggio = np.sign(np.sin(2 * np.pi * score.hertz(chord + (0, 2, 4)[index % 3], 4) * clock) - 0.5)
        triangle = 2 / np.pi * np.arcsin(np.sin(2 * np.pi * score.hertz(chord, 2) * clock))
        score.put(start, np.round(7 * (0.4 * lead + 0.3 * arpeggio)) / 7 * np.exp(-clock / 0.2), 0.6, pan=0.2)
        score.put(start, np.round(7 * triangle) / 7, 0.8)
        if index % 4 == 2:
            score.put(start, drum, 0.8)


def _play_flute(score: _Score) -> None:
    """One breathy voice with vibrato, singing a slow tune with pauses and an echo."""
    rng, start, degree = score.rng, 0.1, 4
    while start < score.seconds:
        length = float(rng.choice([0.4, 0.8, 0.8, 1.6]))
        degree = int(np.clip(degree + rng.integers(-2, 3), 0, 11))
        clock = score.clock(length)
        depth = 0.006 * np.minimum(1, clock / 0.3)
        phase = 2 * np.pi * score.hertz(degree, 5) * np.cumsum(1 + depth * np.sin(2 * np.pi * 5.2 * clock))
        phase /= score.rate_hz
        tone = np.sin(phase) + 0.25 * np.sin(2 * phase) + 0.08 * np.sin(3 * phase)
        shape = np.minimum(1, clock / 0.06) * np.minimum(1, (length - clock) / 0.08)
        voice = (tone + 0.12 * score.noise(length, 1500, 6000)) * shape
        for echo in range(3):
            score.put(start + 0.23 * echo, voice, 0.35**echo, pan=0.25 * (-1) ** echo * (echo > 0))
        start += length + (float(rng.uniform(0.2, 0.5)) if rng.random() < 0.15 else 0.0)


_STYLES: Final[dict[str, Callable[[_Score], None]]] = {
    "piano": _play_piano,
    "rock": _play_rock,
    "techno": _play_techno,
    "ambient": _play_ambient,
    "chiptune": _play_chiptune,
    "flute": _play_flute,
}


@dataclass(frozen=True)
class Container:
    """How libav is asked for one kind of file; ``rate_hz`` and ``bit_rate`` where the encoder needs to be told."""

    muxer: str
    codec: str
    suffix: str
    rate_hz: int | None = None
    bit_rate: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)


CONTAINERS: Final[dict[str, Container]] = {
    "wav": Container("wav", "pcm_s16le", ".wav"),
    "wav-24": Container("wav", "pcm_s24le", ".wav"),
    "wav-u8": Container("wav", "pcm_u8", ".wav"),
    "wav-f32": Container("wav", "pcm_f32le", ".wav"),
    "wav-f64": Container("wav", "pcm_f64le", ".wav"),
    "wav-alaw": Container("wav", "pcm_alaw", ".wav"),
    "wav-mulaw": Container("wav", "pcm_mulaw", ".wav"),
    "w64": Container("w64", "pcm_s16le", ".w64"),
    "aiff": Container("aiff", "pcm_s16be", ".aiff", options={"write_id3v2": "1"}),
    "au": Container("au", "pcm_s16be", ".au"),
    "caf": Container("caf", "pcm_s16be", ".caf"),
    "flac": Container("flac", "flac", ".flac"),
    "flac-ogg": Container("ogg", "flac", ".oga"),
    "mp3": Container("mp3", "libmp3lame", ".mp3"),
    "mp2": Container("mp2", "mp2", ".mp2"),
    "vorbis": Container("ogg", "vorbis", ".ogg", options={"strict": "experimental"}),
    "opus": Container("ogg", "libopus", ".opus", rate_hz=48_000),
    "aac-m4a": Container("ipod", "aac", ".m4a"),
    "alac-m4a": Container("ipod", "alac", ".m4a"),
    "aac-adts": Container("adts", "aac", ".aac"),
    "wma": Container("asf", "wmav2", ".wma", bit_rate=128_000),
    "wavpack": Container("wv", "wavpack", ".wv"),
    "tta": Container("tta", "tta", ".tta"),
    "mka": Container("matroska", "flac", ".mka"),
    "webm": Container("webm", "libopus", ".webm", rate_hz=48_000),
    "ac3": Container("ac3", "ac3", ".ac3", rate_hz=48_000),
    "eac3": Container("eac3", "eac3", ".eac3", rate_hz=48_000),
}
_LAYOUTS: Final = {1: "mono", 2: "stereo", 4: "quad", 6: "5.1", 8: "7.1"}


def write_audio(
    path: str | os.PathLike[str],
    samples: Samples,
    rate_hz: int,
    *,
    container: str = "wav",
    tags: Mapping[str, str] | None = None,
    bit_rate: int | None = None,
) -> Path:
    """Encode float32 ``samples`` (channels, n) into a file of a kind named in ``CONTAINERS``; gives its path back.

    ``tags`` such as title, artist, album, where the kind can hold them; ``bit_rate`` in bit/s for lossy codecs.
    """
    kind = CONTAINERS[container]
    target_hz = kind.rate_hz or rate_hz
    frame = av.AudioFrame.from_ndarray(_interleave(samples), "flt", _LAYOUTS[samples.shape[0]])
    frame.sample_rate, frame.pts, frame.time_base = rate_hz, 0, Fraction(1, rate_hz)
    options = {"fflags": "+bitexact", **kind.options}
    with av.open(os.fspath(path), "w", format=kind.muxer, options=options) as output:
        output.metadata.update(tags or {})
        stream = output.add_stream(kind.codec, rate=target_hz, layout=frame.layout)
        context = stream.codec_context
        context.format = context.codec.audio_formats[0]
        context.options = dict(kind.options)
        if bit_rate or kind.bit_rate:
            stream.bit_rate = bit_rate or kind.bit_rate
        context.open()
        fit = av.AudioResampler(context.format, frame.layout, target_hz, frame_size=context.frame_size or 4096)
        for fitted in [*fit.resample(frame), *fit.resample(None), None]:
            # FLAC ends with a packet of side data only, which no muxer but its own understands
            output.mux([packet for packet in stream.encode(fitted) if packet.size or kind.muxer == "flac"])
    return Path(path)


def _interleave(samples: Samples) -> Samples:
    return np.ascontiguousarray(samples.T, np.float32).reshape(1, -1)
