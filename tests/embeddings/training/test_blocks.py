"""What lies under a kernel, which channels matter, and that a tower is learned block by block."""

import pytest
import torch
from torch.nn import functional

from embeddings.training.blocks import Block, BlockPlan, Collected, _collect, _make_up, cut_patches


@pytest.mark.parametrize(("shape", "kernel"), [((2, 3, 6, 7), (3, 3)), ((2, 3, 9), (4,))], ids=["2-d", "1-d"])
def test_patches_are_what_the_convolution_sees(shape: tuple[int, ...], kernel: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(0)
    maps = torch.randn(shape, generator=generator)
    weight = torch.randn(5, 3, *kernel, generator=generator)
    pads = [pad for size in reversed(kernel) for pad in ((size - 1) // 2, size - 1 - (size - 1) // 2)]
    convolve = functional.conv2d if len(kernel) == 2 else functional.conv1d
    rows = convolve(functional.pad(maps, pads), weight).movedim(1, -1).reshape(-1, 5)
    patches = cut_patches(maps, kernel, torch.arange(len(rows)))
    torch.testing.assert_close(patches.flatten(1) @ weight.flatten(1).T, rows, rtol=1e-4, atol=1e-4)


def rare_block() -> Block:
    """A block of two units: one speaks half of the time, one hardly ever, and the student lacks one input channel."""
    generator = torch.Generator().manual_seed(0)
    told = functional.relu(torch.randn(4, 3, 12, 12, generator=generator))
    weight = torch.randn(2, 3, 3, 3, generator=generator)
    raw = functional.conv2d(told, weight, padding=1)
    bias = -torch.stack([raw[:, 0].quantile(0.5), raw[:, 1].quantile(0.97)])
    answer = functional.relu(raw + bias[:, None, None])
    return Block(told, answer, weight.flatten(1), bias, known=torch.tensor([0, 2]))


def test_rare_units_are_sought_out_and_made_up() -> None:
    block, found, generator = rare_block(), Collected(), torch.Generator().manual_seed(1)
    plan = BlockPlan(patches=100, sought=50, wanted_active=400)
    _collect(block, (3, 3), found, plan, generator)
    by_chance = int((found.natural[0][1][:, 1] > 0).sum())
    total = int((block.answer[:, 1] > 0).sum())
    before = torch.as_tensor(found.active).clone()
    assert by_chance < total <= int(before[1]) < 400
    _make_up(block, found, plan, generator)
    assert int(torch.as_tensor(found.active)[1]) > 2 * int(before[1])
    rows = found.to_rows()
    assert rows.natural == 100
    assert rows.inputs.shape == (len(rows.wanted), 2 * 9)
