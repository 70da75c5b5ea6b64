"""One track after the other through the worker's half, with the real decoder and the shipped encoder."""

import os

import numpy as np
import pytest
from django.conf import settings

from embeddings import list_encoders
from embeddings.audio import DecodeLimits, Decoder
from embeddings.pooling import pool
from embeddings.synthesis import synthesise, write_audio
from recommender.catalog.audio_files import path_of
from recommender.catalog.models import (
    Analysis,
    AnalysisState,
    AudioFile,
    Credit,
    Embedding,
    Fingerprint,
    Pause,
    Rendition,
    Space,
    Track,
)
from recommender.ingest import analysis as analysis_room
from recommender.ingest.analysis import analyse_track
from recommender.ingest.intake import receive_upload
from recommender.similarity.segments import find_segments
from recommender.similarity.spaces import ensure_space
from recommender.similarity.vectors import from_bytes
from tests.people import make_space, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipped():
    """The space of the shipped encoder."""
    card = list_encoders()[0]
    return Space.objects.create(
        signature=card.signature, encoder_name=card.name, dimension=card.dimension, is_active=True
    )


@pytest.fixture(autouse=True, scope="module")
def _end_decoder():
    own = analysis_room._decoder(os.getpid())
    yield
    own.close()


def analyse(send, content):
    """Upload and analyse; the analysis as it ended."""
    track = receive_upload(make_user(), send(content)).track
    (queued,) = track.analyses.all()
    analyse_track(queued.pk, "message")
    return Analysis.objects.select_related("track").get(pk=queued.pk)


def sound(tmp_path, samples):
    return write_audio(tmp_path / "made", samples, 16_000, container="wav").read_bytes()


def test_a_song_gets_a_vector_and_waits_for_the_index(shipped, send, song):
    ended = analyse(send, song)
    assert (ended.state, ended.reason) == (AnalysisState.INDEXING, "")
    vector = from_bytes(Embedding.objects.get(track=ended.track, space=shipped).vector)
    assert vector.shape == (shipped.dimension,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-3)
    assert ended.track.audio_file.spectrogram.picture[:4] == b"RIFF"
    segments = find_segments(shipped, [ended.track_id])[ended.track_id]
    assert segments.vectors.shape == (2, shipped.dimension)
    assert segments.starts.tolist() == pytest.approx([0, 12 - 10.24], abs=0.2)
    assert pool(segments.vectors) @ vector == pytest.approx(1, abs=1e-3)
    track = ended.track
    assert track.is_playable
    assert track.duration_seconds == pytest.approx(12, abs=0.2)
    assert len(bytes(track.waveform)) == 1000
    assert (track.title, track.artist_name) == ("Harbour Lights", "The Tests")


@pytest.mark.parametrize(("seconds", "reason"), [(0.2, "too_short"), (8, "silent")])
def test_what_has_no_sound_to_compare_is_playable_without_vector(shipped, send, tmp_path, seconds, reason):
    samples = np.zeros((1, int(seconds * 16_000)), np.float32)
    ended = analyse(send, sound(tmp_path, samples))
    assert (ended.state, ended.reason) == (AnalysisState.UNINDEXED, reason)
    assert ended.track.is_playable
    assert ended.track.duration_seconds == pytest.approx(seconds, abs=0.05)
    assert not Embedding.objects.exists()


def test_bad_audio_fails_with_a_sentence(shipped, send):
    ended = analyse(send, b"fLaC" + bytes(range(256)) * 100)
    assert ended.state == AnalysisState.FAILED
    assert ended.detail.endswith(".")
    assert not ended.track.is_playable


def test_a_file_that_kills_its_decoder_is_given_up_after_a_few_tries(shipped, send, song, monkeypatch):
    with Decoder(DecodeLimits(wall_seconds=0)) as impatient:
        monkeypatch.setattr(analysis_room, "_decoder", lambda _process_id: impatient)
        ended = analyse(send, song)
        tries = 1
        while ended.state == AnalysisState.QUEUED and tries < 10:
            assert ended.reason == "decoder_stalled"
            Analysis.objects.update(not_before=ended.state_changed_at)
            analyse_track(ended.pk, f"message {tries}")
            ended.refresh_from_db()
            tries += 1
    assert (ended.state, tries) == (AnalysisState.FAILED, settings.ANALYSIS.max_decoder_failures)


def test_a_lost_file_is_said_and_mended_by_the_same_upload(shipped, send, song, tmp_path):
    owner = make_user()
    receive_upload(make_user(), send(sound(tmp_path, synthesise("piano", 1, 2))))
    track = receive_upload(owner, send(song)).track
    path_of(track.audio_file_id).unlink()
    (queued,) = track.analyses.all()
    analyse_track(queued.pk, "message")
    queued.refresh_from_db()
    assert (queued.state, queued.reason) == (AnalysisState.FAILED, "media_lost")
    receive_upload(owner, send(song))
    queued.refresh_from_db()
    assert queued.state == AnalysisState.QUEUED


def test_a_track_deleted_meanwhile_gets_nothing(shipped, send, song):
    track = receive_upload(make_user(), send(song)).track
    (queued,) = track.analyses.all()
    Track.objects.update(is_deleting=True)
    analyse_track(queued.pk, "message")
    assert not Embedding.objects.exists()


def test_a_claim_lost_in_the_middle_leaves_the_row_to_its_new_holder(shipped, send, song, monkeypatch):
    def lose(path):
        Analysis.objects.update(lease_owner="somebody else")

    monkeypatch.setattr(analysis_room, "read_tags", lose)
    ended = analyse(send, song)
    assert (ended.state, ended.lease_owner) == (AnalysisState.ANALYSING, "somebody else")
    assert not Embedding.objects.exists()


def test_vectors_of_two_spaces_never_meet(shipped, send, song):
    stranger = make_space(dimension=shipped.dimension, is_active=False)
    track = receive_upload(make_user(), send(song)).track
    for queued in track.analyses.all():
        analyse_track(queued.pk, f"message {queued.pk}")
    assert [embedding.space for embedding in Embedding.objects.all()] == [shipped]
    waiting = Analysis.objects.get(space=stranger)
    assert (waiting.state, waiting.reason) == (AnalysisState.QUEUED, "encoder_unavailable")


def test_the_encoder_is_loaded_once_a_process(shipped):
    load = analysis_room.encoder_of
    assert load(os.getpid(), shipped.signature) is load(os.getpid(), shipped.signature)


def test_nothing_is_begun_while_the_analysis_is_paused(shipped, send, song):
    Pause.objects.begin(make_user())
    ended = analyse(send, song)
    assert (ended.state, ended.lost_leases, ended.queued_for) == (AnalysisState.QUEUED, 0, None)
    assert Pause.objects.end()
    analyse_track(ended.pk, "message")
    ended.refresh_from_db()
    assert ended.state == AnalysisState.INDEXING
    assert None not in (ended.queued_for, ended.analysed_for)


def test_a_message_of_a_choice_taken_back_is_left_alone(shipped, send, song):
    abandoned = ensure_space("other", "other", 8)
    track = receive_upload(make_user(), send(song)).track
    ensure_space(shipped.signature, shipped.encoder_name, shipped.dimension)
    queued = Analysis.objects.get(track=track, space=abandoned)
    analyse_track(queued.pk, "message")
    queued.refresh_from_db()
    assert (queued.state, queued.reason) == (AnalysisState.QUEUED, "")


def test_a_track_of_an_older_version_is_measured_and_keeps_what_is_said_of_it(shipped, send, song):
    ended = analyse(send, song)
    track = ended.track
    Track.objects.filter(pk=track.pk).update(title="Corrected since", isrc="", tempo_bpm=None)
    AudioFile.objects.update(audio_sha256="")
    Fingerprint.objects.all().delete()
    Credit.objects.all().delete()
    Track.objects.filter(pk=track.pk).update(artist=None)
    Analysis.objects.update(state=AnalysisState.QUEUED)
    analyse_track(ended.pk, "again")
    track.refresh_from_db()
    assert (track.title, track.artist_name) == ("Corrected since", "The Tests")
    assert track.audio_file.audio_sha256 != ""
    assert Fingerprint.objects.filter(audio_file=track.audio_file).exists()


def test_what_was_measured_is_kept(shipped, send, song):
    track = analyse(send, song).track
    audio_file = track.audio_file
    assert (audio_file.codec, audio_file.rate_hz, audio_file.channels) == ("mp3", 44_100, 2)
    assert (len(audio_file.audio_sha256), audio_file.rendition) == (64, Rendition.NEEDLESS)
    assert -40 < track.loudness_lufs < 0
    assert 40 <= track.tempo_bpm <= 240
    assert 0 <= track.tempo_confidence <= 1
    assert track.key in range(24)
    assert all(0 <= share <= 1 for share in (track.energy, track.brightness, track.key_confidence))
    assert len(Fingerprint.objects.get(audio_file=audio_file).values) > 4 * 40
    assert all(0 < tag.probability <= 1 for tag in track.tags.all())
