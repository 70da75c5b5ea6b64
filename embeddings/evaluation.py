"""The quality report: any encoder, beside the baselines and teachers, on one manifest in one run."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from embeddings.baselines import chance_vectors
from embeddings.chroma import chroma, group_recordings
from embeddings.contestants import (
    BASELINE_SEGMENTS,
    Contestant,
    EncoderContestant,
    Measured,
    MfccContestant,
    Wave,
)
from embeddings.costs import measure_cost
from embeddings.decoding import decode_blocks
from embeddings.encoders.spec import Encoder
from embeddings.errors import AudioError
from embeddings.recordings import LabelledTrack
from embeddings.scoring import EXCERPTS, Listening, Measurement, to_report
from embeddings.segments import SegmentSpec, collect_segments
from embeddings.variants import FILE_VARIANTS, QUERY, WAVE_VARIANTS, middle_seconds, write_copies

MAX_SECONDS: Final = 3 * 3600.0
EXCERPT_SECONDS: Final = 30.0
EXCERPT_STARTS: Final = (0.15, 0.55)
SHORTEST_FOR_EXCERPTS_SECONDS: Final = 75.0
CHANCE: Final = "chance"
CHANCE_DIMENSION: Final = 320

Windows = Mapping[SegmentSpec, Wave]
Waves = Mapping[int, Wave]
Change = Callable[[Wave, int], Wave]
logger = logging.getLogger(__name__)


def evaluate(
    tracks: Sequence[LabelledTrack],
    encoders: Sequence[Encoder],
    *,
    with_stability: bool = False,
    sizes: Sequence[int] = (),
    teachers: Contestant | None = None,
) -> dict[str, Any]:
    """What ``measure`` found, as a JSON-ready report.

    ``tracks``, ``recordings``, ``hours``, ``failed`` (name -> reason), ``unembeddable`` (altered copy -> number of
    tracks), ``reference`` (the system that ``agreement`` compares with) and ``systems``: one entry for each encoder,
    prefix, teacher and baseline with ``retrieval`` by label kind, ``space``, ``agreement``, ``same_track``,
    ``short_query``, ``stability``, ``tags``, and what it costs. What was not measured is None or empty.
    """
    return to_report(measure(tracks, encoders, with_stability=with_stability, sizes=sizes, teachers=teachers))


def measure(
    tracks: Sequence[LabelledTrack],
    encoders: Sequence[Encoder],
    *,
    with_stability: bool = False,
    sizes: Sequence[int] = (),
    teachers: Contestant | None = None,
) -> Measurement:
    """Decode every track once for each sample rate and let all contestants hear it.

    ``sizes`` add prefixes of the encoders' vectors as systems of their own. ``teachers`` hear no altered copies.
    Raises ValueError when fewer than two tracks can be decoded.
    """
    ours = [EncoderContestant(encoder, sizes=sizes, with_tags=teachers is not None) for encoder in encoders]
    contestants: list[Contestant] = [*ours, *([teachers] if teachers else []), MfccContestant()]
    heard = Listening()
    for number, track in enumerate(tracks, start=1):
        logger.info("%d of %d: %s", number, len(tracks), track.name)
        _listen(track, heard, contestants, with_stability=with_stability)
    if len(heard.tracks) < 2:
        raise ValueError("fewer than two tracks could be decoded")
    for contestant in contestants:
        contestant.finish()
    random = chance_vectors(len(heard.tracks), CHANCE_DIMENSION)
    systems = [system for contestant in contestants for system in contestant.systems]
    costs = {encoder.spec.name: cost for encoder in encoders if (cost := measure_cost(encoder))}
    return Measurement(
        heard,
        group_recordings(heard.courses, heard.durations),
        [*systems, Measured(CHANCE, CHANCE_DIMENSION, 0, tracks=list(random))],
        costs,
    )


def _listen(track: LabelledTrack, heard: Listening, contestants: Sequence[Contestant], *, with_stability: bool) -> None:
    specs = {BASELINE_SEGMENTS, *(contestant.segments for contestant in contestants)}
    rates_hz = sorted({spec.rate_hz for spec in specs})
    try:
        waves = _decode(track.path, rates_hz)
        whole = _cut(waves, specs)
    except (AudioError, OSError) as error:
        logger.warning("%s is left out: %s", track.name, error)
        heard.failed[track.name] = str(error)
        return
    wave = waves[BASELINE_SEGMENTS.rate_hz]
    row = len(heard.tracks)
    heard.tracks.append(track)
    heard.durations.append(len(wave) / BASELINE_SEGMENTS.rate_hz)
    heard.courses.append(chroma(wave))
    _let_hear(contestants, None, whole)
    for part, windows in _excerpts(waves, specs):
        heard.rows.setdefault(part, []).append(row)
        _let_hear(contestants, part, windows)
    if with_stability:
        patient = [contestant for contestant in contestants if contestant.hears_copies]
        for part, windows in _altered(track, waves, {contestant.segments for contestant in patient}, heard):
            heard.rows.setdefault(part, []).append(row)
            _let_hear(patient, part, windows)


def _decode(path: Path, rates_hz: Iterable[int]) -> Waves:
    return {
        rate_hz: np.concatenate(list(decode_blocks(path, rate_hz, max_seconds=MAX_SECONDS))) for rate_hz in rates_hz
    }


def _let_hear(contestants: Iterable[Contestant], part: str | None, windows: Windows) -> None:
    for contestant in contestants:
        contestant.hear(part, windows[contestant.segments])


def _cut(waves: Waves, specs: Iterable[SegmentSpec], change: Change = lambda wave, _: wave) -> Windows:
    """The windows of a track, given at each sample rate, for each way of cutting. Raises AudioError if one fails."""
    changed = {rate_hz: change(wave, rate_hz) for rate_hz, wave in waves.items()}
    return {spec: collect_segments([changed[spec.rate_hz]], spec).waveforms for spec in specs}


def _cut_file(path: Path, rates_hz: Iterable[int], specs: Iterable[SegmentSpec]) -> Windows:
    return _cut(_decode(path, rates_hz), specs)


def _excerpts(waves: Waves, specs: Iterable[SegmentSpec]) -> Iterator[tuple[str, Windows]]:
    """Windows of two stretches of 30 s, of a track long enough, and of 5 s; without what is silent."""

    def excerpt(share: float, wave: Wave, rate_hz: int) -> Wave:
        samples = round(EXCERPT_SECONDS * rate_hz)
        start = min(int(share * len(wave)), len(wave) - samples)
        return wave[start : start + samples]

    rate_hz, wave = next(iter(waves.items()))
    try:
        if len(wave) / rate_hz >= SHORTEST_FOR_EXCERPTS_SECONDS:
            cuts = [_cut(waves, specs, partial(excerpt, share)) for share in EXCERPT_STARTS]
            yield from zip(EXCERPTS, cuts, strict=True)
    except AudioError as error:
        logger.info("no excerpts: %s", error)
    try:
        yield QUERY, _cut(waves, specs, middle_seconds)
    except AudioError as error:
        logger.info("no query of 5 s: %s", error)


def _altered(
    track: LabelledTrack, waves: Waves, specs: Iterable[SegmentSpec], heard: Listening
) -> Iterator[tuple[str, Windows]]:
    """Windows of the altered copies; those that cannot be made or embedded are counted and left out."""

    def attempt(variant: str, cut: Callable[[], Windows]) -> Iterator[tuple[str, Windows]]:
        try:
            windows = cut()
        except AudioError as error:
            logger.warning("%s, %s, is left out: %s", track.name, variant, error)
            heard.unembeddable[variant] = heard.unembeddable.get(variant, 0) + 1
        else:
            yield variant, windows

    for variant, alter in WAVE_VARIANTS.items():
        yield from attempt(variant, partial(_cut, waves, specs, alter))
    try:
        with write_copies(track.path) as copies:
            for variant, path in copies.items():
                yield from attempt(variant, partial(_cut_file, path, waves, specs))
    except (av.error.FFmpegError, ValueError) as error:
        logger.warning("%s: no copies as a file: %s", track.name, error)
        for variant in FILE_VARIANTS:
            heard.unembeddable[variant] = heard.unembeddable.get(variant, 0) + 1
