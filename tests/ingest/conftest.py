from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.test import RequestFactory

from embeddings.synthesis import synthesise, write_audio
from recommender.ingest.validate import CheckingUploadHandler


@pytest.fixture(scope="session")
def song(tmp_path_factory) -> bytes:
    """Twelve seconds of MP3 with tags."""
    path = tmp_path_factory.mktemp("songs") / "song.mp3"
    tags = {"title": "Harbour Lights", "artist": "The Tests", "album": "First Light"}
    return write_audio(path, synthesise("rock", 1, 12), 44_100, container="mp3", tags=tags).read_bytes()


@pytest.fixture
def send():
    """A file as it arrives in a form: through Django's own parser and our handler."""

    def send_file(content: bytes, name: str = "song.mp3"):
        boundary = "limit"
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode() + content
        body += f"\r\n--{boundary}--\r\n".encode()
        request = RequestFactory().generic("POST", "/", body, f"multipart/form-data; boundary={boundary}")
        request.upload_handlers = [CheckingUploadHandler(request)]
        upload = request.FILES["file"]
        opened.append(upload)
        return upload

    opened = []
    yield send_file
    for upload in opened:
        upload.close()
    assert list(Path(settings.STORAGE.staging).iterdir()) == []


@pytest.fixture
def empty_queue(redis_server):
    with current_app.connection_for_write() as connection:
        connection.default_channel.client.flushall()
    yield
    with current_app.connection_for_write() as connection:
        connection.default_channel.client.flushall()
