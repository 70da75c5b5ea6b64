"""Files and cards from outside break their readers in ways that nobody can list. Torch-free."""

from collections.abc import Iterator
from contextlib import contextmanager

from embeddings.errors import EncoderError


@contextmanager
def as_encoder_error(complaint: str) -> Iterator[None]:
    """Whatever goes wrong inside becomes an EncoderError: ``complaint`` and the first line of the cause.

    An EncoderError passes as it is.
    """
    try:
        yield
    except EncoderError:
        raise
    except Exception as error:  # torch, h5py, zipfile and code that came along have no common base
        reason = str(error).strip().splitlines()
        raise EncoderError(f"{complaint}: {reason[0] if reason else type(error).__name__}") from error
