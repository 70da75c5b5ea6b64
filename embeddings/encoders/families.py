"""The kinds of networks that can be installed, and the code of each. Torch-free: modules are loaded when needed."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from embeddings.encoders.card import InstalledCard
from embeddings.encoders.failures import as_encoder_error
from embeddings.encoders.spec import Encoder, EncoderSpec
from embeddings.errors import EncoderError


@dataclass(frozen=True)
class Family:
    """The modules of a family, by name; all raise EncoderError for a card, weights or files that do not fit.

    ``cards`` is torch-free and has ``describe(card) -> EncoderSpec``, ``network`` has ``create(card) -> Encoder``, and
    ``files``, used at installation only, ``convert(sources, options) -> Converted``. A family whose weights are not
    brought from outside has no ``files``. ``options`` are those that ``convert`` knows; ``requirements`` names what has
    to be installed for it.
    """

    cards: str
    network: str
    files: str | None
    options: tuple[str, ...] = ()
    requirements: str = "requirements.txt"


def _family(module: str, *options: str, requirements: str = "requirements.txt") -> Family:
    path = f"embeddings.encoders.{module}"
    return Family(f"{path}_spec", path, f"{path}_files", options, requirements)


FAMILIES: Final = {
    "vggish": _family("vggish", "whitened"),
    "two_tower": _family("two_tower"),
    "musicnn": _family("musicnn"),
    "transformers": _family("transformer", "layer", "trusts_code", requirements="requirements-transformers.txt"),
    "adapted": Family("embeddings.encoders.adapted_spec", "embeddings.encoders.adapted", None),
}


def describe_installed(card: InstalledCard) -> EncoderSpec:
    """The spec of an installed encoder, without torch. Raises EncoderError."""
    family = find_family(card.family)
    with as_encoder_error(f"The card of encoder {card.name} makes no sense"):
        spec: EncoderSpec = load_module(family, family.cards).describe(card)
    return spec


def create_installed(card: InstalledCard) -> Encoder:
    """Load an installed encoder. Raises EncoderError when its weights are missing, altered or do not fit."""
    family = find_family(card.family)
    with as_encoder_error(f"Encoder {card.name} cannot be loaded"):
        encoder: Encoder = load_module(family, family.network).create(card)
    return encoder


def find_family(name: str) -> Family:
    """Raises EncoderError when there is none of this name."""
    if name not in FAMILIES:
        raise EncoderError(f"There is no family of encoders {name!r}; there are: {', '.join(FAMILIES)}")
    return FAMILIES[name]


def check_options(name: str, options: Iterable[str]) -> None:
    """Raises EncoderError for what is no option of the family called ``name``."""
    known = find_family(name).options
    if unknown := sorted(set(options) - set(known)):
        raise EncoderError(f"{name} has the options: {', '.join(known) or 'none'}; given: {', '.join(unknown)}")


def load_module(family: Family, module: str) -> Any:
    """Raises EncoderError, with what to install, when a package that the family needs is missing."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        hint = f"pip install -r {family.requirements}"
        raise EncoderError(f"This encoder needs the package {error.name}: {hint}") from error
