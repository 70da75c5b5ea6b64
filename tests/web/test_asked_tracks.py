import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from recommender.catalog.models import Visibility
from recommender.web.asked_tracks import find_asked, read_text, search_tracks
from tests.people import make_track

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


def test_tracks_come_in_their_order_or_not_at_all():
    one, two = make_track(), make_track()
    assert find_asked(NOBODY, [two.pk, one.pk]) == [two, one]
    assert find_asked(NOBODY, []) == []
    with pytest.raises(Http404):
        find_asked(NOBODY, [one.pk, make_track(visibility=Visibility.PRIVATE).pk])


def test_searches_find_what_can_be_heard():
    heard = make_track(title="Moonlight")
    make_track(title="Moonlight", is_playable=False)
    assert read_text("  Moon\0light ") == "Moonlight"
    assert read_text(" \0 ") == ""
    assert search_tracks(NOBODY, "moonlight", 5) == [heard]
