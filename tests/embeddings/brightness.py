"""An encoder that can be reckoned by hand, and music it tells apart."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from embeddings.encoders import EncoderSpec, list_encoders


class BrightnessEncoder:
    """Two numbers: power below and above 1 kHz."""

    spec: EncoderSpec = replace(list_encoders()[0], name="brightness", dimension=2, parameters=0)

    def embed_segments(self, waveforms: np.ndarray) -> np.ndarray:
        spectra = np.abs(np.fft.rfft(waveforms, axis=1)) ** 2
        edge = spectra.shape[1] // 8
        rows = np.sqrt(np.stack([spectra[:, :edge].sum(1), spectra[:, edge:].sum(1)], axis=1)) + 1e-6
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


class ThoroughEncoder(BrightnessEncoder):
    """The same with tags and two stages, which it counts."""

    spec: EncoderSpec = replace(BrightnessEncoder.spec, name="thorough")
    tag_names = ("dark", "bright")

    def __init__(self) -> None:
        self.windows: list[tuple[int, ...]] = []
        self.network_runs = 0

    def describe_segments(self, waveforms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = self.embed_segments(waveforms)
        return rows, rows

    def front_end(self, waveforms: np.ndarray) -> np.ndarray:
        self.windows.append(waveforms.shape)
        return waveforms

    def run_network(self, views: np.ndarray) -> np.ndarray:
        self.network_runs += 1
        return self.embed_segments(views)


def write_music(folder: Path, seconds: float = 11.0, *, stereo: bool = False) -> Path:
    """Two low tones, two high ones and a file that is none, with their manifest; gives its path."""
    times = np.arange(round(16_000 * seconds)) / 16_000
    lines = ["path,track,artist,release,genre,set"]
    for number, pitch_hz in enumerate((200, 230, 3000, 3500)):
        noise = 0.01 * np.random.default_rng(number).normal(size=times.size)
        tone = 0.3 * np.sin(2 * np.pi * pitch_hz * times) + noise
        soundfile.write(folder / f"{number}.wav", np.stack([tone, 0.5 * tone], axis=1) if stereo else tone, 16_000)
        genre = "low" if pitch_hz < 1000 else "high"
        lines.append(f"{number}.wav,Track {number},Artist {number},,{genre},")
    (folder / "broken.wav").write_bytes(b"not audio at all")
    (folder / "manifest.csv").write_text("\n".join([*lines, "broken.wav,Broken,,,low,"]) + "\n")
    return folder / "manifest.csv"
