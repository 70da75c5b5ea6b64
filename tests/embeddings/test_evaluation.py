"""The measures, on spaces small enough to reckon by hand, and the report on audio made here."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from embeddings.baselines import Standardiser, chance_vectors, mfcc_statistics
from embeddings.chroma import chroma, group_recordings, likeness
from embeddings.decoding import decode_blocks
from embeddings.encoders import EncoderSpec, list_encoders
from embeddings.evaluation import BASELINE, CHANCE, evaluate
from embeddings.recordings import held_out_names, read_manifest
from embeddings.report import to_markdown
from embeddings.retrieval import bootstrap, measure_agreement, measure_shape, score_retrieval
from embeddings.segments import SegmentSpec
from embeddings.synthesis import CONTAINERS, synthesise, write_audio

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
    assert scores.precision_at_10.value == pytest.approx((1 + 1 + 2 + 2 + 2) / 50)
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
    planted = np.random.default_rng(0).random((60, 60)).astype(np.float32)
    planted[:, 0] = 2.0  # nearest to everyone
    shape = measure_shape(planted)
    assert shape.hubness > 2
    assert measure_shape(-planted).hubness < 0.5  # one that is near to nobody is no hub
    few = np.zeros((40, 40), np.float32)
    few[:, :10] = 1.0
    assert measure_shape(few).reach < 0.5


def test_agreement_passes_over_copies() -> None:
    originals = np.eye(3, dtype=np.float32)
    turned = np.array([[0.6, 0.8, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    assert measure_agreement(turned, originals, [0, 1, 2]).recall_at_1.value == pytest.approx(2 / 3)
    assert measure_agreement(turned, originals, [0, 0, 2]).recall_at_1.value == 1.0


def test_agreement_of_some_rows_only() -> None:
    originals = np.eye(4, dtype=np.float32)
    found = measure_agreement(originals[[3, 1]], originals, [0, 1, 2, 3], [3, 1])
    assert found.cosine == pytest.approx(1.0)
    assert found.recall_at_1.value == 1.0
    assert measure_agreement(originals[[3, 1]], originals, [0, 1, 2, 3], [1, 3]).recall_at_1.value == 0.0


def test_a_space_that_puts_all_in_one_place_finds_nothing() -> None:
    same = np.tile(np.array([[0.6, 0.8]], np.float32), (50, 1))
    found = measure_agreement(same, same, range(50))
    assert found.recall_at_1.value == 0.0
    assert found.mean_reciprocal_rank == pytest.approx(1 / 50)


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[np.ndarray], list[float]]:
    """Two pieces of one style, 25 s each, and five copies of the first: courses of harmony and durations."""
    folder = tmp_path_factory.mktemp("copies")
    rate_hz = 22_050
    piece, other = (synthesise("rock", seed, 25, rate_hz) for seed in (1, 2))
    made = [
        (piece, "wav", None),
        (other, "wav", None),
        (piece, "mp3", 64_000),
        (piece, "opus", 32_000),
        (piece, "aac-m4a", 64_000),
        (0.1 * piece, "mp3", 96_000),
        (piece[:, 2 * rate_hz :], "vorbis", None),
    ]
    courses, durations = [], []
    for number, (samples, container, bit_rate) in enumerate(made):
        path = folder / f"{number}{CONTAINERS[container].suffix}"
        write_audio(path, samples.astype(np.float32), rate_hz, container=container, bit_rate=bit_rate)
        wave = np.concatenate(list(decode_blocks(path, 16_000, max_seconds=60)))
        courses.append(chroma(wave))
        durations.append(len(wave) / 16_000)
    return courses, durations


def test_copies_are_one_recording_and_pieces_of_one_style_are_not(
    copies: tuple[list[np.ndarray], list[float]],
) -> None:
    courses, durations = copies
    assert group_recordings(courses, durations) == [0, 1, 0, 0, 0, 0, 0]
    assert likeness(courses[0], courses[1]) < 0.5
    assert min(likeness(courses[0], course) for course in courses[2:]) > 0.9


def test_recordings_need_both_sound_and_length_and_group_through_a_third(
    copies: tuple[list[np.ndarray], list[float]],
) -> None:
    course = copies[0][0]
    assert group_recordings([course, course], [100.0, 120.0]) == [0, 1]
    # the first and the second are too unlike in length, the third is near enough to both
    assert group_recordings([course, course, course], [100.0, 115.0, 107.0]) == [0, 0, 0]


@pytest.mark.parametrize("seconds", [0.5, 1.0, 3.0])
def test_short_and_silent_sounds_have_a_course_too(seconds: float) -> None:
    silence = chroma(np.zeros(round(16_000 * seconds), np.float32))
    noise = chroma(np.random.default_rng(0).normal(size=round(16_000 * seconds)).astype(np.float32))
    assert np.isfinite(silence).all()
    assert group_recordings([silence, noise], [seconds, seconds]) == [0, 1]


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


def test_a_copy_that_cannot_be_embedded_costs_its_row_only(manifest: Path, tmp_path: Path) -> None:
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(16_000 * 12) / 16_000)
    half_silent = np.concatenate([tone, np.zeros(16_000 * 12)])
    soundfile.write(tmp_path / "half.wav", half_silent, 16_000)
    half = replace(read_manifest(manifest)[0], name="half.wav", path=tmp_path / "half.wav")
    report = evaluate([half, *read_manifest(manifest)], [BrightnessEncoder()], with_stability=True)
    assert report["tracks"] == 5
    assert report["unembeddable"] == {"second half": 1}
    for system in ("brightness", BASELINE):
        stability = report["systems"][system]["stability"]
        assert stability["second half"]["queries"] == 4
        assert stability["first half"]["queries"] == 5
    # each beside its own original, not its neighbour's
    assert report["systems"]["brightness"]["stability"]["second half"]["cosine"] > 0.99
    text = to_markdown(report)
    assert "second half 1" in text
    assert "1 files failed" in text


def test_encoders_may_cut_differently(manifest: Path) -> None:
    plain, short = BrightnessEncoder(), BrightnessEncoder()
    short.spec = replace(plain.spec, name="short", segments=SegmentSpec(2.0, 1.0, 20, 8_000))
    report = evaluate(read_manifest(manifest), [plain, short])
    alone = evaluate(read_manifest(manifest), [short])
    assert list(report["systems"]) == ["brightness", "short", BASELINE, CHANCE]
    assert report["systems"]["short"]["retrieval"] == alone["systems"]["short"]["retrieval"]
    assert report["systems"][BASELINE] == alone["systems"][BASELINE]


def test_only_what_was_timed_has_a_cost(manifest: Path) -> None:
    report = evaluate(read_manifest(manifest), [BrightnessEncoder()])
    costs = {name: system["compute_seconds_per_hour_of_audio"] for name, system in report["systems"].items()}
    assert costs["brightness"] >= 0
    assert costs[BASELINE] is costs[CHANCE] is None
    last_cells = {row.split(" | ")[0][2:]: row.split(" | ")[-1] for row in to_markdown(report).splitlines()}
    assert last_cells[CHANCE] == "- |"


def test_tracks_of_one_release_do_not_find_each_other_by_genre(manifest: Path) -> None:
    tracks = [replace(track, artist="", release="Album") for track in read_manifest(manifest)]
    report = evaluate(tracks, [BrightnessEncoder()])
    assert report["systems"]["brightness"]["retrieval"]["genre"] is None


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


def test_the_baseline_tells_two_timbres_apart() -> None:
    """Whatever is played: two pieces of each of two styles stand together."""
    waves = [synthesise(style, seed, 8, 16_000).mean(axis=0)[None] for style in ("flute", "rock") for seed in (1, 2)]
    rows = np.stack([mfcc_statistics(wave) for wave in waves])
    vectors = Standardiser(rows).apply(rows)
    similarities = vectors @ vectors.T
    assert min(similarities[0, 1], similarities[2, 3]) > similarities[:2, 2:].max() + 0.5
