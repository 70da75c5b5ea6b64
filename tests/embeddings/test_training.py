"""The parts of the training that can go wrong silently; needs requirements-train.txt."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("h5py")

from embeddings.__main__ import _parser
from embeddings.encoders.cnn_spec import WINDOW_SAMPLES
from embeddings.recordings import LabelledTrack
from embeddings.training import blocks
from embeddings.training.blocks import Block, Patches, fit_block, sample_patches
from embeddings.training.distil import DistilPlan, distillation_loss, same_track_loss
from embeddings.training.material import Piece, colour, cut_window, degrade, mix
from embeddings.training.run import TrainPlan, command_of, describe_data, key_of


def test_patches_are_what_the_convolution_sees() -> None:
    generator = torch.Generator().manual_seed(0)
    for shape, kernel in (((2, 3, 6, 7), (3, 3)), ((2, 3, 9), (4,))):
        maps = torch.randn(shape, generator=generator)
        weight = torch.randn(5, 3, *kernel, generator=generator)
        pads = [pad for size in reversed(kernel) for pad in ((size - 1) // 2, size - 1 - (size - 1) // 2)]
        padded = torch.nn.functional.pad(maps, pads)
        convolve = torch.nn.functional.conv2d if len(kernel) == 2 else torch.nn.functional.conv1d
        rows = convolve(padded, weight).relu().movedim(1, -1).reshape(-1, 5)
        patches = sample_patches(Block(maps, maps, weight.flatten(1), torch.zeros(5)), kernel, 200, generator)
        nearest = (patches.answer(patches.told)[:, None] - rows).abs().amax(dim=2).amin(dim=1)
        assert float(nearest.max()) < 1e-3


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Sums this small only wait for each other on several threads, for half a minute where the cores are busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("frequent", [blocks.FREQUENT, 500], ids=["all by descent", "also by regression"])
def test_a_rectified_block_is_learned_from_its_map(frequent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "STEPS", 400)
    monkeypatch.setattr(blocks, "FREQUENT", frequent)
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(4000, 12, generator=generator) @ torch.randn(12, 12, generator=generator)
    weight, bias = torch.randn(6, 12, generator=generator), torch.randn(6, generator=generator)
    seen = Patches(inputs[:3000], inputs[:3000], weight, bias)
    unseen = Patches(inputs[3000:], inputs[3000:], weight, bias)
    assert fit_block(seen, unseen).error < 0.01


def labelled(folder: Path, name: str, licence: str = "CC0") -> LabelledTrack:
    (folder / name).write_bytes(b"x" * len(name))
    return LabelledTrack(name, folder / name, "", "", "", "", licence)


def test_work_is_kept_apart_for_each_plan_and_music(tmp_path: Path) -> None:
    tracks = [labelled(tmp_path, name) for name in ("a.wav", "b.wav")]
    key = key_of(TrainPlan(), tracks)
    assert key == key_of(TrainPlan(threads=1), list(reversed(tracks)))
    others = [key_of(TrainPlan(seed=1), tracks), key_of(TrainPlan(examples=1), tracks), key_of(TrainPlan(), tracks[:1])]
    tracks[0].path.write_bytes(b"other music under the same name")
    assert len({key, *others, key_of(TrainPlan(), tracks)}) == 5


def test_the_card_says_what_was_learned_from_and_how(tmp_path: Path) -> None:
    tracks = [labelled(tmp_path, "a.wav", "CC BY"), labelled(tmp_path, "b.wav"), labelled(tmp_path, "c.wav")]
    facts = describe_data(tracks)
    assert facts["data"].startswith("3 pieces of music")
    assert facts["data_licences"] == ["CC BY", "CC0"]
    assert "does not state" in describe_data([labelled(tmp_path, "d.wav", "")])["data"]
    command = command_of(TrainPlan(seed=7, minutes=2.5)).split()[3:]
    options = _parser().parse_args(command)
    assert (options.seed, options.minutes, str(options.out)) == (7, 2.5, "FILE")


def test_losses_are_least_where_student_and_teacher_agree() -> None:
    vectors = torch.nn.functional.normalize(torch.randn(8, 16, generator=torch.Generator().manual_seed(0)), dim=1)
    plan = DistilPlan()
    assert float(distillation_loss(vectors, vectors, plan)) < 1e-5
    assert float(distillation_loss(vectors.roll(1, 0), vectors, plan)) > 0.5
    pairs = vectors[::2].repeat_interleave(2, dim=0)
    piece = torch.arange(4).repeat_interleave(2)
    assert float(same_track_loss(pairs, piece, 0.1)) < float(same_track_loss(vectors, piece, 0.1))
    assert float(same_track_loss(vectors, torch.full((8,), -1), 0.1)) == 0.0


def test_material_is_repeatable_and_finite() -> None:
    samples = (8000 * np.sin(np.arange(40_000) / 9)).astype(np.int16)
    piece = Piece("short", samples)

    def make() -> np.ndarray:
        rng = np.random.default_rng(3)
        window = cut_window(piece, rng, 1.2)
        return np.stack([degrade(colour(mix(window, cut_window(piece, rng), rng), rng), rng) for _ in range(5)])

    first = make()
    assert first.shape == (5, WINDOW_SAMPLES)
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(first, make())
