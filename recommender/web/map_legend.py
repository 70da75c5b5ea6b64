"""What the points of the map are coloured by: the choice, and which colour is which."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from recommender.catalog.models import Space
from recommender.catalog.models.music import Viewer
from recommender.similarity.map.colouring import FACETS_SHOWN, MOST_COLOURS, Shares, share_colours
from recommender.web.addresses import Address
from recommender.web.facet_panel import label_values
from recommender.web.facet_words import FACETS
from recommender.web.refusals import BadAddressError

SOUND: Final = "sound"
COLOURS: Final = (SOUND, *FACETS_SHOWN)


@dataclass(frozen=True, kw_only=True)
class ColourChoice:
    """A way to colour the map; `link` leads to the same page with it."""

    label: str
    link: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True)
class Entry:
    """`number` is that of the colour, `link` leads to what has the value in the library."""

    number: int
    name: str
    link: str
    tracks: int


@dataclass(frozen=True, kw_only=True)
class Legend:
    """`others` have the colour 0. `address` is where the colours of the points are fetched."""

    facet: str
    title: str
    entries: list[Entry]
    others: int
    address: str


def read_colours(text: str) -> str:
    """One of COLOURS; by sound where nothing is said. Raises BadAddressError."""
    if text and text not in COLOURS:
        raise BadAddressError(_("Colours are by one of: %(choices)s.") % {"choices": ", ".join(COLOURS)})
    return text or SOUND


def read_values(given: QueryDict) -> tuple[str, tuple[Any, ...]]:
    """A facet and its values in the order of their colours, from `by` and `of`. Raises BadAddressError."""
    facet = given.get("by", "")
    if facet not in FACETS_SHOWN:
        raise BadAddressError(_("Colours are by one of: %(choices)s.") % {"choices": ", ".join(FACETS_SHOWN)})
    values = tuple(FACETS[facet].read(text) for text in given.getlist("of"))
    if None in values or len(values) > MOST_COLOURS:
        raise BadAddressError(_("“of” is up to %(most)d numbers, one for each colour.") % {"most": MOST_COLOURS})
    return facet, values


def offer_colours(address: Address, chosen: str) -> list[ColourChoice]:
    labels = {SOUND: pgettext("what the map is coloured by", "Sound")}
    return [
        ColourChoice(
            label=labels.get(name) or _(FACETS[name].title),
            link=address.replaced("colours", "" if name == SOUND else name),
            is_chosen=name == chosen,
        )
        for name in COLOURS
    ]


def describe_legend(space: Space | None, viewer: Viewer, facet: str) -> Legend:
    """The colour of most points first; decades by age. `facet` is one of FACETS_SHOWN."""
    shares = share_colours(space, viewer, facet) if space else Shares((), (0,))
    wanted = [("by", facet), *(("of", FACETS[facet].write(value)) for value in shares.values)]
    entries = [
        Entry(
            number=number,
            name=name,
            link=f"{reverse('library')}?{urlencode({facet: FACETS[facet].write(value)})}",
            tracks=shares.counts[number],
        )
        for number, value, name in _name_in_order(shares, viewer, facet)
    ]
    return Legend(
        facet=facet,
        title=_(FACETS[facet].title),
        entries=entries,
        others=shares.counts[0],
        address=f"{reverse('map_colours')}?{urlencode(wanted)}",
    )


def _name_in_order(shares: Shares, viewer: Viewer, facet: str) -> Sequence[tuple[int, Any, str]]:
    """Number, value and name of the colours that there are points of."""
    names = label_values(facet, list(shares.values), viewer)
    named = [
        (number, value, names[value])
        for number, value in enumerate(shares.values, 1)
        if value in names and shares.counts[number]
    ]
    return sorted(named, key=lambda each: (FACETS[facet].rank(each[1], shares.counts[each[0]]), each[0]))
