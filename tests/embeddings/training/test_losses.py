"""Every loss is least where student and teacher agree."""

import pytest
import torch
from torch.nn import functional

from embeddings.encoders.cnn_heads import Assembly, Blocks
from embeddings.training.goals import Goals
from embeddings.training.losses import (
    LossWeights,
    block_loss,
    relational_loss,
    same_track_loss,
    tag_loss,
    total_loss,
)


def make_goals(seed: int) -> Goals:
    generator = torch.Generator().manual_seed(seed)
    style, timbre, sound, mood = (torch.rand(8, size, generator=generator) for size in (64, 256, 128, 64))
    return Goals((style, timbre, sound, mood), torch.rand(8, 100, generator=generator))


def test_losses_are_least_where_student_and_teacher_agree() -> None:
    goals, others, assembly = make_goals(0), make_goals(1), Assembly()
    assert float(block_loss(goals.blocks, goals, assembly)) < 1e-5
    assert float(block_loss(others.blocks, goals, assembly)) > 0.05
    vectors = assembly.join(goals.blocks)
    assert float(relational_loss(vectors, vectors)) == 0.0
    assert float(relational_loss(assembly.join(others.blocks), vectors)) > 0.0
    assert abs(float(tag_loss(torch.logit(goals.tags), goals.tags))) < 1e-4
    assert float(tag_loss(torch.logit(others.tags), goals.tags)) > 0.1


def test_windows_of_one_track_are_drawn_together_and_mixes_are_not() -> None:
    vectors = functional.normalize(torch.randn(8, 16, generator=torch.Generator().manual_seed(0)), dim=1)
    pairs = vectors[::2].repeat_interleave(2, dim=0)
    piece = torch.arange(4).repeat_interleave(2)
    assert float(same_track_loss(pairs, piece, 0.1)) < float(same_track_loss(vectors, piece, 0.1))
    assert float(same_track_loss(vectors, torch.full((8,), -1), 0.1)) == 0.0


def test_other_rows_of_the_piece_and_mixes_are_no_counterexamples() -> None:
    rows = functional.normalize(torch.randn(10, 16, generator=torch.Generator().manual_seed(0)), dim=1)
    piece = torch.tensor([0, 0, 1, 1, 0, 0, -1, -1, 2, 2])

    other_mixes = rows.clone()
    other_mixes[6:8] = rows[:2]
    assert float(same_track_loss(other_mixes, piece, 0.1)) == float(same_track_loss(rows, piece, 0.1))
    other_piece = rows.clone()
    other_piece[8:] = rows[:2]
    assert float(same_track_loss(other_piece, piece, 0.1)) > float(same_track_loss(rows, piece, 0.1))
    # where there is nothing but rows of one piece there is nothing to be told apart
    assert float(same_track_loss(rows[:6:5], torch.zeros(2), 0.1)) == pytest.approx(0.0, abs=1e-6)
    assert float(same_track_loss(rows[[0, 1, 4, 5]], torch.zeros(4), 0.1)) == pytest.approx(0.0, abs=1e-6)


def test_the_total_weighs_its_parts() -> None:
    goals, others, assembly, piece = make_goals(0), make_goals(1), Assembly(), torch.full((8,), -1)
    described: tuple[Blocks, torch.Tensor] = (others.blocks, torch.logit(others.tags))
    nothing_else = LossWeights(relational=0.0, tags=0.0, contrast=0.0)
    assert float(total_loss(described, goals, piece, assembly, nothing_else)) == float(
        block_loss(others.blocks, goals, assembly)
    )
    assert float(total_loss(described, goals, piece, assembly, LossWeights())) > float(
        total_loss(described, goals, piece, assembly, nothing_else)
    )
