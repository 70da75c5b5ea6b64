"""The shipped encoder must stay as good as it was, on music that every machine can make."""

from dataclasses import replace

import numpy as np
import pytest

from embeddings.encoders import create_encoder, list_encoders
from tests.embeddings.frozen import measure_frozen, read_floors


class LotteryEncoder:
    """Another direction for every window, whatever it holds."""

    spec = replace(list_encoders()[0], name="lottery")

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)

    def embed_segments(self, waveforms: np.ndarray) -> np.ndarray:
        vectors = self._rng.normal(size=(len(waveforms), self.spec.dimension))
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def too_low(found: dict[str, float]) -> dict[str, str]:
    floors = read_floors()
    assert found.keys() == floors.keys()
    return {name: f"{found[name]} < {floor}" for name, floor in floors.items() if found[name] < floor}


@pytest.mark.timeout(600)
def test_the_shipped_encoder_keeps_its_quality() -> None:
    assert too_low(measure_frozen(create_encoder())) == {}


def test_an_encoder_that_hears_nothing_falls_below_every_floor() -> None:
    assert too_low(measure_frozen(LotteryEncoder())).keys() == read_floors().keys()
