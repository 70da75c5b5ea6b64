"""What people read in a template goes through gettext: else it stays English in every other language."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "templates"
# The admin's own pages are for those who run the place.
NAMES = sorted(
    path.relative_to(TEMPLATES).as_posix()
    for ending in ("html", "jinja")
    for path in TEMPLATES.rglob(f"*.{ending}")
    if path.parent.name != "admin"
)
NOT_READ = re.compile(r"\{#.*?#\}|\{% blocktranslate.*?\{% endblocktranslate %\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
READ = re.compile(r'>([^<>]+)<|\s(?:aria-label|title|placeholder|alt|data-question|data-consequence)="([^"]+)"')
# Names, what is printed on keys, and what stands for nothing.
SAME_EVERYWHERE = re.compile(r"Soundalike|<kbd>\w</kbd>|&\w+;")


@pytest.mark.parametrize("name", NAMES)
def test_every_word_is_marked_for_translation(name):
    text = SAME_EVERYWHERE.sub("", NOT_READ.sub("", (TEMPLATES / name).read_text()))
    unmarked = [words.strip() for found in READ.findall(text) for words in found if re.search("[A-Za-z]", words)]
    assert unmarked == []


def test_a_word_that_is_not_marked_is_found():
    text = NOT_READ.sub("", '<p title="{% translate "Marked" %}">{% if page %}Bare{% endif %}</p>')
    assert READ.findall(text) == [("Bare", "")]
