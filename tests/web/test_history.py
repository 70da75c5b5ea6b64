import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from recommender.catalog.models import Visibility
from recommender.listening.models import Opinion, Play
from recommender.web import history
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db
NIGHT = dt.datetime(2020, 3, 10, 23, 30, tzinfo=dt.UTC)


def play(listener, track, at, **given):
    return Play.objects.create(listener=listener, track=track, heard_seconds=60.0, started_at=at, **given)


def page_of(client, **query):
    return client.get(reverse("history"), query).context["page"]


def test_days_are_those_of_the_listener(page_client, listener):
    track, hidden = make_track(title="Late song"), make_track(visibility=Visibility.PRIVATE)
    plays = [
        play(listener, track, NIGHT - dt.timedelta(hours=20)),
        play(listener, hidden, NIGHT - dt.timedelta(minutes=10), is_skipped=True),
        play(listener, track, NIGHT),
        play(listener, track, timezone.now()),
    ]
    play(make_user(), track, NIGHT)
    days = page_of(page_client).days
    assert [(day.name, [each.play for each in day.plays]) for day in days] == [("Today", plays[3:]), ("", plays[2::-1])]
    assert days[1].plays[1].track is None
    # East of here it is the next day already.
    page_client.cookies["zone"] = "Europe/Berlin"
    answer = page_client.get(reverse("history"))
    assert [len(day.plays) for day in answer.context["page"].days] == [1, 2, 1]
    text = answer.content.decode()
    assert "Wednesday, 11 March 2020" in text
    assert "00:30" in text
    assert "Skipped" in text
    assert "A track that is no longer here" in text


def test_a_day_stands_there_once_whichever_player_told_first(page_client, listener):
    track = make_track()
    midnight = NIGHT + dt.timedelta(minutes=30)
    early, long, late = (play(listener, track, midnight + dt.timedelta(minutes=begun)) for begun in (5, -10, 20))
    days = page_of(page_client).days
    assert [[each.play for each in day.plays] for day in days] == [[late, early], [long]]


def test_pages_go_back_in_time(page_client, listener, monkeypatch):
    assert "Nothing heard yet" in page_client.get(reverse("history")).content.decode()
    monkeypatch.setattr(history, "PAGE_SIZE", 2)
    track = make_track()
    plays = [play(listener, track, NIGHT + dt.timedelta(hours=hour)) for hour in range(3)]
    page = page_of(page_client)
    assert [each.play for day in page.days for each in day.plays] == plays[:0:-1]
    older = page_client.get(reverse("history") + page.after).context["page"]
    assert [each.play for day in older.days for each in day.plays] == plays[:1]
    beyond = page_client.get(reverse("history"), {"after": plays[0].pk}).content.decode()
    assert "nothing further back" in beyond
    assert "Nothing heard yet" not in beyond
    for nonsense in ("x", "9" * 40, "1~2"):
        assert page_client.get(reverse("history"), {"after": nonsense}).status_code == 200


def test_one_play_is_forgotten(page_client, listener):
    track = make_track(title="Guilty pleasure")
    kept, gone = (play(listener, track, NIGHT) for _ in range(2))
    address = reverse("history_forget", args=[gone.pk])
    asked = page_client.get(address).content.decode()
    assert "Guilty pleasure" in asked
    assert "no longer counts for what is recommended" in asked
    assert Play.objects.count() == 2
    assert page_client.post(address).url == reverse("history")
    assert list(Play.objects.all()) == [kept]
    assert page_client.post(address).status_code == 404
    # As scripts ask.
    answer = page_client.post(reverse("history_forget", args=[kept.pk]), headers={"Accept": "application/json"})
    assert (answer.status_code, Play.objects.count()) == (204, 0)


def test_all_is_forgotten_but_not_what_was_said_or_what_others_heard(page_client, listener):
    track = make_track()
    play(listener, track, NIGHT)
    others = play(make_user(), track, NIGHT)
    Opinion.objects.create(listener=listener, track=track, verdict="like")
    asked = page_client.get(reverse("history_forget_all")).content.decode()
    assert "1 play will be gone" in asked
    assert page_client.post(reverse("history_forget_all")).status_code == 302
    assert list(Play.objects.all()) == [others]
    assert Opinion.objects.count() == 1
    assert page_client.post(reverse("history_forget", args=[others.pk])).status_code == 404
