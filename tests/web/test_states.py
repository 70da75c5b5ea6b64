from pathlib import Path

import pytest

import embeddings
from embeddings import errors
from recommender.catalog.credits import credit_artists
from recommender.catalog.models import AnalysisState, Track
from recommender.web.states import _REASONS, TOLD_BY_DECODERS, describe_for_machines, show_state
from tests.german import speaking_german
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


def test_what_decoders_say_is_translated_as_they_say_it():
    library = (Path(embeddings.__file__).parent / "decoding.py").read_text()
    assert all(f'"{sentence}"' in library for sentence in TOLD_BY_DECODERS)


def test_what_a_worker_left_is_shown_in_the_language_of_the_page(tmp_path, settings):
    track = Track()
    track.state, track.reason, track.detail = "failed", "corrupt", "Not one sample of the audio could be decoded."
    with speaking_german(tmp_path, settings, {track.detail: "Kein Ton.", "Failed": "Misslungen"}):
        shown = show_state(track)
    assert (shown.label, shown.sentence) == ("Misslungen", "Kein Ton.")


def test_a_track_no_worker_has_met_is_queued():
    shown = show_state(Track())
    assert (shown.state, shown.is_unfinished) == ("queued", True)


@pytest.mark.django_db
def test_scripts_are_told_all_artists():
    track = make_track()
    assert describe_for_machines(track)["artist"] == ""
    credit_artists(track, ["Ann", "Bob"])
    assert describe_for_machines(track)["artist"] == "Ann, Bob"
