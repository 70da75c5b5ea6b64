"""Sounds with known vectors. ``python -m tests.embeddings.golden`` writes the vectors of the weights at hand."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from embeddings.encoders import create_encoder
from embeddings.encoders.cnn_spec import WINDOW_SAMPLES

GOLDEN = Path(__file__).with_name("golden_vectors.json")
RATE_HZ = 16_000
TIMES = np.arange(WINDOW_SAMPLES) / RATE_HZ


def pluck_chord(seed: int = 0) -> np.ndarray:
    """A chord of decaying harmonics, struck twice a second, over a little hiss."""
    rng = np.random.default_rng(seed)
    wave = 0.003 * rng.normal(size=WINDOW_SAMPLES)
    for note in rng.integers(40, 76, size=4):
        pitch_hz = 440 * 2 ** ((note - 69) / 12)
        for harmonic in range(1, 7):
            wave += 0.1 / harmonic * np.sin(2 * np.pi * pitch_hz * harmonic * TIMES) * np.exp(-6 * (TIMES % 0.5))
    return wave.astype(np.float32)


def drum_pulse() -> np.ndarray:
    """A kick on each beat at 120 BPM, noise between the beats."""
    rng = np.random.default_rng(7)
    kick = np.sin(2 * np.pi * 55 * TIMES) * np.exp(-20 * (TIMES % 0.5))
    hat = rng.normal(size=WINDOW_SAMPLES) * np.exp(-60 * ((TIMES + 0.25) % 0.5))
    return (0.5 * kick + 0.1 * hat).astype(np.float32)


def rising_sweep() -> np.ndarray:
    """60 Hz to 6 kHz over the window."""
    phase = 2 * np.pi * 60 * TIMES[-1] / np.log(100) * (100 ** (TIMES / TIMES[-1]) - 1)
    return (0.3 * np.sin(phase)).astype(np.float32)


GOLDEN_WAVEFORMS: dict[str, Callable[[], np.ndarray]] = {
    "pluck_chord": pluck_chord,
    "drum_pulse": drum_pulse,
    "rising_sweep": rising_sweep,
}


def write_golden() -> None:
    encoder = create_encoder()
    vectors = encoder.embed_segments(np.stack([make() for make in GOLDEN_WAVEFORMS.values()]))
    rounded = {name: [round(float(x), 6) for x in row] for name, row in zip(GOLDEN_WAVEFORMS, vectors, strict=True)}
    GOLDEN.write_text(json.dumps({"sha256": encoder.spec.weights_sha256, "vectors": rounded}) + "\n")


if __name__ == "__main__":
    write_golden()
