"""The hours of whoever looks at a page: the browser tells its time zone in a cookie, and days are divided by it."""

import datetime as dt
from typing import Final
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone

COOKIE: Final = "zone"
_LONGEST: Final = 64


def zone_of(request: HttpRequest) -> dt.tzinfo:
    """That of the site where none is told, or none that is known here."""
    name = unquote(request.COOKIES.get(COOKIE, ""))
    if not 0 < len(name) <= _LONGEST:
        return timezone.get_current_timezone()
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return timezone.get_current_timezone()
