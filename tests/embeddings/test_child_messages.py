"""What the decode child says is not believed: it reads hostile files, and may have been taken over by one."""

import errno
import json
from dataclasses import asdict

import numpy as np
import pytest

from embeddings.audio import DecodeLimits, Decoder, _to_error
from embeddings.blocks import BLOCK, DONE, FAILURE, FILE_FAILED, HEADER
from embeddings.errors import DecoderDiedError
from embeddings.source_facts import SourceFacts

FACTS = asdict(SourceFacts("flac", "flac", 44_100, 2, 700_000, "0" * 64, -14.0, -1.0))


def test_an_os_error_keeps_its_class():
    answer = {"code": FILE_FAILED, "message": "Permission denied", "errno": errno.EACCES}
    assert isinstance(_to_error(answer, "a.mp3"), PermissionError)


def done(**changes: object) -> bytes:
    """A DONE message with facts as they should be but for ``changes``."""
    return message(DONE, json.dumps({"is_truncated": False, "source": FACTS | changes}).encode())


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
        message(DONE, b'{"is_truncated": false}'),
        message(DONE, json.dumps({"is_truncated": 0, "source": FACTS}).encode()),
        done(audio_sha256="../../etc/passwd"),
        done(loudness_lufs=float("nan")),
        done(rate_hz=10**12),
        done(codec="<script>"),
        message(FAILURE, b'{"code": "made_up", "message": "x"}'),
        message(FAILURE, b'{"code": ["a"], "message": "x"}'),
        message(FAILURE, b'{"code": "not_audio"}'),
        message(FAILURE, b'{"code": "file_failed", "message": "x", "errno": "1"}'),
        message(BLOCK, np.array([0.1, np.nan], "<f4").tobytes()),
        message(BLOCK, np.array([np.inf], "<f4").tobytes()),
        message(BLOCK, np.array([3e38], "<f4").tobytes()),
        message(BLOCK, b""),
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


def test_a_child_that_makes_sense_is_believed_and_kept(encoded, save, monkeypatch):
    """The counterpart of the test above, lest it pass for another reason."""
    path = save("a.flac", encoded("flac"))
    answer = save("answer", message(BLOCK, bytes(4000)) + done(loudness_lufs=None))
    talk = "import sys, time; sys.stdout.buffer.write(open({!r}, 'rb').read()); sys.stdout.flush(); time.sleep(60)"
    with Decoder(DecodeLimits(max_seconds=5)) as decoder:
        monkeypatch.setattr("embeddings.audio._PROGRAM", ("-c", talk.format(str(answer))))
        blocks = decoder.decode(path, 16_000)
        assert sum(block.size for block in blocks) == 1000
        assert asdict(blocks.source) == FACTS | {"loudness_lufs": None}
        assert any(decoder._idle.values())
