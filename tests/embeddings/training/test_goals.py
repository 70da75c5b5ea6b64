"""Principal axes keep similarities, and the first of them most of them."""

import numpy as np
import torch
from torch.nn import functional

from embeddings.encoders.cnn_heads import Assembly
from embeddings.training.goals import CENTRING, Goals, principal_axes, set_axes, set_centre


def rows_of_rank(rank: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(200, rank, generator=generator) @ torch.randn(rank, 32, generator=generator)


def test_axes_are_orthonormal_and_the_strongest_come_first() -> None:
    rows = rows_of_rank(5)
    axes = principal_axes(rows)
    torch.testing.assert_close(axes.T @ axes, torch.eye(32), atol=1e-4, rtol=0)
    few = rows @ axes[:, :5]
    torch.testing.assert_close(few @ few.T, rows @ rows.T, rtol=1e-3, atol=1e-2)
    assert float((rows @ axes[:, 5:]).abs().max()) < 1e-3


def make_blocks(count: int) -> Goals:
    generator = torch.Generator().manual_seed(1)
    style, timbre, sound, mood = (torch.rand(count, size, generator=generator) for size in (64, 256, 128, 64))
    return Goals((style, timbre, sound, mood), torch.zeros(count, 100))


def test_a_nested_vector_keeps_the_similarities_of_the_whole() -> None:
    goals, assembly = make_blocks(40), Assembly()
    joined = assembly.join(goals.blocks)
    set_axes(assembly, joined, joined.roll(1, 0), np.arange(40) // 2)
    whole = assembly(goals.blocks, 512)
    errors = []
    for dimension in (16, 32, 64):
        cut = assembly(goals.blocks, dimension)
        torch.testing.assert_close(cut.norm(dim=1), torch.ones(40), atol=1e-4, rtol=0)
        errors.append(float((cut @ cut.T - whole @ whole.T).abs().mean()))
    assert errors[0] > errors[1] > errors[2]


def test_what_changes_within_a_piece_counts_less() -> None:
    goals, assembly = make_blocks(40), Assembly()
    clean = assembly.join(goals.blocks)
    nuisance = functional.normalize(torch.randn(512, generator=torch.Generator().manual_seed(2)), dim=0)
    degraded = functional.normalize(clean + 0.5 * nuisance, dim=1)
    piece = np.arange(40)
    before = float((clean * degraded).sum(dim=1).mean())
    set_axes(assembly, clean, degraded, piece)
    first, second = (functional.normalize(rows @ assembly.axes, dim=1) for rows in (clean, degraded))
    assert float((first * second).sum(dim=1).mean()) > before + 0.03


def test_the_centre_is_half_the_mean_direction_of_single_pieces() -> None:
    goals, assembly = make_blocks(6), Assembly()
    piece = np.array([0, 0, 1, 1, -1, -1])
    set_centre(assembly, goals, piece)
    timbre = functional.normalize(goals.blocks[1][:4], dim=-1).mean(dim=0)
    torch.testing.assert_close(assembly.centre[64:320], CENTRING * timbre)
