"""The teachers behind the encoder interface, for the quality report: what the student is measured against."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from embeddings.encoders.cnn import combine
from embeddings.encoders.cnn_spec import STYLE_DIMENSION, TIMBRE_DIMENSION, compact_spec
from embeddings.encoders.spec import EncoderSpec
from embeddings.training.targets import Teachers

BATCH = 8


class TeacherEncoder:
    """The vectors of both teachers, each to unit length, side by side and not centred, on the student's windows."""

    def __init__(self, teachers: Teachers) -> None:
        layers = [*teachers.style.layers, *teachers.timbre.layers]
        parameters = sum(weight.numel() + bias.numel() for weight, bias in layers)
        self.spec: EncoderSpec = replace(compact_spec(), name="fcn_msd + artist_10k", parameters=parameters)
        self._teachers = teachers
        self._centres = (torch.zeros(STYLE_DIMENSION), torch.zeros(TIMBRE_DIMENSION))

    def embed_segments(self, waveforms: NDArray[np.float32]) -> NDArray[np.float32]:
        """Waveforms (n, 163,840) to unit-length rows (n, 320)."""
        rows = []
        with torch.inference_mode():
            for start in range(0, len(waveforms), BATCH):
                blocks = self._teachers.embed(torch.from_numpy(waveforms[start : start + BATCH]))
                rows.append(combine(*blocks, centres=self._centres).numpy())
        return np.concatenate(rows)


def teacher_encoders(folder: Path) -> list[TeacherEncoder]:
    """The teachers in ``folder`` as one encoder."""
    return [TeacherEncoder(Teachers.load(folder))]
