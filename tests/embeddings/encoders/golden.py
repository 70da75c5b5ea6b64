"""Vectors that installed encoders gave once. ``TEST_TEACHERS=DIR python -m tests.embeddings.encoders.golden`` writes
those of small weights, made here from seeds, and of the published weights below DIR."""

import json
import tempfile
from pathlib import Path

import numpy as np
import torch

from embeddings.encoders import create_encoder, use_folder
from embeddings.encoders.installing import Order, install_from_files
from tests.embeddings.encoders.conftest import sound
from tests.embeddings.encoders.published import (
    TEACHERS,
    musicnn_weights,
    vggish_state,
    write_onnx,
    write_transformer,
    write_two_tower,
)

GOLDEN = Path(__file__).with_name("golden_vectors.json")
REAL_FILES = {
    "two_tower": ("fcn_msd/best_model.pth", "artist_10k/model_siamese_10000.h5"),
    "musicnn": ("comparison_only/musicnn_msd/msd-musicnn-1.onnx",),
}


def made_files(folder: Path) -> dict[str, list[Path]]:
    """By family, the files of seeded weights."""
    torch.save(vggish_state(), folder / "vggish.pth")
    return {
        "two_tower": list(write_two_tower(folder)),
        "musicnn": [write_onnx(folder / "musicnn.onnx", musicnn_weights())],
        "vggish": [folder / "vggish.pth"],
        "transformers": [write_transformer(folder / "transformer")],
    }


def real_files() -> dict[str, list[Path]]:
    return {family: [TEACHERS / name for name in names] for family, names in REAL_FILES.items()}


def embed_sound(family: str, sources: list[Path], home: Path) -> np.ndarray:
    """The vector of one segment of music, by an encoder installed from ``sources``."""
    install_from_files(home, Order(family=family, name=family, licence="MIT", source="a test"), sources)
    before = use_folder(home)
    try:
        encoder = create_encoder(family)
    finally:
        use_folder(before)
    segments = encoder.spec.segments
    return encoder.embed_segments(sound(segments.window_samples, segments.rate_hz)[None, :])[0]


def write_golden() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wanted = {"made": made_files(folder), "real": real_files()}
        found = {
            kind: {family: embed_sound(family, sources, folder / kind) for family, sources in families.items()}
            for kind, families in wanted.items()
        }
    rounded = {
        kind: {family: [round(float(x), 5) for x in vector] for family, vector in families.items()}
        for kind, families in found.items()
    }
    GOLDEN.write_text(json.dumps(rounded) + "\n")


if __name__ == "__main__":
    write_golden()
