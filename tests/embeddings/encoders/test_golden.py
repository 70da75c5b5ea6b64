"""Installed encoders give the vectors they gave before; other processors round otherwise."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.embeddings.encoders.golden import GOLDEN, embed_sound, made_files, real_files
from tests.embeddings.encoders.published import needs_teachers


def check(kind: str, family: str, vector: np.ndarray) -> None:
    expected = np.array(json.loads(GOLDEN.read_text())[kind][family], np.float32)
    assert vector.shape == expected.shape
    assert float(vector @ expected) > 0.9999


@pytest.mark.parametrize("family", ["two_tower", "musicnn", "vggish", "transformers"])
def test_seeded_weights(family: str, tmp_path: Path) -> None:
    check("made", family, embed_sound(family, made_files(tmp_path)[family], tmp_path / "home"))


@needs_teachers
@pytest.mark.parametrize("family", ["two_tower", "musicnn"])
def test_published_weights(family: str, tmp_path: Path) -> None:
    check("real", family, embed_sound(family, real_files()[family], tmp_path / "home"))
