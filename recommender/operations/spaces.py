"""The space that the encoder in use fills."""

from django.conf import settings

from embeddings import list_encoders
from embeddings.errors import EncoderError
from recommender.operations.errors import PreparationFailedError
from recommender.similarity.spaces import ensure_space


def prepare_space() -> None:
    """Make the space of the configured encoder, or of the shipped one, unless it is there.

    Raises:
        PreparationFailedError: no encoder has the configured name, or its description cannot be read.
    """
    try:
        cards = list_encoders()
    except EncoderError as error:
        raise PreparationFailedError(str(error)) from error
    wanted = settings.ANALYSIS.encoder or cards[0].name
    for card in cards:
        if card.name == wanted:
            ensure_space(card.signature, card.name, card.dimension)
            return
    names = ", ".join(card.name for card in cards)
    raise PreparationFailedError(f"SOUNDALIKE_ENCODER names {wanted}, and there is no such encoder: {names}")
