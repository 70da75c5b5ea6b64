"""Fitting a space to one library: a linear head over an encoder's vectors, learned from what belongs together there.

The head (d, d) starts as the identity and is held to it. It learns by contrast (InfoNCE, van den Oord et al., 2018):
segments of one track, tracks of one release and of one artist, and pairs that people called similar have to be nearer
to each other than to the rest of the batch; pairs that people called not similar are pushed apart. How tightly the head
is held is chosen on a part of the training tracks; whether it helps is measured on tracks it never saw.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from embeddings.adaptation_measures import (
    DECIDING,
    Library,
    Verdict,
    compare,
    hold_out,
    judge,
    measure,
    measure_hubness,
)
from embeddings.blockwise import UNKNOWN, OnProgress
from embeddings.heads import Head

STEPS: Final = 300
BATCH: Final = 256
RATE: Final = 3e-4
TEMPERATURE: Final = 0.1
# Weight of the squared distance from the identity, tightest first.
STRENGTHS: Final = (1.0, 0.1, 0.01)
SEED: Final = 0
EXCLUDED: Final = -1e9

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Pair:
    """What somebody said of two tracks of a library, by row."""

    first: int
    second: int
    is_similar: bool


@dataclass(frozen=True)
class Adaptation:
    """The head that was learned, and what it does: ``measures`` on the tracks held out, as ``compare`` gives them, and
    ``hubness`` of all tracks before and after."""

    head: Head
    strength: float
    training_tracks: int
    held_out_tracks: int
    measures: dict[str, dict[str, Any]]
    hubness: tuple[float, float]
    verdict: Verdict


def adapt(library: Library, pairs: Sequence[Pair] = (), on_progress: OnProgress | None = None) -> Adaptation:
    """Learn a head from 70 % of ``library`` and measure it on the rest; no artist or release is on both sides.

    ``on_progress`` is called with training steps done and in all. Raises ValueError when all tracks hang together by
    artist and release, so that none can be held out.
    """
    is_held_out = hold_out(library)
    training, held_out = library.part(~is_held_out), library.part(is_held_out)
    if min(len(training), len(held_out)) < 2:
        raise ValueError("the tracks cannot be split: they all hang together by artist and release")
    kept = _part_of_pairs(pairs, ~is_held_out)
    steps = _Steps(STEPS * (len(STRENGTHS) + 1), on_progress)
    strength = _choose_strength(training, kept, steps)
    head = train_head(training, kept, strength=strength, on_step=steps.count)
    heads = np.eye(len(head), dtype=np.float32), head
    compared = compare(*(measure(held_out, either) for either in heads))
    before, after = (measure_hubness(library, either) for either in heads)
    verdict = judge(compared, (before, after), len(library))
    return Adaptation(head, strength, len(training), len(held_out), compared, (before, after), verdict)


@dataclass
class _Steps:
    total: int
    on_progress: OnProgress | None
    done: int = 0

    def count(self) -> None:
        self.done += 1
        if self.on_progress is not None:
            self.on_progress(self.done, self.total)


def _part_of_pairs(pairs: Sequence[Pair], is_wanted: NDArray[np.bool_]) -> list[Pair]:
    rows = np.cumsum(is_wanted) - 1
    return [
        Pair(int(rows[pair.first]), int(rows[pair.second]), pair.is_similar)
        for pair in pairs
        if is_wanted[pair.first] and is_wanted[pair.second] and pair.first != pair.second
    ]


def _choose_strength(training: Library, pairs: Sequence[Pair], steps: _Steps) -> float:
    """The strength that does best on a part of the training tracks; the tightest where none can be told apart."""
    is_checked = hold_out(training, seed=SEED + 1)
    learned, checked = training.part(~is_checked), training.part(is_checked)
    kept = _part_of_pairs(pairs, ~is_checked)
    scores = []
    for strength in STRENGTHS:
        head = train_head(learned, kept, strength=strength, on_step=steps.count)
        scores.append(_score(checked, head) if len(checked) >= 2 else 0.0)
    return STRENGTHS[int(np.argmax(scores))]


def _score(library: Library, head: Head) -> float:
    """The mean of the measures that may decide, as far as there are queries."""
    values = measure(library, head).values
    found = [float(values[name].mean()) for name in DECIDING if values[name].size]
    return float(np.mean(found)) if found else 0.0


def train_head(
    library: Library, pairs: Sequence[Pair], *, strength: float, on_step: Callable[[], None] = lambda: None
) -> Head:
    """A head (d, d) for ``library``; the identity where nothing in it belongs together. The same for the same input."""
    items = _Items(library)
    pools = [pool for pool in items.pools(pairs) if pool.size]
    unlike = np.array([(pair.first, pair.second) for pair in pairs if not pair.is_similar], np.int64).reshape(-1, 2)
    identity = torch.eye(library.vectors.shape[1])
    head = identity.clone().requires_grad_()
    optimiser = torch.optim.Adam([head], lr=RATE)
    rng = np.random.default_rng(SEED)
    for _ in range(STEPS):
        loss = strength * (head - identity).square().sum()
        if pools:
            drawn = [pool.draw(rng, BATCH // len(pools)) for pool in pools]
            first, second = (np.concatenate(side) for side in zip(*drawn, strict=True))
            loss = loss + _contrast(items, head, first, second)
        if len(unlike):
            loss = loss + _push_apart(items, head, unlike)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        on_step()
    return np.asarray(head.detach().numpy(), np.float32)


def _contrast(items: "_Items", head: torch.Tensor, first: Rows, second: Rows) -> torch.Tensor:
    """InfoNCE both ways. What belongs together beyond the pair itself is no counter-example."""
    logits = items.turn(head, first) @ items.turn(head, second).T / TEMPERATURE
    is_excluded = items.belong_together(first, second)
    np.fill_diagonal(is_excluded, val=False)
    logits = logits.masked_fill(torch.from_numpy(is_excluded), EXCLUDED)
    own = torch.arange(len(first))
    return (functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own)) / 2


def _push_apart(items: "_Items", head: torch.Tensor, unlike: Rows) -> torch.Tensor:
    """Softly, down to what tracks of this library have in common anyway."""
    cosines = (items.turn(head, unlike[:, 0]) * items.turn(head, unlike[:, 1])).sum(dim=1)
    return functional.softplus((cosines - items.common_similarity) / TEMPERATURE).mean()


class _Items:
    """All vectors to learn from: those of tracks, then those of segments."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._vectors = torch.from_numpy(np.concatenate([library.vectors, library.segments]))
        self._tracks = np.concatenate([np.arange(len(library)), library.segment_tracks])
        centre = library.vectors.mean(axis=0)
        self.common_similarity = float(centre @ centre)

    def turn(self, head: torch.Tensor, items: Rows) -> torch.Tensor:
        return functional.normalize(self._vectors[torch.from_numpy(items)] @ head.T, dim=1)

    def belong_together(self, first: Rows, second: Rows) -> NDArray[np.bool_]:
        """Whether two items are of one recording, release or artist, (n, m)."""
        tracks = self._tracks[first], self._tracks[second]
        found = np.zeros((len(first), len(second)), bool)
        for labels in (self._library.recordings, self._library.releases, self._library.artists):
            mine, others = (labels[side] for side in tracks)
            found |= (mine[:, None] == others[None, :]) & (mine[:, None] != UNKNOWN)
        return found

    def pools(self, pairs: Sequence[Pair]) -> list["_Groups | _Given"]:
        count = len(self._library)
        tracks, segments = np.arange(count), np.arange(count, len(self._tracks))
        return [
            _Groups(segments, self._tracks[segments]),
            _Groups(tracks, self._library.releases),
            _Groups(tracks, self._library.artists),
            _Given(np.array([(pair.first, pair.second) for pair in pairs if pair.is_similar], np.int64).reshape(-1, 2)),
        ]


class _Groups:
    """Draws two different items of one group; every item of a group of two or more is as likely as another."""

    def __init__(self, items: Rows, groups: Rows) -> None:
        items, groups = items[groups != UNKNOWN], groups[groups != UNKNOWN]
        order = np.argsort(groups, kind="stable")
        self._items = items[order]
        _, starts, group, counts = np.unique(groups[order], return_index=True, return_inverse=True, return_counts=True)
        self._starts, self._counts = starts[group], counts[group]
        self._eligible = np.flatnonzero(self._counts > 1)

    @property
    def size(self) -> int:
        return len(self._eligible)

    def draw(self, rng: np.random.Generator, count: int) -> tuple[Rows, Rows]:
        chosen = rng.choice(self._eligible, count)
        starts, counts = self._starts[chosen], self._counts[chosen]
        others = starts + (chosen - starts + rng.integers(1, counts)) % counts
        return self._items[chosen], self._items[others]


class _Given:
    """Draws from pairs (n, 2)."""

    def __init__(self, pairs: Rows) -> None:
        self._pairs = pairs

    @property
    def size(self) -> int:
        return len(self._pairs)

    def draw(self, rng: np.random.Generator, count: int) -> tuple[Rows, Rows]:
        chosen = self._pairs[rng.integers(len(self._pairs), size=count)]
        return chosen[:, 0], chosen[:, 1]
