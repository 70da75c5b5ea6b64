"""The space that the encoder in use fills."""

from collections.abc import Callable, Collection, Iterator, Sequence

from django.conf import settings

from embeddings import list_encoders
from embeddings.encoders import EncoderSpec
from embeddings.errors import EncoderError
from recommender.catalog.models import Space
from recommender.operations.errors import PreparationFailedError
from recommender.operations.tables import needing_tables
from recommender.similarity.spaces import chosen_space, describe_obstacles, ensure_space, measure_progress


def prepare_space(say: Callable[[str], None]) -> None:
    """Choose the space of the encoder in use and make it unless it is there.

    That encoder is the one SOUNDALIKE_ENCODER names, else the one chosen last, else the shipped one. The choice stays
    when its encoder is missing, since a folder may just not be there yet; that is said.

    Raises:
        PreparationFailedError: no encoder has the configured name, or its description cannot be read.
    """
    cards = _read_cards()
    wanted = settings.ANALYSIS.encoder
    chosen = chosen_space()
    if wanted or chosen is None:
        card = _find(cards, wanted) if wanted else cards[0]
    elif found := _find_chosen(cards, chosen):
        card = found
    else:
        say(_describe_missing(chosen))
        return
    ensure_space(card.signature, card.name, card.dimension)


@needing_tables()
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
    card = _find(_read_cards(), name)
    return ensure_space(card.signature, card.name, card.dimension)


@needing_tables()
def describe_spaces() -> list[str]:
    """A line for each space, how far it is, and for each encoder that has none. Raises PreparationFailedError."""
    cards = _read_cards()
    return [*_describe_spaces({card.signature for card in cards}), *_describe_unused(cards)]


def _read_cards() -> list[EncoderSpec]:
    try:
        return list_encoders()
    except EncoderError as error:
        raise PreparationFailedError(str(error)) from error


def _describe_spaces(installed: Collection[str]) -> Iterator[str]:
    chosen = chosen_space()
    for space in Space.objects.order_by("pk"):
        progress = measure_progress(space)
        role = "answers" if space.is_active else "is being filled" if space == chosen else "is not filled"
        counts = f"{progress.ready:,} ready, {progress.failed:,} failed, {progress.unindexed:,} without vector"
        lost = "" if space.signature in installed else "; its encoder is missing or broken"
        yield f"{space} {role}{lost}: {counts}, {progress.waiting:,} waiting of {progress.total:,}"
        if space == chosen and not space.is_active and (obstacles := describe_obstacles(space)):
            yield f"  does not take over: {obstacles}"


def _describe_unused(cards: Sequence[EncoderSpec]) -> Iterator[str]:
    used = set(Space.objects.values_list("signature", flat=True))
    for card in cards:
        if card.signature not in used:
            yield f"{card.name} {card.signature[:8]} has no space yet"


def _find(cards: Sequence[EncoderSpec], name: str) -> EncoderSpec:
    for card in cards:
        if card.name == name:
            return card
    names = ", ".join(card.name for card in cards)
    raise PreparationFailedError(f"There is no encoder {name}; there are: {names}. Is SOUNDALIKE_ENCODER right?")


def _find_chosen(cards: Sequence[EncoderSpec], chosen: Space) -> EncoderSpec | None:
    """The encoder of a space, by its signature, else by its name."""
    by_signature = {card.signature: card for card in cards}
    by_name = {card.name: card for card in cards}
    return by_signature.get(chosen.signature) or by_name.get(chosen.encoder_name)


def _describe_missing(chosen: Space) -> str:
    return (
        f"WARNING: the encoder in use, {chosen.encoder_name} (signature {chosen.signature[:12]}), is missing or broken "
        f"in {settings.STORAGE.encoders}: new tracks wait for it. Put that folder back, or install the encoder again "
        "(`manage.py install_encoder`), or use another one (`manage.py choose_encoder compact`)."
    )
