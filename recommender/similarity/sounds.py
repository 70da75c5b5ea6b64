"""A sound that is no track: what somebody asks with."""

from collections.abc import Mapping
from dataclasses import dataclass

from recommender.similarity.vectors import Vector


@dataclass(frozen=True, kw_only=True, eq=False)
class Sound:
    """`vector`, of unit length, in the space of `signature`; the measures as tracks have them; `words`: name ->
    probability. `is_truncated`: the file holds less sound than it claims.
    """

    signature: str
    vector: Vector
    duration_seconds: float
    is_truncated: bool
    loudness_lufs: float | None
    tempo_bpm: float | None
    tempo_confidence: float | None
    key: int | None
    key_confidence: float | None
    energy: float | None
    brightness: float | None
    words: Mapping[str, float]
