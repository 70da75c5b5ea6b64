"""YAMNet, Google's tagger of AudioSet (Apache-2.0), as a teacher of what sounds are made of; read in training only.

The published file is a LiteRT graph from waveform to scores; the embedding is the mean map just before its classifier.
"""

import warnings
from pathlib import Path
from typing import Final

import numpy as np
import torch
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

FRAME_SAMPLES: Final = 15_600
EMBEDDING: Final = "global_average_pooling2d/Mean;"


class YamnetTeacher:
    """1024-d, the mean over consecutive frames of 0.975 s."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it calls keeping inner tensors a debugging aid; the embedding is one
            self._network = Interpreter(
                str(folder / "yamnet.tflite"), num_threads=1, experimental_preserve_all_tensors=True
            )
        self._network.allocate_tensors()
        self._waveform = self._network.get_input_details()[0]["index"]
        details = self._network.get_tensor_details()
        self._embedding = next(tensor["index"] for tensor in details if EMBEDDING in tensor["name"])

    def embed(self, waveforms: torch.Tensor) -> torch.Tensor:
        """Waveforms (n, >= 15,600 samples) at 16 kHz to (n, 1024)."""
        rows = np.ascontiguousarray(waveforms.numpy(), np.float32)
        return torch.from_numpy(np.stack([self._embed_one(row) for row in rows]))

    def _embed_one(self, wave: NDArray[np.float32]) -> NDArray[np.float32]:
        frames = []
        for start in range(0, len(wave) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
            self._network.set_tensor(self._waveform, wave[start : start + FRAME_SAMPLES])
            self._network.invoke()
            frames.append(self._network.get_tensor(self._embedding)[0])
        return np.asarray(np.mean(frames, axis=0), np.float32)
