"""Section D: names and tags that are read by people, templates, shells and file systems."""

from tests.corpus.bombs import before
from tests.corpus.case import Case, case, of, shows_no_cover
from tests.corpus.tagged import TITLED, frame, own, picture, text

NAMES = {
    57: ["../../etc/passwd.mp3", "..\\..\\x.mp3", "/abs.mp3", "C:\\x.mp3"],
    58: ["a.mp3\0.php", "a.php.mp3", ".htaccess", "CON.mp3", "nul"],
    59: ["x" * 255, "y" * 4096, "", "....", "trailing space.mp3 "],
    60: [
        "line\r\nX-Evil: 1.mp3",
        'quo"te;.mp3',
        "gpj.\u202e3pm",
        "🎵 🧑‍🎤.mp3",
        "e\u0301a\u0300" * 40 + ".mp3",
        "é.mp3",
    ],
    61: ["-i.mp3", "--help.mp3", "$(touch x).mp3", "`id`.mp3", "|cat.mp3"],
    62: ["caf\udce9.mp3", "\udc83e\udc83X\udc83g.mp3", "\udced\udca0\udc80.mp3"],
}


def is_plain(track):
    """Valid, visible text of sane length, on one line."""
    for words in (track.title, track.file_name, track.artist_name):
        words.encode()
        assert words.isprintable() or "\u200d" in words, words
        assert len(words) <= 500
    assert track.title


def has_title(expected: str):
    def check(track):
        is_plain(track)
        assert track.title == expected, track.title

    return check


def lacks_numbers(track):
    assert (track.track_number, track.year, track.replaygain_db) == (None, None, None)


def is_owned_as_before(track):
    assert track.owner.username.startswith("uploader")
    assert track.visibility == "published"


def titles() -> list[Case]:
    hostile = [
        (64, "<script>alert(1)</script>"),
        (64, '"><img src=x onerror=alert(1)>'),
        (64, "{{7*7}}"),
        (64, "{% debug %}"),
        (65, '=HYPERLINK("http://127.0.0.1")'),
        (65, "+cmd"),
    ]
    return [
        case(number, words, before(text(b"TIT2", words)), "ready", check=has_title(words)) for number, words in hostile
    ]


CASES = [
    *(
        case(number, f"name {name[:40]!r}", of("mp3"), "queued", file_name=name, check=is_plain, is_named=True)
        for number, names in NAMES.items()
        for name in names
    ),
    case(63, "Latin-1 labelled UTF-16", before(frame(b"TIT2", b"\1Caf\xe9")), "ready", check=is_plain),
    case(
        63,
        "wrong byte order mark",
        before(frame(b"TIT2", b"\1\xfe\xff" + "Title".encode("utf-16-le"))),
        "ready",
        check=is_plain,
    ),
    case(
        63,
        "cp1251 in a Latin-1 frame",
        before(frame(b"TIT2", b"\0" + "Привет".encode("cp1251"))),
        "ready",
        check=is_plain,
    ),
    case(
        63,
        "invalid UTF-8 in a Vorbis comment",
        of("flac", lambda flac: flac.replace(b"A title", b"A \xff\xfet\xe9e")),
        "ready",
        check=is_plain,
    ),
    *titles(),
    case(
        64,
        "a script as web page of the artist",
        before(TITLED, frame(b"WOAR", b"javascript:alert(1)")),
        "ready",
        check=is_plain,
    ),
    case(66, "NUL and controls", before(text(b"TIT2", "a\x01b\x1fc\x07")), "ready", check=is_plain),
    case(
        67,
        "numbers that are none",
        before(
            TITLED,
            text(b"TDRC", "9999-99-99"),
            text(b"TRCK", "-1/0"),
            text(b"TBPM", "1e400"),
            own("replaygain_track_gain", "NaN"),
        ),
        "ready",
        check=lacks_numbers,
    ),
    case(
        68,
        "tags that want rights",
        before(TITLED, own("owner", "admin"), own("published", "1")),
        "ready",
        check=is_owned_as_before,
    ),
    case(
        69,
        "cover behind a link",
        before(TITLED, frame(b"APIC", b"\0-->\0\3\0http://127.0.0.1:9/x.png")),
        "ready",
        check=shows_no_cover,
    ),
    case(
        70,
        "SVG cover with a script",
        before(TITLED, picture(b"<svg onload='alert(1)'/>", b"image/svg+xml")),
        "ready",
        check=shows_no_cover,
    ),
    case(
        70,
        "HTML labelled PNG",
        before(TITLED, picture(b"<html><script>alert(1)</script>")),
        "ready",
        check=shows_no_cover,
    ),
]
