import numpy as np
import pytest
from django.http import QueryDict
from django.urls import reverse

from recommender.catalog.models import AnalysisState
from recommender.similarity.sync import synchronise_space
from recommender.web.moments import read_passage, read_start
from recommender.web.refusals import BadAddressError
from tests.people import keep_parts, make_embedding, make_track, unit_vector

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "ends"),
    [
        ("from=0:42&to=0:50", (42, 50)),
        ("from=42&to=50.5", (42, 50.5)),
        ("from=0:00&to=1:02:05", (0, 3725)),
        ("from=1:01:00.5&to=1:02:00", (3660.5, 3720)),
    ],
)
def test_times_are_read_as_people_write_them(address, ends):
    passage = read_passage(QueryDict(address), make_track(duration_seconds=4000))
    assert (passage.from_seconds, passage.to_seconds) == ends


def test_without_a_passage_there_is_none():
    track = make_track()
    assert read_passage(QueryDict(""), track) is None
    assert read_passage(QueryDict("from=&to="), track) is None


def test_where_playing_begins():
    track = make_track(duration_seconds=90.0)
    starts = {"": 0, "t=1:05": 65, "t=83": 83, "t=83.5": 83.5, "t=90": 0, "t=1:00:00": 0}
    assert {address: read_start(QueryDict(address), track) for address in starts} == starts
    assert read_start(QueryDict("t=90"), make_track(duration_seconds=None)) == 90


BAD = [
    *("from=10", "to=10", "from=nan&to=10", "from=0&to=inf", "from=20&to=10", "from=10&to=10.5", "from=0:50&to=9:00"),
    *("from=-5&to=10", "from=1:-5&to=10", "from=1:2:3:4&to=10", "from=x&to=10", "from=0:&to=9", "from=1e400&to=9"),
    *("t=nan", "t=x", "t=-1", "t=1:2:3:4", "t=%00"),
]


@pytest.mark.parametrize("address", BAD)
def test_nonsense_is_answered_with_a_sentence(page_client, address):
    track = make_track()
    answer = page_client.get(f"{reverse('track', args=[track.pk])}?{address}")
    assert answer.status_code == 400
    given = QueryDict(address)
    with pytest.raises(BadAddressError, match=r"\.$"):
        read_passage(given, track) if "t" not in given else read_start(given, track)


def test_a_track_without_a_length_has_no_passages():
    with pytest.raises(BadAddressError):
        read_passage(QueryDict("from=0&to=5"), make_track(duration_seconds=None))


@pytest.fixture
def pair(space):
    """A seed and a track that shares its second part, which comes third there."""
    seed, other = (make_track(title=title, duration_seconds=30.0) for title in ("Seed", "Other"))
    common, parts = unit_vector(1), [unit_vector(number) for number in range(2, 6)]
    for track, played in ((seed, [parts[0], common, parts[1]]), (other, [parts[2], parts[3], common])):
        mean = np.mean(played, axis=0)
        made = make_embedding(track, space, (mean / np.linalg.norm(mean)).astype(np.float32))
        keep_parts(made, played, step=10.0)
    synchronise_space(space)
    return seed, other


def page_of(client, track, **query):
    return client.get(reverse("track", args=[track.pk]), query).content.decode()


NEAREST = {"variety": "raw", "without": "keep_above_floor"}


def test_a_recommendation_leads_to_the_moments_that_match(page_client, pair):
    seed, other = pair
    page = page_of(page_client, seed, **NEAREST)
    for track, seconds, words in ((seed, 10, "0:10 here"), (other, 20, "0:20 there")):
        link = f'href="{reverse("track", args=[track.pk])}?t={seconds}" hx-boost="false" data-start="{seconds}.000"'
        assert f'{link} data-track="{track.pk}"' in page
        assert words in page
    assert 'name="from"' in page


def test_the_results_of_a_passage_start_at_their_moment(page_client, pair):
    seed, other = pair
    page = page_of(page_client, seed, **{"from": "0:11", "to": "0:19"}, **NEAREST)
    assert "Sounds like this passage" in page
    assert "0:11 to 0:19" in page
    button = page[page.index(f'data-play="{other.pk}"') :]
    assert 'data-start="20.000"' in button[: button.index(">")]
    assert ("0:20 there" in page, " here</a> ·" in page) == (True, False)
    assert 'name="from" value="11.000"' in page
    assert reverse("track", args=[seed.pk]) in page


def test_a_link_to_a_moment_opens_the_player_there_with_and_without_scripts(page_client):
    track = make_track()
    page = page_of(page_client, track, t="42")
    button = page[page.index(f'data-play="{track.pk}"') :]
    assert 'data-start="42.000"' in button[: button.index(">")]
    assert f'src="{reverse("track_audio", args=[track.pk])}#t=42.000"' in page
    assert page_of(page_client, track).count('data-start="0.000"') == 2


@pytest.mark.parametrize("state", [AnalysisState.QUEUED, AnalysisState.UNINDEXED])
def test_a_track_that_is_not_compared_offers_no_passages(page_client, space, state):
    track = make_track()
    track.analyses.create(space=space, state=state)
    assert 'name="from"' not in page_of(page_client, track)
    assert page_client.get(f"{reverse('track', args=[track.pk])}?from=1&to=5").status_code == 200


def test_a_track_of_an_older_version_says_that_nothing_can_be_compared(page_client, space):
    track = make_track()
    make_embedding(track, space, unit_vector(1), AnalysisState.READY)
    synchronise_space(space)
    assert "No moment of another track can be compared" in page_of(page_client, track, **{"from": "1", "to": "5"})
