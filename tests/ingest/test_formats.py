import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.synthesis import CONTAINERS, synthesise, write_audio
from recommender.ingest.formats import HEAD_BYTES, MP3, sniff


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_container_is_recognised_by_its_bytes(container, tmp_path):
    path = write_audio(tmp_path / "nameless", synthesise("piano", 1, 2), 44_100, container=container)
    assert sniff(path.read_bytes()[:HEAD_BYTES]) is not None


@pytest.mark.parametrize(
    "content",
    [
        b"hello, this is text\n" * 500,
        b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(5000),
        b"PK\x03\x04" + bytes(5000),
        b"\x7fELF\x02\x01\x01" + bytes(5000),
        b"MZ" + bytes(5000),
        b"#EXTM3U\nfile:///etc/passwd\n",
        b"MThd\x00\x00\x00\x06" + bytes(100),
        b"<html><script>alert(1)</script></html>",
        b"RIFF\x00\x00\x00\x00AVI LIST",
        b"\xff\xfb",
        b"\xff" * 4000,
        b"",
    ],
)
def test_what_is_no_audio_is_not_taken_for_it(content):
    assert sniff(content) is None


def test_an_mp3_is_found_behind_garbage(song):
    assert sniff((b"\x00garbage" * 8000 + song)[:HEAD_BYTES]) == MP3


def test_a_tag_longer_than_the_head_does_not_hide_an_mp3():
    assert sniff(b"ID3\x04\x00\x00\x01\x00\x00\x00" + bytes(1000)) == MP3


@given(st.binary(max_size=2000))
def test_no_bytes_break_it(head):
    sniff(head)
