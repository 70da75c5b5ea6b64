"""
BadRequest                  answered by `web.errors.bad_request` with 400 and the sentence of the exception
└── RefusalError            `code` for scripts
    ├── BodyBrokenOffError  (`web.steady_body`) the request ends before its body does
    └── BadAddressError     what the address asks for makes no sense
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import BadRequest

from recommender.similarity.errors import BadWishError


class RefusalError(BadRequest):
    code = "bad_request"


class BadAddressError(RefusalError):
    code = "bad_address"


@contextmanager
def refusing_wishes() -> Iterator[None]:
    """A wish that makes no sense is the fault of the address it came by. Raises BadAddressError."""
    try:
        yield
    except BadWishError as error:
        raise BadAddressError(str(error)) from error
