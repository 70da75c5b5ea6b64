import datetime as dt

import pytest
from django.http import QueryDict
from django.utils import timezone

from recommender.catalog.models import Genre, Track, TrackTag
from recommender.web.narrowing import offer_narrowing
from recommender.web.wishes import read_wish
from tests.people import make_track

KNOWN = Track(tempo_bpm=120.0, tempo_confidence=0.9)


def offer(query="", track=KNOWN, tags=()):
    return offer_narrowing(track, [Genre(pk=3, name="Jazz")], [TrackTag(name=name) for name in tags], QueryDict(query))


def options(narrowing, name):
    choices = {choice.name: choice.options for choice in narrowing.choices}
    return {option.label: option for option in choices[name]}


def chosen(narrowing):
    listed = [*(option for choice in narrowing.choices for option in choice.options), *narrowing.boxes]
    return {(option.name, option.value) for option in listed if option.is_chosen and option.value}


def test_whatever_is_offered_can_be_asked_for():
    narrowing = offer("key=3", tags=["calm"])
    for option in [*(option for choice in narrowing.choices for option in choice.options), *narrowing.boxes]:
        given = QueryDict(mutable=True)
        given[option.name] = option.value
        read_wish(given)


def test_the_tempo_of_the_track_is_offered_where_it_is_known():
    assert options(offer(), "tempo")["Near 120 BPM"].value == "110-130"
    assert not any("Near" in label for label in options(offer(track=Track(tempo_bpm=120.0)), "tempo"))


def test_what_the_address_says_is_chosen_and_counted():
    narrowing = offer("tempo=90-120&key=&genre=3&tag=calm&harmonic=1&strictness=50", tags=["calm", "piano"])
    assert chosen(narrowing) == {("tempo", "90-120"), ("genre", "3"), ("tag", "calm")}
    assert narrowing.count == 3


def test_what_no_field_offers_is_kept():
    narrowing = offer("tempo=77-91&tag=harp&artist=5&genre=3&genre=4&without=spread_out")
    assert options(narrowing, "tempo")["77-91"].is_chosen
    assert ("tag", "harp") in chosen(narrowing)
    carried = [(option.name, option.value) for option in narrowing.carried]
    assert carried == [("artist", "5"), ("genre", "4"), ("without", "spread_out")]
    assert narrowing.count == 5


def test_days_are_counted_from_today():
    week_ago = timezone.localdate() - dt.timedelta(days=7)
    assert options(offer(), "since")["In the last week"].value == week_ago.isoformat()


@pytest.mark.django_db
def test_the_page_says_what_it_is_narrowed_to(page_client):
    track = make_track(tempo_bpm=120.0, tempo_confidence=0.9)
    page = page_client.get(f"/tracks/{track.pk}/?tempo=110-130").context["page"]
    assert page.narrowing.count == 1
    assert options(page.narrowing, "tempo")["Near 120 BPM"].is_chosen
