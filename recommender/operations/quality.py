"""How well similarity works on this catalog, from the vectors in SQL: nothing is decoded."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.blockwise import UNKNOWN, Neighbours, OnProgress, count_occurrences, find_neighbours, score_queries
from embeddings.retrieval import skewness
from recommender.operations.catalog_vectors import CatalogVectors, group_copies, read_catalog
from recommender.similarity.nearness.reach import CANDIDATES, order_as_served
from recommender.similarity.nearness.sample import Sample, draw_rows

NEIGHBOURS: Final = 10
LISTED: Final = 10
PAIRS: Final = 200_000
DEFAULT_SAMPLE: Final = 5000
LEAST_TRACKS: Final = 2

Rows = NDArray[np.int64]
ShowProgress = Callable[[str], OnProgress]


def measure_quality(sample: int, show_progress: ShowProgress) -> dict[str, Any]:
    """The report on the active space, ready for JSON.

    Hubness, reach, hubs and orphans come from the ten nearest of every track, by cosine alone and, under ``served``, as
    tracks are recommended; the labelled part from ``sample`` tracks as queries (0: all), each ranked against the whole
    catalog. Copies of one recording never count as finds. What the catalog does not keep is None. Raises
    CatalogTooSmallError.
    """
    catalog = read_catalog(LEAST_TRACKS)
    neighbours = find_neighbours(catalog.vectors, CANDIDATES, show_progress("Neighbours"))
    recordings = group_copies(catalog, neighbours)
    nearest = neighbours.without_copies(recordings, NEIGHBOURS)
    served = _serve(catalog, neighbours, show_progress("Recommendations")).without_copies(recordings, NEIGHBOURS)
    return {
        "space": {
            "encoder": catalog.space.encoder_name,
            "signature": catalog.space.signature,
            "dimension": catalog.space.dimension,
        },
        "tracks": len(catalog),
        "recordings": len(np.unique(recordings)),
        "damaged_vectors": catalog.damaged,
        **_describe_shape(catalog, nearest),
        "served": _describe_shape(catalog, served),
        "similarity": _describe_similarities(catalog),
        "same_track": None,
        "retrieval": _score_labels(catalog, recordings, sample, show_progress("Labels")),
    }


def _serve(catalog: CatalogVectors, neighbours: Neighbours, on_progress: OnProgress) -> Neighbours:
    """The same neighbours in the order of recommendations."""
    drawn = draw_rows(len(catalog))
    sample = Sample(catalog.track_ids[drawn], catalog.vectors[drawn])
    nearest = (neighbours.rows, neighbours.similarities)
    lists = order_as_served(catalog.vectors, catalog.track_ids, nearest, sample, on_progress)
    return Neighbours(lists.rows, lists.cosines)


def _describe_shape(catalog: CatalogVectors, nearest: Rows) -> dict[str, Any]:
    occurrences = count_occurrences(nearest, len(catalog))
    hubs = np.argsort(-occurrences, kind="stable")[:LISTED]
    orphans = np.flatnonzero((occurrences == 0) & (nearest[:, 0] != UNKNOWN))
    closest = np.einsum("nd,nd->n", catalog.vectors[orphans], catalog.vectors[nearest[orphans, 0]])
    loneliest = np.argsort(closest, kind="stable")[:LISTED]
    return {
        "hubness": skewness(occurrences),
        "reach": float(np.mean(occurrences > 0)),
        "hubs": [_track(catalog, row, occurrences=int(occurrences[row])) for row in hubs],
        "orphans": {
            "count": len(orphans),
            "loneliest": [_track(catalog, orphans[place], nearest=float(closest[place])) for place in loneliest],
        },
    }


def _track(catalog: CatalogVectors, row: int, **measured: float) -> dict[str, Any]:
    return {"id": int(catalog.track_ids[row]), "name": catalog.name(row), **measured}


def _describe_similarities(catalog: CatalogVectors) -> dict[str, Any]:
    """Mean and deciles of the cosine between different tracks, from 200,000 random pairs; the same ones every time."""
    rng = np.random.default_rng(0)
    first = rng.integers(len(catalog), size=PAIRS)
    second = (first + rng.integers(1, len(catalog), size=PAIRS)) % len(catalog)
    steps = range(0, PAIRS, 10_000)
    vectors = catalog.vectors
    cosines = np.concatenate(
        [np.einsum("nd,nd->n", vectors[first[s : s + 10_000]], vectors[second[s : s + 10_000]]) for s in steps]
    )
    deciles = np.percentile(cosines, range(10, 100, 10))
    return {"mean": float(cosines.mean()), "deciles": [float(value) for value in deciles]}


def _score_labels(catalog: CatalogVectors, recordings: Rows, sample: int, on_progress: OnProgress) -> dict[str, Any]:
    kinds = catalog.label_kinds()
    labelled = np.flatnonzero(np.any([kind.labels != UNKNOWN for kind in kinds.values()], axis=0))
    if 0 < sample < len(labelled):
        labelled = np.sort(np.random.default_rng(0).choice(labelled, sample, replace=False))
    scored = score_queries(catalog.vectors, kinds, recordings, labelled, on_progress)
    summaries = {name: scores.summarise() for name, scores in scored.items()}
    return {name: asdict(summary) if summary else None for name, summary in summaries.items()}
