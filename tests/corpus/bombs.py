"""Section B: small files that want to be expensive."""

import io
import os
from fractions import Fraction

import av
from PIL import Image

from tests.corpus.case import RATE_HZ, TITLE, Material, case, lasts, of, says_title, shows_no_cover
from tests.corpus.tagged import TITLED, frame, image, inflating_frame, many_frames_gif, picture, syncsafe, tag

Image.MAX_IMAGE_PIXELS = None  # bombs are made here, too


def silence(container: str, codec: str, *, seconds: int, rate_hz: int, layout: str = "stereo"):
    """Digital silence, encoded a second at a time."""

    def build(material: Material) -> bytes:
        path = material.folder / "silence"
        with av.open(os.fspath(path), "w", format=container) as output:
            stream = output.add_stream(codec, rate=rate_hz, layout=layout)
            stream.codec_context.open()
            frame_size = stream.codec_context.frame_size or rate_hz
            kind = stream.codec_context.format
            for start in range(0, seconds * rate_hz, frame_size):
                blank = av.AudioFrame(format=kind, layout=layout, samples=frame_size)
                for plane in blank.planes:
                    plane.update(bytes(plane.buffer_size))
                blank.sample_rate, blank.pts, blank.time_base = rate_hz, start, Fraction(1, rate_hz)
                output.mux(stream.encode(blank))
            output.mux([packet for packet in stream.encode(None) if packet.size or container == "flac"])
        return path.read_bytes()

    return build


def claiming(flac: bytes, total_samples: int) -> bytes:
    """The FLAC with another number of samples in its STREAMINFO (36 bits)."""
    lie = bytearray(flac)
    lie[21] = (lie[21] & 0xF0) | (total_samples >> 32)
    lie[22:26] = (total_samples & 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(lie)


def lying_xing(mp3: bytes) -> bytes:
    lie = bytearray(mp3)
    at = max(lie.find(b"Info"), lie.find(b"Xing")) + 8
    lie[at : at + 4] = (1000 * int.from_bytes(lie[at : at + 4], "big")).to_bytes(4, "big")
    return bytes(lie)


def absurd_format(wav: bytes) -> bytes:
    at = wav.index(b"fmt ") + 8
    return wav[: at + 2] + b"\xff\xff" + (4_000_000_000).to_bytes(4, "little") + wav[at + 8 :]


def many_channels(opus: bytes) -> bytes:
    lie = bytearray(opus)
    head = lie.index(b"OpusHead")
    lie[head + 9] = lie[head + 18] = 255
    return bytes(lie)


def endless_comments(flac: bytes) -> bytes:
    """A Vorbis comment block that announces 2^32-1 comments."""
    vendor = b"\4\0\0\0test"
    block = vendor + b"\xff" * 4 + b"\x05\0\0\0a=b=c"
    streaminfo = flac[4:42]
    first_frame = flac.index(b"\xff\xf8")
    return (
        b"fLaC"
        + bytes([streaminfo[0] & 0x7F])
        + streaminfo[1:]
        + b"\x84"
        + len(block).to_bytes(3, "big")
        + block
        + (flac[first_frame:])
    )


def zero_atom(m4a: bytes) -> bytes:
    """An atom inside the metadata that says it is 0 bytes long."""
    at = m4a.index(b"ilst") + 4
    return m4a[:at] + bytes(4) + m4a[at + 4 :]


def before(*frames: bytes, version: int = 3):
    """The music with a tag of these frames in front."""
    return of("mp3", lambda mp3: tag(*frames, version=version) + mp3[mp3.index(b"\xff\xfb") :])


def covered(data: bytes, kind: bytes = b"image/png"):
    return before(TITLED, picture(data, kind))


def fat_jpeg(size: int) -> bytes:
    """A valid JPEG blown up with comments."""
    plain = image(64, "JPEG")
    comment = b"\xff\xfe\xff\xff" + bytes(65_533)
    return plain[:2] + comment * (size // len(comment)) + plain[2:]


def black_png(side: int) -> bytes:
    made = io.BytesIO()
    Image.new("1", (side, side)).save(made, "PNG")
    return made.getvalue()


CASES = [
    case(
        19,
        "10 h of silence, FLAC",
        silence("flac", "flac", seconds=36_000, rate_hz=RATE_HZ),
        "unindexed silent",
        is_slow=True,
    ),
    case(19, "10 min of silence, FLAC", silence("flac", "flac", seconds=600, rate_hz=RATE_HZ), "unindexed silent"),
    case(
        20,
        "Opus 600 times too long",
        silence("ogg", "libopus", seconds=600, rate_hz=48_000),
        "failed too_long",
        longest_seconds=1,
    ),
    case(
        21,
        "8 channels, 192 kHz, 1 h",
        silence("flac", "flac", seconds=3_600, rate_hz=192_000, layout="7.1"),
        "unindexed silent",
        is_slow=True,
    ),
    case(
        21,
        "8 channels, 192 kHz, 20 s",
        silence("flac", "flac", seconds=20, rate_hz=192_000, layout="7.1"),
        "unindexed silent",
    ),
    case(22, "FLAC claiming 433 h", of("flac", lambda flac: claiming(flac, 2**36 - 1)), "ready", check=lasts(6)),
    case(23, "FLAC of unknown length", of("flac", lambda flac: claiming(flac, 0)), "ready", check=lasts(6)),
    case(24, "Xing header x 1,000", of("mp3", lying_xing), "ready", check=lasts(6)),
    case(25, "65,535 channels at 4 GHz", of("wav", absurd_format), "failed unsupported", "failed not_audio"),
    case(
        26,
        "Opus with 255 channels",
        of("opus", many_channels),
        "failed unsupported",
        "failed not_audio",
        "failed corrupt",
    ),
    case(
        27,
        "frame that unpacks to 256 MiB",
        before(b"TIT2" + syncsafe(len(TITLE) + 1) + b"\0\0\3" + TITLE.encode(), inflating_frame(1 << 28), version=4),
        "ready",
        check=says_title,
    ),
    case(
        28,
        "tag of 121 bytes that says 256 MiB",
        of("mp3", lambda mp3: tag(bytes(111), size=(1 << 28) - 1) + mp3),
        "ready",
        "415 not_audio",
        "failed not_audio",
        "failed corrupt",
    ),
    case(29, "50,000 frames", before(TITLED, *[frame(b"TXXX", b"\0a\0b")] * 50_000), "ready", check=says_title),
    case(
        29,
        "comment of 10 MB",
        before(TITLED, frame(b"COMM", b"\0eng\0" + b"x" * 10_000_000)),
        "ready",
        check=says_title,
    ),
    case(29, "1,000 covers", before(TITLED, *[picture(image(32))] * 1_000), "ready", check=says_title),
    case(30, "2^32-1 Vorbis comments", of("flac", endless_comments), "ready", "failed corrupt"),
    case(31, "atom of no length", of("aac-m4a", zero_atom), "ready"),
    case(
        31,
        "text without an end",
        before(frame(b"TIT2", b"\1\xff\xfe" + b"\0\xd8" * 999), frame(b"TPE1", b"\2")),
        "ready",
    ),
    case(32, "PNG of 13,000 x 13,000", covered(black_png(13_000)), "ready", check=shows_no_cover),
    case(33, "JPEG of 60 MB", covered(fat_jpeg(60_000_000), b"image/jpeg"), "ready", check=shows_no_cover),
    case(33, "GIF of 10,000 frames", covered(many_frames_gif(10_000), b"image/gif"), "ready", check=says_title),
    *(
        case(34, f"{kind} cover", covered(data, b"image/png"), "ready", check=shows_no_cover)
        for kind, data in {
            "TIFF": image(64, "TIFF"),
            "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
            "PSD": b"8BPS\0\1" + bytes(300),
            "FITS": b"SIMPLE  =                    T".ljust(2880),
        }.items()
    ),
    case(35, "1 byte over the limit", of("wav"), "413 too_large", largest_bytes=100_000),
]
