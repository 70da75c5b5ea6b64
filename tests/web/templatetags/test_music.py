import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import timezone, translation

from recommender.web.templatetags.music import ago, count_tracks, link_tracks, megabytes, thousands


@pytest.mark.parametrize(
    ("earlier", "said"),
    [
        (dt.timedelta(seconds=30), "just now"),
        (dt.timedelta(minutes=1, seconds=5), "1 minute ago"),
        (dt.timedelta(hours=2, minutes=50), "2 hours ago"),
        (dt.timedelta(days=20), "2 weeks ago"),
        (dt.timedelta(days=800), "2 years ago"),
    ],
)
def test_times_are_said_roughly(earlier, said):
    assert ago(timezone.now() - earlier).replace("\N{NO-BREAK SPACE}", " ") == said


@pytest.mark.parametrize(("number", "said"), [(0, "0 tracks"), (1, "1 track"), (4000, "4,000 tracks")])
def test_things_are_counted(number, said):
    assert count_tracks(number) == said


def test_numbers_are_written_as_the_language_writes_them():
    assert thousands(1_234_567) == "1,234,567"
    with translation.override("de"):
        assert thousands(1_234_567) == "1.234.567"
        assert megabytes(300 * 1024 * 1024) == "300 MB"


def test_titles_in_a_sentence_are_links_and_harmless():
    tracks = [SimpleNamespace(pk=3, title="Rain"), SimpleNamespace(pk=5, title="<b>Sun & moon")]
    linked = '<a href="/tracks/3/">Rain</a>, <a href="/tracks/5/">&lt;b&gt;Sun &amp; moon</a>'
    assert link_tracks(tracks) == linked
