"""Tags and pictures as they stand in files, made byte by byte: also such as no program would write."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

IDENTIFIER = "5b11f4ce-a62d-471e-81fc-a69a8278c7da"


def synchsafe(size: int) -> bytes:
    return bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))


def id3(*frames: bytes, version: int = 3, flags: int = 0, size: int | None = None) -> bytes:
    """An ID3v2 tag; `size` is what it claims."""
    content = b"".join(frames)
    return b"ID3" + bytes([version, 0, flags]) + synchsafe(len(content) if size is None else size) + content


def frame(name: str, content: bytes, *, version: int = 3, flags: int = 0, size: int | None = None) -> bytes:
    size = len(content) if size is None else size
    if version == 2:
        return name.encode() + size.to_bytes(3, "big") + content
    return name.encode() + (synchsafe(size) if version == 4 else size.to_bytes(4, "big")) + bytes([0, flags]) + content


def text(name: str, value: str, **given: int) -> bytes:
    """A text frame in UTF-16, or in UTF-8 from version 2.4 on."""
    encoded = b"\x03" + value.encode() if given.get("version") == 4 else b"\x01" + value.encode("utf-16")
    return frame(name, encoded, **given)


def custom(name: str, value: str, **given: int) -> bytes:
    return frame("TXXX", b"\x00" + name.encode() + b"\x00" + value.encode(), **given)


def picture_frame(picture: bytes, *, kind: int = 3, media_type: bytes = b"image/png", **given: int) -> bytes:
    return frame("APIC", b"\x00" + media_type + b"\x00" + bytes([kind]) + b"\x00" + picture, **given)


def encode_picture(
    width: int = 64, height: int = 64, *, kind: str = "PNG", mode: str = "RGB", level: int = 120, **given: object
) -> bytes:
    encoded = io.BytesIO()
    Image.new(mode, (width, height), (level,) * len(Image.new(mode, (1, 1)).getbands())).save(encoded, kind, **given)
    return encoded.getvalue()


def noisy_picture(width: int, height: int, kind: str, **given: object) -> bytes:
    """A picture that cannot be made small by clever encoding."""
    encoded = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)).save(
        encoded, kind, **given
    )
    return encoded.getvalue()


def comments(*pairs: str, count: int | None = None) -> bytes:
    """A Vorbis comment block; `count` is how many comments it claims."""
    encoded = [pair.encode("utf-8", "surrogateescape") for pair in pairs]
    return (
        struct.pack("<I", 4) + b"test" + struct.pack("<I", len(encoded) if count is None else count)
        + b"".join(struct.pack("<I", len(pair)) + pair for pair in encoded)
    )  # fmt: skip


def picture_block(picture: bytes, kind: int = 3, *, size: int | None = None) -> bytes:
    size = len(picture) if size is None else size
    return struct.pack(">II", kind, 9) + b"image/png" + bytes(4 + 16) + struct.pack(">I", size) + picture


def with_flac_blocks(flac: bytes, *blocks: tuple[int, bytes]) -> bytes:
    """`flac` with other metadata after its STREAMINFO: 4 comments, 6 a picture."""
    position, is_last = 42, bool(flac[4] & 0x80)
    while not is_last:
        is_last = bool(flac[position] & 0x80)
        position += 4 + int.from_bytes(flac[position + 1 : position + 4], "big")
    made = [
        bytes([kind | (0x80 if number == len(blocks) else 0)]) + len(content).to_bytes(3, "big") + content
        for number, (kind, content) in enumerate(blocks, start=1)
    ]
    return b"fLaC" + bytes([flac[4] & 0x7F]) + flac[5:42] + b"".join(made) + flac[position:]


def atom(name: bytes, *contents: bytes, size: int | None = None) -> bytes:
    content = b"".join(contents)
    return (8 + len(content) if size is None else size).to_bytes(4, "big") + name + content


def data_atom(content: bytes, kind: int = 1) -> bytes:
    return atom(b"data", kind.to_bytes(4, "big"), bytes(4), content)


def custom_atom(name: str, *values: str) -> bytes:
    named = [atom(b"mean", bytes(4), b"com.apple.iTunes"), atom(b"name", bytes(4), name.encode())]
    return atom(b"----", *named, *(data_atom(value.encode()) for value in values))


def mp4(*items: bytes) -> bytes:
    """Tags of an MP4 file without any sound."""
    tags = atom(b"udta", atom(b"meta", bytes(4), atom(b"ilst", *items)))
    return atom(b"ftyp", b"M4A \0\0\0\0M4A ") + atom(b"moov", tags)


def png_of(width: int, height: int) -> bytes:
    """A black PNG of any size, without the memory that it would take."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")

    rows = zlib.compress(bytes((1 + (width + 7) // 8) * height), 9)
    head = struct.pack(">II5B", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def repeated_zeros(size: int) -> bytes:
    """`size` zeros, compressed as zlib does, without holding them."""
    packing = zlib.compressobj(9)
    block = bytes(1 << 20)
    return b"".join(packing.compress(block) for _ in range(size >> 20)) + packing.flush()
