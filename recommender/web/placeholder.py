"""Covers for tracks that bring none: an abstract picture that stays the same for a track.

There are as many as palettes x motifs x turns; they are the same for everybody and may be kept by caches.
"""

import math
import random
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

# Ground, light, shape, accent.
PALETTES = (
    ("#2b2d5b", "#5b5fc7", "#f2b5a7", "#ffe3d3"),
    ("#0f3d3e", "#2d7d74", "#e8c07d", "#fbeecb"),
    ("#4a1c40", "#963d6b", "#f7b267", "#ffe8c9"),
    ("#1d3354", "#467599", "#9ed8db", "#e9f7f2"),
    ("#5a2a27", "#b4553f", "#f4c095", "#fdeadb"),
    ("#22333b", "#4f6d7a", "#e3b5a4", "#f5e6e0"),
    ("#31263e", "#6b4e8f", "#a9cdd7", "#eef7fa"),
    ("#183a37", "#3f7d58", "#c5d86d", "#f3f9d2"),
    ("#3d2645", "#83406f", "#f0a6ca", "#fbe4f0"),
    ("#12355b", "#2f6690", "#f5a65b", "#fff0d9"),
    ("#423e37", "#7d7461", "#e3d7b8", "#faf6ea"),
    ("#402a2c", "#8a4f52", "#8fb8ca", "#e5f1f5"),
)
Motif = Callable[[str, str, int], str]

TURNS = (0, 90, 180, 270)
SIZE = 400


def number_of(track_id: int) -> int:
    """Scatters neighbouring ids over palettes and motifs; none comes twice among COUNT tracks in a row."""
    return _ORDER[track_id % COUNT]


@require_safe
@cache_control(public=True, max_age=7 * 86_400)
def placeholder_cover(request: HttpRequest, number: int) -> HttpResponse:
    if number >= COUNT:
        raise Http404("no such placeholder")
    return HttpResponse(draw(number), content_type="image/svg+xml")


def draw(number: int) -> str:
    ground, light, shape, accent = PALETTES[number % len(PALETTES)]
    motif = MOTIFS[number // len(PALETTES) % len(MOTIFS)]
    turn = TURNS[number // (len(PALETTES) * len(MOTIFS)) % len(TURNS)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}">'
        f'<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="{light}"/>'
        f'<stop offset="1" stop-color="{ground}"/></linearGradient>'
        f'<radialGradient id="h" cx=".2" cy=".1" r=".9"><stop offset="0" stop-color="{shape}" stop-opacity=".55"/>'
        f'<stop offset="1" stop-color="{shape}" stop-opacity="0"/></radialGradient></defs>'
        f'<g transform="rotate({turn} 200 200)"><rect width="400" height="400" fill="url(#g)"/>'
        f'<rect width="400" height="400" fill="url(#h)"/></g>'
        f'<g transform="{_place(motif, turn)}">{motif(shape, accent, number)}</g></svg>'
    )


def _place(motif: Motif, turn: int) -> str:
    """What has an up and a down is mirrored instead of turned."""
    if motif in UPRIGHT:
        return "translate(400 0) scale(-1 1)" if turn % 180 else ""
    return f"rotate({turn} 200 200)"


def _rings(shape: str, accent: str, number: int) -> str:
    rings = "".join(
        f'<circle cx="400" cy="400" r="{radius}" fill="none" stroke="{shape}" stroke-width="{3 + radius / 40:.1f}"'
        f' stroke-opacity="{0.85 - radius / 600:.2f}"/>'
        for radius in range(90, 400, 44)
    )
    return rings + f'<circle cx="400" cy="400" r="52" fill="{accent}"/>'


def _bars(shape: str, accent: str, number: int) -> str:
    parts = []
    for index in range(13):
        height = 60 + 210 * abs(math.sin(index * 0.55 + number)) * math.sin((index + 1) / 14 * math.pi)
        colour, opacity = (accent, 0.95) if index % 4 == number % 4 else (shape, 0.7)
        parts.append(
            f'<rect x="{42 + index * 25}" y="{200 - height / 2:.0f}" width="13" height="{height:.0f}" rx="6.5"'
            f' fill="{colour}" fill-opacity="{opacity}"/>'
        )
    return "".join(parts)


def _waves(shape: str, accent: str, number: int) -> str:
    parts = []
    for row in range(7):
        middle, rise = 90 + row * 40, 16 + 7 * ((row + number) % 4)
        path = f"M-20 {middle} C 80 {middle - 2 * rise}, 140 {middle + 2 * rise}, 210 {middle}"
        path += f" S 340 {middle - 2 * rise}, 420 {middle}"
        colour = accent if row == number % 7 else shape
        parts.append(
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-opacity="{0.4 + row * 0.08:.2f}" stroke-width="5"/>'
        )
    return "".join(parts)


def _discs(shape: str, accent: str, number: int) -> str:
    lift = 20 * (number % 4)
    return (
        f'<circle cx="150" cy="{210 - lift}" r="112" fill="{shape}" fill-opacity=".75"/>'
        f'<circle cx="262" cy="{230 + lift / 2:.0f}" r="92" fill="{accent}" fill-opacity=".6"/>'
        f'<circle cx="150" cy="{210 - lift}" r="26" fill="{accent}" fill-opacity=".9"/>'
    )


def _hills(shape: str, accent: str, number: int) -> str:
    sun = 120 + 40 * (number % 5)
    return (
        f'<circle cx="{sun}" cy="140" r="54" fill="{accent}"/>'
        f'<path d="M0 270 Q 100 180 210 262 T 400 230 V 400 H 0 Z" fill="{shape}" fill-opacity=".55"/>'
        f'<path d="M0 330 Q 130 250 250 322 T 400 300 V 400 H 0 Z" fill="{shape}" fill-opacity=".85"/>'
    )


MOTIFS: tuple[Motif, ...] = (_rings, _bars, _waves, _discs, _hills)
UPRIGHT = (_bars, _hills)
COUNT = len(PALETTES) * len(MOTIFS) * len(TURNS)
_ORDER = random.Random(7).sample(range(COUNT), COUNT)  # noqa: S311
