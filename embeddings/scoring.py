"""From what contestants kept to the figures of the quality report."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.contestants import Matrix, Measured, cosines
from embeddings.costs import Cost
from embeddings.recordings import LabelledTrack
from embeddings.retrieval import (
    area_under_curve,
    bootstrap,
    compare_spaces,
    measure_shape,
    rank_originals,
    score_retrieval,
)
from embeddings.variants import QUERY, VARIANTS

EXCERPTS = ("excerpt 0", "excerpt 1")
FEWEST_FOR_TAGS = 10


@dataclass
class Listening:
    """What was heard: the tracks that could be decoded, in the order of all rows.

    ``rows`` says by name of excerpt or altered copy which tracks have one, ``unembeddable`` of how many tracks a copy
    could not be made, is silent or too short; ``courses`` tell recordings apart.
    """

    tracks: list[LabelledTrack] = field(default_factory=list)
    durations: list[float] = field(default_factory=list)
    courses: list[NDArray[np.float32]] = field(default_factory=list)
    rows: dict[str, list[int]] = field(default_factory=dict)
    unembeddable: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def hours(self) -> float:
        return sum(self.durations) / 3600


@dataclass(frozen=True)
class Measurement:
    """All that a report or a picture is made from: who was heard, which files are one recording (``recordings``, a
    number a track), the systems in the order of the tables, and what encoders cost by name."""

    heard: Listening
    recordings: list[int]
    systems: list[Measured]
    costs: dict[str, Cost]

    @property
    def reference(self) -> Measured | None:
        return next((system for system in self.systems if system.is_reference), None)


def to_report(measurement: Measurement) -> dict[str, Any]:
    """The report that ``embeddings.evaluation.evaluate`` describes."""
    heard, reference = measurement.heard, measurement.reference
    compared = (reference.name, reference.similarities()) if reference else None
    teacher_tags = _teacher_tags(measurement.systems)
    systems = {}
    for system in measurement.systems:
        cost = measurement.costs.get(system.name)
        systems[system.name] = {
            **_score(system, heard, measurement.recordings, compared),
            "cost": asdict(cost) if cost else None,
            "tags": None if system.is_teacher else score_tags(system.tag_names, system.tags, teacher_tags),
        }
    return {
        "tracks": len(heard.tracks),
        "recordings": len(set(measurement.recordings)),
        "hours": heard.hours,
        "failed": heard.failed,
        "unembeddable": heard.unembeddable,
        "reference": reference.name if reference else None,
        "systems": systems,
    }


def _score(
    system: Measured, heard: Listening, recordings: Sequence[int], reference: tuple[str, Matrix] | None
) -> dict[str, Any]:
    similarities = system.similarities()
    shape = asdict(measure_shape(similarities, recordings))
    if system.similarity is not cosines:
        shape["mean_similarity"] = None  # on a scale of its own
    agreement = None
    if reference is not None and reference[0] != system.name and len(set(recordings)) >= 3:
        agreement = asdict(compare_spaces(similarities, reference[1], recordings))
    return {
        "signature": system.signature,
        "dimension": system.dimension,
        "parameters": system.parameters,
        "compute_seconds_per_hour_of_audio": None if system.seconds is None else system.seconds / heard.hours,
        "retrieval": _score_labels(similarities, heard.tracks, recordings),
        "space": shape,
        "agreement": agreement,
        **_score_parts(system, heard, recordings),
    }


def _score_labels(
    similarities: Matrix, tracks: Sequence[LabelledTrack], recordings: Sequence[int]
) -> dict[str, dict[str, Any] | None]:
    artists, releases = [track.artist for track in tracks], [track.release for track in tracks]
    kinds = {
        # where the artist is unknown the release stands in, or tracks of one album would find each other
        "genre": ([track.genre for track in tracks], [track.source for track in tracks]),
        "artist": (artists, releases),
        "release": (releases, [""] * len(tracks)),
    }
    scores = {name: score_retrieval(similarities, *kind, recordings) for name, kind in kinds.items()}
    return {name: asdict(score) if score else None for name, score in scores.items()}


def _score_parts(system: Measured, heard: Listening, recordings: Sequence[int]) -> dict[str, Any]:
    """Same-track retrieval between the two excerpts, and how parts and altered copies find their originals."""

    def find(part: str) -> dict[str, Any]:
        rows = heard.rows[part]
        return _describe(system, system.similarities(part), recordings, rows)

    found: dict[str, Any] = {"same_track": None, "short_query": None}
    if EXCERPTS[0] in system.others:
        first, second = (np.stack(system.others[name]) for name in EXCERPTS)
        rows = heard.rows[EXCERPTS[0]]
        groups = [recordings[row] for row in rows]
        found["same_track"] = _describe(system, system.similarity(first, second), groups, range(len(rows)))
    if QUERY in system.others:
        found["short_query"] = find(QUERY)
    return {**found, "stability": {name: find(name) for name in VARIANTS if name in system.others}}


def _describe(system: Measured, similarities: Matrix, recordings: Sequence[int], rows: Sequence[int]) -> dict[str, Any]:
    agreement = asdict(rank_originals(similarities, recordings, rows))
    if system.similarity is not cosines:
        agreement["cosine"] = None
    return {"queries": len(rows), **agreement}


def _teacher_tags(systems: Sequence[Measured]) -> dict[str, NDArray[np.floating[Any]]]:
    """By tag, what its teacher says of each track: (n,)."""
    teachers = [system for system in systems if system.is_teacher and system.tags]
    return {
        name: column
        for system in teachers
        for name, column in zip(system.tag_names, np.stack(system.tags).T, strict=True)
    }


def score_tags(
    names: Sequence[str],
    rows: Sequence[NDArray[np.floating[Any]]],
    teacher_tags: Mapping[str, NDArray[np.floating[Any]]],
) -> dict[str, Any] | None:
    """Area under the ROC curve by tag, and its mean: how well ``rows`` (a row of tags for each track) tell the tracks
    of a teacher's top decile. None where there are no tags in common or fewer than ten tracks.
    """
    if len(rows) < FEWEST_FOR_TAGS:
        return None
    areas = {
        name: area_under_curve(column, _top_decile(teacher_tags[name]))
        for name, column in zip(names, np.stack(rows).T, strict=True)
        if name in teacher_tags
    }
    if not areas:
        return None
    return {"mean_auc": asdict(bootstrap(np.array(list(areas.values())))), "auc": areas}


def _top_decile(scores: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    count = max(1, round(len(scores) / 10))
    is_top = np.zeros(len(scores), bool)
    is_top[np.argsort(-scores, kind="stable")[:count]] = True
    return is_top
