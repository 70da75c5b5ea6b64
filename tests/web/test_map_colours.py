"""The colours of the map's regions: seen on either ground, and told apart with any kind of colour vision."""

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

SOURCE = Path(__file__).parents[2] / "static/js/pages/map/colours.js"
GROUNDS = {"light": "#ffffff", "dark": "#1e1b21"}
# WCAG 2.2, 1.4.11; and a gap in OKLab that is plain to see.
LEAST_CONTRAST, LEAST_GAP = 3.0, 0.12
# Machado, Oliveira and Fernandes 2009, severity 1: what is seen without red, green or blue cones, of linear RGB.
VISIONS = {
    "all": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
# Ottosson 2020, https://bottosson.github.io/posts/oklab/
TO_CONES = [
    [0.41222147, 0.53633254, 0.05144599],
    [0.21190350, 0.68069955, 0.10739696],
    [0.08830246, 0.28171884, 0.62997870],
]
TO_LAB = [
    [0.21045426, 0.79361779, -0.00407205],
    [1.97799850, -2.42859221, 0.45059371],
    [0.02590404, 0.78277177, -0.80867577],
]


def to_linear(colour):
    parts = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def to_lab(linear):
    return np.array(TO_LAB) @ np.cbrt(np.array(TO_CONES) @ np.clip(linear, 0, 1))


def luminance(colour):
    return to_linear(colour) @ [0.2126, 0.7152, 0.0722] + 0.05


@pytest.mark.parametrize("ground", GROUNDS)
def test_regions_are_told_apart_by_everybody(ground):
    listed = re.search(rf"^  {ground}: \[(.*)\]", SOURCE.read_text(), re.MULTILINE)
    colours = re.findall(r"#[0-9a-f]{6}", listed[1])
    assert len(set(colours)) == 8
    for colour in colours:
        bright, dim = sorted([luminance(colour), luminance(GROUNDS[ground])], reverse=True)
        assert bright / dim >= LEAST_CONTRAST, colour
    for vision, seen in VISIONS.items():
        for one, other in combinations(colours, 2):
            gap = np.linalg.norm(to_lab(seen @ to_linear(one)) - to_lab(seen @ to_linear(other)))
            assert gap >= LEAST_GAP, (vision, one, other)
