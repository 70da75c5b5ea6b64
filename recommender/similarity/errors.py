"""
SimilarityError
├── IndexUnavailableError   the vector index cannot be reached now; it is caught up with later
├── InvalidVectorError      a vector that must never be written or asked with
├── OtherSpaceError         a vector of a space that does not answer now: embed the sound again
└── BadWishError            what was asked for makes no sense; the sentence says why
"""

from django.utils.translation import gettext as _


class SimilarityError(Exception):
    pass


class IndexUnavailableError(SimilarityError):
    pass


class InvalidVectorError(SimilarityError):
    pass


class OtherSpaceError(SimilarityError):
    pass


class BadWishError(SimilarityError):
    pass


def check_count(count: int, largest: int) -> None:
    """How many tracks are asked for. Raises BadWishError."""
    if not 1 <= count <= largest:
        raise BadWishError(_("Ask for 1 to %(most)d tracks.") % {"most": largest})
