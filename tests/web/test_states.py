import pytest

from embeddings import errors
from recommender.catalog.credits import credit_artists
from recommender.catalog.models import AnalysisState, Track
from recommender.web.states import _REASONS, describe_for_machines, show_state
from tests.people import make_track


def all_codes(kind=errors.AudioError):
    yield kind.code
    for below in kind.__subclasses__():
        yield from all_codes(below)


@pytest.mark.parametrize("state", [*AnalysisState.values, "deleting"])
def test_every_state_has_words(state):
    track = Track(is_deleting=state == "deleting")
    track.state = state
    shown = show_state(track)
    assert shown.label
    assert shown.sentence.endswith(".")


def test_every_reason_of_the_library_has_a_sentence():
    assert {*all_codes(), *all_codes(errors.DecoderError)} <= _REASONS.keys()


def test_a_track_no_worker_has_met_is_queued():
    shown = show_state(Track())
    assert (shown.state, shown.is_unfinished) == ("queued", True)


@pytest.mark.django_db
def test_scripts_are_told_all_artists():
    track = make_track()
    assert describe_for_machines(track)["artist"] == ""
    credit_artists(track, ["Ann", "Bob"])
    assert describe_for_machines(track)["artist"] == "Ann, Bob"
