"""Nonsense in the address of every page of the engine: refused with a sentence or not found, never an error."""

import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.models import Visibility
from tests.people import make_embedding, make_track, make_user, unit_vector

pytestmark = pytest.mark.django_db

HUGE, UNKNOWN, PRIVATE = "9" * 30, 10**9, "private"
MANY = ",".join(map(str, range(1, 5_000)))

# The name of an address, what is asked of it, and what is answered. `{0}` and `{1}` are tracks that may be seen.
FILTERS = [
    ("limit=0", 400),
    ("limit=1000000000", 400),
    (f"limit={HUGE}", 400),
    ("limit=NaN", 400),
    ("strictness=nan", 400),
    ("strictness=1e999", 400),
    ("variety=both", 400),
    ("without=everything", 400),
    ("without=drop_unlike", 400),
    ("year=2000-1990", 400),
    ("tempo=inf-", 400),
    ("tempo=-", 200),
    (f"duration={HUGE}-", 400),
    ("key=24", 400),
    (f"artist={HUGE}", 400),
    (f"artist={UNKNOWN}", 200),
    ("genre=x", 400),
    ("genre=1&genre=2&artist=1&release=2&key=3&harmonic=1&year=1-2&tag=calm", 200),
    ("tag=%00", 400),
    ("&".join(f"tag=word{number}" for number in range(300)), 200),
    ("since=2026-02-31", 400),
]
ASKED = [
    *(("track:{0}", query, status) for query, status in FILTERS),
    ("track:{0}", "from=0:10&to=nan", 400),
    ("track:{0}", "from=-1&to=5", 400),
    ("track:{0}", "from=10&to=1e9", 400),
    ("track:{0}", "t=inf", 400),
    ("track:{0}", f"saved={HUGE}", 200),
    (f"track:{UNKNOWN}", "", 404),
    (f"track:{2**63 - 1}", "", 404),
    ("track:{private}", "", 404),
    ("blend", "", 200),
    ("blend", "like=", 400),
    ("blend", "like=x", 400),
    ("blend", "like={0}&like={0}", 400),
    ("blend", "like={0}&unlike={0}", 400),
    ("blend", "unlike={0}", 200),
    ("blend", "like={0}:nan", 400),
    ("blend", "like={0}:0", 400),
    ("blend", "like={0}:1e9", 400),
    ("blend", f"like={UNKNOWN}", 404),
    ("blend", f"like={HUGE}", 400),
    ("blend", "like={0}&unlike={private}", 404),
    ("blend", "&".join(f"like={number}" for number in range(1, 500)), 400),
    ("path", "from={0}&to={0}", 400),
    ("path", "from={0}&to={1}&count=0", 400),
    ("path", "from={0}&to={1}&count=1000000000", 400),
    ("path", "from={0}&to={1}&count=NaN", 400),
    ("path", f"from={HUGE}", 400),
    ("path", f"from={UNKNOWN}&to=1", 404),
    ("path", "from={0}&to={private}", 404),
    ("path", "to=", 200),
    ("radio", "", 200),
    ("radio", "from=", 200),
    ("radio", "from=x", 400),
    ("radio", "from={0}&played=1,x", 400),
    ("radio", f"from={{0}}&played={HUGE}", 400),
    ("radio", f"from={{0}}&played={MANY}&skipped={MANY}", 200),
    ("radio", f"from={MANY}", 400),
    ("radio", f"from={UNKNOWN}", 404),
    ("radio", "from={private}", 404),
    ("radio_next:{0}", "count=0", 400),
    ("radio_next:{0}", "count=1000000000", 400),
    ("radio_next:{0}", "count=NaN", 400),
    ("radio_next:{0}", "liked=,", 400),
    ("radio_next:{0}", "liked={private}", 200),
    ("radio_next:{private}", "", 404),
    (f"radio_next:{UNKNOWN}", "", 404),
    ("describe", "", 200),
    ("describe", "words=%00", 200),
    ("describe", "words=" + "calm+piano+without+drums+" * 300, 200),
    ("describe", "words=" + "+".join(["slow", "fast", "calm", "powerful", "1990s", "a+minor"] * 3), 200),
    ("feedback", "kind=nonsense", 400),
    ("feedback", f"kind=like&after={HUGE}", 200),
    ("feedback", "after=~NaN", 200),
    ("missing", "limit=0", 200),
    (f"artist:{UNKNOWN}", "", 404),
    (f"release:{UNKNOWN}", "", 404),
]
TOLD = [
    ("track_feedback:{0}", {}, 400),
    ("track_feedback:{0}", {"say": "nonsense"}, 400),
    ("track_feedback:{0}", {"say": "unlike"}, 400),
    ("track_feedback:{0}", {"say": "unlike", "seed": "{0}"}, 400),
    ("track_feedback:{0}", {"say": "unlike", "seed": HUGE}, 400),
    ("track_feedback:{0}", {"say": "unlike", "seed": "{private}"}, 404),
    ("track_feedback:{private}", {"say": "like"}, 404),
    ("track_rule:{0}", {"say": "unlike"}, 400),
    ("track_rule:{0}", {"say": "unlike", "seed": str(UNKNOWN)}, 404),
    ("track_rule:{0}", {"say": "both", "seed": "{1}"}, 400),
    ("track_play:{0}", {"heard": "nan"}, 400),
    ("track_play:{0}", {"heard": "-1"}, 400),
    ("feedback_undo:like:1", {}, 404),
    ("feedback_undo:nonsense:1", {}, 404),
]


@pytest.fixture
def tracks(space):
    """Two that may be seen, and one that may not."""
    seen = [make_track(duration_seconds=60.0) for _ in range(2)]
    for number, track in enumerate(seen):
        make_embedding(track, space, unit_vector(number))
    return {"0": seen[0].pk, "1": seen[1].pk, PRIVATE: make_track(visibility=Visibility.PRIVATE).pk}


def fill_in(text, tracks):
    for name, pk in tracks.items():
        text = text.replace(f"{{{name}}}", str(pk))
    return text


def address_of(told, tracks):
    name, *parts = fill_in(told, tracks).split(":")
    return reverse(name, args=[int(part) if part.isdigit() else part for part in parts])


def sentence_of(answer):
    """What a script is told, or a person."""
    return answer.json()["detail"] if answer["Content-Type"] == "application/problem+json" else answer.content.decode()


@pytest.fixture
def curator(client):
    client.force_login(make_user(Role.CURATOR))
    return client


def test_every_address_refuses_nonsense_with_a_sentence(curator, tracks, subtests):
    for name, query, status in ASKED:
        with subtests.test(f"{name}?{query[:60]}"):
            answer = curator.get(f"{address_of(name, tracks)}?{fill_in(query, tracks)}")
            assert answer.status_code == status
            if status == 400:
                assert "." in sentence_of(answer)


def test_what_is_told_is_refused_likewise(curator, tracks, subtests):
    for name, given, status in TOLD:
        with subtests.test(f"{name} {given}"):
            told = {key: fill_in(value, tracks) for key, value in given.items()}
            assert curator.post(address_of(name, tracks), told).status_code == status
