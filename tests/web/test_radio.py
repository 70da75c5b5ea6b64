import numpy as np
import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.models import Visibility
from recommender.listening.feedback import give_opinion
from recommender.listening.models import Verdict
from recommender.similarity.sync import synchronise_space
from tests.people import make_embedding, make_track, make_user, unit_vector

pytestmark = pytest.mark.django_db


@pytest.fixture
def tracks(space):
    """The seed and twelve others."""
    made = [make_track(title=f"Tune {number:02}", duration_seconds=60.0 + 2 * number) for number in range(13)]
    for number, track in enumerate(made):
        vector = unit_vector(1) + 0.1 * number * unit_vector(2)
        make_embedding(track, space, vector / np.linalg.norm(vector))
    synchronise_space(space)
    return made


def ask(client, seed, **query):
    return client.get(reverse("radio_next", args=[seed.pk]), query)


def test_a_player_asks_for_what_comes_next(script_client, tracks):
    first = ask(script_client, tracks[0], count=5).json()
    assert len(first["tracks"]) == 5
    told = first["tracks"][0]
    assert told["src"] == reverse("track_audio", args=[told["id"]])
    sound = script_client.get(reverse("track_sound"), {"track": told["id"]}).json()[0]
    assert told == {**sound, "similarity": told["similarity"]}
    played = [each["id"] for each in first["tracks"]]
    then = ask(script_client, tracks[0], count=7, played=",".join(map(str, played)), skipped=played[0]).json()
    assert {each["id"] for each in then["tracks"]} | {*played, tracks[0].pk} == {track.pk for track in tracks}
    assert (then["is_repeating"], then["degraded"]) == (False, False)
    everything = ",".join(str(track.pk) for track in tracks)
    assert ask(script_client, tracks[0], played=everything).json()["is_repeating"]


@pytest.mark.parametrize(
    "query",
    [
        *({"count": count} for count in ("0", "-1", "1000000000", "99999999999999999999", "nan", "x", "")),
        *(
            {name: ids}
            for name in ("played", "skipped", "liked", "also")
            for ids in ("x", "1,,2", "-1", "1.5", "9" * 30)
        ),
    ],
)
def test_nonsense_is_refused(script_client, query):
    answer = ask(script_client, make_track(), **query)
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_address"


def test_a_player_may_start_from_several(script_client, tracks):
    hidden = make_track(visibility=Visibility.PRIVATE)
    answer = ask(script_client, tracks[0], also=f"{tracks[1].pk},{tracks[2].pk}")
    assert not {each["id"] for each in answer.json()["tracks"]} & {track.pk for track in tracks[:3]}
    assert ask(script_client, tracks[0], also=hidden.pk).status_code == 404
    assert ask(script_client, tracks[0], also="1," * 10 + "1").status_code == 400


def test_ids_that_name_nothing_are_no_fault(script_client, tracks):
    hidden = make_track(visibility=Visibility.PRIVATE)
    answer = ask(script_client, tracks[0], played=f"{10**17},{hidden.pk}", liked=hidden.pk)
    assert len(answer.json()["tracks"]) == 10
    long_ago = ",".join(["7"] * 100_00)
    assert ask(script_client, tracks[0], played=long_ago).status_code == 200


def test_the_page_goes_on_without_scripts(page_client, tracks):
    first = page_client.get(reverse("radio"), {"from": tracks[0].pk})
    shown = [each.track.pk for each in first.context["page"].radio.tracks]
    assert len(shown) == 10
    page = first.content.decode()
    more = first.context["page"].more
    assert f'href="{more.replace("&", "&amp;")}">More</a>' in page
    then = page_client.get(reverse("radio") + more)
    following = [each.track.pk for each in then.context["page"].radio.tracks]
    assert not set(following[:2]) & set(shown)
    assert "some of these were there before" in then.content.decode()
    assert "some of these were there before" not in page


def test_several_seeds_and_their_limits(page_client, tracks):
    page = page_client.get(reverse("radio"), {"from": [tracks[0].pk, tracks[1].pk]})
    assert page.context["page"].seeds == tracks[:2]
    hidden = make_track(visibility=Visibility.PRIVATE)
    for given, status in (("x", 400), ("9" * 30, 400), ("1," * 10 + "1", 400), (hidden.pk, 404), (10**17, 404)):
        assert page_client.get(reverse("radio"), {"from": given}).status_code == status


def test_empty_radios_say_why(page_client, space):
    assert "A radio starts from a track" in page_client.get(reverse("radio")).content.decode()
    silent = page_client.get(reverse("radio"), {"from": make_track().pk}).content.decode()
    assert "There is nothing to play from here yet." in silent


def test_what_is_missing(page_client, tracks):
    listener = make_user(Role.LISTENER)
    page_client.force_login(listener)
    assert "Like some tracks first" in page_client.get(reverse("missing")).content.decode()
    give_opinion(listener, tracks[0], Verdict.LIKE)
    page = page_client.get(reverse("missing")).content.decode()
    assert "Tune 01" in page
    assert "sounds like Tune 00" in page
    for track in tracks[1:]:
        give_opinion(listener, track, Verdict.LIKE)
    assert "You have heard all that sounds like" in page_client.get(reverse("missing")).content.decode()


def test_what_is_missing_takes_few_queries(page_client, listener, tracks, django_assert_max_num_queries):
    for track in tracks[:5]:
        give_opinion(listener, track, Verdict.LIKE)
    page_client.get(reverse("missing"))
    with django_assert_max_num_queries(12):
        assert "sounds like Tune" in page_client.get(reverse("missing")).content.decode()
