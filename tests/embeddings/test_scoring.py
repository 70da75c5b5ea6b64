"""From rows to figures."""

from pathlib import Path

import numpy as np
import pytest

from embeddings.contestants import Measured
from embeddings.costs import Cost
from embeddings.recordings import LabelledTrack
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
    retrieval = to_report(make_measurement())["systems"]["ours"]["retrieval"]
    assert retrieval["genre"] is None
    assert retrieval["release"]["queries"] == 12
    # the nearest of one's artist on the other release: for the six at a border it is among the nearest two
    assert retrieval["artist"]["queries"] == 12
    assert 0 < retrieval["artist"]["precision_at_1"]["value"] < 1


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
