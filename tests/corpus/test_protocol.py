"""What of the corpus is about requests and pairs of files rather than single ones (36, 37, 46, 48, 55, 56, 73)."""

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from embeddings import list_encoders
from embeddings.resampling import ResampledStream
from embeddings.synthesis import synthesise
from recommender.catalog.models import Analysis, Embedding, Space, Track
from recommender.ingest.analysis import analyse_track
from recommender.similarity.vectors import from_bytes
from tests.corpus.case import RATE_HZ
from tests.people import make_user

pytestmark = pytest.mark.django_db
FORM = "multipart/form-data; boundary=x"


@pytest.fixture
def sender() -> Client:
    client = Client(headers={"Accept": "application/json"})
    client.force_login(make_user())
    return client


def part(content: bytes, name: str = "song.mp3", more: bytes = b"") -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode()
    return head + more + b"\r\n" + content + b"\r\n"


def post(client: Client, *parts: bytes):
    return client.post(reverse("upload_file"), b"".join(parts) + b"--x--\r\n", content_type=FORM)


def analysed(client: Client, content: bytes, name: str = "song.wav") -> tuple[Track, np.ndarray]:
    card = list_encoders()[0]
    Space.objects.get_or_create(
        signature=card.signature,
        defaults={"encoder_name": card.name, "dimension": card.dimension, "is_active": True},
    )
    told = post(client, part(content, name)).json()
    analyse_track(Analysis.objects.get(track=told["id"]).pk, "corpus")
    track = Track.objects.select_related("audio_file").get(pk=told["id"])
    return track, from_bytes(Embedding.objects.get(track=track).vector)


def test_base64_that_is_mostly_white_space_is_refused(sender):
    answer = post(sender, part(b" " * 20_000_000, more=b"Content-Transfer-Encoding: base64\r\n"))
    assert answer.status_code == 400
    assert not Track.objects.exists()


@pytest.mark.parametrize(
    "parts",
    [
        [part(b"x", f"{number}.mp3") for number in range(101)],
        [f'--x\r\nContent-Disposition: form-data; name="f{number}"\r\n\r\n1\r\n'.encode() for number in range(10_000)],
    ],
    ids=["101 files", "10,000 fields"],
)
def test_a_form_of_too_many_parts_is_refused(parts, sender):
    assert post(sender, *parts).status_code == 400
    assert not Track.objects.exists()


def test_mono_and_dual_mono_are_one_to_the_ear(material, sender):
    mono = material.music[:1]
    (_, one), (_, two) = (
        analysed(sender, material.write(np.repeat(mono, count, axis=0), "wav-f32")) for count in (1, 2)
    )
    assert one @ two >= 0.999


def test_one_song_at_two_rates_is_one_to_the_ear(material, sender):
    high = synthesise("rock", 3, 6, 96_000).mean(axis=0)
    resampling = ResampledStream(96_000, RATE_HZ)
    low = np.concatenate([resampling.add(high), resampling.finish()])
    (_, one), (_, two) = (
        analysed(sender, material.write(made[None], "flac", rate_hz))
        for made, rate_hz in ((low, RATE_HZ), (high, 96_000))
    )
    assert one @ two >= 0.98


def test_one_master_in_two_formats_is_two_tracks_of_the_same_sound(material, sender):
    (flac, one), (wav, two) = (analysed(sender, material.encoded(kind), f"a.{kind}") for kind in ("flac", "wav"))
    assert flac.pk != wav.pk
    assert flac.audio_file.audio_sha256 == wav.audio_file.audio_sha256 != ""
    assert one @ two == pytest.approx(1, abs=1e-4)


def test_the_same_bytes_under_another_name_lead_to_the_first_track(material, sender):
    first, again = (post(sender, part(material.encoded("mp3"), name)).json() for name in ("a.mp3", "b.mp3"))
    assert first["id"] == again["id"]


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "", "a" * 100_000])
def test_the_declared_type_is_not_believed(kind, material, sender):
    answer = post(sender, part(material.encoded("mp3"), more=f"Content-Type: {kind}\r\n".encode()))
    assert answer.status_code in (201, 400)
    if answer.status_code == 201:
        assert Track.objects.get().audio_file.media_type == "audio/mpeg"
