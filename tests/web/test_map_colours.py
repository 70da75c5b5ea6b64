"""The colours of the map: seen on either ground, and told apart with any kind of colour vision."""

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

SOURCE = Path(__file__).parents[2] / "static/js/pages/map/colours.js"
GROUNDS = {"light": "#ffffff", "dark": "#1e1b21"}
# WCAG 2.2, 1.4.11; and of how many colours which gap in OKLab: plain to see, or to be found again in a legend.
LEAST_CONTRAST = 3.0
GAPS = {"OF_REGIONS": (8, 0.12), "OF_KINDS": (12, 0.085)}
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


def read_colours(name, ground):
    listed = re.search(rf"const {name} = {{.*?^  {ground}: \[(.*?)\]", SOURCE.read_text(), re.MULTILINE | re.DOTALL)
    return re.findall(r"#[0-9a-f]{6}", listed[1])


@pytest.mark.parametrize("name", GAPS)
@pytest.mark.parametrize("ground", GROUNDS)
def test_they_are_told_apart_by_everybody(name, ground):
    colours, (count, least_gap) = read_colours(name, ground), GAPS[name]
    assert len(set(colours)) == count
    for colour in colours:
        bright, dim = sorted([luminance(colour), luminance(GROUNDS[ground])], reverse=True)
        assert bright / dim >= LEAST_CONTRAST, colour
    for vision, seen in VISIONS.items():
        for one, other in combinations(colours, 2):
            gap = np.linalg.norm(to_lab(seen @ to_linear(one)) - to_lab(seen @ to_linear(other)))
            assert gap >= least_gap, (vision, one, other)


@pytest.mark.parametrize("ground", GROUNDS)
def test_what_has_no_colour_is_none_of_them(ground):
    grey = re.search(rf"const NOWHERE = .*{ground}: \"(#[0-9a-f]{{6}})\"", SOURCE.read_text())[1]
    for colour in read_colours("OF_KINDS", ground):
        assert np.linalg.norm(to_lab(to_linear(grey)) - to_lab(to_linear(colour))) >= GAPS["OF_KINDS"][1], colour
