"""What stands in lists, as the pages show it: nothing that somebody wrote is ever markup."""

import pytest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from recommender.accounts.models import Role
from recommender.listening.models import Playlist
from recommender.listening.playlists import add_tracks
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db
EVIL = """<b onclick="x">'&"""
HARMLESS = "&lt;b onclick=&#34;x&#34;&gt;&#39;&amp;"


@pytest.fixture
def track(db):
    return make_track()


def render(text, user=None, **given):
    request = RequestFactory().get("/")
    request.user = user or make_user()
    return engines["django"].from_string("{% load rows %}" + text).render(given, request)


@pytest.mark.parametrize(
    "tag", ["play_button track", "card track", "track_row track", 'track_row track main_artist="x"']
)
def test_what_people_wrote_is_escaped_once(track, tag):
    track.title = EVIL
    made = render("{% " + tag + " %}", track=track)
    assert HARMLESS in made
    assert EVIL not in made
    assert "&amp;lt;" not in made
    assert "<b " not in made


def test_a_visitor_is_offered_nothing_that_needs_an_account(track):
    request = RequestFactory().get("/")
    template = engines["django"].from_string("{% load rows %}{% track_row track %}")
    made = template.render({"track": track}, request)
    assert "data-play=" in made
    assert "data-enqueue=" in made
    assert "data-download" not in made
    assert "/playlists" not in made
    assert "/report" not in made


def test_what_cannot_be_played_has_no_button_and_says_so(track):
    track.is_playable, track.state = False, "failed"
    assert "data-play=" not in render("{% card track %}{% track_row track %}", track=track)
    assert 'data-state="failed">Failed<' in render("{% card track %}", track=track)


def test_a_place_in_a_playlist_is_changed_where_it_is_the_viewers(track):
    owner = make_user(Role.LISTENER)
    playlist = Playlist.objects.create(owner=owner, name="Evening")
    add_tracks(playlist, [track.pk])
    given = {"entry": playlist.entries.get(), "playlist": playlist, "track": track}
    own = render("{% track_row track entry=entry playlist=playlist %}", **given)
    assert f'formaction="/playlists/{playlist.pk}/entries/{given["entry"].pk}"' in own
    assert 'value="remove"' in own
    foreign = render("{% track_row track entry=entry %}", **given)
    assert f'data-entry="{given["entry"].pk}"' in foreign
    assert "formaction" not in foreign


def test_each_reader_reads_their_own_language(track):
    assert "More for" in render("{% track_row track %}", track=track)
    with translation.override("de"):
        assert "Mehr zu" in render("{% track_row track %}", track=track)
    assert "More for" in render("{% track_row track %}", track=track)
