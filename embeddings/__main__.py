"""``python -m embeddings list | embed | evaluate | train``: section "Command line" of docs/encoders.md."""

import argparse
import importlib
import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from embeddings import AudioError, Decoder, DecoderError, EmbeddingError, create_encoder, list_encoders
from embeddings.encoders import use_folder
from embeddings.encoders.card import read_card
from embeddings.encoders.cnn_spec import CARD_PATH
from embeddings.encoders.families import FAMILIES
from embeddings.encoders.front_end import describe_front_end
from embeddings.encoders.spec import Encoder
from embeddings.pipeline import TrackAnalysis, analyse_file
from embeddings.recordings import LabelledTrack, read_manifest

SUCCESS, FAILURE = 0, 1
PROJECT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    folder_before = use_folder(options.encoders)
    try:
        status: int = options.run(options)
    except ModuleNotFoundError as error:
        print(f"error: {error}; pip install -r requirements-train.txt", file=sys.stderr)
        return FAILURE
    except (EmbeddingError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILURE
    finally:
        use_folder(folder_before)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m embeddings", description="Sound to vectors.")
    parser.add_argument(
        "--encoders",
        type=Path,
        default=Path(os.environ.get("SOUNDALIKE_HOME") or PROJECT / "var") / "encoders",
        metavar="DIR",
        help="the folder of installed encoders; default: that of the app, in SOUNDALIKE_HOME",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="the encoders there are")
    listing.add_argument("--json", action="store_true", help="everything their cards say, for machines")
    listing.set_defaults(run=run_list)
    _add_embed(commands.add_parser("embed", help="vectors of audio files, as a NumPy archive"))
    _add_evaluate(commands.add_parser("evaluate", help="the quality report on labelled music"))
    _add_train(commands.add_parser("train", help="make the shipped weights again"))
    return parser


def _add_embed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.npz")
    parser.add_argument("--encoder", metavar="NAME", help="default: the shipped one")
    parser.add_argument("--segments", action="store_true", help="segment vectors too")
    parser.set_defaults(run=run_embed)


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("manifest", type=Path, metavar="MANIFEST.csv", help="columns path,track,artist,release,genre")
    parser.add_argument("--encoder", nargs="+", action="extend", metavar="NAME", help="default: the shipped one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the same report for machines")
    parser.add_argument("--only", action="append", metavar="PATTERN", help="tracks whose path matches, as 'jazz/*'")
    parser.add_argument("--exclude", action="append", metavar="PATTERN", help="no tracks whose path matches")
    parser.add_argument("--held-out", action="store_true", help="no tracks that the shipped weights were trained on")
    parser.add_argument("--stability", action="store_true", help="altered copies too: takes ten times as long")
    parser.add_argument("--sizes", nargs="+", type=int, default=[], metavar="N", help="the first N numbers too")
    parser.add_argument("--teachers", type=Path, metavar="DIR", help="also the networks it was distilled from")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="maps and histograms of the spaces, as SVG")
    parser.set_defaults(run=run_evaluate)


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--music", type=Path, required=True, metavar="DIR", help="holds manifest.csv and its files")
    parser.add_argument(
        "--teachers",
        type=Path,
        required=True,
        metavar="DIR",
        help="a folder for each published network",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.safetensors")
    parser.add_argument("--work", type=Path, metavar="DIR", help="decoded audio and checkpoints; default: FILE.work")
    parser.add_argument("--minutes", type=float, default=20.0, help="cap on the end-to-end stage")
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(run=run_train)


def run_list(options: argparse.Namespace) -> int:
    cards = list_encoders()
    if options.json:
        print(json.dumps([card.to_json() for card in cards], indent=1))
        return SUCCESS
    for card in cards:
        weights = "weights present" if card.has_weights else "WEIGHTS MISSING"
        print(f"{card.name}\t{card.dimension}-d\t{card.licence}\t{weights}\t{card.signature}\t{card.description}")
        for front_end in card.front_ends:
            print(f"  reads {describe_front_end(front_end)}")
        print(f"  segments of {card.segments.window_seconds:.2f} s, {card.parameters:,} parameters")
        print(f"  weights {card.source}, SHA-256 {card.weights_sha256}")
    others = ", ".join(name for name, family in FAMILIES.items() if family.files)
    print(f"manage.py install_encoder brings others: {others}")
    return SUCCESS


def run_embed(options: argparse.Namespace) -> int:
    encoder = create_encoder(options.encoder)
    done: list[tuple[str, TrackAnalysis]] = []
    with _replacing(options.out) as file, Decoder() as decoder:
        for path in options.files:
            try:
                done.append((path, analyse_file(path, encoder, decoder=decoder)))
            except (AudioError, DecoderError, OSError, ValueError) as error:
                print(f"{path}: {error}", file=sys.stderr)
        arrays = _to_arrays(done, encoder.spec.dimension, with_segments=options.segments)
        np.savez(file, **arrays)  # type: ignore[arg-type]
    return SUCCESS if len(done) == len(options.files) else FAILURE


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of ``path`` once it is whole. Opened before any work is done: hours of it must not
    end at a folder that is not there."""
    partial = path.with_name(path.name + ".part")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _to_arrays(
    analyses: Sequence[tuple[str, TrackAnalysis]], dimension: int, *, with_segments: bool
) -> dict[str, NDArray[np.generic]]:
    """Row i of ``vectors`` is ``paths[i]``; its segments are rows ``segment_offsets[i]`` to ``[i + 1]``."""
    found = [analysis for _, analysis in analyses]
    none = np.zeros((0, dimension), np.float32)
    arrays: dict[str, NDArray[np.generic]] = {
        "paths": np.array([path for path, _ in analyses], dtype=np.str_),
        "vectors": np.stack([item.embedding for item in found]) if found else none,
    }
    if with_segments:
        counts = [len(item.segment_embeddings) for item in found]
        starts = [item.segment_starts_seconds for item in found]
        arrays["segment_vectors"] = np.concatenate([item.segment_embeddings for item in found]) if found else none
        arrays["segment_offsets"] = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        arrays["segment_starts_seconds"] = np.concatenate(starts) if found else np.zeros(0, np.float32)
    return arrays


def run_evaluate(options: argparse.Namespace) -> int:
    evaluation = importlib.import_module("embeddings.evaluation")
    # before the work: what is missing is said at once
    pictures = importlib.import_module("embeddings.pictures") if options.pictures else None
    if options.json and not options.json.parent.is_dir():
        raise ValueError(f"--json: there is no folder {options.json.parent}")
    encoders: list[Encoder] = [create_encoder(name) for name in options.encoder or [None]]
    teachers = None
    if options.teachers:
        teachers = importlib.import_module("embeddings.training.comparison").TeacherContestant(options.teachers)
    tracks = _choose(read_manifest(options.manifest), options)
    measurement = evaluation.measure(
        tracks, encoders, with_stability=options.stability, sizes=options.sizes, teachers=teachers
    )
    report = evaluation.to_report(measurement)
    print(importlib.import_module("embeddings.report").to_markdown(report))
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    if pictures:
        for path in pictures.draw_pictures(measurement, options.pictures):
            print(path, file=sys.stderr)
    return SUCCESS


def _choose(tracks: Sequence[LabelledTrack], options: argparse.Namespace) -> list[LabelledTrack]:
    trained_on = set(read_card(CARD_PATH).get("training_tracks", [])) if options.held_out else set()
    if options.held_out and not trained_on & {track.name for track in tracks}:
        # paths written otherwise than in training would let everything pass as unheard
        raise ValueError("--held-out: no path of the manifest is among the training tracks of the shipped weights")

    def is_wanted(track: LabelledTrack) -> bool:
        is_matched = not options.only or any(fnmatch(track.name, pattern) for pattern in options.only)
        is_excluded = any(fnmatch(track.name, pattern) for pattern in options.exclude or [])
        return is_matched and not is_excluded and track.name not in trained_on

    return [track for track in tracks if is_wanted(track)]


def run_train(options: argparse.Namespace) -> int:
    training = importlib.import_module("embeddings.training.run")
    work = options.work or options.out.with_suffix(".work")
    folders = training.TrainFolders(options.music, options.teachers, work, options.out)
    training.train(folders, training.TrainPlan(minutes=options.minutes, seed=options.seed))
    return SUCCESS


if __name__ == "__main__":
    sys.exit(main())
