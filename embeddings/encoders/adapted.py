"""An encoder adapted to one library: another encoder, and a linear head that was learned there.

How the head is learned is in :mod:`embeddings.adaptation`.
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save

import embeddings.encoders as registry
from embeddings.encoders import store
from embeddings.encoders.adapted_spec import BASE, BASE_SIGNATURE, FAMILY, HEAD, HEAD_FILE, describe
from embeddings.encoders.card import InstalledCard
from embeddings.encoders.spec import Encoder, EncoderSpec, TagEncoder
from embeddings.encoders.weights import read_tensors
from embeddings.errors import EncoderError
from embeddings.heads import Head, apply_head


class AdaptedEncoder:
    """The base encoder, whose rows the head turns."""

    def __init__(self, spec: EncoderSpec, base: Encoder, head: Head) -> None:
        self.spec = spec
        self.base = base
        self.head = head

    def embed_segments(self, waveforms: NDArray[np.float32]) -> NDArray[np.float32]:
        """Waveforms (n, samples) as ``spec.segments`` cuts them to unit-length rows (n, dimension)."""
        return apply_head(self.head, self.base.embed_segments(waveforms))


class AdaptedTagEncoder(AdaptedEncoder):
    """The same over an encoder that gives tags: those stay as they are."""

    def __init__(self, spec: EncoderSpec, base: Encoder, head: Head, *, tags: TagEncoder) -> None:
        super().__init__(spec, base, head)
        self._tags = tags

    @property
    def tag_names(self) -> tuple[str, ...]:
        return self._tags.tag_names

    def describe_segments(self, waveforms: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Rows turned by the head, tags as the base encoder gives them."""
        vectors, tags = self._tags.describe_segments(waveforms)
        return apply_head(self.head, vectors), tags


def create(card: InstalledCard) -> AdaptedEncoder:
    """Raises EncoderError when the base or the head is missing, altered or does not fit."""
    spec = describe(card)
    base = registry.create_encoder(str(card.options[BASE]))
    tensors = read_tensors(spec)
    head = tensors.get(HEAD, torch.zeros(0)).numpy()
    if tensors.keys() != {HEAD} or head.shape != (spec.dimension, spec.dimension):
        raise EncoderError(f"{spec.weights_path} does not fit encoder {spec.name}: one square head is needed")
    if isinstance(base, TagEncoder):
        return AdaptedTagEncoder(spec, base, head, tags=base)
    return AdaptedEncoder(spec, base, head)


def install_adapted(home: Path, name: str, encoder: Encoder, head: Head) -> InstalledCard:
    """Install ``encoder`` with ``head`` (d, d) on its rows in the folder ``home`` under ``name``; gives the card.

    When ``encoder`` is adapted itself, the new one adapts its base by the product of both heads. Raises EncoderError
    when the name is taken or makes no sense, or the folder cannot be written.
    """
    base, whole = (encoder.base, head @ encoder.head) if isinstance(encoder, AdaptedEncoder) else (encoder, head)
    card = InstalledCard(
        family=FAMILY,
        name=name,
        description=f"{base.spec.name}, adapted to this library",
        licence=base.spec.licence,
        source=f"{base.spec.name} and a head learned by manage.py adapt_encoder",
        dimension=base.spec.dimension,
        parameters=base.spec.parameters + whole.size,
        options={BASE: base.spec.name, BASE_SIGNATURE: base.spec.signature},
    )
    return store.install(home, card, {HEAD_FILE: _to_file(whole)}, check=_try_out)


def _try_out(card: InstalledCard) -> None:
    create(card)


def _to_file(head: Head) -> bytes:
    content: bytes = save({HEAD: torch.from_numpy(np.ascontiguousarray(head, np.float32))})
    return content
