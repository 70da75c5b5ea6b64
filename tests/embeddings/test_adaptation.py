from dataclasses import replace

import numpy as np
import pytest

from embeddings import adaptation
from embeddings.adaptation import Pair, adapt, train_head
from embeddings.blockwise import UNKNOWN
from embeddings.heads import apply_head
from tests.embeddings.libraries import make_library


@pytest.fixture
def quick_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as 300 steps get, in 60 larger ones."""
    monkeypatch.setattr(adaptation, "STEPS", 60)
    monkeypatch.setattr(adaptation, "RATE", 1.5e-3)


def test_what_can_be_learned_is_learned_and_found_better() -> None:
    steps = []
    found = adapt(make_library(), on_progress=lambda done, total: steps.append((done, total)))
    assert found.verdict.is_better, found.verdict.reason
    assert found.verdict.deciding == "same artist MAP"
    assert found.measures["same artist MAP"]["difference"]["low"] > 0
    assert (found.training_tracks, found.held_out_tracks) == (168, 72)
    assert steps[-1] == (1200, 1200)
    # the half that says something is kept up, the half that is chance turned down
    strengths = np.abs(np.diag(found.head))
    assert strengths[:8].min() > strengths[8:].max()


def test_where_all_is_chance_nothing_is_found_better(quick_steps: None) -> None:
    found = adapt(make_library(nuisance=float("inf")))
    assert not found.verdict.is_better
    assert found.verdict.deciding


def test_the_same_library_gives_the_same_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adaptation, "STEPS", 20)
    heads = [train_head(make_library(8), [], strength=0.1) for _ in range(2)]
    np.testing.assert_array_equal(*heads)


def test_the_tighter_it_is_held_the_nearer_to_the_identity(quick_steps: None) -> None:
    distances = [
        float(np.linalg.norm(train_head(make_library(8), [], strength=strength) - np.eye(16)))
        for strength in (10.0, 0.1, 0.001)
    ]
    assert distances == sorted(distances)
    assert distances[0] < 0.2 < distances[2]


def test_where_nothing_belongs_together_the_head_is_the_identity() -> None:
    library = make_library(4)
    nothing = np.full(24, UNKNOWN)
    bare = replace(
        library,
        artists=nothing,
        releases=nothing,
        segments=library.segments[:0],
        segment_tracks=library.segment_tracks[:0],
    )
    np.testing.assert_array_equal(train_head(bare, [], strength=0.1), np.eye(16, dtype=np.float32))


def test_pairs_that_people_gave_are_drawn_together_and_pushed_apart(quick_steps: None) -> None:
    library = make_library(12, nuisance=1.0)
    bare = replace(library, segments=library.segments[:0], segment_tracks=library.segment_tracks[:0])
    alike, unlike = Pair(0, 20, is_similar=True), Pair(1, 2, is_similar=False)
    plain, taught = (train_head(bare, pairs, strength=0.01) for pairs in ([], [alike, unlike]))

    def cosine(head: np.ndarray, pair: Pair) -> float:
        first, second = apply_head(head, library.vectors[[pair.first, pair.second]])
        return float(first @ second)

    assert cosine(taught, alike) > cosine(plain, alike) + 0.05
    assert cosine(taught, unlike) < cosine(plain, unlike) - 0.05


def test_a_library_that_hangs_together_cannot_be_learned_from() -> None:
    library = make_library(8)
    with pytest.raises(ValueError, match="cannot be split"):
        adapt(replace(library, artists=np.zeros(48, np.int64)))


def test_pairs_across_the_split_teach_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is measured on must stay unseen, whatever people said of it."""
    monkeypatch.setattr(adaptation, "STEPS", 10)
    library = make_library(20)
    is_held_out = adaptation.hold_out(library)
    seen, unseen = np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)
    across = [
        Pair(int(seen[0]), int(unseen[0]), is_similar=True),
        Pair(int(unseen[1]), int(unseen[2]), is_similar=False),
    ]
    within = [Pair(int(seen[0]), int(seen[-1]), is_similar=False)]
    plain = adapt(library).head
    np.testing.assert_array_equal(adapt(library, across).head, plain)
    assert (adapt(library, within).head != plain).any()
