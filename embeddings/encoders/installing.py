"""From files somebody has to an encoder that is installed and was seen to work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.encoders.card import NOTICE, InstalledCard
from embeddings.encoders.conversion import Converted
from embeddings.encoders.failures import as_encoder_error
from embeddings.encoders.families import (
    check_options,
    create_installed,
    describe_installed,
    find_family,
    load_module,
)
from embeddings.encoders.spec import Encoder, EncoderSpec, Option
from embeddings.encoders.store import hash_file, install
from embeddings.errors import EncoderError

WEIGHT_SUFFIXES: Final = (".pth", ".pt", ".h5", ".onnx", ".npz", ".safetensors")


@dataclass(frozen=True, kw_only=True)
class Order:
    """What to install: the ``family``, the ``name`` to give it, and what its card shall say of the weights.

    ``notice`` is the licence in full, if it has to stay with the weights; ``options`` are the family's own.
    """

    family: str
    name: str
    licence: str
    source: str
    notice: str = ""
    options: Mapping[str, Option] = field(default_factory=dict)
    may_replace: bool = False


def install_from_files(home: Path, order: Order, sources: Sequence[Path]) -> EncoderSpec:
    """Convert ``sources`` (files, or the folder of a ``transformers`` network), try the result out, install it.

    Raises EncoderError when a file is missing, broken or does not fit, when a package is missing, or when the name is
    taken by another encoder.
    """
    family = find_family(order.family)
    if family.files is None:
        raise EncoderError(f"Encoders of the family {order.family} are not made from files")
    check_options(order.family, order.options)
    check_distinct([path.name for path in sources])
    with as_encoder_error(f"Encoder {order.name} cannot be made from these files"):
        converted: Converted = load_module(family, family.files).convert(sources, order.options)
        hashes = {path.name: hash_file(path) for path in sources if path.is_file()}
    card = InstalledCard(
        family=order.family,
        name=order.name,
        description=import_module(family.cards).DESCRIPTION,
        licence=order.licence,
        source=order.source,
        dimension=converted.dimension,
        parameters=converted.parameters,
        options=converted.options,
        sources=hashes,
    )
    notice = {NOTICE: order.notice.encode()} if order.notice else {}
    installed = install(home, card, {**converted.files, **notice}, check=try_out, may_replace=order.may_replace)
    return describe_installed(installed)


def try_out(card: InstalledCard) -> None:
    """Load the encoder and embed two sounds. Raises EncoderError unless the vectors are right and differ."""
    encoder = create_installed(card)
    with as_encoder_error(f"Encoder {card.name} cannot be run"):
        vectors = _embed_two(encoder)
    lengths = np.linalg.norm(vectors, axis=1)
    if vectors.shape != (2, encoder.spec.dimension) or not np.allclose(lengths, 1.0, atol=1e-3):
        raise EncoderError(f"Encoder {card.name} gives vectors of shape {vectors.shape} and lengths {lengths}")
    if np.allclose(vectors[0], vectors[1], atol=1e-6):
        raise EncoderError(f"Encoder {card.name} cannot tell hiss from a chord: its weights are not those of a network")


def _embed_two(encoder: Encoder) -> NDArray[np.float32]:
    segments = encoder.spec.segments
    times = np.arange(segments.window_samples) / segments.rate_hz
    hiss = 0.1 * np.random.default_rng(0).normal(size=times.size)
    chord = sum(0.1 * np.sin(2 * np.pi * pitch_hz * times) for pitch_hz in (220.0, 277.2, 329.6))
    return encoder.embed_segments(np.stack([hiss, chord * np.exp(-3 * (times % 0.5))]).astype(np.float32))


def gather_files(paths: Sequence[Path]) -> list[Path]:
    """Files as they are; of a folder, the files of weights directly in it. Raises EncoderError for what is missing."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += [file for file in sorted(path.iterdir()) if file.suffix in WEIGHT_SUFFIXES]
        elif path.is_file():
            found.append(path)
        else:
            raise EncoderError(f"There is no file {path}")
    return found


def check_distinct(names: Sequence[str]) -> None:
    """Raises EncoderError when two files have one name: the one would be taken for the other."""
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise EncoderError(f"More than one of the files is called {', '.join(twice)}: rename them")


def find_by_hash(folder: Path, name: str, sha256: str) -> Path:
    """The file called ``name`` anywhere below ``folder`` that hashes to ``sha256``. Raises EncoderError."""
    try:
        others = {path: hash_file(path) for path in sorted(folder.rglob(name)) if path.is_file()}
    except OSError as error:
        raise EncoderError(f"{folder} cannot be read: {error}") from error
    for path, digest in others.items():
        if digest == sha256:
            return path
    if not others:
        raise EncoderError(f"There is no {name} in {folder}")
    listed = ", ".join(f"{path} ({digest[:12]}...)" for path, digest in others.items())
    raise EncoderError(f"No {name} in {folder} is the right one, SHA-256 {sha256}: {listed}")
