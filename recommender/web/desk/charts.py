"""Bars, drawn by the server: each with what it says in words, and all of them again as numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.formats import number_format

HEIGHT: Final = 100
STEP: Final = 10
GAP: Final = 1


@dataclass(frozen=True, kw_only=True)
class Bar:
    """`x`, `y`, `width` and `height` in the units of the picture, as SVG reads them."""

    label: str
    count: str
    x: int
    y: str
    width: int
    height: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    title: str
    told: str
    bars: list[Bar]
    width: int
    height: int = HEIGHT


def draw_bars(title: str, told: str, counted: Iterable[tuple[str, int]], *, most: int = 0) -> Chart:
    """`told` says in a sentence what the picture shows. A bar of `most` is as high as the picture, without it the
    largest.
    """
    pairs = list(counted)
    most = most or max((count for _label, count in pairs), default=0) or 1
    bars = [_draw(place, label, count, HEIGHT * count / most) for place, (label, count) in enumerate(pairs)]
    return Chart(title=title, told=told, bars=bars, width=max(1, STEP * len(pairs)))


def _draw(place: int, label: str, count: int, height: float) -> Bar:
    written = number_format(count, force_grouping=True)
    x, width = STEP * place + GAP, STEP - 2 * GAP
    return Bar(label=label, count=written, x=x, y=f"{HEIGHT - height:.2f}", width=width, height=f"{height:.2f}")
