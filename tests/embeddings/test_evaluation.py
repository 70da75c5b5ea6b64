"""The measures, on spaces small enough to reckon by hand, and the report on audio made here."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from embeddings.baselines import Standardiser, chance_vectors, mfcc_statistics
from embeddings.encoders import EncoderSpec, list_encoders
from embeddings.evaluation import BASELINE, CHANCE, evaluate
from embeddings.recordings import group_twins, held_out_names, read_manifest
from embeddings.report import to_markdown
from embeddings.retrieval import bootstrap, measure_agreement, measure_shape, score_retrieval

LINE = np.array([0.0, 0.1, 0.2, 0.9, 1.0])
NEARNESS = (-np.abs(LINE[:, None] - LINE[None, :])).astype(np.float32)


def test_scores_of_a_line_of_five() -> None:
    scores = score_retrieval(NEARNESS, list("aabbb"), [""] * 5, range(5))
    assert scores is not None
    assert scores.queries == 5
    # nearest: 0 -> 1 (right), 1 -> 0 (right), 2 -> 1 (wrong), 3 -> 4 (right), 4 -> 3 (right)
    assert scores.precision_at_1.value == pytest.approx(0.8)
    # only four candidates each: misses fill up the five
    assert scores.precision_at_5.value == pytest.approx((1 + 1 + 2 + 2 + 2) / 25)
    # track 2 ranks 1, 0, 3, 4: right at 3 and 4
    assert scores.mean_average_precision.value == pytest.approx((1 + 1 + (1 / 3 + 2 / 4) / 2 + 1 + 1) / 5)
    assert scores.r_precision.value == pytest.approx((1 + 1 + 0 + 1 + 1) / 5)


def test_same_artist_and_same_recording_are_left_out() -> None:
    by_artist = score_retrieval(NEARNESS, list("aaabb"), ["x", "x", "y", "z", "z"], range(5))
    assert by_artist is not None
    assert by_artist.queries == 3  # the two b are of one artist: neither has a right answer left
    twins = score_retrieval(NEARNESS, list("aabbb"), [""] * 5, [0, 0, 2, 3, 3])
    assert twins is not None
    assert twins.queries == 3


def test_unlabelled_tracks_are_candidates_and_no_queries() -> None:
    scores = score_retrieval(NEARNESS, ["a", "", "a", "", ""], [""] * 5, range(5))
    assert scores is not None
    assert scores.queries == 2
    assert scores.precision_at_1.value == 0.0
    assert score_retrieval(NEARNESS, ["", "", "", "", "a"], [""] * 5, range(5)) is None


def test_bootstrap_is_repeatable_and_encloses_the_mean() -> None:
    values = np.random.default_rng(0).random(50)
    first = bootstrap(values)
    assert first == bootstrap(values)
    assert first.value == pytest.approx(values.mean())
    assert first.low < first.value < first.high


def test_shape_tells_a_hub() -> None:
    even = measure_shape(np.cos(np.subtract.outer(*[np.linspace(0, 2 * np.pi, 40, endpoint=False)] * 2)))
    assert abs(even.hubness) < 1e-6
    assert even.reach == 1.0
    hub = np.zeros((40, 40), np.float32)
    hub[:, :10] = 1.0
    assert measure_shape(hub).reach < 0.5


def test_agreement_passes_over_copies() -> None:
    originals = np.eye(3, dtype=np.float32)
    turned = np.array([[0.6, 0.8, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    assert measure_agreement(turned, originals, [0, 1, 2]).recall_at_1.value == pytest.approx(2 / 3)
    assert measure_agreement(turned, originals, [0, 0, 2]).recall_at_1.value == 1.0


def test_twins_need_both_sound_and_length() -> None:
    prints = np.random.default_rng(0).normal(size=(4, 80)).astype(np.float32)
    prints[2] = prints[0] + 1e-3
    prints[3] = prints[0]
    assert group_twins(prints, [100, 100, 100.4, 150]).tolist() == [0, 1, 0, 3]


def test_chance_knows_nothing_and_standardiser_gives_unit_rows() -> None:
    random = chance_vectors(200, 320)
    assert abs(measure_shape(random @ random.T).mean_similarity) < 0.01
    rows = np.random.default_rng(0).normal(5, 3, (6, 80)).astype(np.float32)
    np.testing.assert_allclose(np.linalg.norm(Standardiser(rows).apply(rows), axis=1), 1, atol=1e-6)


class BrightnessEncoder:
    """Two numbers: power below and above 1 kHz."""

    spec: EncoderSpec = replace(list_encoders()[0], name="brightness", dimension=2, parameters=0)

    def embed_segments(self, waveforms: np.ndarray) -> np.ndarray:
        spectra = np.abs(np.fft.rfft(waveforms, axis=1)) ** 2
        edge = spectra.shape[1] // 8
        rows = np.sqrt(np.stack([spectra[:, :edge].sum(1), spectra[:, edge:].sum(1)], axis=1)) + 1e-6
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("music")
    seconds = np.arange(16_000 * 11) / 16_000
    lines = ["path,track,artist,release,genre"]
    for number, pitch_hz in enumerate((200, 230, 3000, 3500)):
        noise = 0.01 * np.random.default_rng(number).normal(size=seconds.size)
        soundfile.write(folder / f"{number}.wav", 0.3 * np.sin(2 * np.pi * pitch_hz * seconds) + noise, 16_000)
        lines.append(f"{number}.wav,Track {number},Artist {number},,{'low' if pitch_hz < 1000 else 'high'}")
    (folder / "broken.wav").write_bytes(b"not audio at all")
    (folder / "manifest.csv").write_text("\n".join([*lines, "broken.wav,Broken,,,low"]) + "\n")
    return folder / "manifest.csv"


def test_report_on_audio_made_here(manifest: Path) -> None:
    report = evaluate(read_manifest(manifest), [BrightnessEncoder()], with_stability=True)
    assert report["tracks"] == report["recordings"] == 4
    assert list(report["failed"]) == ["broken.wav"]
    assert list(report["systems"]) == ["brightness", BASELINE, CHANCE]
    ours = report["systems"]["brightness"]
    assert ours["retrieval"]["genre"]["precision_at_1"]["value"] == 1.0
    assert ours["retrieval"]["genre"]["queries"] == 4
    assert ours["retrieval"]["artist"] is None
    assert ours["stability"]["-12 dB"]["cosine"] == pytest.approx(1.0, abs=1e-4)
    text = to_markdown(report)
    assert "same genre, 4 queries" in text
    assert "-12 dB" in text


def test_manifest_without_its_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("path,title\na.wav,A\n")
    with pytest.raises(ValueError, match="artist, genre, release"):
        read_manifest(tmp_path / "m.csv")


def test_split_keeps_sources_whole_and_is_the_same_again(tmp_path: Path) -> None:
    rows = [f"{i}.wav,T,{'' if i % 2 else f'artist {i % 10}'},,,set {i % 7}" for i in range(100)]
    (tmp_path / "m.csv").write_text("\n".join(["path,track,artist,release,genre,set", *rows]) + "\n")
    tracks = read_manifest(tmp_path / "m.csv")
    chosen = held_out_names(tracks)
    assert chosen == held_out_names(list(reversed(tracks)))
    assert 20 <= len(chosen) <= 45
    inside = {track.source for track in tracks if track.name in chosen}
    assert not inside & {track.source for track in tracks if track.name not in chosen}


def test_mfcc_statistics_have_eighty_numbers() -> None:
    assert mfcc_statistics(np.random.default_rng(0).normal(size=(2, 16_000)).astype(np.float32)).shape == (80,)
