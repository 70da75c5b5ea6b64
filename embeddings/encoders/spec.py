"""What an encoder is, without loading it: everything here is torch-free, so that a web process may read signatures."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.front_end import FrontEnd
from embeddings.segments import SegmentSpec

WEIGHTS_FOLDER: Final = Path(__file__).parent / "weights"
SIGNATURE_DIGITS: Final = 16
SHIPPED: Final = "shipped with Soundalike"

Option = str | int | float | bool


@dataclass(frozen=True)
class EncoderSpec:
    """The card of an encoder.

    ``licence`` is that of the weights; ``front_ends`` are the views the network reads; ``segments`` says how a track
    is cut for it and ``pooling`` how its segment embeddings become one vector; ``weights_file`` is a name in ``folder``
    (None: ``encoders/weights``) and ``weights_sha256`` what that file must hash to. ``revision`` stands for all that
    decides vectors and is not written here (level target, silence gates, pooling code, the network's wiring): bump it
    whenever golden vectors change. ``source`` says where the weights came from. Installed encoders have a ``family``,
    and may have ``more_files`` (name, SHA-256) and ``options`` (name, value) that decide vectors too.
    """

    name: str
    description: str
    dimension: int
    parameters: int
    licence: str
    front_ends: tuple[FrontEnd, ...]
    segments: SegmentSpec
    pooling: str
    weights_file: str
    weights_sha256: str
    revision: int = 1
    source: str = SHIPPED
    family: str = ""
    folder: Path | None = None
    more_files: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, Option], ...] = ()

    @property
    def weights_path(self) -> Path:
        return (self.folder or WEIGHTS_FOLDER) / self.weights_file

    @property
    def has_weights(self) -> bool:
        """Whether every file is there; what they hash to is checked when the encoder is created."""
        others = (self.weights_path.with_name(name) for name, _ in self.more_files)
        return all(path.is_file() for path in (self.weights_path, *others))

    def to_json(self) -> dict[str, object]:
        """Everything the card says, ready for JSON."""
        said = {name: getattr(self, name) for name in ("name", "family", "description", "dimension", "parameters")}
        return said | {
            "licence": self.licence,
            "signature": self.signature,
            "front_ends": [asdict(front_end) for front_end in self.front_ends],
            "segments": asdict(self.segments),
            "pooling": self.pooling,
            "source": self.source,
            "files": {self.weights_file: self.weights_sha256, **dict(self.more_files)},
            "has_weights": self.has_weights,
            "options": dict(self.options),
        }

    @property
    def signature(self) -> str:
        """16 hex digits that change whenever vectors may: name, weights, front end, segments, pooling, options ..."""
        identity: dict[str, object] = {
            "name": self.name,
            "weights": self.weights_sha256,
            "front_ends": [asdict(front_end) for front_end in self.front_ends],
            "segments": asdict(self.segments),
            "pooling": self.pooling,
            "revision": self.revision,
        }
        if self.family:
            identity |= {"family": self.family, "more_files": self.more_files, "options": self.options}
        text = json.dumps(identity, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:SIGNATURE_DIGITS]


class Encoder(Protocol):
    """Turns segments into vectors. Safe to share between threads; not between forked processes."""

    @property
    def spec(self) -> EncoderSpec: ...

    def embed_segments(self, waveforms: NDArray[np.float32]) -> NDArray[np.float32]:
        """Waveforms (n, samples) as ``spec.segments`` cuts them, to unit-length rows (n, dimension)."""
        ...


@runtime_checkable
class TagEncoder(Protocol):
    """An encoder that also says what a segment sounds like, in the words of ``tag_names``."""

    @property
    def tag_names(self) -> tuple[str, ...]: ...

    def describe_segments(self, waveforms: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Waveforms (n, samples) as ``spec.segments`` cuts them, to what ``embed_segments`` gives and probabilities
        (n, tags), from one run of the network."""
        ...


@runtime_checkable
class StagedEncoder(Protocol):
    """An encoder whose front end and network can be run, and so timed, one after the other."""

    def front_end(self, waveforms: NDArray[np.float32]) -> Any:
        """Waveforms (n, samples) as ``spec.segments`` cuts them, to whatever ``run_network`` takes."""
        ...

    def run_network(self, views: Any) -> NDArray[np.float32]:
        """What ``front_end`` gave for n waveforms, to unit-length rows (n, dimension)."""
        ...
