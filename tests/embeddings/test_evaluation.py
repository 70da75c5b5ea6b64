"""The report on audio made here."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from embeddings.contestants import BASELINE, BASELINE_SEGMENTS, GAUSSIAN
from embeddings.evaluation import CHANCE, _altered, evaluate, measure
from embeddings.recordings import LabelledTrack, read_manifest
from embeddings.report import to_markdown
from embeddings.scoring import Listening
from embeddings.segments import SegmentSpec
from embeddings.synthesis import synthesise, write_audio
from embeddings.variants import FILE_VARIANTS, LEFT, VARIANTS, WAVE_VARIANTS
from tests.embeddings.brightness import BrightnessEncoder, ThoroughEncoder, write_music


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_music(tmp_path_factory.mktemp("music"))


def test_report_on_audio_made_here(manifest: Path) -> None:
    report = evaluate(read_manifest(manifest), [BrightnessEncoder()], with_stability=True)
    assert report["tracks"] == report["recordings"] == 4
    assert list(report["failed"]) == ["broken.wav"]
    assert list(report["systems"]) == ["brightness", BASELINE, GAUSSIAN, CHANCE]
    ours = report["systems"]["brightness"]
    assert ours["retrieval"]["genre"]["precision_at_1"]["value"] == 1.0
    assert ours["retrieval"]["genre"]["queries"] == 4
    assert ours["retrieval"]["artist"] is None
    assert ours["stability"]["-12 dB"]["cosine"] == pytest.approx(1.0, abs=1e-4)
    # of mono files there is no left channel
    assert list(ours["stability"]) == [name for name in VARIANTS if name != LEFT]
    assert ours["short_query"]["queries"] == 4
    assert ours["short_query"]["recall_at_3"]["value"] == 1.0
    assert ours["same_track"] is ours["agreement"] is ours["tags"] is ours["cost"] is None
    gaussian = report["systems"][GAUSSIAN]
    assert gaussian["retrieval"]["genre"]["precision_at_1"]["value"] == 1.0
    assert gaussian["space"]["mean_similarity"] is None
    assert gaussian["stability"]["mono"]["cosine"] is None
    assert gaussian["stability"]["mono"]["recall_at_1"]["value"] == 1.0
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
    for system in ("brightness", BASELINE, GAUSSIAN):
        stability = report["systems"][system]["stability"]
        assert stability["second half"]["queries"] == 4
        assert stability["first half"]["queries"] == 5
    # each beside its own original, not its neighbour's
    assert report["systems"]["brightness"]["stability"]["second half"]["cosine"] > 0.99
    text = to_markdown(report)
    assert "Copies left out (could not be made, silent or too short), and of how many tracks: second half 1." in text
    assert "1 files failed" in text


def test_encoders_may_cut_differently(manifest: Path) -> None:
    plain, short = BrightnessEncoder(), BrightnessEncoder()
    short.spec = replace(plain.spec, name="short", segments=SegmentSpec(2.0, 1.0, 20, 8_000))
    report = evaluate(read_manifest(manifest), [plain, short])
    alone = evaluate(read_manifest(manifest), [short])
    assert list(report["systems"]) == ["brightness", "short", BASELINE, GAUSSIAN, CHANCE]
    assert report["systems"]["short"]["retrieval"] == alone["systems"]["short"]["retrieval"]
    assert report["systems"][BASELINE] == alone["systems"][BASELINE]


def test_only_what_was_timed_has_a_cost(manifest: Path) -> None:
    report = evaluate(read_manifest(manifest), [BrightnessEncoder()])
    costs = {name: system["compute_seconds_per_hour_of_audio"] for name, system in report["systems"].items()}
    assert costs["brightness"] >= 0
    assert costs[BASELINE] is costs[GAUSSIAN] is costs[CHANCE] is None
    last_cells = {row.split(" | ")[0][2:]: row.split(" | ")[-1] for row in to_markdown(report).splitlines()}
    assert last_cells[CHANCE] == "- |"


def test_tracks_of_one_release_do_not_find_each_other_by_genre(manifest: Path) -> None:
    tracks = [replace(track, artist="", release="Album") for track in read_manifest(manifest)]
    report = evaluate(tracks, [BrightnessEncoder()])
    assert report["systems"]["brightness"]["retrieval"]["genre"] is None


def test_channels_of_a_stereo_file_are_heard_apart(tmp_path: Path) -> None:
    tracks = read_manifest(write_music(tmp_path, stereo=True))[:2]
    stability = evaluate(tracks, [BrightnessEncoder()], with_stability=True)["systems"]["brightness"]["stability"]
    assert list(stability) == list(VARIANTS)
    # louder by a third and otherwise the same
    assert stability[LEFT]["cosine"] == pytest.approx(1.0, abs=1e-3)


def test_a_file_that_changes_midway_is_altered_like_others(manifest: Path, tmp_path: Path) -> None:
    """Two channels, then one."""
    halves = [
        write_audio(tmp_path / f"{count}.aac", synthesise("rock", 1, 12)[:count], 44_100, container="aac-adts")
        for count in (2, 1)
    ]
    (tmp_path / "both.aac").write_bytes(b"".join(path.read_bytes() for path in halves))
    both = replace(read_manifest(manifest)[0], name="both.aac", path=tmp_path / "both.aac")
    report = evaluate([both, *read_manifest(manifest)], [BrightnessEncoder()], with_stability=True)
    assert report["unembeddable"] == {}
    assert report["systems"]["brightness"]["stability"][LEFT]["queries"] == 1


def test_copies_that_cannot_be_made_are_counted(tmp_path: Path) -> None:
    """As when a file is emptied while the report is made."""
    soundfile.write(tmp_path / "a.wav", np.zeros(0), 16_000)
    heard, wave = Listening(), synthesise("rock", 1, 12, 16_000)[0]
    track = LabelledTrack("a.wav", tmp_path / "a.wav", "", "", "", "")
    parts = [part for part, _ in _altered(track, {16_000: wave}, [BASELINE_SEGMENTS], heard)]
    assert parts == list(WAVE_VARIANTS)
    assert heard.unembeddable == dict.fromkeys(FILE_VARIANTS, 1)


def test_excerpts_are_cut_of_long_tracks_only(tmp_path: Path) -> None:
    (tmp_path / "long").mkdir()
    (tmp_path / "short").mkdir()
    tracks = [
        *read_manifest(write_music(tmp_path / "long", 80.0))[:2],
        *read_manifest(write_music(tmp_path / "short"))[2:4],
    ]
    measurement = measure(tracks, [BrightnessEncoder()])
    assert measurement.heard.rows == {"excerpt 0": [0, 1], "excerpt 1": [0, 1], "5 s query": [0, 1, 2, 3]}
    ours = measurement.systems[0]
    assert [len(ours.others[f"excerpt {number}"]) for number in (0, 1)] == [2, 2]
    assert len(ours.others["5 s query"]) == 4


def test_prefixes_are_systems_of_their_own_at_unit_length(manifest: Path) -> None:
    measurement = measure(read_manifest(manifest), [BrightnessEncoder()], sizes=[1, 2, 64])
    whole, prefix = measurement.systems[:2]
    assert (prefix.name, prefix.dimension, prefix.seconds) == ("brightness, first 1", 1, None)
    np.testing.assert_allclose(np.stack(prefix.tracks), 1.0, atol=1e-6)
    assert {system.name for system in measurement.systems} == {whole.name, prefix.name, BASELINE, GAUSSIAN, CHANCE}


def test_an_encoder_with_two_stages_is_timed_and_one_without_is_not(manifest: Path) -> None:
    report = evaluate(read_manifest(manifest), [BrightnessEncoder(), ThoroughEncoder()])
    cost = report["systems"]["thorough"]["cost"]
    assert cost["front_end_ms"] >= 0
    assert cost["network_ms"] > 0
    assert report["systems"]["brightness"]["cost"] is None
    assert "ms for 30 s of audio" in to_markdown(report)


def test_tags_are_asked_for_beside_teachers_only(manifest: Path) -> None:
    measurement = measure(read_manifest(manifest), [ThoroughEncoder()])
    assert measurement.systems[0].tags == []
