"""The whole of ``python -m embeddings train``: music, blocks, heads, distillation, weights and card."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from safetensors.torch import save

from embeddings.encoders.cnn import CompactNetwork
from embeddings.encoders.cnn_towers import STYLE_CHANNELS
from embeddings.recordings import LabelledTrack, drop_copies, held_out_names, read_manifest
from embeddings.training.blocks import BlockPlan, learn_blocks
from embeddings.training.distil import DistilPlan, distil, save_state
from embeddings.training.goals import set_centre, set_goals
from embeddings.training.heads import HeadPlan, learn_heads, turn_to_axes
from embeddings.training.instruments import check_instruments
from embeddings.training.material import Piece, decode_pieces, stamp_of
from embeddings.training.renders import RECIPE, render_pieces
from embeddings.training.targets import MATERIAL, TEACHER_FILES, Examples, Teachers, draw_waves, make_examples

WINDOWS_A_ROUND: Final = 48


@dataclass(frozen=True)
class TrainPlan:
    """All that decides the weights besides the files. ``minutes`` is a cap on the wall time of the second stage;
    ``renders`` how many pieces are rendered in styles that the music lacks; ``channels`` those of the style tower."""

    examples: int = 4096
    renders: int = 260
    seed: int = 0
    minutes: float = 20.0
    steps: int = 1200
    threads: int = 2
    channels: tuple[int, ...] = STYLE_CHANNELS


@dataclass(frozen=True)
class TrainFolders:
    """``music`` holds manifest.csv, ``teachers`` the published networks; ``work`` keeps what an interrupted run needs
    to go on, apart for each plan and music. ``out`` is the safetensors file to write, its card comes beside it as JSON.
    """

    music: Path
    teachers: Path
    work: Path
    out: Path


def train(folders: TrainFolders, plan: TrainPlan) -> None:
    """Make the weights and their card. Raises OSError, ValueError and EmbeddingError for missing or unfit inputs."""
    torch.set_num_threads(plan.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(plan.seed)
    teachers = Teachers.load(folders.teachers)
    if plan.renders:
        check_instruments()
    tracks = read_manifest(folders.music / "manifest.csv")
    unheard = held_out_names(tracks)
    heard = drop_copies([track for track in tracks if track.name not in unheard])
    if not heard:
        raise ValueError(f"{folders.music / 'manifest.csv'} leaves no track to learn from")
    material = material_key(plan, heard, folders.teachers)
    work = folders.work / key_of(plan, material)
    work.mkdir(parents=True, exist_ok=True)
    sources = [decode_pieces(heard, folders.work / "decoded")]
    if plan.renders:
        sources.append(render_pieces(folders.work / "renders", count=plan.renders, seed=plan.seed))
    network = CompactNetwork(plan.channels)
    block_errors = _first_stage(network, teachers, sources, plan, work / "blocks.pt")
    cache = folders.work / f"examples-{material}"
    examples = make_examples(
        sources, folders.teachers, cache, count=plan.examples, seed=plan.seed, workers=plan.threads
    )
    curve = _second_stage(network, teachers, examples, plan, work / f"distil-{plan.minutes:g}.pt")
    facts = {
        "command": command_of(plan),
        **describe_data(heard, plan.renders),
        "plan": {"blocks": asdict(BlockPlan(seed=plan.seed)), "distil": asdict(distil_plan(plan)), **asdict(plan)},
        "block_errors": block_errors,
        "loss_curve_every_25_steps": curve,
        "training_tracks": sorted(track.name for track in tracks if track.name not in unheard),
        "held_out_tracks": sorted(unheard),
    }
    write_weights(network, folders.out, facts)


def distil_plan(plan: TrainPlan) -> DistilPlan:
    return DistilPlan(steps=plan.steps, minutes=plan.minutes, seed=plan.seed)


def _first_stage(
    network: CompactNetwork, teachers: Teachers, sources: Sequence[Sequence[Piece]], plan: TrainPlan, done: Path
) -> list[float]:
    """Blocks learned from ``sources``, or read from ``done`` where an interrupted run left them."""
    if done.exists():
        state = torch.load(done, weights_only=True)
        network.load_state_dict(state["network"])
        return list(state["errors"])

    def draw(number: int) -> torch.Tensor:
        return draw_waves(sources, WINDOWS_A_ROUND, np.random.default_rng([plan.seed, 1, number]))

    errors = learn_blocks(network, teachers, draw, BlockPlan(seed=plan.seed))
    save_state(done, {"network": network.state_dict(), "errors": errors})
    return errors


def _second_stage(
    network: CompactNetwork, teachers: Teachers, examples: Examples, plan: TrainPlan, checkpoint: Path
) -> list[float]:
    """Heads, then everything end to end; the loss curve of the latter."""
    goals = set_goals(examples, teachers)
    set_centre(network.assembly, goals, examples.piece)
    if not checkpoint.exists():
        loss = learn_heads(network, examples, goals, HeadPlan(seed=plan.seed))
        print(f"heads: loss {loss:.4f}", flush=True)
    curve = distil(network, examples, goals, distil_plan(plan), checkpoint)
    turn_to_axes(network, examples)
    return curve


def key_of(plan: TrainPlan, material: str) -> str:
    """Eight hex digits of all that decides the weights but the length of the second stage, so that what another seed,
    size or ``material`` left in the work folder is never gone on with."""
    distillation = asdict(distil_plan(plan))
    del distillation["minutes"]
    return _digest(
        {
            "material": material,
            "examples": plan.examples,
            "channels": plan.channels,
            "blocks": asdict(BlockPlan(seed=plan.seed)),
            "heads": asdict(HeadPlan(seed=plan.seed)),
            "distil": distillation,
            "windows": WINDOWS_A_ROUND,
        }
    )


def material_key(plan: TrainPlan, tracks: Sequence[LabelledTrack], teachers: Path) -> str:
    """The same for what the examples are made from, which networks of other shapes share. Raises OSError for a file
    that is not there."""
    return _digest(
        {
            "seed": plan.seed,
            "renders": [plan.renders, RECIPE],
            "drawing": MATERIAL,
            "tracks": sorted((track.name, stamp_of(track.path)) for track in tracks),
            "teachers": [hashlib.sha256((teachers / name).read_bytes()).hexdigest() for name in TEACHER_FILES],
        }
    )


def _digest(identity: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:8]


def command_of(plan: TrainPlan) -> str:
    """What makes such weights again; the paths are the reader's own."""
    folders = "--music MUSIC --teachers TEACHERS --out FILE"
    return f"python -m embeddings train {folders} --minutes {plan.minutes:g} --seed {plan.seed}"


def describe_data(tracks: Sequence[LabelledTrack], renders: int) -> dict[str, Any]:
    """What the card says of the music, from the manifest."""
    licences = sorted({track.licence for track in tracks if track.licence})
    under = "the licences in data_licences" if licences else "licences that the manifest does not state"
    rendered = f" and {renders} pieces rendered with a General MIDI sound font" if renders else ""
    sentence = f"{len(tracks)} pieces of music, 16 kHz mono, under {under}{rendered}. None is contained in the weights."
    return {"data": sentence, "data_licences": licences}


def write_weights(network: CompactNetwork, out: Path, facts: dict[str, Any]) -> None:
    """The weights as safetensors, and beside them the card that pins their hash."""
    out.parent.mkdir(parents=True, exist_ok=True)
    content = save({name: tensor.contiguous() for name, tensor in network.state_dict().items()})
    temporary = out.with_suffix(".tmp")
    temporary.write_bytes(content)
    temporary.replace(out)
    card = {
        "encoder": "compact",
        "sha256": hashlib.sha256(content).hexdigest(),
        "made": datetime.now(UTC).date().isoformat(),
        **PROVENANCE,
        **facts,
    }
    out.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n")


PROVENANCE: Final = {
    "licence": "MIT",
    "teachers": [
        "fcn_msd: FCN of Won et al. (SMC 2020), trained on the Million Song Dataset, MIT",
        "artist_10k: siamese artist network of Park, Lee et al. (ISMIR 2018), trained on the same, MIT",
        "fcn_jamendo: FCN of Won et al. (SMC 2020), trained on MTG-Jamendo, MIT",
        "yamnet: YAMNet of Plakal and Ellis, trained on AudioSet, Apache-2.0",
    ],
}
