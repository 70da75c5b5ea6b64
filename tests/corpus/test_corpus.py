"""Every file of the corpus, sent as a browser sends it and analysed by the real worker: how it ends, and that it leaves
nothing behind. `CORPUS_TABLE=FILE bin/test tests/corpus` also writes the results as a table.
"""

import base64
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse

from embeddings import list_encoders
from recommender.catalog.models import Analysis, Embedding, Space, Track
from recommender.ingest import analysis as analysis_room
from recommender.ingest.analysis import analyse_track
from recommender.similarity.vectors import from_bytes
from tests.corpus import bombs, broken, polyglots, unusual, words
from tests.corpus.case import Case
from tests.people import make_user

pytestmark = pytest.mark.django_db

ALL = [*broken.CASES, *bombs.CASES, *unusual.CASES, *words.CASES, *polyglots.CASES]
BOUNDARY = b"a-boundary"
results: list[tuple[Case, str, float]] = []


@pytest.fixture(autouse=True, scope="module")
def _write_table() -> Iterator[None]:
    yield
    table = os.environ.get("CORPUS_TABLE")
    if table:
        rows = [f"| {case.number} | {case.row} | {ended} | {seconds:.1f} s |" for case, ended, seconds in results]
        rows.sort(key=lambda row: int(row.split()[1]))
        Path(table).write_text("\n".join(["| # | input | ended | |", "|---|---|---|---|", *rows]) + "\n")


@pytest.fixture
def shipped() -> Space:
    card = list_encoders()[0]
    return Space.objects.create(
        signature=card.signature, encoder_name=card.name, dimension=card.dimension, is_active=True
    )


@pytest.fixture
def sender(db: None) -> Client:
    client = Client(headers={"Accept": "application/json"})
    client.force_login(make_user())
    return client


def send(client: Client, content: bytes, name: str) -> Any:
    head = b'--%s\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n' % (BOUNDARY, name.encode())
    body = head + b"Content-Type: text/html\r\n\r\n" + content + b"\r\n--%s--\r\n" % BOUNDARY
    return client.post(reverse("upload_file"), body, content_type=f"multipart/form-data; boundary={BOUNDARY.decode()}")


def send_named(client: Client, content: bytes, name: str) -> Any:
    """Through tus, which takes any bytes for a name. Lone surrogates in `name` stand for single bytes."""
    told = base64.b64encode(name.encode("utf-8", "surrogateescape")).decode()
    return client.post(
        reverse("tus_uploads"),
        content,
        content_type="application/offset+octet-stream",
        headers={"Tus-Resumable": "1.0.0", "Upload-Length": str(len(content)), "Upload-Metadata": f"filename {told}"},
    )


def end_of(client: Client, content: bytes, name: str) -> tuple[str, Track | None]:
    answer = send(client, content, name)
    told = answer.json()
    if answer.status_code >= 400:
        assert told["detail"].endswith("."), told
        return f"{answer.status_code} {told['code']}", None
    queued = Analysis.objects.get(track=told["id"])
    analyse_track(queued.pk, "corpus")
    ended = Analysis.objects.get(pk=queued.pk)
    assert ended.state != "queued", ended.detail
    state = "ready" if ended.state == "indexing" else f"{ended.state} {ended.reason}"
    return state, find_track(told["id"])


def end_of_named(client: Client, content: bytes, name: str) -> tuple[str, Track | None]:
    answer = send_named(client, content, name)
    assert answer.status_code == 201, answer.content
    track = find_track(int(answer["Soundalike-Track"]))
    return track.analyses.get().state, track


def find_track(track_id: int) -> Track:
    return Track.objects.select_related("audio_file", "owner").get(pk=track_id)


def is_embedded(track: Track) -> bool:
    vector = from_bytes(Embedding.objects.get(track=track).vector)
    return bool(np.isfinite(vector).all() and abs(np.linalg.norm(vector) - 1) < 1e-3)


def left_behind() -> list[str]:
    return [path.name for path in configured.STORAGE.staging.iterdir()]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=str(case), marks=[pytest.mark.slow, pytest.mark.timeout(3600)] if case.is_slow else [])
        for case in ALL
    ],
)
def test_it_ends_as_the_table_says(case: Case, material, shipped, sender, settings, monkeypatch):
    content = case.build(material)
    if case.largest_bytes:
        settings.UPLOADS = configured.UPLOADS.__class__(max_bytes=case.largest_bytes, needs_review=False)
    if case.longest_seconds:
        limits = analysis_room.DecodeLimits(max_seconds=case.longest_seconds)
        monkeypatch.setattr(analysis_room._decoder(os.getpid()), "limits", limits)
    began = time.monotonic()
    ended, track = (end_of_named if case.is_named else end_of)(sender, content, case.file_name)
    results.append((case, ended, time.monotonic() - began))
    assert ended in case.expected
    if ended == "ready":
        assert is_embedded(track)
    if case.check and track is not None:
        case.check(track)
    if track is None:
        assert not Track.objects.exists()
    assert left_behind() == []
