"""The card of an encoder adapted to one library, torch-free; it runs in :mod:`embeddings.encoders.adapted`."""

from dataclasses import replace
from typing import Final

# The module and not its functions: it is what reads this one.
import embeddings.encoders as registry
from embeddings.encoders.card import InstalledCard
from embeddings.encoders.spec import EncoderSpec
from embeddings.errors import EncoderError

FAMILY: Final = "adapted"
HEAD_FILE: Final = "head.safetensors"
HEAD: Final = "head"
BASE: Final = "base"
BASE_SIGNATURE: Final = "base_signature"


def describe(card: InstalledCard) -> EncoderSpec:
    """The card of the base encoder with the name and the weights of the head.

    Raises EncoderError when the base is missing, is another one than the head was made for, or is adapted itself.
    """
    name, signature = card.options.get(BASE), card.options.get(BASE_SIGNATURE)
    if not isinstance(name, str) or name == card.name:
        raise EncoderError(f"The card of encoder {card.name} does not name the encoder that it adapts")
    if registry.family_of(name) == FAMILY:  # asked first: two that name each other would be described without end
        raise EncoderError(f"Encoder {card.name} cannot adapt {name}: it is adapted itself")
    base = registry.describe_encoder(name)
    if base.dimension != card.dimension:
        raise EncoderError(f"Encoder {card.name} cannot adapt {name}: it has another dimension")
    if base.signature != signature:
        raise EncoderError(
            f"Encoder {card.name} adapts {name} with the signature {signature}, and the one here has {base.signature}: "
            "run `manage.py adapt_encoder` again"
        )
    return replace(
        base,
        name=card.name,
        description=card.description,
        parameters=card.parameters,
        licence=card.licence,
        weights_file=HEAD_FILE,
        weights_sha256=card.hash_of(HEAD_FILE),
        source=card.source,
        family=card.family,
        folder=card.folder,
        more_files=(),
        options=tuple(sorted(card.options.items())),
    )
