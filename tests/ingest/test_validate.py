import resource

import pytest
from django.conf import settings
from django.test import RequestFactory

from recommender.ingest.errors import UploadRefusedError


def test_only_the_upload_address_takes_files(song):
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n\r\n' + song + b"\r\n--b--\r\n"
    request = RequestFactory().generic("POST", "/sign-in/", body, "multipart/form-data; boundary=b")
    assert not request.FILES
    assert list(settings.STORAGE.staging.iterdir()) == []


def test_an_upload_is_counted_and_hashed(send, song):
    upload = send(song)
    assert upload.size == len(song)
    assert len(upload.sha256) == 64
    assert upload.check().audio_format.media_type == "audio/mpeg"


def test_a_disk_without_room_is_said_and_nothing_stays(send, song):
    """A limit on file sizes stands in for the full disk: the same refused write, met with EFBIG."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(song) // 2, before[1]))
    try:
        upload = send(song)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    with pytest.raises(UploadRefusedError) as caught:
        upload.check()
    assert (caught.value.code, caught.value.status) == ("disk_full", 507)
