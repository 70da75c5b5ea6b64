import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from recommender.accounts.models import Role
from recommender.catalog.credits import find_artist, find_release
from recommender.catalog.models import AnalysisState, Visibility
from recommender.listening.feedback import give_opinion
from recommender.listening.models import Opinion, Play, Verdict
from recommender.web.home import describe_home
from tests.people import make_space, make_track, make_user

pytestmark = pytest.mark.django_db


def play(listener, track, *, days_ago=0.0, heard=60.0, **given):
    at = timezone.now() - dt.timedelta(days=days_ago)
    return Play.objects.create(listener=listener, track=track, heard_seconds=heard, started_at=at, **given)


def page_of(client):
    return client.get(reverse("home")).content.decode()


def test_the_library_is_found_where_it_was(page_client):
    answer = page_client.get("/?q=moon&genre=3&genre=5")
    assert (answer.status_code, answer["Location"]) == (301, "/library/?q=moon&genre=3&genre=5")
    assert page_client.get("/?utm=x").status_code == 200


def test_what_is_new_is_a_track_or_a_release(page_client):
    band = find_artist("The Band")
    release = find_release("The Album", band)
    for number in (2, 1, 3):
        make_track(title=f"Song {number}", artist=band, release=release, track_number=number)
    single = make_track(title="A single")
    make_track(title="Secret", visibility=Visibility.PRIVATE)
    make_track(title="Not yet", is_playable=False)
    page = page_client.get(reverse("home"))
    fresh = page.context["page"].fresh
    assert [(each.track.title, each.release and each.release.tracks) for each in fresh] == [
        (single.title, None),
        ("Song 1", 3),
    ]
    text = page.content.decode()
    assert "The Album" in text
    assert "Browse the library" in text
    assert "Made for you" not in text


def test_a_visitor_in_an_empty_catalog(page_client):
    assert "Sign in to upload the first tracks" in page_of(page_client)
    page_client.force_login(make_user(Role.LISTENER))
    assert "ask the one who runs this place" in page_of(page_client)
    page_client.force_login(make_user(Role.UPLOADER))
    assert "Upload the first tracks" in page_of(page_client)
    assert "import_music" not in page_of(page_client)
    page_client.force_login(make_user(Role.ADMIN))
    assert "import_music" in page_of(page_client)


def test_how_far_ones_own_tracks_are(page_client):
    space, owner = make_space(), make_user()
    done, waiting = make_track(owner), make_track(owner, is_playable=False)
    done.analyses.create(space=space, state=AnalysisState.READY)
    waiting.analyses.create(space=space, state=AnalysisState.ANALYSING)
    page_client.force_login(owner)
    assert "1 of your 2 tracks listened to" in page_of(page_client)
    assert 'hx-target="#home-progress"' in page_of(page_client)
    done.delete()
    # Where nothing is shown yet, the first of them brings the whole page.
    empty = page_of(page_client)
    assert "on their way" in empty
    assert 'hx-select="#home" hx-target="#home"' in empty
    waiting.analyses.update(state=AnalysisState.FAILED)
    assert "listened to. The rest" not in page_of(page_client)


def test_what_was_played_last_and_left(listener):
    whole, left, skipped, hidden = (make_track(title=name) for name in ("Whole", "Left", "Skipped", "Hidden"))
    play(listener, left, days_ago=2)
    play(listener, left, days_ago=0.2, heard=20.0)
    play(listener, whole, days_ago=0.1)
    play(listener, skipped, is_skipped=True)
    play(listener, hidden)
    type(hidden).objects.filter(pk=hidden.pk).update(visibility=Visibility.PRIVATE)
    play(make_user(), make_track())
    continued = describe_home(listener).continued
    assert [(each.track, each.is_left) for each in continued] == [(whole, False), (left, True)]


def test_what_was_loved_and_not_heard_for_long(listener):
    liked, often, lately, once, disliked = (make_track() for _ in range(5))
    for track in (liked, lately):
        give_opinion(listener, track, Verdict.LIKE)
    give_opinion(listener, disliked, Verdict.DISLIKE)
    Opinion.objects.update(given_at=timezone.now() - dt.timedelta(days=60))
    for track in (often, often, often, once, *[disliked] * 3):
        play(listener, track, days_ago=60)
    play(listener, lately, days_ago=20)
    found = describe_home(listener).rediscovered
    assert set(found) == {liked, often}
    assert describe_home(listener).rediscovered == found


def test_a_full_page_is_made_in_few_queries(page_client, listener):
    make_space()
    band = find_artist("The Band")
    for number in range(30):
        track = make_track(title=f"Song {number}", artist=band, release=find_release(f"Album {number // 2}", band))
        track.credits.create(artist=band)
        play(listener, track, days_ago=1 if number < 10 else 50)
        give_opinion(listener, track, Verdict.LIKE)
    Opinion.objects.update(given_at=timezone.now() - dt.timedelta(days=60))
    page_of(page_client)
    with CaptureQueriesContext(connection) as queries:
        page = page_client.get(reverse("home"))
    told = page.context["page"]
    assert (len(told.continued), len(told.fresh), len(told.rediscovered)) == (6, 12, 12)
    assert len(queries) <= 12
    text = page.content.decode()
    # What needs the index comes by itself, and is a page where there are no scripts.
    assert f'hx-get="{reverse("for_you")}"' in text
    assert f'href="{reverse("for_you")}"' in text


def test_shelves_say_what_they_wait_for(page_client, listener):
    make_space()
    page = page_client.get(reverse("for_you")).content.decode()
    assert "Like a few tracks" in page
    assert 'id="made"' in page
