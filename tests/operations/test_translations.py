"""Every text of the code is there in every language, in files that are just what `update_translations` writes."""

import itertools
import re
import shutil

import pytest
from django.conf import settings as configured

from recommender.operations.translations import (
    find_messages,
    is_translated,
    merge,
    read_catalogue,
    sort_messages,
    update_catalogues,
)

# %(name)s, {name} and HTML.
FILLED = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}|</?[a-z][^>]*>")
PYTHON = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
SAID = gettext_lazy("Later")
def tell(count):
    # Translators: of a catalogue
    return _("Now") + ngettext("%(count)d track", "%(count)d tracks", count) + pgettext("menu", "Now")
"""
TEMPLATE = """{% load i18n %}
<p>{% translate "Tracks" %} {{ "x"|default:_("none") }}</p>
    {% blocktranslate trimmed count n=page.total %}
      {{ n }} track found
  {% plural %}
      {{ n }} tracks found
    {% endblocktranslate %}
{% include "x.html" with title=_("Sounds like") %}
"""
SCRIPT = """
import { gettext as _, ngettext, interpolate } from "./words.js";
const told = `${_("Within")} ${interpolate(ngettext("%(n)s file", "%(n)s files", n), { n })}`;
"""


@pytest.fixture
def project(tmp_path, settings):
    """A small project with a text of every kind."""
    settings.BASE_DIR, settings.TRANSLATIONS = tmp_path, tmp_path / "locale"
    for name, text in (("recommender/a.py", PYTHON), ("templates/a.html", TEMPLATE), ("static/js/a.js", SCRIPT)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture(scope="module")
def updated():
    return list(update_catalogues())


@pytest.fixture
def catalogs(updated):
    return [read_catalogue(each.path, each.path.parent.parent.name) for each in updated]


def test_every_catalogue_is_in_step_with_the_code(updated):
    """If this fails: `manage.py update_translations`, and write the words that are missing."""
    assert [each.path.name for each in updated if each.path.read_text() != each.text] == []


def test_every_text_has_its_words(catalogs):
    assert [each.id for catalog in catalogs for each in catalog if each.id and not is_translated(each)] == []


def test_nothing_is_uncertain_or_left_over(catalogs):
    for catalog in catalogs:
        assert not catalog.obsolete
        assert [message.id for message in catalog if message.id and message.fuzzy] == []


def test_what_is_filled_in_stays(catalogs):
    """Places for values, tags and addresses are the same in the words as in the text, and shares keep their sign."""
    for message in itertools.chain.from_iterable(catalogs):
        if message.id and is_translated(message):
            asked = message.id if isinstance(message.id, tuple) else (message.id,)
            words = message.string if isinstance(message.string, tuple) else (message.string,)
            # A singular need not say the number.
            assert {*FILLED.findall("".join(words))} == {*FILLED.findall("".join(asked))}, message.id
            assert sorted(FILLED.findall(words[-1])) == sorted(FILLED.findall(asked[-1])), message.id


def test_texts_are_found_wherever_they_are(project):
    found = {message.id: message for message in sort_messages(find_messages("django"))}
    pairs = {("%(count)d track", "%(count)d tracks"), ("%(n)s track found", "%(n)s tracks found")}
    assert found.keys() == {"Later", "Now", "Tracks", "none", "Sounds like", *pairs}
    assert len(sort_messages(find_messages("django"))) == len(found) + 1
    in_scripts = sort_messages(find_messages("djangojs"))
    assert [message.id for message in in_scripts] == [("%(n)s file", "%(n)s files"), "Within"]
    assert found["Tracks"].locations == [("templates/a.html", 0)]


def test_words_stay_and_what_is_asked_no_more_goes(project):
    path = project / "locale" / "de" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    found = sort_messages(find_messages("django"))
    path.write_text("# Ein Glossar\n" + merge(found, "de", path).text.split("\n", 1)[1])
    filled = path.read_text().replace('msgid "Later"\nmsgstr ""', 'msgid "Later"\nmsgstr "Später"')
    path.write_text(f'{filled}\nmsgid "Gone"\nmsgstr "Weg"\n\n#, fuzzy\nmsgid "Soon"\nmsgstr "Bald"\n')
    updated = merge(found, "de", path)
    assert (updated.total, updated.missing) == (8, 7)
    assert updated.text.startswith("# Ein Glossar\n")
    assert "Später" in updated.text
    assert "Weg" not in updated.text
    assert "fuzzy" not in updated.text
    path.write_text(updated.text)
    assert merge(found, "de", path).text == updated.text


def test_a_new_language_gets_files_of_its_own(project, settings):
    settings.LANGUAGES = [*configured.LANGUAGES, ("fr", "Français")]
    names = [each.path.relative_to(settings.TRANSLATIONS).as_posix() for each in update_catalogues()]
    assert "fr/LC_MESSAGES/djangojs.po" in names
    shutil.rmtree(settings.TRANSLATIONS, ignore_errors=True)
