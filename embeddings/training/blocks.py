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
    views,
)
from embeddings.mel import log_mel
from embeddings.training.targets import Teachers, to_artist_rate
from embeddings.training.teachers import ARTIST_FRAMES, ARTIST_FRONT_END, ArtistTeacher, FcnTeacher, repeat_steps

BATCH: Final = 2048
WHITENING_FLOOR: Final = 1e-6
DEAD: Final = 1e-2
LAST: Final = len(STYLE_CHANNELS) - 1
KERNELS: Final = (*((3, 3),) * len(STYLE_CHANNELS), *((size,) for size in TIMBRE_KERNELS))
Patches = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class BlockPlan:
    """``rounds`` of windows, ``patches`` of each round for each block, ``steps`` of descent on each."""

    rounds: int = 30
    patches: int = 4800
    steps: int = 1500
    seed: int = 0


@dataclass
class BlockFit:
    """The affine map of a block, and its error on unseen patches relative to the power of each channel."""

    weight: torch.Tensor
    bias: torch.Tensor
    error: float


def fit_block(patches: Patches, unseen: Patches, *, steps: int, seed: int) -> BlockFit:
    """Weights (outputs, inputs) and bias such that relu(weight x + bias) is the target, by Adam on whitened inputs.

    Inputs (p, inputs), targets (p, outputs). The start is the linear least-squares answer, so no unit starts dead.
    """
    inputs, targets = patches
    rms = targets.square().mean(dim=0).sqrt()
    scale = rms.clamp_min(float(rms.max()) * DEAD)
    mean, whitener = _whitening(inputs)
    white, wanted = (inputs - mean) @ whitener, targets / scale
    weight = nn.Parameter(wanted.T @ white / len(white))
    bias = nn.Parameter(wanted.mean(dim=0))
    _descend(weight, bias, (white, wanted), steps=steps, seed=seed)
    with torch.no_grad():
        full = (weight @ whitener.T) * scale[:, None]
        shift = bias * scale - full @ mean
        predicted = functional.relu(functional.linear(unseen[0], full, shift))
        power = scale.square()
        error = ((predicted - unseen[1]).square().mean(dim=0) / power).mean()
    return BlockFit(full, shift, float(error))


def _whitening(inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    mean = inputs.mean(dim=0)
    covariance = torch.cov(inputs.T.double()) if len(inputs) < 60_000 else torch.cov(inputs[:60_000].T.double())
    values, vectors = torch.linalg.eigh(covariance.reshape(inputs.shape[1], inputs.shape[1]))
    floor = WHITENING_FLOOR * values[-1]
    return mean, (vectors / (values.clamp_min(0) + floor).sqrt()).float()


def _descend(weight: nn.Parameter, bias: nn.Parameter, patches: Patches, *, steps: int, seed: int) -> None:
    inputs, targets = patches
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam([weight, bias], lr=5e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=1e-2, total_steps=steps + 1, pct_start=0.1)
    for _ in range(steps):
        chosen = torch.randint(len(inputs), (BATCH,), generator=generator)
        predicted = functional.relu(functional.linear(inputs[chosen], weight, bias))
        loss = (predicted - targets[chosen]).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()


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


def style_blocks(waveforms: torch.Tensor, teacher: FcnTeacher, kept: Sequence[torch.Tensor]) -> Iterator[Patches]:
    """For each block of the style tower its inputs (n, channels, bands, time) and its target of the same shape."""
    mel, _ = views(waveforms)
    maps, heard = teacher.normalise(mel), (mel * STYLE_SCALE + STYLE_SHIFT).unsqueeze(1)
    for block, channels in enumerate(kept):
        if block == LAST:
            maps, heard = repeat_steps(maps), repeat_steps(heard)
        active = teacher.activate(maps, block)
        yield heard, active[:, channels]
        if block < LAST:
            maps = teacher.pool(active, block)
            heard = maps[:, channels]


def timbre_blocks(waveforms: torch.Tensor, teacher: ArtistTeacher) -> Iterator[Patches]:
    """The same for the timbre tower: inputs and targets (windows of 3 s, channels, time)."""
    levelled = level(waveforms)
    _, mel = views(waveforms)
    wide = log_mel(to_artist_rate(levelled), ARTIST_FRONT_END)
    maps = teacher.normalise(_three_second_windows(wide, ARTIST_FRAMES))
    heard = _three_second_windows(mel, TIMBRE_FRAMES) * TIMBRE_SCALE + TIMBRE_SHIFT
    for block in range(len(TIMBRE_KERNELS)):
        active = teacher.activate(maps, block)
        yield heard, active
        maps = heard = teacher.pool(active, block)


def _three_second_windows(mel: torch.Tensor, frames: int) -> torch.Tensor:
    count = mel.shape[-1] // frames
    return mel[..., : count * frames].unflatten(-1, (count, frames)).transpose(1, 2).flatten(0, 1)


def sample_patches(maps: Patches, kernel: tuple[int, ...], count: int, generator: torch.Generator) -> Patches:
    """``count`` random positions of ``maps``: the patch under a kernel there (p, channels x kernel), the target (p, out).

    Padding is that of the towers: centred, an even kernel one longer to the right.
    """
    inputs, targets = maps
    pads = [pad for size in reversed(kernel) for pad in ((size - 1) // 2, size - 1 - (size - 1) // 2)]
    padded = functional.pad(inputs, pads)
    for axis, size in enumerate(kernel):
        padded = padded.unfold(2 + axis, size, 1)
    positions = [torch.randint(size, (count,), generator=generator) for size in targets.shape[2:]]
    windows = torch.randint(len(inputs), (count,), generator=generator)
    index = (windows, slice(None), *positions)
    return padded[index].flatten(1), targets[index]


def learn_blocks(network: CompactNetwork, teachers: Teachers, draw: Callable[[int], torch.Tensor], plan: BlockPlan) -> None:
    """Fill both towers block by block. ``draw(number)`` gives the waveforms (n, samples) of one round; the last is kept
    apart to measure the error that is printed."""
    kept = live_channels(draw(0), teachers.style)
    generator = torch.Generator().manual_seed(plan.seed)
    rounds: list[list[Patches]] = []
    for number in range(plan.rounds + 1):
        with torch.inference_mode():
            waveforms = draw(number)
            maps = [*style_blocks(waveforms, teachers.style, kept), *timbre_blocks(waveforms, teachers.timbre)]
            rounds.append([sample_patches(m, k, plan.patches, generator) for m, k in zip(maps, KERNELS, strict=True)])
        print(f"blocks: {number}/{plan.rounds} rounds of windows heard", flush=True)
    convolutions = [*network.style.convolutions, *network.timbre.convolutions]
    for index, convolution in enumerate(convolutions):
        seen = [torch.cat([patches[index][side] for patches in rounds[:-1]]).clone() for side in (0, 1)]
        fit = fit_block((seen[0], seen[1]), rounds[-1][index], steps=plan.steps, seed=plan.seed)
        convolution.weight.data.copy_(fit.weight.view_as(convolution.weight))
        convolution.bias.data.copy_(fit.bias)
        print(f"blocks: {index + 1} of {len(convolutions)}, error on unseen patches {fit.error:.4f}", flush=True)
