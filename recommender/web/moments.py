"""The times in the address of a track: `?from=0:42&to=0:50` is a passage to look for, `?t=42` where playing begins."""

from math import inf, isfinite

from django.http import QueryDict
from django.utils.translation import gettext as _

from recommender.catalog.models import Track
from recommender.similarity.moments import Passage
from recommender.web.refusals import BadAddressError, refusing_wishes

_PER_PART = 60
_MOST_PARTS = 3


def read_passage(given: QueryDict, track: Track) -> Passage | None:
    """None where none is asked for. Raises BadAddressError."""
    if not (given.get("from") or given.get("to")):
        return None
    start, end = (_read_seconds(given.get(name, "")) for name in ("from", "to"))
    with refusing_wishes():
        return Passage(from_seconds=start, to_seconds=end, duration_seconds=track.duration_seconds or 0.0)


def read_start(given: QueryDict, track: Track) -> float:
    """The beginning where the track is over before that. Raises BadAddressError."""
    start = _read_seconds(given.get("t") or "0")
    return start if start < (track.duration_seconds or start + 1) else 0.0


def _read_seconds(text: str) -> float:
    """1:02:05, 0:42, 42 or 42.5."""
    parts = text.split(":")
    try:
        numbers = [float(part) for part in parts] if len(parts) <= _MOST_PARTS else [inf]
    except ValueError:
        numbers = [inf]
    seconds = 0.0
    for number in numbers:
        seconds = seconds * _PER_PART + number
    if not isfinite(seconds) or min(numbers) < 0:
        raise BadAddressError(_("A time is written 0:42, or as seconds."))
    return seconds
