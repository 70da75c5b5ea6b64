"""Section A: what is no audio, or broken."""

import io
import os
import zipfile
from pathlib import Path

import av
import numpy as np
from PIL import Image

from tests.corpus.case import RATE_HZ, Case, Material, case, is_cut, just, lasts, of

REFUSED = "415 not_audio"


def jpeg() -> bytes:
    made = io.BytesIO()
    Image.fromarray(np.arange(64 * 64 * 3, dtype=np.uint8).reshape(64, 64, 3)).save(made, "JPEG")
    return made.getvalue()


def zipped(content: bytes, levels: int = 1) -> bytes:
    for level in range(levels):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(16 if levels > 1 else 1):
                archive.writestr(f"{level}-{number}", content)
        content = made.getvalue()
    return content


def video(material: Material, *, has_sound: bool) -> bytes:
    path = Path(material.folder) / "film.mp4"
    with av.open(os.fspath(path), "w", format="mp4") as output:
        picture = output.add_stream("mpeg4", rate=25)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        sound = output.add_stream("aac", rate=RATE_HZ, layout="stereo") if has_sound else None
        for _ in range(50):
            output.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")))
        output.mux(picture.encode(None))
        if sound is not None:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(material.music), "fltp", "stereo")
            frame.sample_rate, frame.pts = RATE_HZ, 0
            fit = av.AudioResampler("fltp", "stereo", RATE_HZ, frame_size=1024)
            for fitted in [*fit.resample(frame), *fit.resample(None), None]:
                output.mux(sound.encode(fitted))
    return path.read_bytes()


def flip(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def without_page(ogg: bytes) -> bytes:
    pages = [at for at in range(len(ogg)) if ogg.startswith(b"OggS", at)]
    return ogg[: pages[3]] + ogg[pages[4] :]


def at_data(wav: bytes) -> int:
    """Where the size of the data chunk stands."""
    return wav.index(b"data") + 4


def lists() -> list[Case]:
    texts = {
        "MIDI": b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0",
        "MOD": b"a module".ljust(1080, b"\0") + b"M.K." + bytes(5000),
        "XM": b"Extended Module: x".ljust(5000, b"\0"),
        "m3u8": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1/x\n#EXT-X-ENDLIST\n",
        "cue": b'FILE "/etc/passwd" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n',
        "pls": b"[playlist]\nFile1=/etc/passwd\n",
    }
    return [case(18, kind, just(content), REFUSED, file_name=f"x.{kind}") for kind, content in texts.items()]


CASES = [
    case(1, "0 bytes", just(b""), "400 empty_file"),
    case(2, "1 MiB of random bytes", just(np.random.default_rng(1).bytes(1 << 20)), REFUSED, "failed not_audio"),
    case(3, "text as .wav", just(b"hello"), REFUSED, file_name="hello.wav"),
    case(4, "JPEG as .flac", just(jpeg()), REFUSED, file_name="picture.flac"),
    case(5, "ZIP as .mp3", just(zipped(b"hello")), REFUSED),
    case(5, "nested ZIP bomb", just(zipped(bytes(1 << 20), levels=4)), REFUSED),
    case(6, "ELF as .ogg", just(b"\x7fELF\2\1\1" + bytes(9000)), REFUSED, file_name="program.ogg"),
    case(6, "PE as .ogg", just(b"MZ\x90\0" + bytes(9000)), REFUSED, file_name="program.ogg"),
    case(7, "film with sound", lambda given: video(given, has_sound=True), "ready", check=lasts(6)),
    case(8, "film without sound", lambda given: video(given, has_sound=False), "failed no_audio"),
    case(9, "WAV cut in its data", of("wav", lambda wav: wav[: len(wav) // 2]), "ready", check=is_cut),
    case(10, "MP3 cut in a frame", of("mp3", lambda mp3: mp3[: len(mp3) * 7 // 10 + 13]), "ready"),
    case(10, "FLAC without its last 30 %", of("flac", lambda flac: flac[: len(flac) * 7 // 10]), "ready", check=is_cut),
    case(11, "FLAC, wrong frame CRC", of("flac", lambda flac: flip(flac, len(flac) // 2)), "ready", "failed corrupt"),
    case(11, "FLAC, wrong MD5", of("flac", lambda flac: flip(flac, 30)), "ready", check=lasts(6)),
    case(
        12, "64 kB before the first frame", of("mp3", lambda mp3: np.random.default_rng(2).bytes(65_536) + mp3), "ready"
    ),
    case(13, "Ogg with a page missing", of("vorbis", without_page), "ready", "failed corrupt", check=is_cut),
    case(14, "WAV header, no samples", of("wav", lambda wav: wav[: at_data(wav)] + bytes(4)), "failed corrupt"),
    case(
        15,
        "WAV claiming 4 GB",
        of("wav", lambda wav: wav[: at_data(wav)] + b"\xff" * 4 + wav[at_data(wav) + 4 :]),
        "ready",
        check=lasts(6),
    ),
    case(
        16,
        "RIFF with 100,000 chunks",
        of("wav", lambda wav: wav[:12] + b"junk\2\0\0\0ab" * 100_000 + wav[12:]),
        "ready",
        "failed corrupt",
    ),
    case(17, "copy protection", of("aac-m4a", lambda m4a: m4a.replace(b"mp4a", b"drms")), "failed unsupported"),
    *lists(),
]
