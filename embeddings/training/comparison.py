"""The teachers as contestants of the quality report: what the student is measured against."""

import importlib
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from embeddings.contestants import Measured, Wave, to_unit_length
from embeddings.encoders.cnn_spec import compact_spec
from embeddings.encoders.cnn_towers import level
from embeddings.encoders.tag_names import JAMENDO_TAGS, MSD_TAGS
from embeddings.encoders.two_tower_spec import STYLE_FRONT_END, TIMBRE_FRONT_END
from embeddings.mel import log_mel
from embeddings.pooling import pool
from embeddings.training.targets import to_artist_rate
from embeddings.training.teachers import ArtistTeacher, FcnTeacher

BATCH: Final = 8
MSD, JAMENDO, ARTIST, YAMNET = "fcn_msd", "fcn_jamendo", "artist_10k", "yamnet"
TAGS: Final = {MSD: MSD_TAGS, JAMENDO: JAMENDO_TAGS}
TOGETHER: Final = ((MSD, ARTIST), (MSD, ARTIST, YAMNET))
REFERENCE: Final = f"{MSD} + {ARTIST}"
YAMNET_RUNTIME: Final = "ai_edge_litert"
# MobileNet v1 with one input channel, biases folded in, without its classifier.
YAMNET_PARAMETERS: Final = 3_195_456
logger = logging.getLogger(__name__)


class _Voice(Protocol):
    """One teacher: levelled windows (n, samples) at 16 kHz to (n, d)."""

    dimension: int
    parameters: int

    def embed(self, levelled: torch.Tensor) -> torch.Tensor: ...


class _FcnVoice:
    dimension = 64

    def __init__(self, folder: Path) -> None:
        self.teacher = FcnTeacher(folder)
        self.parameters = _count(self.teacher)

    def embed(self, levelled: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(self.teacher(log_mel(levelled, STYLE_FRONT_END)))


class _ArtistVoice:
    dimension = 256

    def __init__(self, folder: Path) -> None:
        teacher = ArtistTeacher(folder)
        self.parameters = _count(teacher)
        self._teacher = teacher

    def embed(self, levelled: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(self._teacher(log_mel(to_artist_rate(levelled), TIMBRE_FRONT_END)))


class _YamnetVoice:
    dimension = 1024
    parameters = YAMNET_PARAMETERS

    def __init__(self, folder: Path) -> None:
        # only here, because its runtime is large and everything else works without it
        self._teacher = importlib.import_module("embeddings.training.yamnet").YamnetTeacher(folder)

    def embed(self, levelled: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(self._teacher.embed(levelled))


def _count(teacher: FcnTeacher | ArtistTeacher) -> int:
    return sum(parameter.numel() for parameter in teacher.parameters())


def _load_voices(folder: Path) -> dict[str, _Voice]:
    """The teachers that ``folder`` holds, of which two are needed. Raises OSError when one of these is missing."""
    voices: dict[str, _Voice] = {MSD: _FcnVoice(folder / MSD), ARTIST: _ArtistVoice(folder / ARTIST)}
    if (folder / JAMENDO).is_dir():
        voices[JAMENDO] = _FcnVoice(folder / JAMENDO)
    if (folder / YAMNET).is_dir():
        if find_spec(YAMNET_RUNTIME):
            voices[YAMNET] = _YamnetVoice(folder / YAMNET)
        else:
            logger.warning("yamnet is left out: pip install -r requirements-train.txt brings its runtime")
    return voices


class TeacherContestant:
    """Each teacher on its own, and some side by side with each block at unit length.

    They hear windows of the student's length end to end, where it hears overlapping ones: half the time, nearly the
    same mean. Their vectors are not centred. Tags are those of the heads that the FCN teachers have.
    """

    hears_copies: Final = False

    def __init__(self, folder: Path) -> None:
        segments = compact_spec().segments
        self.segments = replace(segments, hop_seconds=segments.window_seconds)
        self._voices = _load_voices(folder)
        teams: list[tuple[str, ...]] = [(name,) for name in self._voices]
        teams += [team for team in TOGETHER if all(name in self._voices for name in team)]
        self._teams = {team: self._describe(team) for team in teams}
        self.systems = list(self._teams.values())

    def _describe(self, team: tuple[str, ...]) -> Measured:
        members = [self._voices[name] for name in team]
        name = " + ".join(team)
        return Measured(
            name,
            sum(member.dimension for member in members),
            sum(member.parameters for member in members),
            0.0,
            is_teacher=True,
            is_reference=name == REFERENCE,
        )

    def hear(self, part: str | None, windows: Wave) -> None:
        levelled = level(torch.from_numpy(windows))
        blocks, seconds = {}, {}
        for name, voice in self._voices.items():
            started = time.perf_counter()
            blocks[name] = _embed(voice, levelled)
            seconds[name] = time.perf_counter() - started
        for team, system in self._teams.items():
            joined = np.concatenate([to_unit_length(blocks[name]) for name in team], axis=1)
            system.add(part, pool(to_unit_length(joined)))
            if part is None:
                system.seconds = (system.seconds or 0.0) + sum(seconds[name] for name in team)
        if part is None:
            self._tag(blocks)

    def _tag(self, blocks: Mapping[str, NDArray[np.float32]]) -> None:
        """The mean over the windows of what each head says."""
        for name, tag_names in TAGS.items():
            voice = self._voices.get(name)
            if isinstance(voice, _FcnVoice):
                system = self._teams[(name,)]
                system.tag_names = tag_names
                system.tags.append(voice.teacher.tags(torch.from_numpy(blocks[name])).mean(dim=0).numpy())

    def finish(self) -> None:
        """Nothing is left to do."""


def _embed(voice: _Voice, levelled: torch.Tensor) -> NDArray[np.float32]:
    with torch.inference_mode():
        rows = [voice.embed(levelled[start : start + BATCH]).numpy() for start in range(0, len(levelled), BATCH)]
    return np.asarray(np.concatenate(rows), np.float32)
