"""What the teachers say about windows, computed once and kept in a cache folder."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import librosa
import numpy as np
import torch
from numpy.typing import NDArray

from embeddings.encoders.cnn import level, views
from embeddings.encoders.cnn_spec import RATE_HZ, STYLE_FRAMES
from embeddings.mel import log_mel
from embeddings.training.material import Piece, Wave, colour, cut_window, degrade, mix
from embeddings.training.teachers import (
    ARTIST_FRONT_END,
    ARTIST_RATE_HZ,
    FCN_FRONT_END,
    ArtistTeacher,
    FcnTeacher,
)

SHARD: Final = 128
MIXED_SHARE: Final = 0.35


@dataclass(frozen=True)
class Teachers:
    style: FcnTeacher
    timbre: ArtistTeacher

    @classmethod
    def load(cls, folder: Path) -> "Teachers":
        """From ``fcn_msd/best_model.pth`` and ``artist_10k/model_siamese_10000.h5`` below ``folder``."""
        return cls(FcnTeacher(folder / "fcn_msd"), ArtistTeacher(folder / "artist_10k"))

    def embed(self, waveforms: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Waveforms (n, 163,840) at 16 kHz, level-normalised here, to (n, 64) and (n, 256)."""
        return self.embed_style(waveforms), self.embed_timbre(waveforms)

    def embed_style(self, waveforms: torch.Tensor) -> torch.Tensor:
        return self.style.embed(log_mel(level(waveforms), FCN_FRONT_END)[..., :STYLE_FRAMES])

    def embed_timbre(self, waveforms: torch.Tensor) -> torch.Tensor:
        return self.timbre.embed(log_mel(to_artist_rate(level(waveforms)), ARTIST_FRONT_END))


def to_artist_rate(waveforms: torch.Tensor) -> torch.Tensor:
    resampled = librosa.resample(waveforms.numpy(), orig_sr=RATE_HZ, target_sr=ARTIST_RATE_HZ, res_type="polyphase")
    return torch.from_numpy(np.asarray(resampled, np.float32))


@dataclass(frozen=True)
class Examples:
    """Windows as the student hears them, and what it should say.

    Views float16 (n, 96, 640) and (n, 115, 441); the same window degraded, likewise; targets float32 (n, 64) and
    (n, 256); ``piece`` (n,) the number of the piece, -1 for mixes of two.
    """

    style_views: NDArray[np.float16]
    timbre_views: NDArray[np.float16]
    degraded_style_views: NDArray[np.float16]
    degraded_timbre_views: NDArray[np.float16]
    style_targets: NDArray[np.float32]
    timbre_targets: NDArray[np.float32]
    piece: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.piece)


def make_examples(pieces: Sequence[Piece], teachers: Teachers, cache: Path, *, count: int, seed: int) -> Examples:
    """``count`` examples in shards of 128; shards already in ``cache`` are read, so an interrupted run goes on."""
    cache.mkdir(parents=True, exist_ok=True)
    shards = []
    for number in range(-(-count // SHARD)):
        path = cache / f"examples-{seed}-{number:04d}.npz"
        if not path.exists():
            temporary = path.with_suffix(".tmp.npz")
            np.savez(temporary, **_make_shard(pieces, teachers, np.random.default_rng([seed, number])))  # type: ignore[arg-type]
            temporary.replace(path)
            print(f"teachers: {(number + 1) * SHARD} of {count} windows", flush=True)
        with np.load(path) as shard:
            shards.append({name: shard[name] for name in shard.files})
    return Examples(**{name: np.concatenate([shard[name] for shard in shards])[:count] for name in shards[0]})


def _make_shard(
    pieces: Sequence[Piece], teachers: Teachers, rng: np.random.Generator
) -> dict[str, NDArray[np.generic]]:
    rows = [_make_row(pieces, teachers, rng) for _ in range(SHARD)]
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def _make_row(pieces: Sequence[Piece], teachers: Teachers, rng: np.random.Generator) -> dict[str, NDArray[np.generic]]:
    wave, piece = draw_window(pieces, rng)
    both = torch.from_numpy(np.stack([wave, degrade(wave, rng)]).astype(np.float32))
    with torch.inference_mode():
        style, timbre = teachers.embed(both[:1])
        style_views, timbre_views = (view.numpy().astype(np.float16) for view in views(both))
    return {
        "style_views": style_views[0],
        "timbre_views": timbre_views[0],
        "degraded_style_views": style_views[1],
        "degraded_timbre_views": timbre_views[1],
        "style_targets": style[0].numpy(),
        "timbre_targets": timbre[0].numpy(),
        "piece": np.int64(piece),
    }


def draw_window(pieces: Sequence[Piece], rng: np.random.Generator) -> tuple[Wave, int]:
    """A window and its piece: plain, transposed, coloured, or (then -1) mixed with another piece."""
    number = int(rng.integers(len(pieces)))
    wave = cut_window(pieces[number], rng, _random_speed(rng))
    if rng.random() < MIXED_SHARE:
        other = cut_window(pieces[int(rng.integers(len(pieces)))], rng, _random_speed(rng))
        wave, number = mix(wave, other, rng), -1
    return (colour(wave, rng) if rng.random() < 0.5 else wave), number


def _random_speed(rng: np.random.Generator) -> float:
    return float(2 ** rng.uniform(-0.4, 0.4)) if rng.random() < 0.4 else 1.0
