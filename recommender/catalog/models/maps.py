"""Where tracks lie on the map of a space. All of it can be made again from the vectors."""

from __future__ import annotations

from django.db import models

from recommender.catalog.models.music import Track
from recommender.catalog.models.spaces import Space


class MapRegion(models.Model):
    """A cluster of the map, named by what its tracks have more of than others. `x` and `y` 0-65535: its middle."""

    space = models.ForeignKey(Space, on_delete=models.CASCADE, related_name="map_regions")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    x = models.PositiveIntegerField()
    y = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["space", "number"], name="map_region_once")]

    def __str__(self) -> str:
        return self.name


class MapPoint(models.Model):
    """`x` and `y` 0-65535; `region` the number of the region the track lies in."""

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="map_points")
    space = models.ForeignKey(Space, on_delete=models.CASCADE, related_name="map_points")
    x = models.PositiveIntegerField()
    y = models.PositiveIntegerField()
    region = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["track", "space"], name="map_point_once")]
        indexes = [models.Index(fields=["space", "track", "x", "y", "region"], name="map_point_listing")]

    def __str__(self) -> str:
        return f"{self.track_id} at {self.x}, {self.y}"
