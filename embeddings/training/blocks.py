"""First stage: each block of the student learns the map of its teacher's block, from its teacher's input.

A block is a function of small patches, so that hours of sound hold millions of examples, and one that fits on them
carries to music never heard (block-wise distillation: Romero et al., "FitNets", 2015). Channels that the student lacks
are made up for by those that go with them (He et al., "Channel pruning for accelerating very deep networks", ICCV
2017).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import torch
from torch.nn import functional

from embeddings.encoders.cnn import CompactNetwork
from embeddings.encoders.cnn_towers import (
    STYLE_SCALE,
    STYLE_SHIFT,
    TIMBRE_FRAMES,
    TIMBRE_KERNELS,
    TIMBRE_SCALE,
    TIMBRE_SHIFT,
    level,
    split_windows,
    views,
)
from embeddings.encoders.two_tower import ARTIST_FRAMES, repeat_steps
from embeddings.encoders.two_tower_spec import TIMBRE_FRONT_END
from embeddings.mel import log_mel
from embeddings.training.regression import JUDGED_SHARE, LayerFit, Rows, fit_layer
from embeddings.training.targets import Teachers, to_artist_rate
from embeddings.training.teachers import ArtistTeacher, FcnTeacher, layers_of

STYLE_BLOCKS: Final = 5
TIMBRE_BLOCKS: Final = len(TIMBRE_KERNELS)
KERNELS: Final = (*((3, 3),) * STYLE_BLOCKS, *((size,) for size in TIMBRE_KERNELS))
CROSSINGS: Final = 24_000
MOST_CROSSINGS: Final = 40


@dataclass(frozen=True)
class BlockPlan:
    """``rounds`` of windows; of each, for each block, ``patches`` at random and up to ``sought`` for each unit that
    spoke less than ``wanted_active`` times so far."""

    rounds: int = 14
    patches: int = 3000
    sought: int = 100
    wanted_active: int = 2500
    seed: int = 0


@dataclass(frozen=True)
class Block:
    """One block of a teacher at work.

    ``told`` (n, channels, ...) its input and ``answer`` (n, units, ...) its rectified map for the units the student
    learns; ``heard`` what the student gets instead, which is ``told[:, known]`` for all but the first block.
    """

    told: torch.Tensor
    answer: torch.Tensor
    weight: torch.Tensor
    bias: torch.Tensor
    known: torch.Tensor | None
    heard: torch.Tensor | None = None


@dataclass
class Collected:
    """Patches of one block: inputs as the student hears them, and answers, at random and sought out; ``pool`` of
    patches as the teacher is told them, to make up others from."""

    natural: list[tuple[torch.Tensor, torch.Tensor]] = field(default_factory=list)
    sought: list[tuple[torch.Tensor, torch.Tensor]] = field(default_factory=list)
    pool: list[torch.Tensor] = field(default_factory=list)
    active: torch.Tensor | int = 0

    def add(self, inputs: torch.Tensor, answers: torch.Tensor, *, is_natural: bool) -> None:
        (self.natural if is_natural else self.sought).append((inputs.half(), answers))
        self.active = self.active + (answers > 0).sum(dim=0)

    def to_rows(self) -> Rows:
        parts = [*self.natural, *self.sought]
        inputs, wanted = (torch.cat([part[side] for part in parts]) for side in (0, 1))
        return Rows(inputs, wanted, sum(len(part[0]) for part in self.natural))


def choose_channels(mel: torch.Tensor, teacher: FcnTeacher, counts: Sequence[int]) -> list[torch.Tensor]:
    """For each block of the style teacher the channels that the student learns: those that matter most to the next
    block on this sound (power times weight). Of 64 and 128 channels of its first blocks, 24 and 47 are never active."""
    maps, layers = teacher.normalise(mel), layers_of(teacher)
    kept = []
    for block, count in enumerate(counts):
        is_last = block == STYLE_BLOCKS - 1
        active = teacher.activate(repeat_steps(maps) if is_last else maps, block)
        maps = active if is_last else teacher.pool(active, block)
        matter = maps.square().mean(dim=(0, 2, 3))
        if not is_last:
            matter = matter * layers[block + 1][0].square().sum(dim=(0, 2, 3))
        kept.append(matter.argsort(descending=True)[:count].sort().values)
    return kept


def style_blocks(mel: torch.Tensor, teacher: FcnTeacher, kept: Sequence[torch.Tensor]) -> Iterator[Block]:
    """The blocks of the style teacher, for the channels that are ``kept``."""
    maps, layers = teacher.normalise(mel), layers_of(teacher)
    heard: torch.Tensor | None = (mel * STYLE_SCALE + STYLE_SHIFT).unsqueeze(1)
    known = None
    for number, channels in enumerate(kept):
        told = repeat_steps(maps) if number == STYLE_BLOCKS - 1 else maps
        active = teacher.activate(told, number)
        weight, bias = layers[number]
        yield Block(told, active[:, channels], weight[channels].flatten(1), bias[channels], known, heard)
        if number < STYLE_BLOCKS - 1:
            maps = teacher.pool(active, number)
        known, heard = channels, None


def timbre_blocks(waveforms: torch.Tensor, mel: torch.Tensor, teacher: ArtistTeacher) -> Iterator[Block]:
    """The blocks of the timbre teacher, on windows of 3 s; ``mel`` is the student's view of the waveforms."""
    wide = log_mel(to_artist_rate(level(waveforms)), TIMBRE_FRONT_END)
    maps = teacher.normalise(split_windows(wide, ARTIST_FRAMES).flatten(0, 1))
    narrow = split_windows(mel, TIMBRE_FRAMES).flatten(0, 1)
    heard: torch.Tensor | None = narrow * TIMBRE_SCALE + TIMBRE_SHIFT
    for number, (weight, bias) in enumerate(layers_of(teacher)):
        active = teacher.activate(maps, number)
        yield Block(maps, active, weight.flatten(1), bias, None, heard)
        if number < TIMBRE_BLOCKS - 1:
            maps, heard = teacher.pool(active, number), None


def learn_blocks(
    network: CompactNetwork, teachers: Teachers, draw: Callable[[int], torch.Tensor], plan: BlockPlan
) -> list[float]:
    """Fill both towers block by block from the waveforms (n, samples) that ``draw(number)`` gives for each round.

    Gives the error of each block on patches kept apart: mean squares relative to power, averaged over its units.
    """
    convolutions = [*network.style.convolutions, *network.timbre.convolutions]
    collected = _collect_rounds(teachers, draw, plan, network.style.channels)
    errors = []
    for index, convolution in enumerate(convolutions):
        fit = fit_layer(collected[index].to_rows())
        collected[index] = Collected()  # the rows of one block are up to a gigabyte
        _fill(convolution, fit)
        errors.append(round(float(fit.errors.mean()), 5))
        print(f"blocks: {index + 1} of {len(convolutions)}, error on patches kept apart {errors[-1]:.5f}", flush=True)
    return errors


def _fill(convolution: torch.nn.Module, fit: LayerFit) -> None:
    with torch.no_grad():
        convolution.weight.copy_(fit.weight.view_as(convolution.weight))  # type: ignore[operator, arg-type]
        convolution.bias.copy_(fit.bias)  # type: ignore[operator]


@torch.inference_mode()
def _collect_rounds(
    teachers: Teachers, draw: Callable[[int], torch.Tensor], plan: BlockPlan, counts: Sequence[int]
) -> list[Collected]:
    kept = choose_channels(views(draw(0))[0], teachers.style, counts)
    generator = torch.Generator().manual_seed(plan.seed)
    collected = [Collected() for _ in KERNELS]
    blocks: list[Block] = []
    for number in range(plan.rounds):
        waveforms = draw(number)
        style_mel, timbre_mel = views(waveforms)
        style = style_blocks(style_mel, teachers.style, kept)
        blocks = [*style, *timbre_blocks(waveforms, timbre_mel, teachers.timbre)]
        for block, kernel, found in zip(blocks, KERNELS, collected, strict=True):
            _collect(block, kernel, found, plan, generator, is_judged=number >= int(plan.rounds * (1 - JUDGED_SHARE)))
        print(f"blocks: {number + 1} of {plan.rounds} rounds of windows heard", flush=True)
    for block, found in zip(blocks, collected, strict=True):
        if block.heard is None:
            _make_up(block, found, plan, generator)
    return collected


def _collect(
    block: Block,
    kernel: tuple[int, ...],
    found: Collected,
    plan: BlockPlan,
    generator: torch.Generator,
    *,
    is_judged: bool = False,
) -> None:
    """Patches at random places and, for units that spoke seldom so far, where they do. Of windows that a fit is judged
    by only the former, and nothing to make up others from."""
    flat = block.answer.movedim(1, -1).flatten(0, -2)
    places = torch.randint(len(flat), (plan.patches,), generator=generator)
    _add_places(block, kernel, found, flat, places, is_natural=True)
    if block.heard is not None or is_judged:
        return
    found.pool.append(cut_patches(block.told, kernel, places[: plan.patches // 2]).half())
    rare = (torch.as_tensor(found.active) < plan.wanted_active).nonzero().squeeze(1)
    spots = [_some(flat[:, unit].nonzero().squeeze(1), plan.sought, generator) for unit in rare]
    if spots and len(sought := torch.unique(torch.cat(spots))):
        _add_places(block, kernel, found, flat, sought, is_natural=False)


def _some(places: torch.Tensor, count: int, generator: torch.Generator) -> torch.Tensor:
    return places[torch.randperm(len(places), generator=generator)[:count]]


def _add_places(
    block: Block,
    kernel: tuple[int, ...],
    found: Collected,
    answers: torch.Tensor,
    places: torch.Tensor,
    *,
    is_natural: bool,
) -> None:
    maps = block.heard if block.heard is not None else block.told
    patches = cut_patches(maps, kernel, places)
    found.add(_as_heard(patches, block.known), answers[places], is_natural=is_natural)


def _as_heard(patches: torch.Tensor, known: torch.Tensor | None) -> torch.Tensor:
    """Patches (n, channels, places) without the channels that the student does not have, flat."""
    return (patches if known is None else patches[:, known]).flatten(1)


def _make_up(block: Block, found: Collected, plan: BlockPlan, generator: torch.Generator) -> None:
    """For units that music hardly excites: patches whose channels come from two real ones, each at a gain of its own.
    The teacher answers them as it answers any."""
    pool = torch.cat(found.pool).float()
    for _ in range(MOST_CROSSINGS):
        rare = (torch.as_tensor(found.active) < plan.wanted_active).nonzero().squeeze(1)
        if not len(rare):
            return
        first, second = (pool[torch.randint(len(pool), (CROSSINGS,), generator=generator)] for _ in range(2))
        is_first = torch.rand(CROSSINGS, pool.shape[1], 1, generator=generator) < 0.5
        gain = 2 ** (2 * torch.rand(CROSSINGS, pool.shape[1], 1, generator=generator) - 1)
        crossed = torch.where(is_first, first, second) * gain
        answers = functional.relu(functional.linear(crossed.flatten(1), block.weight, block.bias))
        speaks = (answers[:, rare] > 0).any(dim=1)
        found.add(_as_heard(crossed[speaks], block.known), answers[speaks], is_natural=False)


def cut_patches(maps: torch.Tensor, kernel: tuple[int, ...], places: torch.Tensor) -> torch.Tensor:
    """What lies under a kernel at ``places``, numbered through windows and positions: (places, channels, kernel size).
    Padding is that of the towers: an even kernel reaches further right."""
    pads = [pad for size in reversed(kernel) for pad in ((size - 1) // 2, size - 1 - (size - 1) // 2)]
    padded = functional.pad(maps, pads)
    for axis, size in enumerate(kernel):
        padded = padded.unfold(2 + axis, size, 1)
    spots = torch.unravel_index(places, (maps.shape[0], *maps.shape[2:]))
    moved = padded.movedim(1, len(kernel) + 1)  # the channel axis behind those of place
    return moved[spots].flatten(2)
