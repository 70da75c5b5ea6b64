import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.credits import find_artist, find_release
from recommender.catalog.editing import edit_track
from recommender.catalog.models import Release, Track, Visibility
from recommender.listening.feedback import give_opinion
from recommender.listening.models import Verdict
from recommender.web import playing
from tests.people import make_cover, make_track, make_user

pytestmark = pytest.mark.django_db


def ask(client, **query):
    return client.get(reverse("track_sound"), query)


def ids(answer):
    return [told["id"] for told in answer.json()]


def test_a_player_is_told_all_it_shows_and_plays(script_client):
    owner = make_user()
    track = make_track(owner, title="Loud", loudness_lufs=-8.5, duration_seconds=61.5, cover=make_cover())
    edit_track(track, owner, {"artists": ["Ann", "Ben"]})
    (told,) = ask(script_client, track=track.pk).json()
    assert told == {
        "id": track.pk,
        "title": "Loud",
        "artist": "Ann, Ben",
        "page": reverse("track", args=[track.pk]),
        "src": reverse("track_audio", args=[track.pk]),
        "cover": f"{reverse('track_cover', args=[track.pk, 300])}?v={track.cover_id[:8]}",
        "format": "MP3",
        "duration": 61.5,
        "gain": -9.5,
        "download": None,
        "liked": None,
    }
    listener = make_user(Role.LISTENER)
    script_client.force_login(listener)
    (told,) = ask(script_client, track=track.pk).json()
    assert (told["download"], told["liked"]) == (reverse("track_download", args=[track.pk]), False)
    give_opinion(listener, track, Verdict.LIKE)
    assert ask(script_client, track=track.pk).json()[0]["liked"]
    give_opinion(listener, track, Verdict.DISLIKE)
    assert not ask(script_client, track=track.pk).json()[0]["liked"]


def test_what_is_not_measured_is_as_loud_as_its_tags_say(script_client):
    tagged, unknown = make_track(replaygain_db=-4.0), make_track()
    assert [told["gain"] for told in ask(script_client, track=[tagged.pk, unknown.pk]).json()] == [-4.0, None]


def test_tracks_come_in_the_order_asked_without_those_that_cannot_be_heard(script_client):
    one, other = make_track(), make_track()
    hidden, unplayable = make_track(visibility=Visibility.PRIVATE), make_track(is_playable=False)
    asked = [other.pk, hidden.pk, 10**17, unplayable.pk, one.pk, other.pk]
    assert ids(ask(script_client, track=asked)) == [other.pk, one.pk]
    assert ids(ask(script_client)) == []
    script_client.force_login(hidden.owner)
    assert ids(ask(script_client, track=[hidden.pk, one.pk])) == [hidden.pk, one.pk]


def test_a_release_and_an_artist_are_played_in_their_order(script_client):
    owner = make_user()
    made = {}
    for title, release, number in (("b", "Album", 2), ("a", "Album", 1), ("loose", None, None), ("secret", "Album", 3)):
        made[title] = make_track(owner, title=title, track_number=number)
        edit_track(made[title], owner, {"artists": ["Ann"], "release": release})
    Track.objects.filter(pk=made["secret"].pk).update(visibility=Visibility.PRIVATE)
    release = Release.objects.get(title="Album")
    assert ids(ask(script_client, release=release.pk)) == [made["a"].pk, made["b"].pk]
    by_ann = ids(ask(script_client, artist=release.artist_id))
    assert set(by_ann) == {made[title].pk for title in ("a", "b", "loose")}
    assert by_ann.index(made["a"].pk) < by_ann.index(made["b"].pk)
    assert ids(ask(script_client, release=10**17)) == ids(ask(script_client, artist=10**17)) == []


def test_who_made_a_release_of_others_is_played_as_well(script_client):
    release = find_release("Sampler", find_artist("Various Artists"))
    track = make_track(artist=find_artist("Ann"), release=release)
    assert ids(ask(script_client, artist=release.artist_id)) == [track.pk]


@pytest.mark.parametrize("name", ["track", "release", "artist"])
@pytest.mark.parametrize("number", ["x", "-1", "1.5", "9" * 30, "\u0661"])
def test_nonsense_is_refused(script_client, name, number):
    answer = ask(script_client, **{name: number})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_address")


def test_there_is_a_limit(script_client, monkeypatch):
    monkeypatch.setattr(playing, "MOST_TRACKS", 2)
    tracks = [make_track().pk for _ in range(3)]
    assert ids(ask(script_client, track=tracks[:2])) == tracks[:2]
    assert ask(script_client, track=tracks).status_code == 400


def test_any_number_of_tracks_costs_the_same(script_client, django_assert_max_num_queries):
    listener = make_user(Role.LISTENER)
    script_client.force_login(listener)
    tracks = [make_track().pk for _ in range(5)]
    # The session, the viewer and the viewer's roles are three of them.
    with django_assert_max_num_queries(6):
        assert len(ids(ask(script_client, track=tracks))) == len(tracks)
