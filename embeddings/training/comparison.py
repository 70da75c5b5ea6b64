"""The teachers behind the encoder interface, for the quality report: what the student is measured against."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from embeddings.encoders.cnn import combine
from embeddings.encoders.cnn_spec import STYLE_DIMENSION, TIMBRE_DIMENSION, compact_spec
from embeddings.encoders.spec import EncoderSpec
from embeddings.training.targets import Teachers

BATCH = 8


class TeacherEncoder:
    """One block of the teachers' vectors, or ("both") the two side by side, on the student's windows."""

    def __init__(self, teachers: Teachers, block: str, dimension: int) -> None:
        layers = [] if block == "timbre" else list(teachers.style.layers)
        layers += [] if block == "style" else list(teachers.timbre.layers)
        parameters = sum(weight.numel() + bias.numel() for weight, bias in layers)
        name = {"style": "fcn_msd", "timbre": "artist_10k", "both": "fcn_msd + artist_10k"}[block]
        self.spec: EncoderSpec = replace(compact_spec(), name=name, dimension=dimension, parameters=parameters)
        self._teachers = teachers
        self._block = block

    def embed_segments(self, waveforms: NDArray[np.float32]) -> NDArray[np.float32]:
        """Waveforms (n, 163,840) to unit-length rows (n, dimension)."""
        rows = []
        with torch.inference_mode():
            for start in range(0, len(waveforms), BATCH):
                rows.append(self._embed(torch.from_numpy(waveforms[start : start + BATCH])).numpy())
        return np.concatenate(rows)

    def _embed(self, waveforms: torch.Tensor) -> torch.Tensor:
        if self._block == "style":
            return functional.normalize(self._teachers.embed_style(waveforms), dim=-1)
        if self._block == "timbre":
            return functional.normalize(self._teachers.embed_timbre(waveforms), dim=-1)
        zeros = (torch.zeros(STYLE_DIMENSION), torch.zeros(TIMBRE_DIMENSION))
        return combine(*self._teachers.embed(waveforms), centres=zeros)


def teacher_encoders(folder: Path) -> list[TeacherEncoder]:
    """fcn_msd, artist_10k and both together, from ``folder``."""
    teachers = Teachers.load(folder)
    sizes = {"style": STYLE_DIMENSION, "timbre": TIMBRE_DIMENSION, "both": STYLE_DIMENSION + TIMBRE_DIMENSION}
    return [TeacherEncoder(teachers, block, size) for block, size in sizes.items()]
