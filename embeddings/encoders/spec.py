"""What an encoder is, without loading it: everything here is torch-free, so that a web process may read signatures."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from embeddings.mel_spec import MelSpec
from embeddings.segments import SegmentSpec

WEIGHTS_FOLDER: Final = Path(__file__).parent / "weights"
SIGNATURE_DIGITS: Final = 16


@dataclass(frozen=True)
class EncoderSpec:
    """The card of an encoder.

    ``licence`` is that of the weights; ``front_ends`` are the log-mel views the network reads; ``segments`` says how
    a track is cut for it and ``pooling`` how its segment embeddings become one vector; ``weights_file`` is a name in
    ``encoders/weights`` and ``weights_sha256`` what that file must hash to. ``revision`` stands for all that decides
    vectors and is not written here (level target, silence gates, pooling code, the network's wiring): bump it whenever
    golden vectors change.
    """

    name: str
    description: str
    dimension: int
    parameters: int
    licence: str
    front_ends: tuple[MelSpec, ...]
    segments: SegmentSpec
    pooling: str
    weights_file: str
    weights_sha256: str
    revision: int = 1

    @property
    def weights_path(self) -> Path:
        return WEIGHTS_FOLDER / self.weights_file

    @property
    def has_weights(self) -> bool:
        return self.weights_path.is_file()

    @property
    def signature(self) -> str:
        """16 hex digits that change whenever vectors may: name, weights, front end, segments, pooling or revision."""
        identity = {
            "name": self.name,
            "weights": self.weights_sha256,
            "front_ends": [asdict(front_end) for front_end in self.front_ends],
            "segments": asdict(self.segments),
            "pooling": self.pooling,
            "revision": self.revision,
        }
        text = json.dumps(identity, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:SIGNATURE_DIGITS]


class Encoder(Protocol):
    """Turns segments into vectors. Safe to share between threads; not between forked processes."""

    @property
    def spec(self) -> EncoderSpec: ...

    def embed_segments(self, waveforms: NDArray[np.float32]) -> NDArray[np.float32]:
        """Waveforms (n, samples) as ``spec.segments`` cuts them, to unit-length rows (n, dimension)."""
        ...
