"""What the desk calls tables and columns, in the language of the page.

They are named here rather than in the models: nobody else shows them, and migrations would repeat every one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Field, Model
from django.utils.translation import gettext_lazy

from recommender.catalog.models import Analysis, Artist, Genre, Release, Track

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

# Of each table one row, several rows, and those of its columns that are shown.
TABLES: Final[dict[type[Model], tuple[StrPromise, StrPromise, dict[str, StrPromise]]]] = {
    Track: (
        gettext_lazy("track"),
        gettext_lazy("tracks"),
        {
            "title": gettext_lazy("title"),
            "artist": gettext_lazy("artist"),
            "release": gettext_lazy("release"),
            "owner": gettext_lazy("owner"),
            "visibility": gettext_lazy("visibility"),
            "is_playable": gettext_lazy("is playable"),
            "file_name": gettext_lazy("file name"),
            "duration_seconds": gettext_lazy("duration seconds"),
            "added_at": gettext_lazy("added at"),
        },
    ),
    Artist: (gettext_lazy("artist"), gettext_lazy("artists"), {"name": gettext_lazy("name")}),
    Release: (
        gettext_lazy("release"),
        gettext_lazy("releases"),
        {"title": gettext_lazy("title"), "artist": gettext_lazy("artist")},
    ),
    Genre: (gettext_lazy("genre"), gettext_lazy("genres"), {"name": gettext_lazy("name")}),
    Analysis: (
        gettext_lazy("analysis"),
        gettext_lazy("analyses"),
        {
            "space": gettext_lazy("space"),
            "state": gettext_lazy("state"),
            "reason": gettext_lazy("reason"),
            "detail": gettext_lazy("detail"),
            "decoder_failures": gettext_lazy("decoder failures"),
            "lost_leases": gettext_lazy("lost leases"),
            "state_changed_at": gettext_lazy("state changed at"),
        },
    ),
}


def name_tables() -> None:
    """Only what is shown changes: migrations read what the models were declared with."""
    for table, (one, several, columns) in TABLES.items():
        table._meta.verbose_name, table._meta.verbose_name_plural = one, several
        for column in table._meta.get_fields():
            if isinstance(column, Field) and column.name in columns:
                column.verbose_name = columns[column.name]
