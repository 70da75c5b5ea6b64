"""Catalogues get into the home, and one that is broken keeps nothing from starting."""

import gettext

import pytest

from recommender.operations.catalogues import compile_catalogues_if_changed

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


@pytest.fixture
def source(tmp_path, settings):
    """A catalogue of the test's own."""
    settings.TRANSLATIONS, settings.LOCALE_PATHS = tmp_path / "locale", [tmp_path / "home"]
    made = tmp_path / "locale" / "de" / "LC_MESSAGES" / "django.po"
    made.parent.mkdir(parents=True)
    made.write_text(f'{HEAD}msgid "track"\nmsgstr "Titel"\n')
    return made


def words(settings):
    return gettext.translation("django", settings.LOCALE_PATHS[0], ["de"], fallback=True)


def test_words_are_compiled_when_they_changed(source, settings):
    said = []
    for _ in range(2):
        compile_catalogues_if_changed(said.append)
    assert said == ["Compiling the words of de/LC_MESSAGES/django.po"]
    assert words(settings).gettext("track") == "Titel"
    compiled = settings.LOCALE_PATHS[0] / "de" / "LC_MESSAGES" / "django.mo"
    assert compiled.stat().st_mtime_ns == source.stat().st_mtime_ns


def test_what_is_fuzzy_is_not_said(source, settings):
    source.write_text(f'{HEAD}#, fuzzy\nmsgid "track"\nmsgstr "Spur"\n')
    compile_catalogues_if_changed(print)
    assert words(settings).gettext("track") == "track"


@pytest.mark.parametrize("broken", [b"\xff\xfe", b'msgid "a"\nmsgid "b"\n', b"nonsense"])
def test_a_broken_catalogue_is_told_and_left_out(broken, source, settings):
    source.write_bytes(broken)
    said = []
    compile_catalogues_if_changed(said.append)
    assert len(said) == 2
    assert said[1].startswith("They cannot be used: ")
    assert words(settings).gettext("track") == "track"


def test_no_catalogues_at_all_are_no_fault(settings, tmp_path):
    settings.TRANSLATIONS = tmp_path / "nothing"
    compile_catalogues_if_changed(print)
