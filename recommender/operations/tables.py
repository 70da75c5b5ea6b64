"""For commands that need the tables, on a home where nobody has made them yet."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError

from recommender.operations.errors import PreparationFailedError


@contextmanager
def needing_tables() -> Iterator[None]:
    """Raises PreparationFailedError where the tables are not there, not up to date or cannot be reached."""
    try:
        yield
    except DatabaseError as error:
        raise PreparationFailedError(
            f"The database of {settings.STORAGE.home} cannot be used ({error}). `manage.py prepare` makes it ready; "
            "SOUNDALIKE_HOME names another folder."
        ) from error
