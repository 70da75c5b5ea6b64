"""People and tracks for tests: the least that the rooms need, made in the real database."""

import hashlib
import itertools
from collections.abc import Sequence

import numpy as np
from django.contrib.auth.models import Group

from recommender.accounts.models import Role, User
from recommender.catalog.audio_files import COVER_SIDES, store_cover
from recommender.catalog.models import Analysis, AnalysisState, AudioFile, Cover, Embedding, Space, Track, Visibility
from recommender.similarity.segments import Segments, keep_segments
from recommender.similarity.vectors import to_bytes

_numbers = itertools.count(1)


def make_user(role: Role = Role.UPLOADER, **given: object) -> User:
    """Somebody without a password: hashing one costs more than most tests. Use `force_login`."""
    user = User.objects.create_user(username=f"{role.label}-{next(_numbers)}", **given)
    user.groups.add(Group.objects.get(name=role.label))
    return user


def make_space(dimension: int = 8, *, is_active: bool = True) -> Space:
    return Space.objects.create(
        signature=f"signature-{next(_numbers)}", encoder_name="test", dimension=dimension, is_active=is_active
    )


def make_audio_file(content: bytes | None = None) -> AudioFile:
    content = content or f"bytes {next(_numbers)}".encode()
    sha256 = hashlib.sha256(content).hexdigest()
    return AudioFile.objects.create(sha256=sha256, size_bytes=len(content), media_type="audio/mpeg", suffix=".mp3")


def make_cover(text: str = "cover") -> Cover:
    """A cover in the store; who serves it does not look into it."""
    return store_cover({side: f"{side} pixels of {text}".encode() for side in COVER_SIDES})


def make_track(owner: User | None = None, **given: object) -> Track:
    """A published, playable track unless `given` says otherwise."""
    described = {
        "title": f"Track {next(_numbers)}",
        "file_name": "track.mp3",
        "visibility": Visibility.PUBLISHED,
        "is_playable": True,
        "duration_seconds": 60.0,
        **given,
    }
    audio_file = described.pop("audio_file", None) or make_audio_file()
    return Track.objects.create(owner=owner or make_user(), audio_file=audio_file, **described)


def unit_vector(seed: int, dimension: int = 8) -> np.ndarray:
    vector = np.random.default_rng(seed).standard_normal(dimension).astype(np.float32)
    return vector / np.linalg.norm(vector)


def make_embedding(
    track: Track, space: Space, vector: np.ndarray, state: AnalysisState = AnalysisState.INDEXING
) -> Embedding:
    """The vector of `track` as the worker leaves it: in SQL, not yet in the index."""
    Analysis.objects.create(track=track, space=space, state=state)
    return Embedding.objects.create(track=track, space=space, vector=to_bytes(vector))


def add_heard(space: Space, vector: np.ndarray, **given: object) -> Track:
    """A track with its vector."""
    track = make_track(**given)
    make_embedding(track, space, vector)
    return track


def at_cosine(share: float, axis: int = 1, *, to: int = 0) -> np.ndarray:
    """A unit vector at cosine `share` to the axis `to`, the rest of it along another `axis`."""
    vector = np.zeros(8, np.float32)
    vector[axis], vector[to] = np.sqrt(1 - share**2), share
    return vector


def keep_parts(embedding: Embedding, parts: Sequence[np.ndarray], *, step: float) -> None:
    """The segments of a track: one of `parts` every `step` seconds."""
    starts = np.arange(len(parts), dtype=np.float32) * np.float32(step)
    keep_segments(embedding, Segments(np.stack(parts).astype(np.float32), starts))
