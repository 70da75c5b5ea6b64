"""The quality report: any encoder, beside MFCC statistics and chance, on one manifest in one run."""

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.baselines import Standardiser, chance_vectors, mfcc_statistics
from embeddings.decoding import decode_blocks
from embeddings.encoders.spec import Encoder
from embeddings.errors import AudioError
from embeddings.pooling import pool
from embeddings.recordings import LabelledTrack, group_twins
from embeddings.retrieval import measure_agreement, measure_shape, score_retrieval
from embeddings.segments import SegmentSpec, collect_segments
from embeddings.variants import VARIANTS

MAX_SECONDS: Final = 3 * 3600.0
EXCERPT_SECONDS: Final = 30.0
EXCERPT_STARTS: Final = (0.15, 0.55)
SHORTEST_FOR_EXCERPTS_SECONDS: Final = 75.0
CHANCE_DIMENSION: Final = 320
BASELINE: Final = "MFCC mean+std"
CHANCE: Final = "chance"

Wave = NDArray[np.float32]
logger = logging.getLogger(__name__)


@dataclass
class Measured:
    """Vectors that one system gave: of whole tracks, and by name of excerpts and altered copies of them.

    One row for each track; of excerpts, one for each track in ``Listening.excerpt_rows``.
    """

    name: str
    dimension: int
    parameters: int
    tracks: list[NDArray[np.float32]] = field(default_factory=list)
    others: dict[str, list[NDArray[np.float32]]] = field(default_factory=dict)
    seconds: float = 0.0

    def add(self, part: str | None, vector: NDArray[np.float32]) -> None:
        (self.tracks if part is None else self.others.setdefault(part, [])).append(vector)


@dataclass
class Listening:
    """What was heard: the tracks that could be decoded, in the order of all vectors."""

    tracks: list[LabelledTrack] = field(default_factory=list)
    durations: list[float] = field(default_factory=list)
    excerpt_rows: list[int] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def evaluate(
    tracks: Iterable[LabelledTrack], encoders: Sequence[Encoder], *, with_stability: bool = False
) -> dict[str, Any]:
    """Decode every track once, embed it with every encoder, and score.

    Gives a JSON-ready report: ``tracks``, ``hours``, ``failed`` (name -> reason) and ``systems``, one entry for each
    encoder and baseline with ``retrieval`` by label kind, ``space``, ``same_track``, ``stability`` and cost. Raises
    ValueError when fewer than two tracks can be decoded.
    """
    systems = [Measured(encoder.spec.name, encoder.spec.dimension, encoder.spec.parameters) for encoder in encoders]
    baseline = Measured(BASELINE, 80, 0)
    heard = Listening()
    for track in tracks:
        _listen(track, heard, list(zip(encoders, systems, strict=True)), baseline, with_stability=with_stability)
    if len(heard.tracks) < 2:
        raise ValueError("fewer than two tracks could be decoded")
    statistics = np.stack(baseline.tracks)
    recordings = group_twins(statistics, heard.durations).tolist()
    _standardise(baseline)
    chance = Measured(CHANCE, CHANCE_DIMENSION, 0, tracks=list(chance_vectors(len(heard.tracks), CHANCE_DIMENSION)))
    hours = sum(heard.durations) / 3600
    return {
        "tracks": len(heard.tracks),
        "recordings": len(set(recordings)),
        "hours": round(hours, 2),
        "failed": heard.failed,
        "systems": {system.name: _score(system, heard, recordings, hours) for system in (*systems, baseline, chance)},
    }


def _listen(
    track: LabelledTrack,
    heard: Listening,
    encoders: Sequence[tuple[Encoder, Measured]],
    baseline: Measured,
    *,
    with_stability: bool,
) -> None:
    spec = encoders[0][0].spec.segments if encoders else SegmentSpec(10.24, 5.12, 60, 16_000)
    try:
        wave = np.concatenate(list(decode_blocks(track.path, spec.rate_hz, max_seconds=MAX_SECONDS)))
        whole = collect_segments([wave], spec).waveforms
    except (AudioError, OSError) as error:
        logger.warning("%s is left out: %s", track.name, error)
        heard.failed[track.name] = str(error)
        return
    duration_seconds = len(wave) / spec.rate_hz
    parts: dict[str | None, Wave] = {None: whole}
    if duration_seconds >= SHORTEST_FOR_EXCERPTS_SECONDS and (excerpts := _excerpts(wave, spec)):
        parts |= excerpts
        heard.excerpt_rows.append(len(heard.tracks))
    if with_stability:
        altered = {name: alter(wave, spec.rate_hz) for name, alter in VARIANTS.items()}
        parts |= {name: collect_segments([copy], spec).waveforms for name, copy in altered.items()}
    heard.tracks.append(track)
    heard.durations.append(duration_seconds)
    for part, windows in parts.items():
        baseline.add(part, mfcc_statistics(windows))
        for encoder, system in encoders:
            system.add(part, _embed(encoder, windows, system if part is None else None))


def _excerpts(wave: Wave, spec: SegmentSpec) -> dict[str | None, Wave]:
    """Windows of two stretches of 30 s; none when one of them is silent."""
    samples = round(EXCERPT_SECONDS * spec.rate_hz)
    found: dict[str | None, Wave] = {}
    for number, share in enumerate(EXCERPT_STARTS):
        start = min(int(share * len(wave)), len(wave) - samples)
        try:
            found[f"excerpt {number}"] = collect_segments([wave[start : start + samples]], spec).waveforms
        except AudioError:
            return {}
    return found


def _embed(encoder: Encoder, windows: Wave, timed: Measured | None) -> NDArray[np.float32]:
    started = time.perf_counter()
    vector = pool(encoder.embed_segments(windows))
    if timed is not None:
        timed.seconds += time.perf_counter() - started
    return vector


def _standardise(baseline: Measured) -> None:
    standardiser = Standardiser(np.stack(baseline.tracks))
    baseline.tracks = list(standardiser.apply(np.stack(baseline.tracks)))
    baseline.others = {part: list(standardiser.apply(np.stack(rows))) for part, rows in baseline.others.items()}


def _score(system: Measured, heard: Listening, recordings: Sequence[int], hours: float) -> dict[str, Any]:
    vectors = np.stack(system.tracks)
    similarities = vectors @ vectors.T
    tracks = heard.tracks
    artists, releases = [track.artist for track in tracks], [track.release for track in tracks]
    kinds = {
        "genre": ([track.genre for track in tracks], artists),
        "artist": (artists, releases),
        "release": (releases, [""] * len(tracks)),
    }
    scores = {name: score_retrieval(similarities, *kind, recordings) for name, kind in kinds.items()}
    return {
        "dimension": system.dimension,
        "parameters": system.parameters,
        "compute_seconds_per_hour_of_audio": round(system.seconds / hours, 2),
        "retrieval": {name: asdict(score) if score else None for name, score in scores.items()},
        "space": asdict(measure_shape(similarities)),
        **_score_parts(system, heard, recordings),
    }


def _score_parts(system: Measured, heard: Listening, recordings: Sequence[int]) -> dict[str, Any]:
    """Same-track retrieval between the two excerpts, and agreement of each altered copy with its original."""
    found: dict[str, Any] = {"same_track": None, "stability": {}}
    if heard.excerpt_rows and "excerpt 0" in system.others:
        first, second = (np.stack(system.others[f"excerpt {number}"]) for number in (0, 1))
        groups = [recordings[row] for row in heard.excerpt_rows]
        found["same_track"] = {"queries": len(groups), **asdict(measure_agreement(first, second, groups))}
    for name in VARIANTS:
        if name in system.others:
            agreement = measure_agreement(np.stack(system.others[name]), np.stack(system.tracks), recordings)
            found["stability"][name] = asdict(agreement)
    return found
