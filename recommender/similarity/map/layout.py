"""Places on the map for vectors: a layout of all of them, and the place of one among those that have theirs.

The layout starts from the principal components, or from the places of before, is made by t-SNE (van der Maaten and
Hinton 2008; Barnes-Hut, 2014) and turned to where things were, so that people find their way on every new map.
"""

import io
import logging
import subprocess
import sys
from typing import Final

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from recommender.similarity.vectors import TrackIds, Vector

logger = logging.getLogger(__name__)

Places = NDArray[np.float64]
GRID: Final = 65_535
# Below this the principal components say as much; with few places of before there is nothing to turn to.
FEWEST: Final = 16
_FEWEST_OLD: Final = 3
_COMPONENTS: Final = 50
_MARGIN: Final = 0.03
# What spread t-SNE itself gives to some hundred to ten thousand points: from there, old places are gone on with.
_NATURAL_SPREAD: Final = 18.0
_COLD_SPREAD: Final = 1e-4
_COLD_EXAGGERATION, _WARM_EXAGGERATION = 12.0, 1.0
# A new track lies among its nearest, the nearer the more so, without those that lie elsewhere on the map: in between is
# nobody's place. Measured on 1,035 excerpts of real music, of which a third or four fifths were placed so.
NEAREST: Final = 5
_SHARPNESS: Final = 16
_ELSEWHERE: Final = GRID * 0.06
# Copies of a recording must not hide one another.
_OFFSET: Final = GRID * 0.004
_GOLDEN_ANGLE: Final = np.pi * (3 - 5**0.5)
_PATIENCE_SECONDS: Final = 3600


def lay_out(vectors: Vector, old: Places) -> Places:
    """Places (n, 2) within 0-GRID for unit vectors (n, dimension), alike near each other; the same for the same.

    `old` (n, 2) are the places of before, NaN for what had none.
    """
    if not len(vectors):
        return np.zeros((0, 2))
    points, is_old = _find_components(vectors), np.isfinite(old[:, 0])
    is_warm = int(is_old.sum()) >= _FEWEST_OLD and bool(np.ptp(old[is_old], axis=0).max() > 0)
    places = points[:, :2]
    if len(points) >= FEWEST and np.ptp(points[:, 0]) > 0:
        places = _arrange(points, _fill_in(vectors, old) if is_warm else None)
    return _fit_to_grid(_turn(places, old, is_old) if is_warm else places)


def place_near(track_id: int, cosines: NDArray[np.floating], places: Places) -> Places:
    """The place (2,) of a track among others: their cosines with it, (m,), and their places, (m, 2). m >= 1."""
    nearest = np.argpartition(-cosines, NEAREST - 1)[:NEAREST] if len(cosines) > NEAREST else np.arange(len(cosines))
    weights = np.maximum(cosines[nearest], 1e-3).astype(np.float64) ** _SHARPNESS
    near = places[nearest]
    apart = np.linalg.norm(near[:, None] - near[None], axis=2)
    weights *= apart[(apart @ weights).argmin()] <= _ELSEWHERE
    angle, reach = track_id * _GOLDEN_ANGLE, _OFFSET * ((track_id * 0.618034) % 1) ** 0.5
    aside = reach * np.array([np.cos(angle), np.sin(angle)])
    return np.asarray(np.clip(weights @ near / weights.sum() + aside, 0, GRID), np.float64)


def place_all(track_ids: TrackIds, vectors: Vector, known: Vector, known_places: Places) -> Places:
    """`place_near` for each of (n,) tracks with vectors (n, dimension): (n, 2)."""
    cosines = vectors @ known.T
    rows = [place_near(int(pk), row, known_places) for pk, row in zip(track_ids, cosines, strict=True)]
    return np.array(rows, np.float64).reshape(-1, 2)


def _find_components(vectors: Vector) -> Places:
    """Principal components (n, <= 50) of (n, dimension), at least two of them."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    axes = np.linalg.eigh(centred.T @ centred)[1][:, ::-1][:, :_COMPONENTS]
    # The direction of an axis is anybody's choice: here it points to where its largest weight is.
    axes = axes * np.sign(np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0))
    return np.asarray(centred @ axes, np.float64)


def _fill_in(vectors: Vector, old: Places) -> Places:
    """`old`, with places near their neighbours for what has none yet."""
    is_old = np.isfinite(old[:, 0])
    new = np.flatnonzero(~is_old)
    filled = old.copy()
    filled[new] = place_all(new, vectors[new], vectors[is_old], old[is_old])
    return filled


def _arrange(points: Places, start: Places | None) -> Places:
    """t-SNE of (n, components) from `start` (n, 2), else from the first two components; these when it fails."""
    spread, exaggeration = _NATURAL_SPREAD, _WARM_EXAGGERATION
    if start is None:
        start, spread, exaggeration = points[:, :2], _COLD_SPREAD, _COLD_EXAGGERATION
    start = (start - start.mean(axis=0)) / start.std(axis=0).max() * spread
    try:
        return _run_program(points, start, exaggeration)
    except (subprocess.SubprocessError, OSError, ValueError):
        logger.exception("t-SNE failed: the map shows principal components")
        return points[:, :2]


def _run_program(points: Places, start: Places, exaggeration: float) -> Places:
    given = io.BytesIO()
    np.savez(given, points=points, start=start, exaggeration=np.float64(exaggeration))
    # One thread: sums in another order would be another map.
    environment = {"PYTHONPATH": str(settings.BASE_DIR), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    ended = subprocess.run(
        [sys.executable, "-m", "recommender.similarity.map.tsne"],
        input=given.getvalue(),
        stdout=subprocess.PIPE,
        env=environment,
        timeout=_PATIENCE_SECONDS,
        check=True,
    )
    places = np.asarray(np.load(io.BytesIO(ended.stdout), allow_pickle=False), np.float64)
    if places.shape != start.shape or not np.isfinite(places).all():
        raise ValueError("t-SNE gave no places")
    return places


def _turn(places: Places, old: Places, is_old: NDArray[np.bool_]) -> Places:
    """`places` turned and mirrored to where the old ones lie: orthogonal Procrustes (Schoenemann 1966)."""
    ours, theirs = (each[is_old] - each[is_old].mean(axis=0) for each in (places, old))
    left, _, right = np.linalg.svd(ours.T @ theirs)
    return np.asarray(places @ (left @ right), np.float64)


def _fit_to_grid(places: Places) -> Places:
    """As large as the grid allows, in its middle, in the same proportions."""
    low, high = places.min(axis=0), places.max(axis=0)
    extent = float((high - low).max())
    scale = GRID * (1 - 2 * _MARGIN) / extent if extent > 0 else 0.0
    return np.asarray((places - (low + high) / 2) * scale + GRID / 2, np.float64)
