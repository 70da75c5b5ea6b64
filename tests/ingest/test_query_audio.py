"""What the worker makes of a sound that somebody asks with, with the real decoder and the shipped encoder."""

import os
import uuid
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings as configured

from embeddings import list_encoders
from embeddings.audio import DecodeLimits, Decoder
from embeddings.synthesis import synthesise, write_audio
from recommender.catalog.models import Space
from recommender.ingest import query_audio as query_room
from recommender.ingest.queries import NoQueryError, Query, read_query
from recommender.ingest.query_audio import listen_to_query, prepare_to_listen
from tests.people import make_space, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipped():
    """The space of the shipped encoder."""
    card = list_encoders()[0]
    return Space.objects.create(
        signature=card.signature, encoder_name=card.name, dimension=card.dimension, is_active=True
    )


@pytest.fixture(autouse=True)
def _clean():
    yield
    for path in Path(configured.STORAGE.staging).glob("query-*"):
        path.unlink()


@pytest.fixture(autouse=True, scope="module")
def _end_decoder():
    own = query_room._decoder(os.getpid())
    yield
    own.close()


@pytest.fixture(scope="module")
def five_seconds(tmp_path_factory):
    """As a browser records it: Opus in WebM."""
    path = tmp_path_factory.mktemp("sounds") / "recording.webm"
    return write_audio(path, synthesise("rock", 1, 5, 48_000), 48_000, container="webm").read_bytes()


def wav(tmp_path, samples):
    return write_audio(tmp_path / "made.wav", samples, 16_000, container="wav").read_bytes()


def listen(content):
    query = Query(make_user().pk, uuid.uuid4())
    query.sound.write_bytes(content)
    listen_to_query(query.owner_id, str(query.id))
    assert not query.sound.exists()
    return read_query(query)


def test_five_seconds_are_enough(shipped, five_seconds):
    heard = listen(five_seconds)
    assert (heard.signature, heard.vector.shape) == (shipped.signature, (shipped.dimension,))
    assert np.linalg.norm(heard.vector) == pytest.approx(1, abs=1e-3)
    assert heard.duration_seconds == pytest.approx(5, abs=0.2)
    assert heard.energy is not None


def test_what_cannot_be_compared_is_said(shipped, tmp_path, five_seconds):
    silence, click = np.zeros((1, 6 * 16_000), np.float32), np.full((1, 1600), 0.5, np.float32)
    bad = {
        "silent": wav(tmp_path, silence),
        "too_short": wav(tmp_path, click),
        "not_audio": b"RIFF\0\0\0\0WAVE" + bytes(range(256)) * 20,
    }
    heard = {code: listen(content) for code, content in bad.items()}
    assert {code: (why.code, why.is_our_fault) for code, why in heard.items()} == {code: (code, False) for code in bad}
    assert all(why.told.endswith((".", "?")) for why in heard.values())


def test_a_file_without_its_end_is_compared_as_far_as_it_goes(shipped, tmp_path):
    whole = wav(tmp_path, synthesise("piano", 1, 6, 16_000))
    assert listen(whole[: len(whole) // 2]).is_truncated


def test_what_lasts_too_long_is_refused_with_the_limit(shipped, tmp_path, monkeypatch):
    with Decoder(DecodeLimits(max_seconds=2)) as impatient:
        monkeypatch.setattr(query_room, "_decoder", lambda _process_id: impatient)
        why = listen(wav(tmp_path, synthesise("piano", 1, 4, 16_000)))
    assert (why.code, "15 minutes" in why.told) == ("too_long", True)


def test_a_decoder_that_stalls_is_not_waited_for(shipped, five_seconds, monkeypatch):
    with Decoder(DecodeLimits(wall_seconds=0)) as impatient:
        monkeypatch.setattr(query_room, "_decoder", lambda _process_id: impatient)
        why = listen(five_seconds)
    assert (why.code, why.is_our_fault) == ("decoder_stalled", False)


@pytest.mark.parametrize("make", [lambda: None, make_space])
def test_without_an_encoder_it_is_no_fault_of_the_sound(make, five_seconds):
    make()
    prepare_to_listen()
    why = listen(five_seconds)
    assert (why.code, why.is_our_fault) == ("encoder_unavailable", True)


def test_what_nobody_foresaw_is_logged_and_said(shipped, five_seconds, monkeypatch, caplog):
    Space.objects.update(dimension=3)
    why = listen(five_seconds)
    assert (why.code, why.is_our_fault) == ("internal", True)
    assert "a query failed unexpectedly" in caplog.text


def test_nothing_is_done_for_a_query_that_was_given_up():
    query = Query(make_user().pk, uuid.uuid4())
    listen_to_query(query.owner_id, str(query.id))
    with pytest.raises(NoQueryError):
        read_query(query)


def test_a_sound_that_goes_while_it_is_listened_to_leaves_nothing(shipped, five_seconds, monkeypatch):
    query = Query(make_user().pk, uuid.uuid4())
    query.sound.write_bytes(five_seconds)
    load = query_room.encoder_of

    def load_late(*arguments):
        query.sound.unlink()
        return load(*arguments)

    monkeypatch.setattr(query_room, "encoder_of", load_late)
    listen_to_query(query.owner_id, str(query.id))
    with pytest.raises(NoQueryError):
        read_query(query)


def test_the_decoder_waits_no_longer_than_whoever_asks(settings):
    limits = query_room._decoder(os.getpid()).limits
    asked = replace(settings.QUERIES)
    assert (limits.max_seconds, limits.wall_seconds) == (asked.max_duration_seconds, asked.wait_seconds)
