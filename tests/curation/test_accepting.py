"""What is suggested becomes what is said, or is never suggested again; and back."""

import pytest

from recommender.accounts.models import Role
from recommender.catalog.credits import set_genres
from recommender.catalog.editing import read_fields
from recommender.catalog.models import Genre, Track, Visibility
from recommender.curation import acts
from recommender.curation.accepting import accept, accept_all, dismiss
from recommender.curation.acts import take_back
from recommender.curation.errors import NothingChosenError, NotYoursError
from recommender.curation.jobs import run_job
from recommender.curation.sentences import CHANGED_MEANWHILE
from recommender.curation.suggestions import Kind, find_candidates
from recommender.similarity.sync import synchronise_space
from tests.people import add_heard, at_cosine, make_track, make_user, unit_vector

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator():
    return make_user(Role.CURATOR)


@pytest.fixture
def library(space):
    """Two tracks without a genre amid four of jazz, and one far from all."""
    bare = [add_heard(space, at_cosine(0.97, axis)) for axis in (1, 2)]
    for axis in range(3, 7):
        set_genres(add_heard(space, at_cosine(0.97, axis)), ["Jazz"])
    lonely = add_heard(space, at_cosine(-1.0))
    for number in range(20):
        set_genres(add_heard(space, -abs(unit_vector(number))), [f"Genre {number}"])
    synchronise_space(space)
    return [*bare, lonely]


def said_of(track):
    return read_fields(Track.objects.get(pk=track.pk))


def jazz():
    return str(Genre.objects.get(name="Jazz").pk)


def test_what_was_chosen_is_accepted_and_taken_back(library, curator):
    first, second, _lonely = library
    act = accept(curator, Kind.GENRE, {first.pk: [jazz(), "999999"], second.pk: ["nonsense"]}, {})
    assert (said_of(first)["genres"], said_of(second)["genres"]) == (["Jazz"], [])
    take_back(act, curator)
    assert said_of(first)["genres"] == []
    accept(curator, Kind.MOOD, {first.pk: ["calm", "sad"]}, {})
    assert said_of(first)["moods"] == ["calm", "sad"]


def test_what_says_something_else_by_now_stays_as_it_is(library, curator):
    first, second, _lonely = library
    polka = Genre.objects.create(name="Polka")
    first.genres.add(polka)
    second.genres.add(polka)
    act = accept(
        curator, Kind.WRONG, {first.pk: [jazz()], second.pk: [jazz()]}, {first.pk: [str(polka.pk)], second.pk: []}
    )
    assert (said_of(first)["genres"], said_of(second)["genres"]) == (["Jazz"], ["Polka"])
    assert act.changes.get(track_id=second.pk).problem == CHANGED_MEANWHILE


def test_nothing_is_accepted_for_what_is_out_of_reach(curator, library):
    private = make_track(visibility=Visibility.PRIVATE)
    with pytest.raises(NotYoursError):
        accept(curator, Kind.GENRE, {private.pk: [jazz()]}, {})
    with pytest.raises(NothingChosenError):
        accept(curator, Kind.GENRE, {}, {})


def test_all_that_is_sure_is_accepted_at_once_or_as_a_job(library, curator, monkeypatch):
    act = accept_all(curator, Kind.GENRE, 0.6)
    assert [said_of(track)["genres"] for track in library] == [["Jazz"], ["Jazz"], []]
    assert (act.changes.count(), "60%" in act.note) == (2, True)
    take_back(act, curator)
    monkeypatch.setattr(acts, "AT_ONCE", 1)
    act = accept_all(curator, Kind.GENRE, 0.6)
    assert not act.changes.exists()
    run_job(act.jobs.get().pk)
    assert [said_of(track)["genres"] for track in library] == [["Jazz"], ["Jazz"], []]
    job = act.jobs.get()
    assert (job.done, job.total, job.is_over) == (3, 3, True)
    assert list(find_candidates(curator, Kind.GENRE)) == [library[2]]


def test_what_was_dismissed_is_not_suggested_again_until_that_is_taken_back(library, curator):
    first = library[0]
    act = dismiss(curator, Kind.GENRE, [first.pk])
    assert first not in find_candidates(curator, Kind.GENRE)
    assert first in find_candidates(curator, Kind.MOOD)
    assert not dismiss(curator, Kind.GENRE, [first.pk]).changes.exists()
    accept_all(curator, Kind.GENRE, 0.6)
    assert said_of(first)["genres"] == []
    take_back(act, curator)
    assert first in find_candidates(curator, Kind.GENRE)
