"""The vectors of the active space as arrays, with what the catalog knows of their tracks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from embeddings.blockwise import UNKNOWN, LabelKind, Neighbours
from embeddings.components import connect
from recommender.catalog.models import Embedding, Space, Track
from recommender.operations.errors import CatalogTooSmallError
from recommender.operations.tables import needing_tables
from recommender.similarity.spaces import active_space
from recommender.similarity.vectors import UNIT_TOLERANCE, Vector

CHUNK: Final = 2000
# Two encodings of one recording: nearly one vector, and of one length.
COPY_SIMILARITY: Final = 0.995
COPY_SECONDS: Final = 1.0
# The same artist and title: another edition of the recording may have been mastered anew.
SAME_TITLE_SIMILARITY: Final = 0.9
SAME_TITLE_SECONDS: Final = 2.0

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class CatalogVectors:
    """All playable tracks that have a vector in ``space``, by id; visible to whom does not matter.

    ``vectors`` float32 (n, dimension) of unit length. ``artists``, ``releases`` and ``genres`` (n,) are ids or
    ``UNKNOWN``, of several genres the first by name; ``durations`` (n,) seconds, 0 where unknown. ``damaged`` rows were
    left out.
    """

    space: Space
    vectors: Vector
    track_ids: Rows
    titles: list[str]
    artist_names: list[str]
    files: list[str]
    artists: Rows
    releases: Rows
    genres: Rows
    durations: NDArray[np.float64]
    damaged: int

    def __len__(self) -> int:
        return len(self.track_ids)

    def label_kinds(self) -> dict[str, LabelKind]:
        """The same genre by another artist; the same artist outside the own release; the same release."""
        nothing = np.full(len(self), UNKNOWN)
        return {
            "genre": LabelKind(self.genres, self.artists),
            "artist": LabelKind(self.artists, self.releases),
            "release": LabelKind(self.releases, nothing),
        }

    def name(self, row: int) -> str:
        """Artist, where known, and title, for people."""
        return f"{self.artist_names[row]}: {self.titles[row]}" if self.artist_names[row] else self.titles[row]


@needing_tables()
def read_catalog(least: int) -> CatalogVectors:
    """Raises CatalogTooSmallError when no space is active or fewer than ``least`` tracks have a vector in it, and
    PreparationFailedError when the tables are not there or not up to date."""
    space = active_space()
    if space is None:
        raise CatalogTooSmallError(
            "There is no active space yet: `manage.py prepare` makes it, and `up` does that too."
        )
    stored = Embedding.objects.filter(space=space, track__is_deleting=False, track__is_playable=True)
    rows = stored.order_by("track_id").values_list(
        *("vector", "track_id", "track__title", "track__artist__name", "track__audio_file_id"),
        *("track__artist_id", "track__release_id", "track__duration_seconds"),
    )
    found = _to_arrays(space, rows.iterator(chunk_size=CHUNK), _find_genres())
    if len(found) < least:
        raise CatalogTooSmallError(
            f"{len(found)} tracks have a vector in the active space ({space}); at least {least} are needed. "
            "Add music and wait until it is analysed."
        )
    return found


def _find_genres() -> dict[int, int]:
    """The genre of each track that has one; of several the first by name."""
    pairs = Track.genres.through.objects.order_by("-genre__name_key").values_list("track_id", "genre_id")
    return dict(pairs.iterator(chunk_size=CHUNK))


def _to_arrays(space: Space, rows: Iterable[tuple[Any, ...]], genres: Mapping[int, int]) -> CatalogVectors:
    buffer = bytearray()
    kept: list[tuple[Any, ...]] = []
    damaged = 0
    for vector, *described in rows:
        if len(vector) != 4 * space.dimension or not _is_unit(vector):
            damaged += 1
            continue
        buffer += bytes(vector)
        kept.append(tuple(described))
    ids, titles, artist_names, files, artists, releases, durations = zip(*kept, strict=True) if kept else ((),) * 7
    return CatalogVectors(
        space=space,
        vectors=np.frombuffer(buffer, "<f4").astype(np.float32, copy=False).reshape(-1, space.dimension),
        track_ids=np.array(ids, np.int64),
        titles=list(titles),
        artist_names=[name or "" for name in artist_names],
        files=list(files),
        artists=_known(artists),
        releases=_known(releases),
        genres=_known(genres.get(track_id) for track_id in ids),
        durations=np.array([seconds or 0.0 for seconds in durations], np.float64),
        damaged=damaged,
    )


def _is_unit(vector: bytes | memoryview) -> bool:
    length = float(np.linalg.norm(np.frombuffer(bytes(vector), "<f4").astype(np.float64)))
    return abs(length - 1) <= UNIT_TOLERANCE  # false for NaN as well


def _known(ids: Iterable[int | None]) -> Rows:
    return np.array([UNKNOWN if number is None else number for number in ids], np.int64)


def group_copies(catalog: CatalogVectors, neighbours: Neighbours) -> Rows:
    """A number for each track, the same for copies of one recording, (n,).

    Copies are tracks of one file; neighbours of at least .995 whose lengths differ by a second at most; and neighbours
    of one artist and title, at least .9, whose lengths differ by two.
    """
    rows = np.arange(len(catalog))[:, None]
    others, similarities = neighbours.rows, neighbours.similarities
    apart = np.abs(catalog.durations[others] - catalog.durations[rows])
    titles = np.unique([title.casefold() for title in catalog.titles], return_inverse=True)[1]
    has_same_title = (titles[others] == titles[rows]) & (catalog.artists[others] == catalog.artists[rows])
    has_same_title &= catalog.artists[rows] != UNKNOWN
    is_copy = (similarities >= COPY_SIMILARITY) & (apart <= COPY_SECONDS)
    is_copy |= has_same_title & (similarities >= SAME_TITLE_SIMILARITY) & (apart <= SAME_TITLE_SECONDS)
    found = np.nonzero(is_copy)
    links = list(zip(found[0].tolist(), others[found].tolist(), strict=True))
    _, first_of_file, file_of = np.unique(catalog.files, return_index=True, return_inverse=True)
    links += list(enumerate(first_of_file[file_of].tolist()))
    return connect(links, len(catalog))
