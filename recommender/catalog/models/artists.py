"""What else artists are called, where those went that were merged, and which names are not the same."""

from django.db import models

from recommender.catalog.models.music import Artist
from recommender.catalog.names import LONGEST_KEY, FoldedField


class ArtistAlias(models.Model):
    """Another name of an artist: whoever is credited by it is that artist. No artist is called so itself."""

    artist = models.ForeignKey(Artist, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=500)
    name_key = FoldedField("name", unique=True)

    class Meta:
        ordering = ["name_key"]

    def __str__(self) -> str:
        return self.name


class MergedArtist(models.Model):
    """The address of an artist that was merged leads to `kept`."""

    old_id = models.BigIntegerField(primary_key=True)
    kept = models.ForeignKey(Artist, on_delete=models.CASCADE, related_name="merged")

    def __str__(self) -> str:
        return f"{self.old_id} is {self.kept_id}"


class DistinctNames(models.Model):
    """What curators said of folded names, for good: two that are not one artist, the lesser first; or, without a
    second, one that is not several artists. Names last longer than the rows of those who bear them.
    """

    first_key = models.CharField(max_length=LONGEST_KEY)
    second_key = models.CharField(max_length=LONGEST_KEY, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["first_key", "second_key"], name="distinct_names_once")]

    def __str__(self) -> str:
        return f"{self.first_key} / {self.second_key}"
