from django.utils import translation

from recommender.web.templatetags.languages import same_for_all


def test_a_part_of_every_page_is_made_for_each_language():
    english = same_for_all("parts/shortcuts.html")
    with translation.override("de"):
        german = same_for_all("parts/shortcuts.html")
    assert "Keyboard shortcuts" in english
    assert "Keyboard shortcuts" not in german
    assert same_for_all("parts/shortcuts.html") == english


def test_someone_who_changes_templates_sees_that_at_once(settings):
    settings.DEBUG = True
    assert same_for_all("parts/shortcuts.html") is not same_for_all("parts/shortcuts.html")
