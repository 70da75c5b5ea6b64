import numpy as np
import pytest
from django.urls import reverse

from recommender.catalog.models import Visibility
from recommender.similarity.sync import synchronise_space
from tests.people import make_embedding, make_track, make_user

pytestmark = pytest.mark.django_db


def at(degrees):
    vector = np.zeros(8, np.float32)
    vector[:2] = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return vector


@pytest.fixture
def tracks(space):
    owner = make_user()
    made = [make_track(owner, title=f"At {degrees}") for degrees in (0, 30, 60, 90)]
    for track, degrees in zip(made, (0, 30, 60, 90), strict=True):
        make_embedding(track, space, at(degrees))
    synchronise_space(space)
    return made


def ask(client, **query):
    return client.get(reverse("path"), query)


def test_a_path_is_listed_with_its_steps(page_client, tracks):
    answer = ask(page_client, **{"from": tracks[0].pk, "to": tracks[3].pk, "count": 4})
    page = answer.context["page"]
    assert [stop.track for stop in page.stops] == tracks
    assert page.stops[0].similarity is None
    text = answer.content.decode()
    assert text.count("Similarity to the track before:") == 6
    assert "The way back" in text
    for track in tracks:
        assert f'data-play="{track.pk}"' in text


def test_the_other_end_is_searched_for(page_client, tracks):
    hidden = make_track(title="At home", visibility=Visibility.PRIVATE)
    answer = ask(page_client, **{"from": tracks[0].pk, "find": "At"})
    text = answer.content.decode()
    assert set(answer.context["page"].offered) == set(tracks)
    assert f"?from={tracks[0].pk}&amp;to={tracks[3].pk}" in text
    assert f"to={tracks[0].pk}" not in text
    assert hidden.title not in text
    assert "Nothing is called" in ask(page_client, **{"from": tracks[0].pk, "find": "zzzz"}).content.decode()


def test_where_a_path_begins_is_said(page_client):
    assert "Begin on the page of a track" in ask(page_client).content.decode()


def test_no_path_and_no_vector_are_said(page_client, tracks):
    ends = {"from": tracks[0].pk, "to": tracks[3].pk}
    assert "too few tracks of different artists" in ask(page_client, **ends, count=20).content.decode()
    ends["to"] = make_track().pk
    assert "has not been listened to" in ask(page_client, **ends).content.decode()


def test_unknown_and_private_tracks_are_not_found(page_client, tracks):
    private = make_track(visibility=Visibility.PRIVATE)
    for end in (private.pk, 10**9, 0, 2**63 - 1):
        assert ask(page_client, **{"from": end}).status_code == 404
        assert ask(page_client, **{"from": tracks[0].pk, "to": end}).status_code == 404


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"to": "{0}"}, "from one track to another"),
        ({"count": "2"}, "3 to 30 tracks"),
        ({"count": "0"}, "3 to 30 tracks"),
        ({"count": "1000000000"}, "3 to 30 tracks"),
        ({"count": "NaN"}, "whole number"),
        ({"count": "-4"}, "whole number"),
        ({"to": "x"}, "whole number"),
        ({"from": "٣"}, "whole number"),
        ({"from": "9" * 30}, "whole number"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(query, sentence, page_client, tracks):
    given = {"from": str(tracks[0].pk), "to": str(tracks[3].pk), **query}
    answer = ask(page_client, **{name: text.format(tracks[0].pk) for name, text in given.items()})
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
