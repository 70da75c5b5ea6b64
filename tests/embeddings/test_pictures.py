"""Pictures: real files of matplotlib, read back as XML."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from embeddings.contestants import GAUSSIAN, Measured
from embeddings.evaluation import CHANCE
from embeddings.pictures import draw_pictures, neighbour_map, principal_components
from embeddings.scoring import Measurement
from tests.embeddings.test_scoring import make_measurement


def words(path: Path) -> str:
    """What is written in the picture; matplotlib draws letters as shapes and keeps the text in a comment."""
    parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))
    root = ET.parse(path, parser).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return "\n".join(node.text or "" for node in root.iter() if node.tag is ET.Comment)


@pytest.fixture
def measurement() -> Measurement:
    made = make_measurement()
    made.heard.tracks = [
        replace(track, collection="first half" if row < 6 else "second half")
        for row, track in enumerate(made.heard.tracks)
    ]
    others = [Measured(name, 2, 0, tracks=made.systems[0].tracks) for name in (CHANCE, "single teacher")]
    others[1].is_teacher = True
    gaussian = Measured(GAUSSIAN, 2, 0, similarity=lambda a, b: -np.abs(a @ b.T), tracks=made.systems[0].tracks)
    return replace(made, systems=[*made.systems, *others, gaussian])


def test_three_pictures_of_each_system_that_is_worth_it(measurement: Measurement, tmp_path: Path) -> None:
    paths = draw_pictures(measurement, tmp_path / "new")
    kinds = ("map", "similarities", "occurrences")
    assert [path.name for path in paths] == [f"{kind}-{name}.svg" for name in ("ours", "teacher") for kind in kinds]
    shown = words(paths[0])
    for word in ("first half", "second half", "t-SNE", "principal components"):
        assert word in shown
    # releases have three tracks each: 4 x 3 pairs of one release, the other 54 of two
    assert "same release, 12 pairs" in words(paths[1])
    assert "different, 54 pairs" in words(paths[1])
    assert "top tens" in words(paths[2])


def test_the_same_measurement_gives_the_same_files(measurement: Measurement, tmp_path: Path) -> None:
    first, second = (draw_pictures(measurement, tmp_path / name) for name in "ab")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_few_tracks_are_no_picture(measurement: Measurement, tmp_path: Path) -> None:
    measurement.heard.tracks = measurement.heard.tracks[:4]
    with pytest.raises(ValueError, match="at least 5 tracks"):
        draw_pictures(measurement, tmp_path)


def test_principal_components_lie_along_the_spread() -> None:
    rng = np.random.default_rng(0)
    spread = rng.normal(size=(50, 3)) * [5.0, 1.0, 0.1]
    points, shares = principal_components(spread)
    assert abs(np.corrcoef(points[:, 0], spread[:, 0])[0, 1]) > 0.99
    assert shares[0] > 0.9
    assert 0.99 < shares.sum() <= 1


def test_neighbours_stay_neighbours_on_the_map() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat(np.eye(3), 12, axis=0) + 0.05 * rng.normal(size=(36, 3))
    points = neighbour_map(groups)
    centres = points.reshape(3, 12, 2).mean(axis=1)
    within = np.abs(points.reshape(3, 12, 2) - centres[:, None]).max()
    assert min(np.linalg.norm(centres[i] - centres[j]) for i, j in ((0, 1), (0, 2), (1, 2))) > within
