"""What the teachers say about windows, computed once and kept in a cache folder."""

import importlib
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import librosa
import numpy as np
import torch
from numpy.typing import NDArray

from embeddings.encoders.cnn_spec import RATE_HZ, STYLE_FRAMES
from embeddings.encoders.cnn_towers import level, views
from embeddings.encoders.two_tower_spec import STYLE_FRONT_END, TIMBRE_FRONT_END
from embeddings.errors import EncoderError
from embeddings.mel import log_mel
from embeddings.training.material import Piece, Wave, colour, cut_window, degrade, draw_speeds, mix_windows
from embeddings.training.teachers import ArtistTeacher, FcnTeacher

if TYPE_CHECKING:
    from embeddings.training.yamnet import YamnetTeacher

# To be raised with every change of what is drawn: examples of another number are made anew.
MATERIAL: Final = 2
SHARD: Final = 128
MIXED_SHARE: Final = 0.35
COLOURED_SHARE: Final = 0.5
MIX: Final = -1
TEACHER_FILES: Final = (
    "fcn_msd/best_model.pth",
    "artist_10k/model_siamese_10000.h5",
    "yamnet/yamnet.tflite",
    "fcn_jamendo/best_model.pth",
)
Arrays = dict[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Teachers:
    """The networks that the student learns from; each hears the window at the student's level."""

    style: FcnTeacher
    timbre: ArtistTeacher
    sound: "YamnetTeacher"
    mood: FcnTeacher

    @classmethod
    def load(cls, folder: Path) -> "Teachers":
        """From ``TEACHER_FILES`` below ``folder``.

        Raises EncoderError for one that is missing or not the network, ModuleNotFoundError without the runtime of one.
        """
        if missing := [name for name in TEACHER_FILES if not (folder / name).is_file()]:
            raise EncoderError(f"{folder} lacks the networks to learn from: {', '.join(missing)}")
        yamnet = importlib.import_module("embeddings.training.yamnet")  # its runtime comes with requirements-train.txt
        return cls(
            style=FcnTeacher(folder / "fcn_msd"),
            timbre=ArtistTeacher(folder / "artist_10k"),
            sound=yamnet.YamnetTeacher(folder / "yamnet"),
            mood=FcnTeacher(folder / "fcn_jamendo"),
        )

    def embed(self, waveforms: torch.Tensor) -> dict[str, torch.Tensor]:
        """Waveforms (n, 163,840) at 16 kHz to style (n, 64), timbre (n, 256), sound (n, 1024) and mood (n, 64)."""
        levelled = level(waveforms)
        mel = log_mel(levelled, STYLE_FRONT_END)[..., :STYLE_FRAMES]
        return {
            "style": self.style(mel),
            "timbre": self.timbre(log_mel(to_artist_rate(levelled), TIMBRE_FRONT_END)),
            "sound": self.sound.embed(levelled),
            "mood": self.mood(mel),
        }


def to_artist_rate(waveforms: torch.Tensor) -> torch.Tensor:
    resampled = librosa.resample(
        waveforms.numpy(), orig_sr=RATE_HZ, target_sr=TIMBRE_FRONT_END.rate_hz, res_type="polyphase"
    )
    return torch.from_numpy(np.asarray(resampled, np.float32))


@dataclass(frozen=True)
class Examples:
    """Windows as the student hears them, and what the teachers say of them.

    Views float16 (n, 96, 640) and (n, 115, 441); the same window degraded, likewise; targets float32 ``style`` (n, 64),
    ``timbre`` (n, 256), ``sound`` (n, 1024), ``mood`` (n, 64); ``piece`` (n,) the number of the piece, -1 for mixes.
    """

    style_views: NDArray[np.float16]
    timbre_views: NDArray[np.float16]
    degraded_style_views: NDArray[np.float16]
    degraded_timbre_views: NDArray[np.float16]
    style: NDArray[np.float32]
    timbre: NDArray[np.float32]
    sound: NDArray[np.float32]
    mood: NDArray[np.float32]
    piece: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.piece)


def make_examples(
    sources: Sequence[Sequence[Piece]], teachers: Path, cache: Path, *, count: int, seed: int, workers: int
) -> Examples:
    """``count`` examples in shards of 128, made by ``workers`` processes with the networks in the folder ``teachers``;
    shards already in ``cache`` are read, so an interrupted run goes on."""
    cache.mkdir(parents=True, exist_ok=True)
    paths = [cache / f"examples-{seed}-{number:04d}.npz" for number in range(-(-count // SHARD))]
    missing = [number for number, path in enumerate(paths) if not path.exists()]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _Maker.start, (sources, teachers, seed)) as pool:
        for number, _ in zip(missing, pool.map(_Maker.save, missing, [paths[n] for n in missing]), strict=True):
            print(f"teachers: {(number + 1) * SHARD} of {count} windows", flush=True)
    shards = []
    for path in paths:
        with np.load(path) as shard:
            shards.append({name: shard[name] for name in shard.files})
    return Examples(**{name: np.concatenate([shard[name] for shard in shards])[:count] for name in shards[0]})


class _Maker:
    """One process that makes shards; what it needs is set once, when it starts."""

    sources: Sequence[Sequence[Piece]]
    teachers: Teachers
    seed: int

    @classmethod
    def start(cls, sources: Sequence[Sequence[Piece]], teachers: Path, seed: int) -> None:
        torch.set_num_threads(1)
        torch.set_flush_denormal(True)
        cls.sources, cls.teachers, cls.seed = sources, Teachers.load(teachers), seed

    @classmethod
    def save(cls, number: int, path: Path) -> None:
        rng = np.random.default_rng([cls.seed, number])
        rows = [_make_row(cls.sources, cls.teachers, rng) for _ in range(SHARD)]
        temporary = path.with_suffix(".tmp.npz")
        np.savez(temporary, **{name: np.stack([row[name] for row in rows]) for name in rows[0]})  # type: ignore[arg-type]
        temporary.replace(path)


def _make_row(sources: Sequence[Sequence[Piece]], teachers: Teachers, rng: np.random.Generator) -> Arrays:
    wave, piece = draw_window(sources, rng)
    both = torch.from_numpy(np.stack([wave, degrade(wave, rng)]).astype(np.float32))
    with torch.inference_mode():
        targets = {name: vector[0].numpy() for name, vector in teachers.embed(both[:1]).items()}
        style_views, timbre_views = (view.numpy().astype(np.float16) for view in views(both))
    return {
        "style_views": style_views[0],
        "timbre_views": timbre_views[0],
        "degraded_style_views": style_views[1],
        "degraded_timbre_views": timbre_views[1],
        **targets,
        "piece": np.asarray(piece, np.int64),
    }


def draw_window(sources: Sequence[Sequence[Piece]], rng: np.random.Generator) -> tuple[Wave, int]:
    """A window and its piece, numbered through all sources: plain, moved in pitch or tempo, coloured, or (then -1) a
    mix of two or three. Each source (recorded music, rendered music) is drawn from as often as the others."""

    def cut() -> tuple[Wave, int]:
        source = int(rng.integers(len(sources)))
        number = int(rng.integers(len(sources[source])))
        speed, stretch = draw_speeds(rng)
        wave = cut_window(sources[source][number], rng, speed, stretch=stretch)
        return wave, sum(map(len, sources[:source])) + number

    wave, number = cut()
    if rng.random() < MIXED_SHARE:
        others = [cut()[0] for _ in range(1 if rng.random() < 0.7 else 2)]
        wave, number = mix_windows([wave, *others], rng), MIX
    return (colour(wave, rng) if rng.random() < COLOURED_SHARE else wave), number


def draw_waves(sources: Sequence[Sequence[Piece]], count: int, rng: np.random.Generator) -> torch.Tensor:
    """``count`` windows (count, samples), a quarter of them degraded."""
    waves = []
    for _ in range(count):
        wave, _ = draw_window(sources, rng)
        waves.append(degrade(wave, rng) if rng.random() < 0.25 else wave)
    return torch.from_numpy(np.stack(waves).astype(np.float32))
