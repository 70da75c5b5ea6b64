"""``python -m embeddings``: what people and scripts meet."""

import json
import logging
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from embeddings import encoders
from embeddings.__main__ import main
from embeddings.contestants import BASELINE, GAUSSIAN
from embeddings.encoders.cnn_spec import CARD_PATH, compact_spec
from embeddings.errors import EncoderError
from embeddings.evaluation import CHANCE
from embeddings.synthesis import synthesise, write_audio
from embeddings.training.targets import TEACHER_FILES
from tests.embeddings.brightness import BrightnessEncoder


@pytest.fixture
def songs(tmp_path: Path, encoded: Callable[[str], bytes]) -> list[Path]:
    for name in ("a.wav", "b.wav"):
        (tmp_path / name).write_bytes(encoded("wav"))
    return [tmp_path / "a.wav", tmp_path / "b.wav"]


def test_list_names_the_shipped_encoder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    spec = compact_spec()
    words = capsys.readouterr().out.split("\t")
    assert words[:5] == [spec.name, f"{spec.dimension}-d", spec.licence, "weights present", spec.signature]


def test_embed_writes_a_row_a_file(songs: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "vectors.npz"
    assert main(["embed", "--out", str(out), *map(str, songs)]) == 0
    with np.load(out) as arrays:
        assert set(arrays.files) == {"paths", "vectors"}
        assert arrays["paths"].tolist() == [str(song) for song in songs]
        assert arrays["vectors"].shape == (2, compact_spec().dimension)
        assert arrays["vectors"].dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(arrays["vectors"], axis=1), 1, atol=1e-5)
        np.testing.assert_allclose(arrays["vectors"][0], arrays["vectors"][1], atol=1e-5)


def test_embed_of_one_file_twice_gives_two_rows(songs: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "vectors.npz"
    assert main(["embed", "--out", str(out), str(songs[0]), str(songs[0])]) == 0
    with np.load(out) as arrays:
        assert arrays["paths"].tolist() == [str(songs[0])] * 2
        assert len(arrays["vectors"]) == 2


def create() -> "DeafToQuietEncoder":
    """What the registry asks of this module."""
    return DeafToQuietEncoder()


class DeafToQuietEncoder(BrightnessEncoder):
    """Numbers that make no sense for what is quiet, and an error for what is hardly heard."""

    spec = replace(BrightnessEncoder.spec, name="deaf-to-quiet")

    def embed_segments(self, waveforms: np.ndarray) -> np.ndarray:
        peak = np.abs(waveforms).max()
        if peak > 0.5:
            return super().embed_segments(waveforms)
        if peak > 0.05:
            return np.full((len(waveforms), 2), np.nan, np.float32)
        raise EncoderError("broken")


@pytest.fixture
def deaf(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a registered encoder that fails, for one test only."""
    monkeypatch.setattr(encoders, "_entries", encoders._entries.copy())
    name = DeafToQuietEncoder.spec.name
    encoders.register(name, lambda: DeafToQuietEncoder.spec, __name__)
    return name


def write_tone(path: Path, peak: float) -> str:
    soundfile.write(path, peak * np.sin(2 * np.pi * 440 * np.arange(16_000 * 6) / 16_000), 16_000)
    return str(path)


def test_embed_looks_for_the_folder_before_it_works(
    deaf: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    song, out = write_tone(tmp_path / "barely.wav", 0.02), tmp_path / "absent" / "x.npz"
    assert main(["embed", "--encoder", deaf, "--out", str(out), song]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert str(out.parent) in error  # and not that the encoder is broken


def test_embed_that_fails_leaves_the_file_of_before(
    deaf: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    song, out = write_tone(tmp_path / "barely.wav", 0.02), tmp_path / "vectors.npz"
    out.write_bytes(b"of before")
    assert main(["embed", "--encoder", deaf, "--out", str(out), song]) == 1
    assert capsys.readouterr().err == "error: broken\n"
    assert {path.name for path in tmp_path.iterdir()} == {"barely.wav", "vectors.npz"}
    assert out.read_bytes() == b"of before"


def test_embed_passes_over_a_file_whose_vectors_make_no_sense(
    deaf: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet, loud = write_tone(tmp_path / "quiet.wav", 0.2), write_tone(tmp_path / "loud.wav", 0.8)
    out = tmp_path / "vectors.npz"
    assert main(["embed", "--encoder", deaf, "--out", str(out), quiet, loud]) == 1
    assert f"{quiet}: segment embeddings must be finite" in capsys.readouterr().err
    with np.load(out) as arrays:
        assert arrays["paths"].tolist() == [loud]


def test_held_out_needs_paths_of_the_card(
    songs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("path,track,artist,release,genre\na.wav,A,X,,rock\nb.wav,B,Y,,rock\n")
    assert main(["evaluate", str(manifest), "--held-out"]) == 1
    assert capsys.readouterr().err.startswith("error: --held-out")


def test_training_without_its_extras_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("embeddings.training")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    for name in TEACHER_FILES:
        (tmp_path / "teachers" / name).parent.mkdir(parents=True)
        (tmp_path / "teachers" / name).touch()
    paths = [str(tmp_path / name) for name in ("music", "teachers", "x.safetensors")]
    assert main(["train", "--music", paths[0], "--teachers", paths[1], "--out", paths[2]]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert "pip install -r requirements-train.txt" in error


def test_embed_with_segments_leaves_out_what_fails(
    songs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.mp3"
    broken.write_bytes(b"nothing of the kind" * 100)
    out = tmp_path / "vectors.npz"
    assert main(["embed", "--segments", "--out", str(out), str(songs[0]), str(broken), str(songs[1])]) == 1
    assert f"{broken}: " in capsys.readouterr().err
    with np.load(out) as arrays:
        offsets = arrays["segment_offsets"]
        assert arrays["paths"].tolist() == [str(song) for song in songs]
        assert offsets[0] == 0
        assert offsets[-1] == len(arrays["segment_vectors"]) == len(arrays["segment_starts_seconds"])
        assert arrays["segment_vectors"].shape[1] == compact_spec().dimension


def test_embed_of_nothing_readable_writes_empty_arrays(tmp_path: Path) -> None:
    out = tmp_path / "vectors.npz"
    assert main(["embed", "--segments", "--out", str(out), str(tmp_path / "absent.wav")]) == 1
    with np.load(out) as arrays:
        assert arrays["vectors"].shape == (0, compact_spec().dimension)
        assert arrays["segment_offsets"].tolist() == [0]


def test_evaluate_prints_tables_and_writes_json(
    songs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "embeddings.evaluation")
    trained_on = json.loads(CARD_PATH.read_text())["training_tracks"][0]
    lines = ["path,track,artist,release,genre", "a.wav,A,X,,rock", "b.wav,B,Y,,rock", f"{trained_on},C,Z,,rock"]
    manifest = tmp_path / "manifest.csv"
    manifest.write_text("\n".join(lines) + "\n")
    report_path = tmp_path / "report.json"
    assert main(["evaluate", str(manifest), "--held-out", "--json", str(report_path)]) == 0
    report = json.loads(report_path.read_text())
    assert report["tracks"] == 2
    assert not report["failed"]
    assert set(report["systems"]) == {compact_spec().name, BASELINE, GAUSSIAN, CHANCE}
    assert report["recordings"] == 1  # the same sound twice
    assert "hubness" in capsys.readouterr().out
    assert "2 of 2: b.wav" in caplog.text


def test_evaluate_measures_prefixes_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    lines = ["path,track,artist,release,genre,set"]
    for number, style in enumerate(("rock", "flute", "piano", "techno", "chiptune")):
        write_audio(tmp_path / f"{number}.wav", synthesise(style, 1, 6, 16_000), 16_000)
        lines.append(f"{number}.wav,T{number},A{number},,,set {number % 2}")
    (tmp_path / "manifest.csv").write_text("\n".join(lines) + "\n")
    command = ["evaluate", str(tmp_path / "manifest.csv"), "--sizes", "8", "16", "--pictures", str(tmp_path / "drawn")]
    assert main(command) == 0
    name = compact_spec().name
    printed = capsys.readouterr().out
    assert all(f"| {name}, first {size} |" in printed for size in (8, 16))
    assert len(list((tmp_path / "drawn").glob(f"map-{name}*.svg"))) == 3


def test_evaluate_without_its_extras_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "embeddings.pictures", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["evaluate", str(tmp_path / "manifest.csv"), "--pictures", str(tmp_path)]) == 1
    assert capsys.readouterr().err.endswith("pip install -r requirements-train.txt\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["evaluate", "absent.csv"],
        ["evaluate", "absent.csv", "--json", "absent/report.json"],
        ["evaluate", "absent.csv", "--teachers", "absent"],
        ["embed", "--encoder", "nonesuch", "--out", "x.npz", "y.wav"],
        ["train", "--music", "absent", "--teachers", "absent", "--out", "absent/x.safetensors"],
    ],
)
def test_mistakes_are_one_line_and_status_1(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    assert capsys.readouterr().err.startswith("error: ")
