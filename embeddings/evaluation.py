"""The quality report: any encoder, beside MFCC statistics and chance, on one manifest in one run."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.baselines import Standardiser, chance_vectors, mfcc_statistics
from embeddings.chroma import chroma, group_recordings
from embeddings.decoding import decode_blocks
from embeddings.encoders.spec import Encoder
from embeddings.errors import AudioError
from embeddings.pooling import pool
from embeddings.recordings import LabelledTrack
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
# Of its own, so that its figures are the same beside any encoder.
BASELINE_SEGMENTS: Final = SegmentSpec(window_seconds=10.24, hop_seconds=5.12, max_segments=60, rate_hz=16_000)

Wave = NDArray[np.float32]
Windows = Mapping[SegmentSpec, Wave]
Change = Callable[[Wave, int], Wave]
logger = logging.getLogger(__name__)


@dataclass
class Measured:
    """Vectors that one system gave: of whole tracks, and by name of excerpts and altered copies of them.

    One row for each track; of excerpts and copies, one for each track in ``Listening.rows``. ``seconds`` of embedding
    whole tracks, None where that is not timed.
    """

    name: str
    dimension: int
    parameters: int
    seconds: float | None = None
    tracks: list[NDArray[np.float32]] = field(default_factory=list)
    others: dict[str, list[NDArray[np.float32]]] = field(default_factory=dict)

    def add(self, part: str | None, vector: NDArray[np.float32]) -> None:
        (self.tracks if part is None else self.others.setdefault(part, [])).append(vector)


@dataclass
class Listening:
    """What was heard: the tracks that could be decoded, in the order of all vectors.

    ``rows`` says by name of excerpt or altered copy which tracks have one, ``unembeddable`` of how many tracks a copy
    was left out because nothing in it sounds or it is too short; ``courses`` tell recordings apart.
    """

    tracks: list[LabelledTrack] = field(default_factory=list)
    durations: list[float] = field(default_factory=list)
    courses: list[NDArray[np.float32]] = field(default_factory=list)
    rows: dict[str, list[int]] = field(default_factory=dict)
    unembeddable: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def evaluate(
    tracks: Iterable[LabelledTrack], encoders: Sequence[Encoder], *, with_stability: bool = False
) -> dict[str, Any]:
    """Decode every track once for each sample rate, embed it with every encoder, and score.

    Gives a JSON-ready report: ``tracks``, ``recordings``, ``hours``, ``failed`` (name -> reason), ``unembeddable``
    (altered copy -> number of tracks) and ``systems``, one entry for each encoder and baseline with ``retrieval`` by
    label kind, ``space``, ``same_track``, ``stability`` and cost. Raises ValueError when fewer than two tracks can be
    decoded.
    """
    systems = [
        Measured(encoder.spec.name, encoder.spec.dimension, encoder.spec.parameters, 0.0) for encoder in encoders
    ]
    baseline = Measured(BASELINE, 80, 0)
    heard = Listening()
    for track in tracks:
        _listen(track, heard, list(zip(encoders, systems, strict=True)), baseline, with_stability=with_stability)
    if len(heard.tracks) < 2:
        raise ValueError("fewer than two tracks could be decoded")
    recordings = group_recordings(heard.courses, heard.durations)
    _standardise(baseline)
    chance = Measured(CHANCE, CHANCE_DIMENSION, 0, tracks=list(chance_vectors(len(heard.tracks), CHANCE_DIMENSION)))
    hours = sum(heard.durations) / 3600
    return {
        "tracks": len(heard.tracks),
        "recordings": len(set(recordings)),
        "hours": round(hours, 2),
        "failed": heard.failed,
        "unembeddable": heard.unembeddable,
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
    specs = {BASELINE_SEGMENTS, *(encoder.spec.segments for encoder, _ in encoders)}
    try:
        waves = {
            rate_hz: np.concatenate(list(decode_blocks(track.path, rate_hz, max_seconds=MAX_SECONDS)))
            for rate_hz in sorted({spec.rate_hz for spec in specs})
        }
        parts: dict[str | None, Windows] = {None: _cut(waves, specs)}
    except (AudioError, OSError) as error:
        logger.warning("%s is left out: %s", track.name, error)
        heard.failed[track.name] = str(error)
        return
    wave = waves[BASELINE_SEGMENTS.rate_hz]
    duration_seconds = len(wave) / BASELINE_SEGMENTS.rate_hz
    if duration_seconds >= SHORTEST_FOR_EXCERPTS_SECONDS:
        parts |= _excerpts(waves, specs)
    if with_stability:
        parts |= _altered(waves, specs, track.name, heard)
    for part in parts:
        if part is not None:
            heard.rows.setdefault(part, []).append(len(heard.tracks))
    heard.tracks.append(track)
    heard.durations.append(duration_seconds)
    heard.courses.append(chroma(wave))
    for part, windows in parts.items():
        baseline.add(part, mfcc_statistics(windows[BASELINE_SEGMENTS]))
        for encoder, system in encoders:
            system.add(part, _embed(encoder, windows[encoder.spec.segments], system if part is None else None))


def _cut(waves: Mapping[int, Wave], specs: Iterable[SegmentSpec], change: Change = lambda wave, _: wave) -> Windows:
    """The windows of a track, given at each sample rate, for each way of cutting. Raises AudioError if one fails."""
    changed = {rate_hz: change(wave, rate_hz) for rate_hz, wave in waves.items()}
    return {spec: collect_segments([changed[spec.rate_hz]], spec).waveforms for spec in specs}


def _excerpts(waves: Mapping[int, Wave], specs: Iterable[SegmentSpec]) -> dict[str | None, Windows]:
    """Windows of two stretches of 30 s; none when one of them is silent."""

    def excerpt(share: float, wave: Wave, rate_hz: int) -> Wave:
        samples = round(EXCERPT_SECONDS * rate_hz)
        start = min(int(share * len(wave)), len(wave) - samples)
        return wave[start : start + samples]

    try:
        return {f"excerpt {i}": _cut(waves, specs, partial(excerpt, share)) for i, share in enumerate(EXCERPT_STARTS)}
    except AudioError:
        return {}


def _altered(
    waves: Mapping[int, Wave], specs: Iterable[SegmentSpec], name: str, heard: Listening
) -> dict[str | None, Windows]:
    """Windows of the altered copies; those that cannot be embedded, such as a silent half, are counted and left out."""
    found: dict[str | None, Windows] = {}
    for variant, alter in VARIANTS.items():
        try:
            found[variant] = _cut(waves, specs, alter)
        except AudioError as error:
            logger.warning("%s, %s, is left out: %s", name, variant, error)
            heard.unembeddable[variant] = heard.unembeddable.get(variant, 0) + 1
    return found


def _embed(encoder: Encoder, windows: Wave, timed: Measured | None) -> NDArray[np.float32]:
    started = time.perf_counter()
    vector = pool(encoder.embed_segments(windows))
    if timed is not None:
        timed.seconds = (timed.seconds or 0.0) + time.perf_counter() - started
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
        # where the artist is unknown the release stands in, or tracks of one album would find each other
        "genre": ([track.genre for track in tracks], [track.source for track in tracks]),
        "artist": (artists, releases),
        "release": (releases, [""] * len(tracks)),
    }
    scores = {name: score_retrieval(similarities, *kind, recordings) for name, kind in kinds.items()}
    return {
        "dimension": system.dimension,
        "parameters": system.parameters,
        "compute_seconds_per_hour_of_audio": None if system.seconds is None else round(system.seconds / hours, 2),
        "retrieval": {name: asdict(score) if score else None for name, score in scores.items()},
        "space": asdict(measure_shape(similarities)),
        **_score_parts(system, heard, recordings),
    }


def _score_parts(system: Measured, heard: Listening, recordings: Sequence[int]) -> dict[str, Any]:
    """Same-track retrieval between the two excerpts, and agreement of each altered copy with its original."""
    found: dict[str, Any] = {"same_track": None, "stability": {}}
    if "excerpt 0" in system.others:
        first, second = (np.stack(system.others[f"excerpt {number}"]) for number in (0, 1))
        groups = [recordings[row] for row in heard.rows["excerpt 0"]]
        found["same_track"] = {"queries": len(groups), **asdict(measure_agreement(first, second, groups))}
    for name in VARIANTS:
        if name in system.others:
            rows = heard.rows[name]
            agreement = measure_agreement(np.stack(system.others[name]), np.stack(system.tracks), recordings, rows)
            found["stability"][name] = {"queries": len(rows), **asdict(agreement)}
    return found
