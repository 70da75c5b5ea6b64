"""What docs/operations.md lists is what the settings read, and what `up` runs."""

import re
from pathlib import Path

import pytest

from recommender.operations.plan import Plan
from recommender.operations.programs import list_programs
from recommender.settings import ENVIRONMENT

OPERATIONS = (Path(__file__).resolve().parent.parent / "docs" / "operations.md").read_text()


def rows(title):
    """The table under a heading: first cell of each row to the others."""
    section = OPERATIONS.split(f"## {title}\n")[1].split("\n## ")[0]
    return {match[1]: match[2] for match in re.finditer(r"^\| `([\w-]+)`.*?\| (.+) \|$", section, re.MULTILINE)}


def test_every_setting_is_listed_and_every_listed_setting_exists():
    assert rows("Settings").keys() == ENVIRONMENT.keys()


def as_listed(default):
    if isinstance(default, bool):
        return "on" if default else "off"
    return ",".join(default) if isinstance(default, list) else str(default)


@pytest.mark.parametrize("name", [name for name, (kind, _) in ENVIRONMENT.items() if kind is not str])
def test_the_listed_default_is_the_real_one(name):
    listed = rows("Settings")[name].split(" | ")[0].strip("`")
    assert listed == as_listed(ENVIRONMENT[name][1])


def test_every_program_is_listed(tmp_path):
    plan = Plan(home=tmp_path, web_port=1, redis_port=2, milvus_port=3, analysis_processes=1)
    assert rows("Programs").keys() == {program.name for program in list_programs(plan)}
