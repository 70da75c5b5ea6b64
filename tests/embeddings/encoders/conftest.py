from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from embeddings.encoders import EncoderSpec, use_folder
from embeddings.encoders.installing import Order, install_from_files
from embeddings.encoders.spec import Option

Install = Callable[..., EncoderSpec]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """The folder that installed encoders are looked for in."""
    folder = tmp_path / "encoders"
    before = use_folder(folder)
    yield folder
    use_folder(before)


@pytest.fixture
def install_files(home: Path) -> Install:
    """Install an encoder of a family from files, under the name of the family."""

    def install(family: str, *sources: Path, **options: Option) -> EncoderSpec:
        order = Order(family=family, name=family, licence="MIT", source="a test", options=options)
        return install_from_files(home, order, sources)

    return install


def sound(samples: int, rate_hz: int, seed: int = 0) -> np.ndarray:
    """Struck harmonics over hiss, float32."""
    rng = np.random.default_rng(seed)
    times = np.arange(samples) / rate_hz
    wave = 0.01 * rng.normal(size=samples)
    for pitch_hz in (110 * 2 ** (rng.integers(0, 24, size=3) / 12)).tolist():
        for harmonic in range(1, 6):
            wave += 0.1 / harmonic * np.sin(2 * np.pi * pitch_hz * harmonic * times) * np.exp(-4 * (times % 0.5))
    return wave.astype(np.float32)
