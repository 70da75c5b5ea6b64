"""Section E, the part that is about files: what is two things at once."""

from tests.corpus.bombs import before
from tests.corpus.broken import REFUSED, zipped
from tests.corpus.case import case, just, of
from tests.corpus.tagged import TITLED, frame

PAGE = b"<html><script>alert(1)</script></html>"


def is_served_as_sound(track):
    assert track.audio_file.media_type.startswith("audio/")


CASES = [
    case(71, "page in a comment", before(TITLED, frame(b"COMM", b"\0eng\0" + PAGE)), "ready", check=is_served_as_sound),
    case(
        72,
        "PDF and MP3",
        of("mp3", lambda mp3: b"%PDF-1.7\n" + PAGE + mp3[mp3.index(b"\xff\xfb") :]),
        "ready",
        REFUSED,
        check=is_served_as_sound,
    ),
    case(72, "MP3 and ZIP", of("mp3", lambda mp3: mp3 + zipped(PAGE)), "ready", check=is_served_as_sound),
    case(72, "GIF and script", just(b"GIF89a=1;alert(1)//" + bytes(2000)), REFUSED),
    case(74, "m3u8 as .mp3", just(b"#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n"), REFUSED),
    case(74, "concat as .mp3", just(b"ffconcat version 1.0\nfile '/etc/passwd'\n"), REFUSED),
]
