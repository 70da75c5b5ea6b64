"""Sounds that are no tracks, for tests that ask with one."""

from recommender.similarity.sounds import Sound
from recommender.similarity.vectors import Vector
from tests.people import unit_vector


def make_sound(seed: int = 0, *, signature: str = "signature", vector: Vector | None = None, **given: object) -> Sound:
    described = {
        "duration_seconds": 5.0,
        "is_truncated": False,
        "loudness_lufs": -14.0,
        "tempo_bpm": 120.0,
        "tempo_confidence": 0.9,
        "key": 9,
        "key_confidence": 0.9,
        "energy": 0.7,
        "brightness": 0.5,
        "words": {"calm": 0.5, "piano": 0.4},
        **given,
    }
    return Sound(signature=signature, vector=unit_vector(seed) if vector is None else vector, **described)
