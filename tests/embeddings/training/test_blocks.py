"""What lies under a kernel, which channels matter, and that a tower is learned block by block."""

from pathlib import Path

import pytest
import torch
from torch.nn import functional

from embeddings.encoders.cnn import CompactNetwork
from embeddings.encoders.cnn_spec import RATE_HZ, WINDOW_SAMPLES
from embeddings.encoders.cnn_towers import views
from embeddings.synthesis import list_styles, synthesise
from embeddings.training.blocks import (
    Block,
    BlockPlan,
    Collected,
    _collect,
    _make_up,
    choose_channels,
    cut_patches,
    learn_blocks,
)
from embeddings.training.targets import Teachers
from embeddings.training.teachers import ArtistTeacher, FcnTeacher, layers_of
from tests.embeddings.training.conftest import SMALL


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


def test_windows_for_judging_are_not_learned_from() -> None:
    block, found = rare_block(), Collected()
    _collect(block, (3, 3), found, BlockPlan(patches=100), torch.Generator().manual_seed(1), is_judged=True)
    assert len(found.natural) == 1
    assert not found.sought
    assert not found.pool


def music(number: int) -> torch.Tensor:
    """A window of each synthesised style (6, 163,840)."""
    seconds = WINDOW_SAMPLES / RATE_HZ
    pieces = [synthesise(style, number, seconds, RATE_HZ).mean(axis=0) for style in list_styles()]
    return torch.stack([torch.from_numpy(piece[:WINDOW_SAMPLES]).float() for piece in pieces])


def test_the_channels_that_matter_most_are_kept_in_order(folder: Path) -> None:
    teacher = FcnTeacher(folder / "fcn_msd")
    mel = views(music(0))[0]
    layers_of(teacher)[1][0][:, [3, 40, 17]] *= 100
    assert choose_channels(mel, teacher, (3, *SMALL[1:]))[0].tolist() == [3, 17, 40]


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
def test_towers_are_learned_block_by_block(folder: Path) -> None:
    """Where a block sees all that its teacher's sees, its map is the teacher's."""
    style = FcnTeacher(folder / "fcn_msd")
    timbre = ArtistTeacher(folder / "artist_10k")
    teachers = Teachers(style=style, timbre=timbre, sound=None, mood=style)  # type: ignore[arg-type]
    torch.manual_seed(0)
    network = CompactNetwork(SMALL)
    errors = learn_blocks(network, teachers, music, BlockPlan(rounds=8, patches=1200))
    assert len(errors) == 10
    assert errors[0] < 0.01
    assert max(errors[6:]) < 0.1
    unheard = music(99)
    mel = views(unheard)[0]
    kept = choose_channels(views(music(0))[0], style, SMALL)[0]
    wanted = style.activate(style.normalise(mel), 0)[:, kept]
    scaled = (mel / 20 - 0.114).unsqueeze(1)
    with torch.inference_mode():
        found = torch.relu(network.style.convolutions[0](scaled))
    assert float((found - wanted).square().mean() / wanted.square().mean()) < 0.01
