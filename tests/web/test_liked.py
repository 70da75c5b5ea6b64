import pytest
from django.urls import reverse

from recommender.catalog.models import Visibility
from recommender.listening.feedback import give_opinion
from recommender.listening.models import Verdict
from recommender.web import liked
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


def test_ones_own_likes_newest_first(page_client, listener):
    first, second, hidden, disliked, others = (make_track(title=f"Tune {number}") for number in range(5))
    for track in (second, hidden, first, second):
        give_opinion(listener, track, Verdict.LIKE)
    give_opinion(listener, disliked, Verdict.DISLIKE)
    give_opinion(make_user(), others, Verdict.LIKE)
    type(hidden).objects.filter(pk=hidden.pk).update(visibility=Visibility.PRIVATE)
    answer = page_client.get(reverse("liked"))
    page = answer.context["page"]
    assert (page.tracks, page.total, page.saved) == ([second, first], 2, [second.pk, first.pk])
    text = answer.content.decode()
    assert "Save 2 tracks" in text
    # No longer liked, from the list itself and back to it.
    page_client.post(reverse("track_feedback", args=[second.pk]), {"say": "neither", "back": reverse("liked")})
    assert page_client.get(reverse("liked")).context["page"].tracks == [first]


def test_a_playlist_of_what_is_liked(page_client, listener):
    for _ in range(2):
        give_opinion(listener, make_track(), Verdict.LIKE)
    saved = page_client.get(reverse("liked")).context["page"].saved
    answer = page_client.post(reverse("playlists"), {"name": "Liked", "track": saved})
    assert answer.status_code == 302
    assert [entry.track_id for entry in listener.playlists.get().entries.order_by("position")] == saved


def test_pages_and_an_empty_one(page_client, listener, monkeypatch):
    assert "Nothing liked yet" in page_client.get(reverse("liked")).content.decode()
    monkeypatch.setattr(liked, "PAGE_SIZE", 2)
    tracks = [make_track() for _ in range(3)]
    for track in tracks:
        give_opinion(listener, track, Verdict.LIKE)
    page = page_client.get(reverse("liked")).context["page"]
    assert page.tracks == tracks[:0:-1]
    following = page_client.get(reverse("liked") + page.after).context["page"]
    assert (following.tracks, following.after) == ([tracks[0]], "")
    assert page_client.get(reverse("liked") + following.before).context["page"].tracks == tracks[:0:-1]
    # The last one on a page is taken back: what follows is nothing, but not all there is.
    beyond = page_client.get(reverse("liked"), {"after": 1}).content.decode()
    assert "nothing further on" in beyond
    assert "Nothing liked yet" not in beyond
    for nonsense in ("x", "9" * 40, "1~2", "-1"):
        assert page_client.get(reverse("liked"), {"after": nonsense}).status_code == 200
