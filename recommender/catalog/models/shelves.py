"""Tables that the database keeps by triggers (`catalog.triggers`) and that nothing else writes."""

from __future__ import annotations

from typing import Self

from django.db import models

from recommender.accounts.models import User
from recommender.catalog.models.music import Track, Viewer, may_know_of

# The beats per minute below which a tempo has this name; FASTEST is what lies above them all.
PACES = {"slow": 90, "medium": 120, "fast": 150}
FASTEST = "rapid"
# Below this a tempo or a key is a guess, and nobody who looks for one wants to find it.
LEAST_CONFIDENCE = 0.5


class ShelfQuerySet(models.QuerySet["Shelf"]):
    def visible_to(self, viewer: Viewer) -> Self:
        return self.filter(may_know_of(viewer))


_SEEN_BY = ("visibility", "is_playable", "is_deleting", "owner", "track")


class Shelf(models.Model):
    """What a track is counted by, in a row so narrow that a hundred thousand are counted while a page is awaited.

    `genres` holds their ids and `tags` their names, each sorted and a line of its own: tracks that have the same are
    counted as one. The indexes answer alone, in the order in which the counts are asked for.
    """

    track = models.OneToOneField(
        Track, on_delete=models.DO_NOTHING, db_constraint=False, primary_key=True, related_name="shelf"
    )
    decade = models.PositiveSmallIntegerField(null=True)
    pace = models.CharField(max_length=8, null=True)  # noqa: DJ001  # as the tempo it is made from
    key = models.PositiveSmallIntegerField(null=True)
    file_format = models.CharField(max_length=10)
    genres = models.TextField()
    tags = models.TextField()
    visibility = models.CharField(max_length=10)
    is_playable = models.BooleanField()
    is_deleting = models.BooleanField()
    owner = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="shelves"
    )

    objects = ShelfQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["decade", "pace", "key", "file_format", *_SEEN_BY], name="shelf_by_facts"),
            models.Index(fields=["genres", "decade", "pace", "key", "file_format", *_SEEN_BY], name="shelf_by_genres"),
            models.Index(fields=["tags", "decade", "pace", "key", "file_format", *_SEEN_BY], name="shelf_by_tags"),
        ]

    def __str__(self) -> str:
        return str(self.track_id)


class Revision(models.Model):
    """One row on SQLite, on other databases none: `catalog.revision` says what it is for."""

    number = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.number)
