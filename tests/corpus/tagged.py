"""ID3 tags by hand, since no library would write what the corpus needs."""

import io
import zlib

import numpy as np
from PIL import Image

from tests.corpus.case import TITLE


def syncsafe(size: int) -> bytes:
    return bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))


def tag(*frames: bytes, version: int = 3, size: int | None = None) -> bytes:
    body = b"".join(frames)
    return b"ID3" + bytes([version, 0, 0]) + syncsafe(len(body) if size is None else size) + body


def frame(name: bytes, content: bytes, flags: bytes = b"\0\0") -> bytes:
    return name + len(content).to_bytes(4, "big") + flags + content


def text(name: bytes, words: str) -> bytes:
    return frame(name, b"\1" + words.encode("utf-16"))


def own(name: str, words: str) -> bytes:
    return frame(b"TXXX", b"\3" + name.encode() + b"\0" + words.encode())


TITLED = text(b"TIT2", TITLE)


def picture(data: bytes, kind: bytes = b"image/png") -> bytes:
    return frame(b"APIC", b"\0" + kind + b"\0\3\0" + data)


def image(side: int, kind: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.fromarray(np.full((side, side, 3), 120, np.uint8)).save(made, kind)
    return made.getvalue()


def inflating_frame(size: int) -> bytes:
    """An ID3v2.4 frame that is small and unpacks to `size` characters."""
    packed = zlib.compress(b"\3" + b"a" * (size - 1), 9)
    content = syncsafe(size) + packed
    return b"COMM" + syncsafe(len(content)) + b"\0\x09" + content


def many_frames_gif(count: int) -> bytes:
    head = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff"
    one = b"\x21\xf9\4\0\1\0\0\0\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"
    return head + one * count + b"\x3b"
