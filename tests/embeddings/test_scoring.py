"""From rows to figures."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings.contestants import Measured
from embeddings.costs import Cost
from embeddings.recordings import LabelledTrack
from embeddings.report import to_markdown
from embeddings.scoring import Listening, Measurement, score_tags, to_report
from embeddings.variants import QUERY


def turned(*degrees: float) -> list[np.ndarray]:
    return [np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))], np.float32) for angle in degrees]


def make_measurement() -> Measurement:
    """Twelve tracks around a circle, of two artists on two releases each; a teacher that sees it doubled."""
    angles = np.arange(12) * 30.0
    tracks = [
        LabelledTrack(f"{n}.wav", Path(f"{n}.wav"), "", f"artist {n // 6}", f"release {n // 3}", "") for n in range(12)
    ]
    heard = Listening(tracks, [600.0] * 12, rows={QUERY: [2, 5], "mono": [7], "excerpt 0": [1, 3], "excerpt 1": [1, 3]})
    ours = Measured("ours", 2, 10, 6.0, tracks=turned(*angles), tag_names=("east", "west", "own"))
    ours.tags = [np.array([np.cos(a), -np.cos(a), 0.5]) for a in np.radians(angles)]
    ours.others = {
        QUERY: turned(61, 119),  # the first is nearest to its own, the second to its neighbour
        "mono": turned(210),
        "excerpt 0": turned(40, 80),
        "excerpt 1": turned(45, 90),
    }
    teacher = Measured(
        "teacher", 2, 20, 12.0, is_teacher=True, is_reference=True, tracks=turned(*angles), tag_names=("east", "west")
    )
    teacher.tags = [np.array([np.cos(a), np.cos(a)]) for a in np.radians(angles)]
    return Measurement(heard, list(range(12)), [ours, teacher], {"ours": Cost(3.0, 20.0)})


def test_report_has_every_figure_where_it_belongs() -> None:
    report = to_report(make_measurement())
    assert (report["tracks"], report["recordings"], report["hours"]) == (12, 12, 2.0)
    assert report["reference"] == "teacher"
    ours, teacher = report["systems"]["ours"], report["systems"]["teacher"]
    assert ours["compute_seconds_per_hour_of_audio"] == 3.0
    assert ours["cost"] == {"front_end_ms": 3.0, "network_ms": 20.0}
    assert ours["short_query"]["queries"] == 2
    assert ours["short_query"]["recall_at_1"]["value"] == 0.5
    assert ours["short_query"]["recall_at_3"]["value"] == 1.0
    assert ours["stability"]["mono"]["recall_at_1"]["value"] == 1.0
    assert ours["same_track"]["queries"] == 2
    assert ours["same_track"]["recall_at_1"]["value"] == 1.0
    assert ours["agreement"]["overlap_at_10"]["value"] == 1.0
    assert teacher["agreement"] is None  # not with itself
    assert teacher["tags"] is teacher["cost"] is None
    assert teacher["stability"] == {}


def test_labels_leave_out_what_the_design_says() -> None:
    """Three tracks each of releases 0 and 1 by artist 0, 2 and 3 by artist 1, along an arc where no two pairs are
    equally far apart (a Golomb ruler)."""
    measurement = make_measurement()
    assert to_report(measurement)["systems"]["ours"]["retrieval"]["genre"] is None
    measurement.heard.tracks = [
        replace(track, genre="even" if row // 3 % 2 == 0 else "odd")
        for row, track in enumerate(measurement.heard.tracks)
    ]
    measurement.systems[0].tracks = turned(0, 2, 6, 24, 29, 40, 43, 55, 68, 75, 76, 85)
    retrieval = to_report(measurement)["systems"]["ours"]["retrieval"]
    assert [retrieval[kind]["queries"] for kind in ("release", "artist", "genre")] == [12, 12, 12]
    # 40 and 43 find each other, 68 finds 75
    assert retrieval["release"]["precision_at_1"]["value"] == pytest.approx(9 / 12)
    # outside their releases 29 and 40 find 43, 43 and 55 find 40
    assert retrieval["artist"]["precision_at_1"]["value"] == pytest.approx(8 / 12)
    # of the other artist 0, 2 and 6 find 43 (even), 75, 76 and 85 find 40 (odd); all between find one another
    assert retrieval["genre"]["precision_at_1"]["value"] == pytest.approx(6 / 12)


def test_copies_of_a_recording_are_no_neighbours() -> None:
    measurement = make_measurement()
    space = to_report(measurement)["systems"]["ours"]["space"]
    measurement.recordings[:11] = [0] * 11
    # all but the last track find that one alone, and it finds ten of the others
    found = to_report(measurement)["systems"]["ours"]
    assert space["reach"] == 1
    assert found["space"]["reach"] == pytest.approx(11 / 12)
    assert found["agreement"] is None  # two recordings agree with anything


def test_figures_are_not_rounded() -> None:
    measurement = make_measurement()
    measurement.heard.durations = [1000 / 7] * 12
    report = to_report(measurement)
    assert report["hours"] == pytest.approx(12 * 1000 / 7 / 3600, rel=1e-12)
    seconds = report["systems"]["ours"]["compute_seconds_per_hour_of_audio"]
    assert seconds == pytest.approx(6 / (12 * 1000 / 7 / 3600), rel=1e-12)
    assert to_markdown(report).startswith("12 tracks (12 recordings), 0.48 hours.")


def test_tags_are_judged_by_those_they_share_with_teachers() -> None:
    tags = to_report(make_measurement())["systems"]["ours"]["tags"]
    # the top decile of twelve is one track: the one in the east, which "west" ranks last
    assert tags["auc"] == {"east": 1.0, "west": 0.0}
    assert tags["mean_auc"]["value"] == 0.5


def test_tags_need_ten_tracks_and_a_name_in_common() -> None:
    rows = [np.array([number / 20]) for number in range(20)]
    reference = {"loud": np.arange(20.0)}
    found = score_tags(("loud",), rows, reference)
    assert found is not None
    assert found["auc"] == {"loud": 1.0}
    assert score_tags(("quiet",), rows, reference) is None
    assert score_tags(("loud",), rows[:9], {"loud": np.arange(9.0)}) is None
    assert score_tags((), [], reference) is None


@pytest.mark.parametrize("is_reference", [True, False])
def test_without_a_reference_nothing_is_compared(is_reference: bool) -> None:
    measurement = make_measurement()
    measurement.systems[1].is_reference = is_reference
    report = to_report(measurement)
    assert (report["reference"] is not None) is is_reference
    assert (report["systems"]["ours"]["agreement"] is not None) is is_reference
