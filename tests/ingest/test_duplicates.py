import functools

import numpy as np
import pytest
from django.utils import timezone

from embeddings.fingerprint import compute_fingerprint
from embeddings.synthesis import synthesise
from recommender.catalog.models import AudioFile, Evidence, Fingerprint, PairVerdict, RecordingPair, Track
from recommender.ingest import duplicates
from recommender.ingest.duplicates import compare, propose_duplicates
from recommender.ingest.sweeper import wake_waiting
from recommender.ingest.tasks import propose_duplicates_task
from recommender.ingest.wake import queue_length
from tests.people import make_audio_file, make_track, make_user

pytestmark = pytest.mark.django_db
RATE_HZ = 16_000
SECONDS = 16


@pytest.fixture(scope="module")
def wave() -> np.ndarray:
    return synthesise("rock", 1, SECONDS, RATE_HZ).mean(axis=0).astype(np.float32)


@pytest.fixture(scope="module")
def other_wave() -> np.ndarray:
    return synthesise("chiptune", 1, SECONDS, RATE_HZ).mean(axis=0).astype(np.float32)


def make_heard(wave: np.ndarray, *, audio_sha256: str = "", **given: object) -> Track:
    """A track as an analysis of `wave` leaves it."""
    track = make_track(**given)
    AudioFile.objects.filter(pk=track.audio_file_id).update(audio_sha256=audio_sha256)
    hear(track, wave)
    return track


def hear(track: Track, wave: np.ndarray) -> None:
    values = _fingerprint(wave.tobytes())
    heard = {"values": values, "duration_seconds": wave.size / RATE_HZ, "compared_at": None}
    Fingerprint.objects.update_or_create(audio_file=track.audio_file, defaults=heard)


@functools.cache
def _fingerprint(samples: bytes) -> bytes:
    return compute_fingerprint(np.frombuffer(samples, np.float32)).astype("<u4").tobytes()


def only_pair() -> RecordingPair:
    return RecordingPair.objects.get()


def test_a_track_that_starts_later_is_proposed_with_its_offset(wave, other_wave):
    whole, late, _ = make_heard(wave), make_heard(wave[2 * RATE_HZ :]), make_heard(other_wave)
    propose_duplicates()
    pair = only_pair()
    assert (pair.first, pair.second) == (whole, late)
    assert (pair.evidence, pair.verdict) == (Evidence.FINGERPRINT, PairVerdict.PROPOSED)
    assert pair.score > 0.9
    assert pair.offset_seconds == pytest.approx(2, abs=0.13)


def test_the_offset_is_the_seconds_whoever_was_first(wave):
    make_heard(wave[2 * RATE_HZ :])
    make_heard(wave)
    propose_duplicates()
    assert only_pair().offset_seconds == pytest.approx(-2, abs=0.13)


def test_the_same_sound_in_another_file_is_certain(wave):
    first, second = make_heard(wave, audio_sha256="a" * 64), make_heard(wave, audio_sha256="a" * 64)
    make_heard(np.zeros(0, np.float32), audio_sha256="b" * 64)
    propose_duplicates()
    pair = only_pair()
    assert (pair.first, pair.second, pair.evidence) == (first, second, Evidence.AUDIO)
    assert (pair.score, pair.offset_seconds) == (1, 0)


def test_files_too_short_for_a_fingerprint_are_told_by_their_samples():
    click = np.ones(100, np.float32)
    for _ in range(2):
        make_heard(click, audio_sha256="c" * 64)
    make_heard(click)
    make_heard(click)
    propose_duplicates()
    assert only_pair().evidence == Evidence.AUDIO


def test_the_same_file_of_two_owners_is_proposed_when_the_second_has_it(wave):
    file = make_audio_file()
    make_heard(wave, audio_file=file)
    propose_duplicates()
    assert not RecordingPair.objects.exists()
    make_heard(wave, audio_file=file, owner=make_user())
    propose_duplicates()
    assert only_pair().evidence == Evidence.BYTES


def test_every_owner_of_a_file_is_paired_with_what_it_resembles(wave):
    file = make_audio_file()
    make_heard(wave, audio_file=file)
    make_heard(wave, audio_file=file, owner=make_user())
    make_heard(wave[RATE_HZ:])
    propose_duplicates()
    found = RecordingPair.objects.values_list("evidence", flat=True)
    assert sorted(found) == [Evidence.BYTES, Evidence.FINGERPRINT, Evidence.FINGERPRINT]


def test_silence_is_no_recording():
    for _ in range(3):
        make_heard(np.zeros(SECONDS * RATE_HZ, np.float32))
    propose_duplicates()
    assert not RecordingPair.objects.exists()


def test_what_is_being_deleted_is_left_out(wave):
    make_heard(wave)
    make_heard(wave, is_deleting=True)
    file = make_audio_file()
    make_heard(wave[: 10 * RATE_HZ], audio_file=file)
    make_heard(wave[: 10 * RATE_HZ], audio_file=file, owner=make_user(), is_deleting=True)
    Track.objects.filter(audio_file=file).update(is_deleting=True)
    propose_duplicates()
    assert not RecordingPair.objects.exists()
    assert not Fingerprint.objects.filter(compared_at=None).exists()


def test_a_file_that_is_gone_meanwhile_is_passed_over(wave):
    track = make_heard(wave)
    fingerprint = Fingerprint.objects.get()
    audio_file = track.audio_file
    track.delete()
    audio_file.delete()
    assert compare(fingerprint) == 0


def test_a_broken_fingerprint_stops_nothing(wave):
    broken = make_heard(wave)
    Fingerprint.objects.filter(audio_file=broken.audio_file_id).update(values=b"abcde")
    make_heard(wave)
    make_heard(wave)
    propose_duplicates()
    assert broken not in (only_pair().first, only_pair().second)


def test_comparing_again_changes_nothing(wave):
    for _ in range(2):
        make_heard(wave)
    propose_duplicates()
    before = RecordingPair.objects.values().get()
    Fingerprint.objects.update(compared_at=None)
    propose_duplicates()
    assert RecordingPair.objects.values().get() == before


@pytest.mark.parametrize("verdict", [PairVerdict.SAME, PairVerdict.DIFFERENT])
def test_what_a_curator_judged_stays(verdict, wave):
    for _ in range(2):
        make_heard(wave)
    propose_duplicates()
    RecordingPair.objects.update(verdict=verdict, score=0.9)
    before = RecordingPair.objects.values().get()
    AudioFile.objects.update(audio_sha256="a" * 64)
    Fingerprint.objects.update(compared_at=None)
    propose_duplicates()
    assert RecordingPair.objects.values().get() == before


def test_better_evidence_takes_the_place_of_weaker_and_never_the_other_way(wave):
    for _ in range(2):
        make_heard(wave)
    propose_duplicates()
    for sha256 in ("a" * 64, ""):
        AudioFile.objects.update(audio_sha256=sha256)
        Fingerprint.objects.update(compared_at=None)
        propose_duplicates()
        assert (only_pair().evidence, only_pair().score) == (Evidence.AUDIO, 1)


def test_a_round_that_was_cut_short_is_taken_up_again(wave, monkeypatch):
    for _ in range(4):
        make_heard(wave)
    done = []

    def die_at_the_third(fingerprint: Fingerprint) -> int:
        if len(done) == 2:
            raise SystemExit
        done.append(fingerprint)
        return compare(fingerprint)

    with monkeypatch.context() as patch:
        patch.setattr(duplicates, "compare", die_at_the_third)
        with pytest.raises(SystemExit):
            propose_duplicates()
    assert Fingerprint.objects.filter(compared_at=None).count() == 2
    propose_duplicates()
    assert RecordingPair.objects.count() == 6


def test_whoever_compares_first_each_pair_is_found(wave):
    """Two workers that took two waiting files at the same moment: neither sees the other's as compared."""
    for _ in range(2):
        make_heard(wave)
    for fingerprint in Fingerprint.objects.order_by("-pk"):
        Fingerprint.objects.update(compared_at=None)
        compare(fingerprint)
    assert RecordingPair.objects.count() == 1


def test_only_lengths_that_may_fit_are_compared(wave, monkeypatch):
    for seconds in (10, 20, 30, 40, 55.1):
        make_heard(wave)
        Fingerprint.objects.filter(compared_at=None).update(duration_seconds=seconds, compared_at=timezone.now())
    make_heard(wave)
    Fingerprint.objects.filter(compared_at=None).update(duration_seconds=40)
    compared = []
    monkeypatch.setattr(duplicates, "is_same_recording", lambda *given: compared.append(given[2]))
    propose_duplicates()
    assert sorted(compared) == [30, 40]


@pytest.mark.usefixtures("empty_queue")
def test_a_long_list_is_worked_off_in_turns_behind_the_sweeper(wave, monkeypatch):
    monkeypatch.setattr(duplicates, "AT_ONCE", 2)
    for _ in range(3):
        make_heard(wave)
    propose_duplicates_task()
    assert Fingerprint.objects.filter(compared_at=None).count() == 1
    assert queue_length("background", is_urgent=False) == 1
    propose_duplicates_task()
    assert RecordingPair.objects.count() == 3
    assert queue_length("background", is_urgent=False) == 1


@pytest.mark.usefixtures("empty_queue")
def test_the_sweeper_wakes_it_once_for_what_waits(wave):
    wake_waiting()
    assert queue_length("background", is_urgent=False) == 0
    make_heard(wave)
    for _ in range(2):
        wake_waiting()
        assert queue_length("background", is_urgent=False) == 1
