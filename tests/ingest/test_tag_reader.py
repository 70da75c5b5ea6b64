"""The program that reads tags: some tests call its functions, those about its limits start it."""

import base64
import json
import resource
import struct
import subprocess
import sys
import zlib

import pytest

from embeddings.synthesis import synthesise, write_audio
from recommender.ingest import tag_reader
from tests.ingest.tag_shapes import (
    IDENTIFIER,
    atom,
    comments,
    custom,
    custom_atom,
    data_atom,
    encode_picture,
    frame,
    id3,
    mp4,
    picture_block,
    picture_frame,
    png_of,
    repeated_zeros,
    synchsafe,
    text,
    with_flac_blocks,
)

RED, BLUE = (encode_picture(16, 16, level=level) for level in (10, 200))
NAMED = text("TIT2", "Title") + text("TPE1", "Artist")
NAMED_4 = text("TIT2", "Title", version=4) + text("TPE1", "Artist", version=4)
SAID = {"title": ["Title"], "artist": ["Artist"]}


@pytest.fixture(scope="module")
def flac(tmp_path_factory):
    path = tmp_path_factory.mktemp("flac") / "plain.flac"
    return write_audio(path, synthesise("flute", 1, 1), 44_100, container="flac").read_bytes()


@pytest.fixture(scope="module")
def sound(song):
    """MP3 without tags."""
    return song[song.index(b"\xff\xfb") :]


@pytest.fixture
def saved(tmp_path):
    def save(content):
        path = tmp_path / "file"
        path.write_bytes(content)
        return str(path)

    return save


def run(path):
    """(what the program says, its picture, mebibytes, seconds of processor time)."""
    code = (
        "import resource, subprocess, sys; ended = subprocess.run(sys.argv[1:], stdout=-1);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(used.ru_maxrss >> 10, used.ru_utime + used.ru_stime); sys.stdout.flush();"
        "sys.stdout.buffer.write(ended.stdout)"
    )
    command = [sys.executable, "-c", code, sys.executable, "-I", tag_reader.__file__, path]
    usage, *lines = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.splitlines()
    said, picture = {}, b""
    for line in map(json.loads, lines):
        picture = base64.b64decode(line.pop("picture", ""))
        said = line | said
    mebibytes, seconds = map(float, usage.split())
    return said, picture, mebibytes, seconds


def test_id3_of_every_version(saved, sound):
    latin = b"\x00Caf\xe9"
    for tag in (
        id3(frame("TT2", latin, version=2), frame("TP1", b"\x00A/B", version=2), version=2),
        id3(text("TIT2", "Café"), text("TPE1", "A/B")),
        id3(text("TIT2", "Café", version=4), text("TPE1", "A/B", version=4), version=4),
        id3(frame("TIT2", b"\x02" + "Café".encode("utf-16-be")), frame("TPE1", latin)),
    ):
        assert tag_reader.read_id3(saved(tag + sound))["title"] == ["Café"]


@pytest.mark.parametrize(
    ("frames", "version", "artists"),
    [
        (text("TPE1", "Simon/Garfunkel"), 3, ["Simon", "Garfunkel"]),
        (text("TPE1", "AC/DC"), 3, ["AC/DC"]),
        (text("TPE1", "AC/DC / Air"), 3, ["AC/DC", "Air"]),
        (text("TPE1", "Simon/Garfunkel", version=4), 4, ["Simon/Garfunkel"]),
        (text("TPE1", "Simon\0Garfunkel", version=4), 4, ["Simon", "Garfunkel"]),
        (frame("TPE1", b"\x01" + "Simon\0".encode("utf-16") + "Garfunkel".encode("utf-16")), 3, ["Simon", "Garfunkel"]),
    ],
)
def test_several_artists_in_id3(frames, version, artists, saved):
    assert tag_reader.read_id3(saved(id3(frames, version=version)))["artist"] == artists


def test_all_that_id3_says(saved):
    frames = (
        text("TALB", "Release"), text("TPE2", "Album artist"), text("TCMP", "1"), text("TRCK", "3/12"),
        text("TPOS", "1/2"), text("TYER", "1999"), text("TORY", "1979"), text("TCON", "(17)Rock"),
        text("TSRC", "USRC17607839"), custom("ARTISTS", "Simon"), custom("MusicBrainz Album Id", IDENTIFIER),
        custom("MusicBrainz Artist Id", IDENTIFIER), custom("replaygain_track_gain", "-7.1 dB"),
        frame("UFID", b"http://musicbrainz.org\0" + IDENTIFIER.encode()), frame("UFID", b"http://elsewhere\0no"),
        custom("owner", "admin"), custom("published", "1"), text("TENC", "nobody"),
        frame("WOAR", b"javascript:alert(1)"),
    )  # fmt: skip
    assert tag_reader.read_id3(saved(id3(*frames))) == {
        "album": ["Release"], "albumartist": ["Album artist"], "compilation": ["1"], "track": ["3/12"],
        "disc": ["1/2"], "date": ["1999"], "originaldate": ["1979"], "genre": ["(17)Rock"], "isrc": ["USRC17607839"],
        "artists": ["Simon"], "release_id": [IDENTIFIER], "artist_id": [IDENTIFIER], "replaygain": ["-7.1 dB"],
        "recording_id": [IDENTIFIER],
    }  # fmt: skip


UNSYNCHRONISED = NAMED.replace(b"\xff\xfe", b"\xff\x00\xfe")
SQUEEZED = struct.pack(">I", 6) + zlib.compress(b"\x00Title")


@pytest.mark.parametrize(
    "tag",
    [
        id3(UNSYNCHRONISED, flags=0x80),
        id3(struct.pack(">IHI", 6, 0, 0) + NAMED, flags=0x40),
        id3(synchsafe(6) + b"\x01\x00" + NAMED_4, version=4, flags=0x40),
        id3(frame("TIT2", SQUEEZED, flags=0x80), NAMED),
        id3(frame("TIT2", synchsafe(6) + b"\x00Title", version=4, flags=0x01), NAMED_4, version=4),
        id3(frame("TIT2", b"secret", flags=0x40), NAMED),
        id3(NAMED, size=(1 << 28) - 1),
        id3(NAMED, bytes(500)),
        id3(frame("TALB", b"", size=0), frame("TIT2", b"\x07" * 5, flags=0x80), NAMED),
        id3(frame("TIT2", b""), frame("TPE1", b"\x01"), frame("TXXX", b"\x01\xff"), NAMED),
        id3(text("TENC", "x" * 50)) + id3(NAMED),
    ],
)
def test_id3_as_it_is_found(tag, saved, sound):
    assert SAID.items() <= tag_reader.read_id3(saved(tag + sound)).items()


def test_of_several_tags_the_first_is_believed(saved, song):
    assert tag_reader.read_id3(saved(id3(text("TIT2", "Title")) + song)) == {
        "title": ["Title"], "artist": ["The Tests"], "album": ["First Light"],
    }  # fmt: skip


def test_sizes_of_frames_as_old_itunes_wrote_them(saved):
    long = b"\x03" + b"x" * 299
    tag = id3(b"TIT2" + struct.pack(">I", 300) + b"\0\0" + long, text("TPE1", "Artist", version=4), version=4)
    assert tag_reader.read_id3(saved(tag)) == {"title": ["x" * 299], "artist": ["Artist"]}


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (b"\x00Na\xefve", "Naïve"),
        (b"\x00\x93quoted\x94", "“quoted”"),
        ("\x00Naïve".encode(), "Naïve"),
        (b"\x00" + "Кино".encode("cp1251"), "Êèíî"),
        (b"\x01Latin in truth", "Latin in truth"),
        (b"\x01" + "No mark".encode("utf-16-le"), "No mark"),
        (b"\x01\xfe\xff" + "Big".encode("utf-16-be"), "Big"),
        (b"\x01\xff\xfeodd\0d\0x", "摯dd"),
        (b"\x03bad \xff\xfe utf-8", "bad \ufffd\ufffd utf-8"),
        (b"\x09unknown", "unknown"),
        (b"\x01\xff\xfe\x00\xd8", "\ufffd"),
    ],
)
def test_texts_in_the_wrong_dress(content, title, saved):
    assert tag_reader.read_id3(saved(id3(frame("TIT2", content))))["title"] == [title]


def test_id3v1_speaks_last(saved, sound):
    last = b"TAG" + b"Title".ljust(30) + b"Artist".ljust(30, b"\0") + b"Release".ljust(30, b"\0") + b"1999"
    last += bytes(29) + b"\x05\x11"
    said, *_ = run(saved(sound + last))
    assert said == {**SAID, "album": ["Release"], "date": ["1999"], "track": ["5"], "genre": ["17"]}


def test_vorbis_comments(flac, saved):
    pairs = ("title=Title", "ARTIST=Simon", "Artist=Garfunkel", "DATE=1999", "TRACKNUMBER=3/12", "GENRE=Jazz")
    more = ("GENRE=Rock", f"MUSICBRAINZ_TRACKID={IDENTIFIER}", "R128_TRACK_GAIN=-256", "COMPILATION=1", "OWNER=admin")
    content = with_flac_blocks(flac, (4, comments(*pairs, *more)), (6, picture_block(BLUE, 4)), (6, picture_block(RED)))
    path = saved(content)
    assert tag_reader.read_with_tinytag(path) == {
        "title": ["Title"], "artist": ["Simon", "Garfunkel"], "date": ["1999"], "track": ["3"],
        "genre": ["Jazz", "Rock"], "recording_id": [IDENTIFIER], "r128": ["-256"], "compilation": ["1"],
    }  # fmt: skip
    assert tag_reader.find_picture_with_tinytag(path) == RED


def test_mp4_atoms(saved):
    path = saved(
        mp4(
            atom(b"\xa9nam", data_atom(b"Title")), atom(b"\xa9ART", data_atom(b"Simon & Garfunkel")),
            custom_atom("ARTISTS", "Simon", "Garfunkel"), custom_atom("MusicBrainz Track Id", IDENTIFIER),
            custom_atom("ISRC", "USRC17607839"), atom(b"cpil", data_atom(b"\x01", 21)),
            atom(b"trkn", data_atom(b"\0\0\0\x03\0\x0c\0\0", 0)), atom(b"covr", data_atom(RED, 14)),
        )
    )  # fmt: skip
    assert tag_reader.read_with_tinytag(path) == {
        "title": ["Title"], "artist": ["Simon & Garfunkel", "Simon", "Garfunkel"], "recording_id": [IDENTIFIER],
        "isrc": ["USRC17607839"], "compilation": ["1"], "track": ["3"],
    }  # fmt: skip
    assert tag_reader.find_picture_with_tinytag(path) == RED


@pytest.mark.parametrize(
    "frames",
    [
        picture_frame(BLUE, kind=0) + picture_frame(RED),
        frame("APIC", b"\x01image/png\0\x03" + "cover\0".encode("utf-16") + RED),
        frame("APIC", b"\x01image/png\0\x03\0" + RED),
        picture_frame(b"http://127.0.0.1:9/", media_type=b"-->") + picture_frame(RED, kind=2),
        frame("APIC", b"\x00") + picture_frame(RED, kind=2),
    ],
)
def test_the_front_cover_is_chosen(frames, saved):
    assert tag_reader.find_id3_picture(saved(id3(frames))) == RED


def test_a_picture_of_id3_2_2(saved):
    assert tag_reader.find_id3_picture(saved(id3(frame("PIC", b"\0PNG\3\0" + RED, version=2), version=2))) == RED


def chunks(count):
    return b"RIFF\xff\xff\xff\xffWAVELIST" + struct.pack("<I", 8 * count + 4) + b"INFO" + b"INAM\0\0\0\0" * count


BOMB = struct.pack(">I", 256 << 20) + repeated_zeros(256 << 20)
HOSTILE = {
    "compressed to 256 MiB": lambda sound, _: id3(frame("TALB", BOMB, flags=0x80), NAMED) + sound,
    "50 000 frames": lambda sound, _: id3(custom("key", "value") * 50_000, NAMED) + sound,
    "10 MB of comment": lambda sound, _: id3(frame("COMM", b"\0eng\0" + b"x" * (10 << 20)), NAMED) + sound,
    "10 MB of release": lambda sound, _: id3(frame("TALB", b"\0" + b"x" * (10 << 20)), NAMED) + sound,
    "size beyond the file": lambda *_: id3(NAMED, size=(1 << 28) - 1)[:121],
    "2^32 - 1 comments": lambda _, flac: with_flac_blocks(
        flac, (4, comments("TITLE=Title", "ARTIST=Artist", count=2**32 - 1))
    ),
    "a picture that claims 4 GiB": lambda _, flac: with_flac_blocks(
        flac, (4, comments("TITLE=Title", "ARTIST=Artist")), (6, picture_block(b"", size=2**32 - 1))
    ),
    "atoms without size": lambda *_: mp4(
        atom(b"\xa9nam", data_atom(b"Title")), atom(b"\xa9ART", data_atom(b"Artist")), atom(b"free", size=0)
    ),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_what_is_hostile_costs_itself_only(make, sound, flac, saved):
    said, _, mebibytes, seconds = run(saved(make(sound, flac)))
    assert said == SAID
    assert mebibytes <= 300
    assert seconds <= 10


def test_the_first_of_1000_pictures(sound, saved):
    said, picture, mebibytes, _ = run(saved(id3(NAMED, picture_frame(RED, kind=4) * 1000) + sound))
    assert (said, picture) == (SAID, RED)
    assert mebibytes <= 300


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        chunks(10_000_000),
        atom(b"ftyp", b"M4A \0\0\0\0") + atom(b"free") * 3_000_000,
        (b"OggS\0\0" + bytes(8) + struct.pack("<III", 1, 0, 0) + b"\xff" + b"\xff" * 255 + bytes(255 * 255)) * 4000,
        id3(b"", size=(1 << 28) - 1) + (b"TIT2" + bytes(6)) * 8_000_000,
    ],
    ids=["chunks", "atoms", "pages", "frames"],
)
def test_what_never_ends_is_ended(content, saved):
    _, _, mebibytes, seconds = run(saved(content))
    assert mebibytes <= 300
    assert seconds <= 10


def test_what_was_said_stays_said_when_the_program_dies(sound, saved):
    """A line is written before the next attempt begins."""
    code = (
        "import runpy, sys, os, signal; module = runpy.run_path(sys.argv[1]);"
        "scope = module['main'].__globals__;"
        "scope['find_id3_picture'] = lambda path: os.kill(os.getpid(), signal.SIGKILL);"
        "scope['main'](sys.argv[2])"
    )
    path = saved(id3(NAMED) + sound)
    ended = subprocess.run([sys.executable, "-c", code, tag_reader.__file__, path], capture_output=True, check=False)
    assert ended.returncode == -9
    assert json.loads(ended.stdout) == SAID


def test_a_picture_too_large_is_left_out(sound, saved):
    large = b"\xff\xd8\xff" + bytes((10 << 20) + 1)
    assert run(saved(id3(NAMED, picture_frame(large)) + sound))[:2] == (SAID, b"")
    assert run(saved(id3(NAMED, picture_frame(png_of(13_000, 13_000))) + sound))[1] == png_of(13_000, 13_000)


def test_the_limits_are_those_of_the_process(saved):
    code = "import runpy, sys, resource; runpy.run_path(sys.argv[1])['main'](sys.argv[2]);"
    code += "print([resource.getrlimit(name)[1] for name in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE)])"
    ended = subprocess.run(
        [sys.executable, "-c", code, tag_reader.__file__, saved(b"")], capture_output=True, check=True
    )
    assert json.loads(ended.stdout) == [tag_reader.ADDRESS_SPACE_BYTES, 0]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] != 0
