"""The space that the encoder in use fills."""

from collections.abc import Sequence

from django.conf import settings

from embeddings import list_encoders
from embeddings.encoders import EncoderSpec
from embeddings.errors import EncoderError
from recommender.catalog.models import Space
from recommender.operations.errors import PreparationFailedError
from recommender.similarity.spaces import chosen_space, ensure_space


def prepare_space() -> None:
    """Choose the space of the encoder in use and make it unless it is there.

    That encoder is the one SOUNDALIKE_ENCODER names, else the one chosen last if it is still installed, else the
    shipped one.

    Raises:
        PreparationFailedError: no encoder has the configured name, or its description cannot be read.
    """
    try:
        cards = list_encoders()
    except EncoderError as error:
        raise PreparationFailedError(str(error)) from error
    wanted = settings.ANALYSIS.encoder
    card = _find(cards, wanted) if wanted else _find_chosen(cards)
    ensure_space(card.signature, card.name, card.dimension)


def choose_encoder(name: str) -> Space:
    """Have every track analysed with this encoder; its space takes over when it is complete.

    Raises:
        PreparationFailedError: there is no such encoder, or SOUNDALIKE_ENCODER names another one, which the next start
            would choose again.
    """
    configured = settings.ANALYSIS.encoder
    if configured and configured != name:
        raise PreparationFailedError(
            f"SOUNDALIKE_ENCODER names {configured}, and decides at every start: set it to {name}, or unset it"
        )
    try:
        card = _find(list_encoders(), name)
    except EncoderError as error:
        raise PreparationFailedError(str(error)) from error
    return ensure_space(card.signature, card.name, card.dimension)


def _find(cards: Sequence[EncoderSpec], name: str) -> EncoderSpec:
    for card in cards:
        if card.name == name:
            return card
    names = ", ".join(card.name for card in cards)
    raise PreparationFailedError(f"There is no encoder {name}; there are: {names}. Is SOUNDALIKE_ENCODER right?")


def _find_chosen(cards: Sequence[EncoderSpec]) -> EncoderSpec:
    """The encoder of the space chosen last, by its signature, else by its name; the shipped one if it is gone."""
    chosen = chosen_space()
    if chosen is None:
        return cards[0]
    by_signature = {card.signature: card for card in cards}
    by_name = {card.name: card for card in cards}
    return by_signature.get(chosen.signature) or by_name.get(chosen.encoder_name) or cards[0]
