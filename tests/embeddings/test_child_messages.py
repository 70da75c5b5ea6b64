"""What the decode child says is not believed: it reads hostile files, and may have been taken over by one."""

import errno

import numpy as np
import pytest

from embeddings.audio import DecodeLimits, Decoder, _to_error
from embeddings.blocks import BLOCK, DONE, FAILURE, FILE_FAILED, HEADER
from embeddings.errors import DecoderDiedError


def test_an_os_error_keeps_its_class():
    answer = {"code": FILE_FAILED, "message": "Permission denied", "errno": errno.EACCES}
    assert isinstance(_to_error(answer, "a.mp3"), PermissionError)


def message(kind: bytes, payload: bytes) -> bytes:
    return HEADER.pack(kind, len(payload)) + payload


@pytest.mark.parametrize(
    "sent",
    [
        message(DONE, b"{not json"),
        message(DONE, b"[" * 100_000),
        message(DONE, b"[]"),
        message(DONE, b"{}"),
        message(DONE, b"\xff\xfe"),
        message(FAILURE, b'{"code": "made_up", "message": "x"}'),
        message(FAILURE, b'{"code": ["a"], "message": "x"}'),
        message(FAILURE, b'{"code": "not_audio"}'),
        message(FAILURE, b'{"code": "file_failed", "message": "x", "errno": "1"}'),
        message(BLOCK, np.array([0.1, np.nan], "<f4").tobytes()),
        message(BLOCK, np.array([np.inf], "<f4").tobytes()),
        message(BLOCK, bytes(400_000)) * 3,
        message(b"?", b""),
        HEADER.pack(BLOCK, 1 << 30),
    ],
)
def test_a_child_that_talks_nonsense_is_ended(sent, encoded, save, monkeypatch):
    path, answer = save("a.flac", encoded("flac")), save("answer", sent)
    talk = "import sys, time; sys.stdout.buffer.write(open({!r}, 'rb').read()); sys.stdout.flush(); time.sleep(60)"
    with Decoder(DecodeLimits(max_seconds=5)) as decoder:
        monkeypatch.setattr("embeddings.audio._PROGRAM", ("-c", talk.format(str(answer))))
        with pytest.raises(DecoderDiedError):
            list(decoder.decode(path, 16_000))
        assert not any(decoder._idle.values())
