"""Numbers that an address or a form names, and the sentences for what is none."""

from math import inf, isfinite

from django.utils.translation import gettext as _

from recommender.web.refusals import BadAddressError

_LARGEST = 2**63 - 1
_DIGITS = len(str(_LARGEST))


def parse_whole(text: str) -> int | None:
    """A whole number from 0 up that the database can hold; None for all else."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _DIGITS
    return int(text) if is_number and int(text) <= _LARGEST else None


def read_whole(name: str, text: str) -> int:
    """Raises BadAddressError."""
    number = parse_whole(text)
    if number is None:
        raise BadAddressError(_("The %(name)s is a whole number.") % {"name": name})
    return number


def read_ids(name: str, text: str, *, most: int) -> list[int]:
    """The last so many of the numbers of tracks with commas between them. Raises BadAddressError."""
    numbers = [parse_whole(part) for part in text.split(",")] if text else []
    if None in numbers:
        raise BadAddressError(_("“%(name)s” is numbers of tracks with commas between them.") % {"name": name})
    return [number for number in numbers if number is not None][-most:]


def read_number(name: str, text: str, *, least: float = -inf, largest: float = inf) -> float:
    """A finite number. Raises BadAddressError."""
    try:
        number = float(text)
    except ValueError:
        number = inf
    if isfinite(number) and least <= number <= largest:
        return number
    if isfinite(least) and isfinite(largest):
        bounds = {"name": name, "least": f"{least:g}", "largest": f"{largest:g}"}
        raise BadAddressError(_("The %(name)s is a number from %(least)s to %(largest)s.") % bounds)
    raise BadAddressError(_("The %(name)s is a number.") % {"name": name})
