"""Windows to learn from: repeatable, from all sources, mapped pieces travel by name."""

import pickle
from pathlib import Path

import numpy as np

from embeddings.encoders.cnn_spec import WINDOW_SAMPLES
from embeddings.training.material import Piece, open_piece
from embeddings.training.targets import MIX, draw_waves, draw_window


def tone(name: str, frequency_hz: float) -> Piece:
    times = np.arange(200_000) / 16_000
    return Piece(name, np.rint(8000 * np.sin(2 * np.pi * frequency_hz * times)).astype(np.int16))


def test_windows_come_from_every_source_alike() -> None:
    sources = [[tone("a", 300), tone("b", 400), tone("c", 500)], [tone("rendered", 2000)]]
    numbers = [draw_window(sources, np.random.default_rng(seed))[1] for seed in range(80)]
    plain = [number for number in numbers if number != MIX]
    assert set(plain) == {0, 1, 2, 3}
    assert 0.3 < np.mean(np.array(plain) == 3) < 0.7
    assert 0.15 < np.mean(np.array(numbers) == MIX) < 0.55


def test_waves_are_repeatable_and_finite() -> None:
    sources = [[tone("a", 300), tone("b", 400)]]
    first = draw_waves(sources, 6, np.random.default_rng(1))
    assert first.shape == (6, WINDOW_SAMPLES)
    assert bool(first.isfinite().all())
    assert bool((first == draw_waves(sources, 6, np.random.default_rng(1))).all())


def test_a_mapped_piece_travels_as_the_name_of_its_file(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(1_000_000, dtype=np.int16))
    packed = pickle.dumps(open_piece("a", tmp_path / "a.npy"))
    assert len(packed) < 1000
    np.testing.assert_array_equal(pickle.loads(packed).samples[:5], np.arange(5))
    assert pickle.loads(pickle.dumps(Piece("b", np.zeros(3, np.int16)))).name == "b"
