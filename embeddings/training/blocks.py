"""First stage: each block of the student learns the map of its teacher's block, from its teacher's input.

A block is a function of small patches, so that hours of sound hold millions of examples, and one that fits on them
carries to music never heard (block-wise distillation: Romero et al., "FitNets", 2015). Patches are whitened first,
which turns a badly conditioned regression into a quick one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import nn
from torch.nn import functional

from embeddings.encoders.cnn import (
    STYLE_CHANNELS,
    STYLE_SCALE,
    STYLE_SHIFT,
    TIMBRE_FRAMES,
    TIMBRE_KERNELS,
    TIMBRE_SCALE,
    TIMBRE_SHIFT,
    CompactNetwork,
    level,
    split_windows,
    views,
)
from embeddings.mel import log_mel
from embeddings.training.targets import Teachers, to_artist_rate
from embeddings.training.teachers import (
    ARTIST_FRAMES,
    ARTIST_FRONT_END,
    Affine,
    ArtistTeacher,
    FcnTeacher,
    repeat_steps,
)

WHITENING_PATCHES: Final = 40_000
DESCENT_FLOOR, SOLVE_FLOOR, RIDGE = 1e-6, 1e-6, 0.1
SMALLEST_DEVIATION: Final = 1e-3
STEPS, BATCH = 1000, 1024
FREQUENT, SOLVE_PATCHES = 1800, 4000
DEAD: Final = 1e-2
MAX_GROWTH: Final = 2.0
LAST: Final = len(STYLE_CHANNELS) - 1
KERNELS: Final = (*((3, 3),) * len(STYLE_CHANNELS), *((size,) for size in TIMBRE_KERNELS))


@dataclass(frozen=True)
class BlockPlan:
    """``rounds`` of windows, ``patches`` of each round for each block."""

    rounds: int = 24
    patches: int = 3200
    seed: int = 0


@dataclass(frozen=True)
class Patches:
    """What lies under a kernel at random places: as the student hears it (p, inputs), as the teacher does (p, told),
    and the teacher's own block, relu(weight x + bias), that answers."""

    heard: torch.Tensor
    told: torch.Tensor
    weight: torch.Tensor
    bias: torch.Tensor

    def answer(self, told: torch.Tensor) -> torch.Tensor:
        return functional.relu(functional.linear(told, self.weight, self.bias))


@dataclass(frozen=True)
class Block:
    """One block of a teacher at work: maps (n, channels, ...) before it, on the student's and on its own side."""

    heard: torch.Tensor
    told: torch.Tensor
    weight: torch.Tensor
    bias: torch.Tensor


@dataclass
class BlockFit:
    """The affine map of a block, and its error on unseen patches relative to the power of each channel."""

    weight: torch.Tensor
    bias: torch.Tensor
    error: float


def fit_block(patches: Patches, unseen: Patches) -> BlockFit:
    """Weights (outputs, inputs) and bias such that relu(weight x + bias) is the teacher's answer.

    Two fits, since neither suits all units: ridge regression for those that are active often enough to be determined
    where they are active, descent on all patches for the rare ones, which must above all be silent elsewhere. Each
    unit keeps the one that errs less on the last eighth of the patches, which come from windows neither fit saw.
    """
    maps = patches.answer(patches.told)
    rms = maps.square().mean(dim=0).sqrt()
    scale = rms.clamp_min(float(rms.max()) * DEAD)
    seen = len(maps) - len(maps) // 8
    weight, bias = _descend(patches.heard[:seen], maps[:seen] / scale)
    is_frequent = (maps[:seen] > 0).sum(dim=0) >= FREQUENT
    if is_frequent.any():
        other = weight.clone(), bias.clone()
        other[0][is_frequent], other[1][is_frequent] = _solve(
            patches.heard[:seen], (maps[:seen] / scale)[:, is_frequent]
        )
        judged = patches.heard[seen:], maps[seen:] / scale
        is_better = _errors(other, judged) < _errors((weight, bias), judged)
        # huge weights on what these windows hardly contain would speak up in other music
        is_better &= other[0].norm(dim=1) < MAX_GROWTH * weight.norm(dim=1)
        weight[is_better], bias[is_better] = other[0][is_better], other[1][is_better]
    error = _errors((weight, bias), (unseen.heard, unseen.answer(unseen.told) / scale)).mean()
    return BlockFit(weight * scale[:, None], bias * scale, float(error))


def _errors(fit: Affine, patches: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    """Mean squared error of each unit."""
    return (functional.relu(functional.linear(patches[0], *fit)) - patches[1]).square().mean(dim=0)


def _whitener(moments: torch.Tensor, floor: float) -> torch.Tensor:
    """The matrix that gives inputs with these second moments unit variance; ``floor`` is relative to the largest."""
    values, vectors = torch.linalg.eigh(moments.double())
    whitener: torch.Tensor = vectors / (values.clamp_min(0) + floor * values[-1]).sqrt()
    return whitener


def _descend(inputs: torch.Tensor, maps: torch.Tensor) -> Affine:
    """Adam from the linear answer, on inputs whitened as they are: quiet directions stay quiet."""
    mean = inputs.mean(dim=0)
    whitener = _whitener(torch.cov(inputs[:WHITENING_PATCHES].T.double()), DESCENT_FLOOR).float()
    white = (inputs - mean) @ whitener
    weight, bias = nn.Parameter(maps.T @ white / len(white)), nn.Parameter(maps.mean(dim=0))
    generator = torch.Generator().manual_seed(0)
    optimiser = torch.optim.Adam([weight, bias], lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=5e-3, total_steps=STEPS + 1, pct_start=0.1)
    for _ in range(STEPS):
        rows = torch.randint(len(white), (BATCH,), generator=generator)
        loss = (functional.relu(functional.linear(white[rows], weight, bias)) - maps[rows]).square().mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    full = weight.detach() @ whitener.T
    return full, bias.detach() - full @ mean


def _solve(inputs: torch.Tensor, maps: torch.Tensor) -> Affine:
    """Unit by unit: where its map is positive it is linear in the patch. Ridge regression there, then once more with
    the places that the answer wrongly calls positive (a Gauss-Newton step on the rectified error)."""
    mean, spread = inputs.mean(dim=0), inputs.std(dim=0)
    deviation = spread.clamp_min(SMALLEST_DEVIATION * float(spread.max()))
    correlation = torch.cov(((inputs - mean) / deviation)[:WHITENING_PATCHES].T.double())
    whitener = (_whitener(correlation, SOLVE_FLOOR) / deviation.double()[:, None]).float()
    ones = torch.cat([(inputs - mean) @ whitener, torch.ones(len(inputs), 1)], dim=1)
    answers = torch.zeros(maps.shape[1], ones.shape[1])
    for unit, wanted in enumerate(maps.T):
        rows = wanted > 0
        for _ in range(2):
            chosen = rows.nonzero().squeeze(1)
            chosen = chosen[:: -(-len(chosen) // SOLVE_PATCHES)]
            answers[unit] = _ridge(ones[chosen], wanted[chosen])
            rows = (wanted > 0) | (ones @ answers[unit] > 0)
    full = answers[:, :-1] @ whitener.T
    return full, answers[:, -1] - full @ mean


def _ridge(inputs: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    rows = inputs.double()
    factor = torch.linalg.cholesky(rows.T @ rows + RIDGE * torch.eye(rows.shape[1], dtype=torch.float64))
    return torch.cholesky_solve((rows.T @ wanted.double())[:, None], factor).squeeze(1).float()


def live_channels(waveforms: torch.Tensor, teacher: FcnTeacher) -> list[torch.Tensor]:
    """For each block of the style teacher the channels that the student learns: those with most power on this sound.

    Of the 64 and 128 channels of its first blocks, 23 and 47 are never active.
    """
    maps = teacher.normalise(views(waveforms)[0])
    kept = []
    for block, count in enumerate(STYLE_CHANNELS):
        active = teacher.activate(repeat_steps(maps) if block == LAST else maps, block)
        power = active.square().mean(dim=(0, 2, 3))
        kept.append(power.argsort(descending=True)[:count].sort().values)
        maps = teacher.pool(active, block) if block < LAST else active
    return kept


def style_blocks(waveforms: torch.Tensor, teacher: FcnTeacher, kept: Sequence[torch.Tensor]) -> Iterator[Block]:
    """The blocks of the style teacher, less the channels that are not ``kept``."""
    mel, _ = views(waveforms)
    maps, heard = teacher.normalise(mel), (mel * STYLE_SCALE + STYLE_SHIFT).unsqueeze(1)
    before = torch.zeros(1, dtype=torch.long)
    for number, channels in enumerate(kept):
        if number == LAST:
            maps, heard = repeat_steps(maps), repeat_steps(heard)
        weight, bias = teacher.layers[number]
        told = maps if number == 0 else heard
        yield Block(heard, told, weight[channels][:, before].flatten(1), bias[channels])
        if number < LAST:
            maps = teacher.pool(teacher.activate(maps, number), number)
            heard = maps[:, channels]
        before = channels


def timbre_blocks(waveforms: torch.Tensor, teacher: ArtistTeacher) -> Iterator[Block]:
    """The blocks of the timbre teacher, on windows of 3 s."""
    levelled = level(waveforms)
    wide = log_mel(to_artist_rate(levelled), ARTIST_FRONT_END)
    maps = teacher.normalise(split_windows(wide, ARTIST_FRAMES).flatten(0, 1))
    heard = split_windows(views(waveforms)[1], TIMBRE_FRAMES).flatten(0, 1) * TIMBRE_SCALE + TIMBRE_SHIFT
    for number, (weight, bias) in enumerate(teacher.layers):
        yield Block(heard, maps, weight.flatten(1), bias)
        maps = heard = teacher.pool(teacher.activate(maps, number), number)


def sample_patches(block: Block, kernel: tuple[int, ...], count: int, generator: torch.Generator) -> Patches:
    """``count`` random places of ``block``. Padding is that of the towers: an even kernel reaches further right."""
    places = [torch.randint(size, (count,), generator=generator) for size in block.heard.shape[2:]]
    windows = torch.randint(len(block.heard), (count,), generator=generator)

    def cut(maps: torch.Tensor) -> torch.Tensor:
        pads = [pad for size in reversed(kernel) for pad in ((size - 1) // 2, size - 1 - (size - 1) // 2)]
        padded = functional.pad(maps, pads)
        for axis, size in enumerate(kernel):
            padded = padded.unfold(2 + axis, size, 1)
        moved = padded.movedim(1, len(kernel) + 1)  # the channel axis behind those of place
        return moved[(windows, *places)].flatten(1)

    heard = cut(block.heard)
    told = heard if block.told is block.heard else cut(block.told)
    return Patches(heard, told, block.weight, block.bias)


def join_patches(parts: Sequence[Patches]) -> Patches:
    heard = torch.cat([part.heard for part in parts]).clone()
    is_shared = all(part.told is part.heard for part in parts)
    told = heard if is_shared else torch.cat([part.told for part in parts]).clone()
    return Patches(heard, told, parts[0].weight.clone(), parts[0].bias.clone())


def learn_blocks(
    network: CompactNetwork, teachers: Teachers, draw: Callable[[int], torch.Tensor], plan: BlockPlan
) -> None:
    """Fill both towers block by block.

    ``draw(number)`` gives the waveforms (n, samples) of one round; the last one is kept apart to measure the error
    that is printed.
    """
    rounds = _hear_rounds(teachers, draw, plan)
    convolutions = [*network.style.convolutions, *network.timbre.convolutions]
    for index, convolution in enumerate(convolutions):
        seen = join_patches([patches[index] for patches in rounds[:-1]])
        fit = fit_block(seen, join_patches([rounds[-1][index]]))
        with torch.no_grad():
            convolution.weight.copy_(fit.weight.view_as(convolution.weight))
            convolution.bias.copy_(fit.bias)
        print(f"blocks: {index + 1} of {len(convolutions)}, error on unseen patches {fit.error:.4f}", flush=True)


@torch.inference_mode()
def _hear_rounds(teachers: Teachers, draw: Callable[[int], torch.Tensor], plan: BlockPlan) -> list[list[Patches]]:
    kept = live_channels(draw(0), teachers.style)
    generator = torch.Generator().manual_seed(plan.seed)
    rounds: list[list[Patches]] = []
    for number in range(plan.rounds + 1):
        waveforms = draw(number)
        blocks = [*style_blocks(waveforms, teachers.style, kept), *timbre_blocks(waveforms, teachers.timbre)]
        rounds.append([sample_patches(b, k, plan.patches, generator) for b, k in zip(blocks, KERNELS, strict=True)])
        print(f"blocks: {number} of {plan.rounds} rounds of windows heard", flush=True)
    return rounds
