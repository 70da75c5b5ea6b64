"""Real encoded audio, made once per session from arithmetic, and one decode child for all who do not harm it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from embeddings.audio import Decoder
from embeddings.synthesis import CONTAINERS, synthesise, write_audio

RATE_HZ = 44_100


@pytest.fixture(scope="session")
def music() -> np.ndarray:
    """Six seconds of stereo, float32 (2, samples)."""
    return synthesise("rock", 3, 6, RATE_HZ)


@pytest.fixture(scope="session")
def encoded(music: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    """The bytes of ``music`` in a container named in ``CONTAINERS``."""
    folder = tmp_path_factory.mktemp("encoded")

    def read(container: str) -> bytes:
        path = folder / f"{container}{CONTAINERS[container].suffix}"
        if not path.exists():
            write_audio(path, music, RATE_HZ, container=container, tags={"title": "A title"})
        return path.read_bytes()

    return read


@pytest.fixture
def save(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def write(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.fixture(scope="session")
def decoder() -> Iterator[Decoder]:
    with Decoder() as shared:
        yield shared
