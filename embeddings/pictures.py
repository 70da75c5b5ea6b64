"""Pictures of the measured spaces: where the tracks of each set lie, how alike they are, who is found how often.

The only part that needs matplotlib and scikit-learn; the same measurement gives the same files.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.manifold import TSNE  # type: ignore[import-untyped]

from embeddings.contestants import Measured, cosines
from embeddings.evaluation import CHANCE
from embeddings.recordings import LabelledTrack
from embeddings.retrieval import count_occurrences
from embeddings.scoring import Measurement

FEWEST_TRACKS: Final = 5
PERPLEXITY: Final = 30.0
BINS: Final = 40
# Without these two, each run would write other names and dates.
HASH_SALT: Final = "soundalike"
METADATA: Final = {"Date": None}


def draw_pictures(measurement: Measurement, folder: Path) -> list[Path]:
    """Write three SVG files for each encoder, its prefixes, the reference and the MFCC statistics into ``folder``.

    ``map-*`` shows the tracks by principal components and by t-SNE, coloured by set; ``similarities-*`` how similar
    tracks of one release and of different ones are; ``occurrences-*`` in how many top tens a track stands. Gives their
    paths. Raises ValueError for fewer than five tracks.
    """
    tracks = measurement.heard.tracks
    if len(tracks) < FEWEST_TRACKS:
        raise ValueError(f"pictures need at least {FEWEST_TRACKS} tracks")
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    with mpl.rc_context({"svg.hashsalt": HASH_SALT, "font.size": 9.0}):
        for system in measurement.systems:
            if _is_drawn(system):
                paths += _draw(system, tracks, measurement.recordings, folder)
    return paths


def _is_drawn(system: Measured) -> bool:
    is_vector = system.similarity is cosines and system.name != CHANCE
    return is_vector and (not system.is_teacher or system.is_reference)


def _draw(system: Measured, tracks: Sequence[LabelledTrack], recordings: Sequence[int], folder: Path) -> list[Path]:
    sets = [track.collection or track.release or "unknown" for track in tracks]
    similarities = system.similarities()
    figures = {
        "map": _draw_map(system, sets),
        "similarities": _draw_similarities(system.name, similarities, [track.release for track in tracks], recordings),
        "occurrences": _draw_occurrences(system.name, similarities, recordings),
    }
    name = "-".join("".join(letter if letter.isalnum() else " " for letter in system.name).split())
    paths = []
    for kind, figure in figures.items():
        paths.append(folder / f"{kind}-{name}.svg")
        figure.savefig(paths[-1], metadata=METADATA)
    return paths


def _draw_map(system: Measured, sets: Sequence[str]) -> Figure:
    vectors = np.stack(system.tracks).astype(np.float64)
    figure = Figure(figsize=(11, 5), layout="constrained")
    left, right = figure.subplots(1, 2)
    points, shares = principal_components(vectors)
    _scatter(left, points, sets, f"principal components ({shares[0]:.0%} and {shares[1]:.0%} of the variance)")
    _scatter(right, neighbour_map(vectors), sets, "t-SNE")
    figure.legend(*left.get_legend_handles_labels(), loc="outside right center", frameon=False)
    figure.suptitle(system.name)
    return figure


def principal_components(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Vectors (n, d) on their two main directions, (n, 2), and the share of the variance that lies along each, (2,)."""
    centred = vectors - vectors.mean(axis=0)
    left, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    return left[:, :2] * lengths[:2], np.square(lengths[:2]) / max(float(np.square(lengths).sum()), 1e-12)


def neighbour_map(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Vectors (n, d) by t-SNE of their cosines (van der Maaten and Hinton, JMLR 2008): (n, 2)."""
    perplexity = min(PERPLEXITY, (len(vectors) - 1) / 3)
    points = TSNE(perplexity=perplexity, metric="cosine", init="random", random_state=0).fit_transform(vectors)
    return np.asarray(points, np.float64)


def _scatter(axes: Axes, points: NDArray[np.float64], sets: Sequence[str], title: str) -> None:
    names = sorted(set(sets))
    pairs = mpl.colormaps["tab20"].colors  # type: ignore[attr-defined]
    colours = [*pairs[::2], *pairs[1::2]]
    for number, name in enumerate(names):
        rows = [row for row, other in enumerate(sets) if other == name]
        colour, marker = colours[number % 20], "osD^v"[number // 20 % 5]
        axes.scatter(points[rows, 0], points[rows, 1], s=22, color=colour, marker=marker, label=name, linewidths=0)
    axes.set(title=title, xticks=[], yticks=[])


def _draw_similarities(
    name: str, similarities: NDArray[np.floating], releases: Sequence[str], recordings: Sequence[int]
) -> Figure:
    """Of pairs of different recordings; those without a release count as different."""
    labels, groups = np.asarray(releases), np.asarray(recordings)
    upper = np.triu(groups[:, None] != groups[None, :], 1)
    is_same = (labels[:, None] == labels[None, :]) & (labels[:, None] != "")
    edges = np.linspace(float(similarities[upper].min()), float(similarities[upper].max()), BINS + 1)
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for mask, label in ((upper & is_same, "same release"), (upper & ~is_same, "different")):
        if mask.any():
            axes.hist(
                similarities[mask], bins=edges.tolist(), density=True, alpha=0.6, label=f"{label}, {mask.sum():,} pairs"
            )
    axes.set(title=name, xlabel="cosine of two tracks", ylabel="density")
    axes.legend(frameon=False)
    return figure


def _draw_occurrences(name: str, similarities: NDArray[np.floating], recordings: Sequence[int]) -> Figure:
    occurrences = count_occurrences(np.asarray(similarities, np.float32), recordings)
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    axes.hist(occurrences, bins=[count - 0.5 for count in range(int(occurrences.max()) + 2)])
    axes.axvline(float(occurrences.mean()), linestyle="--", color="black", linewidth=1, label="if all were even")
    axes.set(title=name, xlabel="top tens that a track stands in", ylabel="tracks")
    axes.legend(frameon=False)
    return figure
