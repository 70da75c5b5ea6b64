"""The whole of ``python -m embeddings train``: decode, blocks, distillation, weights and card."""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from safetensors.torch import save

from embeddings.encoders.cnn import CompactNetwork
from embeddings.recordings import LabelledTrack, held_out_names, read_manifest
from embeddings.training.blocks import BlockPlan, learn_blocks
from embeddings.training.distil import DistilPlan, distil
from embeddings.training.material import Piece, decode_pieces, degrade
from embeddings.training.targets import Examples, Teachers, draw_window, make_examples

WINDOWS_A_ROUND: Final = 48
CENTRING: Final = 0.5


@dataclass(frozen=True)
class TrainPlan:
    """All that decides the weights besides the files. ``minutes`` is a cap on the wall time of the second stage."""

    examples: int = 3072
    seed: int = 0
    minutes: float = 20.0
    steps: int = 400
    threads: int = 2


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
    """Make the weights and their card. Raises OSError and ValueError for missing or unfit inputs."""
    started = time.monotonic()
    torch.set_num_threads(plan.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(plan.seed)
    tracks = read_manifest(folders.music / "manifest.csv")
    unheard = held_out_names(tracks)
    heard = [track for track in tracks if track.name not in unheard]
    work = folders.work / key_of(plan, heard)
    work.mkdir(parents=True, exist_ok=True)
    pieces = decode_pieces(heard, folders.work / "decoded")
    teachers = Teachers.load(folders.teachers)
    network = CompactNetwork()
    if (work / "blocks.pt").exists():
        network.load_state_dict(torch.load(work / "blocks.pt", weights_only=True))
    else:
        apart = decode_pieces([track for track in tracks if track.name in unheard], folders.work / "decoded")
        _first_stage(network, teachers, (pieces, apart), plan)
        torch.save(network.state_dict(), work / "blocks.pt")
    examples = make_examples(pieces, teachers, work / "examples", count=plan.examples, seed=plan.seed)
    set_centres(network, examples)
    distil_plan = DistilPlan(steps=plan.steps, minutes=plan.minutes, seed=plan.seed)
    curve = distil(network, examples, distil_plan, work / f"distil-{plan.minutes:g}.pt")
    facts = {
        "command": command_of(plan),
        **describe_data(heard),
        "plan": {"blocks": asdict(BlockPlan(seed=plan.seed)), "distil": asdict(distil_plan), **asdict(plan)},
        "wall_minutes": round((time.monotonic() - started) / 60, 1),
        "loss_curve_every_25_steps": curve,
        "training_tracks": sorted(piece.name for piece in pieces),
        "held_out_tracks": sorted(unheard),
    }
    write_weights(network, folders.out, facts)


def key_of(plan: TrainPlan, tracks: Sequence[LabelledTrack]) -> str:
    """Eight hex digits of all that decides the first stage and the examples, so that what another seed, size or music
    left in the work folder is never gone on with. Raises OSError for a track that is not there."""
    identity = {
        "plan": {"seed": plan.seed, "examples": plan.examples, "steps": plan.steps},
        "blocks": asdict(BlockPlan(seed=plan.seed)),
        "windows": WINDOWS_A_ROUND,
        "tracks": sorted((track.name, track.path.stat().st_size) for track in tracks),
    }
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:8]


def command_of(plan: TrainPlan) -> str:
    """What makes such weights again; the paths are the reader's own."""
    folders = "--music MUSIC --teachers TEACHERS --out FILE"
    return f"python -m embeddings train {folders} --minutes {plan.minutes:g} --seed {plan.seed}"


def describe_data(tracks: Sequence[LabelledTrack]) -> dict[str, Any]:
    """What the card says of the music, from the manifest."""
    licences = sorted({track.licence for track in tracks if track.licence})
    under = "the licences in data_licences" if licences else "licences that the manifest does not state"
    sentence = f"{len(tracks)} pieces of music, 16 kHz mono, under {under}. No music is contained in the weights."
    return {"data": sentence, "data_licences": licences}


def _first_stage(
    network: CompactNetwork,
    teachers: Teachers,
    pieces: tuple[Sequence[Piece], Sequence[Piece]],
    plan: TrainPlan,
) -> None:
    """Blocks learned from ``pieces[0]``; the error printed is that on ``pieces[1]``."""
    block_plan = BlockPlan(seed=plan.seed)

    def draw(number: int) -> torch.Tensor:
        source = pieces[1] if number == block_plan.rounds else pieces[0]
        return draw_round(source, np.random.default_rng([plan.seed, 1, number]))

    learn_blocks(network, teachers, draw, block_plan)


def draw_round(pieces: Sequence[Piece], rng: np.random.Generator) -> torch.Tensor:
    """48 windows (48, samples), a quarter of them degraded."""
    waves = []
    for _ in range(WINDOWS_A_ROUND):
        wave, _ = draw_window(pieces, rng)
        waves.append(degrade(wave, rng) if rng.random() < 0.25 else wave)
    return torch.from_numpy(np.stack(waves).astype(np.float32))


def set_centres(network: CompactNetwork, examples: Examples) -> None:
    """Half of the mean direction of each block over plain windows: enough to spread the space, too little to tie it to
    the music it was measured on."""
    plain = examples.piece >= 0
    for name, targets in (("style", examples.style_targets), ("timbre", examples.timbre_targets)):
        unit = torch.nn.functional.normalize(torch.from_numpy(targets[plain]), dim=-1)
        getattr(network, f"{name}_centre").copy_(CENTRING * unit.mean(dim=0))


def write_weights(network: CompactNetwork, out: Path, facts: dict[str, Any]) -> None:
    """The weights as safetensors, and beside them the card that pins their hash."""
    out.parent.mkdir(parents=True, exist_ok=True)
    content = save({name: tensor.contiguous() for name, tensor in network.state_dict().items()})
    out.write_bytes(content)
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
    ],
}
