"""What is suggested for a track from what is said of the tracks around it."""

import datetime as dt

import pytest
from django.utils import timezone

from recommender.accounts.models import Role
from recommender.catalog.credits import set_genres
from recommender.catalog.editing import edit_track
from recommender.catalog.models import Genre, TrackTag, Visibility
from recommender.catalog.moods import set_moods
from recommender.curation.suggestions import (
    LEAST,
    Kind,
    find_candidates,
    name_values,
    propose,
    propose_genres,
    propose_moods,
    propose_others,
)
from recommender.similarity.sync import synchronise_space
from recommender.similarity.voting import Vote
from tests.people import add_heard, at_cosine, make_track, make_user, unit_vector

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator():
    return make_user(Role.CURATOR)


@pytest.fixture
def around(space):
    """Six tracks close together, five of them jazz; and others far away."""
    made = [add_heard(space, at_cosine(0.97, axis)) for axis in range(1, 7)]
    for track in made[1:]:
        set_genres(track, ["Jazz"])
    for number in range(20):
        add_heard(space, -abs(unit_vector(number)))
    synchronise_space(space)
    return made


def votes(*said):
    return [Vote(number, 0.9, frozenset(values.split())) for number, values in enumerate(said, start=1)]


def test_candidates_are_what_may_be_described_and_lacks_it(space, curator):
    bare, rock = add_heard(space, at_cosine(1.0)), add_heard(space, at_cosine(0.9))
    set_genres(rock, ["Rock"])
    set_moods(rock, ["calm"])
    add_heard(space, at_cosine(0.8), visibility=Visibility.PRIVATE)
    make_track()
    assert list(find_candidates(curator, Kind.GENRE)) == [bare]
    assert list(find_candidates(curator, Kind.WRONG)) == [rock]
    assert list(find_candidates(curator, Kind.MOOD)) == [bare]


def test_neighbours_suggest_their_genre(around, curator):
    bare, *speaking = around
    [proposal] = propose([bare.pk], curator, Kind.GENRE)[bare.pk]
    assert name_values(curator, Kind.GENRE, [proposal.value]) == {proposal.value: "Jazz"}
    assert set(proposal.speakers) == {track.pk for track in speaking}
    assert (proposal.votes, LEAST < proposal.confidence < 0.9) == (5, True)
    assert propose([bare.pk], curator, Kind.GENRE, least=0.95) == {}


def test_what_was_said_after_the_act_began_does_not_speak(around, curator):
    bare, changed, *_others = around
    began = timezone.now()
    edit_track(changed, curator, {"genres": ["Blues"]})
    found = propose([bare.pk], curator, Kind.GENRE, until=began)[bare.pk][0]
    assert (changed.pk in found.speakers, found.votes) == (False, 4)
    assert propose([bare.pk], curator, Kind.GENRE, until=began + dt.timedelta(hours=1))[bare.pk][0].votes == 5


def test_what_the_viewer_may_not_know_of_does_not_speak(around):
    bare = around[0]
    for track in around[1:]:
        track.visibility = Visibility.PRIVATE
        track.save(update_fields=["visibility"])
    assert propose([bare.pk], make_user(Role.CURATOR), Kind.GENRE) == {}
    assert bare.pk in propose([bare.pk], make_user(Role.ADMIN), Kind.GENRE)


def test_a_genre_looks_wrong_that_nobody_around_has(around, curator):
    odd, like = around[0], around[1]
    set_genres(odd, ["Polka"])
    found = propose([odd.pk, like.pk], curator, Kind.WRONG)
    assert list(found) == [odd.pk]
    assert found[odd.pk][0].value == str(Genre.objects.get(name="Jazz").pk)


def test_moods_come_from_neighbours_and_from_the_track_itself(around, curator):
    bare = around[0]
    for track in around[1:]:
        set_moods(track, ["calm"])
    TrackTag.objects.create(track=bare, name="sad", probability=0.1)
    TrackTag.objects.create(track=bare, name="piano", probability=0.9)
    calm, sad = propose([bare.pk], curator, Kind.MOOD)[bare.pk]
    assert (calm.value, calm.is_heard, len(calm.speakers)) == ("calm", False, 5)
    assert (sad.value, sad.is_heard, sad.speakers, sad.confidence) == ("sad", True, (), 0.5)


def test_decisions():
    assert propose_genres([], frozenset()) == []
    assert [each.value for each in propose_genres(votes("a", "a b", "a"), frozenset())] == ["a", "b"]
    assert propose_others(votes("a", "a", "a", "a"), frozenset("z")) == []
    assert propose_others(votes("a", "a", "a", "a z", "a"), frozenset("z")) == []
    assert propose_others(votes("a", "a", "a", "a", "a"), frozenset("z"))[0].value == "a"
    both = propose_moods(votes("calm", "calm", "sad"), frozenset({"calm"}))
    assert [(each.value, each.is_heard) for each in both] == [("calm", True), ("sad", False)]
    assert both[0].confidence == pytest.approx(1 - 0.5 * (1 - 1.8 / 3.7))


def test_names_that_are_none_are_left_out(curator):
    hidden = make_track(visibility=Visibility.PRIVATE)
    set_genres(hidden, ["Secret"])
    values = ["x", "", "9" * 30, "-1", "999999", str(Genre.objects.get().pk)]
    assert name_values(curator, Kind.GENRE, values) == {}
    assert name_values(curator, Kind.MOOD, ["calm", "piano", "1"]) == {"calm": "calm"}


def test_without_a_space_nothing_is_suggested(curator):
    assert propose([make_track().pk], curator, Kind.GENRE) == {}
