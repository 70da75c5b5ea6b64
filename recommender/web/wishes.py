"""What an address wants of recommendations: `?variety=raw&strictness=60&tempo=90-120&tag=calm&tag=piano ...`."""

import datetime as dt

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from recommender.similarity.errors import BadWishError
from recommender.similarity.filters import Filters, Range
from recommender.similarity.recommend import Variety, Wish
from recommender.web.asked_numbers import read_number, read_whole
from recommender.web.refusals import refusing_wishes


def read_wish(given: QueryDict) -> Wish:
    """What is missing has its default; strictness is of 100. Raises BadAddressError."""
    with refusing_wishes():
        return _read_wish(given)


def _read_wish(given: QueryDict) -> Wish:
    variety = given.get("variety") or Variety.SHAPED
    if variety not in list(Variety):
        raise BadWishError(_("The variety is one of: %(choices)s.") % {"choices": ", ".join(Variety)})
    limit, strictness = _read_whole(given, "limit"), _read_number("strictness", given.get("strictness", ""))
    return Wish(
        limit=Wish.limit if limit is None else limit,
        variety=Variety(variety),
        strictness=Wish.strictness if strictness is None else strictness / 100,
        filters=_read_filters(given),
        without=frozenset(name for name in given.getlist("without") if name),
    )


def _read_filters(given: QueryDict) -> Filters:
    """`genre` and `tag` may be there several times; `year`, `tempo` and `duration` are `60-90`, `60-` or `-90`."""
    return Filters(
        genres=frozenset(read_whole("genre", text) for text in given.getlist("genre") if text),
        tags=frozenset(tag for tag in given.getlist("tag") if tag),
        artist=_read_whole(given, "artist"),
        release=_read_whole(given, "release"),
        year=_read_range(given, "year"),
        tempo_bpm=_read_range(given, "tempo"),
        duration_seconds=_read_range(given, "duration"),
        key=_read_whole(given, "key"),
        is_harmonic=given.get("harmonic", "") not in ("", "0"),
        added_since=_read_day(given, "since"),
    )


def _read_whole(given: QueryDict, name: str) -> int | None:
    text = given.get(name, "")
    return read_whole(name, text) if text else None


def _read_number(name: str, text: str) -> float | None:
    return read_number(name, text) if text else None


def _read_range(given: QueryDict, name: str) -> Range:
    text = given.get(name, "")
    lowest, dash, highest = text.partition("-")
    if text and not dash:
        raise BadWishError(_("The %(name)s is a range: 60-90, 60- or -90.") % {"name": name})
    return _read_number(name, lowest), _read_number(name, highest)


def _read_day(given: QueryDict, name: str) -> dt.datetime | None:
    text = given.get(name, "")
    try:
        day = parse_date(text) if text else None
    except ValueError as error:
        raise BadWishError(_("There is no such day.")) from error
    if day is None:
        if text:
            raise BadWishError(_("A day is written 2026-01-31."))
        return None
    return dt.datetime.combine(day, dt.time.min, timezone.get_current_timezone())
