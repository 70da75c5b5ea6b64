"""Files as other programs leave them."""

import io
import struct

import av
import pytest

from embeddings.synthesis import synthesise, write_audio
from recommender.ingest.tag_reader import read_id3, read_with_tinytag
from recommender.ingest.tagging.ape import find_tail, tag_end
from recommender.ingest.tagging.asf import tag_asf
from recommender.ingest.tagging.details import Details
from recommender.ingest.tagging.flac import tag_flac
from recommender.ingest.tagging.mp4 import tag_mp4
from recommender.ingest.tagging.mpeg import tag_frames
from recommender.ingest.tagging.ogg import tag_ogg
from recommender.ingest.tagging.pieces import NotTaggableError, Source
from recommender.ingest.tagging.riff import tag_wav
from tests.ingest.tag_shapes import atom, custom, frame, id3, text

SAID = Details(values={"title": ["New"]}, gain_db=None, is_cover_chosen=False, read_cover=lambda: b"")
ASF_HEAD = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + struct.pack("<QIBB", 30 + 480_000, 1, 1, 2)
SOUND = b"\xff\xfb\x90\x64" + bytes(1000)


@pytest.fixture
def make(tmp_path):
    def make_sound(container):
        return write_audio(tmp_path / "sound", synthesise("flute", 1, 0.3), 44_100, container=container).read_bytes()

    return make_sound


def apply(tag, content):
    file = io.BytesIO(content)
    return b"".join(block for piece in tag(Source(file), SAID) for block in piece.read(file))


def save(content, tmp_path):
    path = tmp_path / "copy"
    path.write_bytes(content)
    return str(path)


def remux(content, path, **options):
    """The same sound, as libav writes it with these options of its muxer."""
    with av.open(io.BytesIO(content)) as source, av.open(str(path), "w", format="ipod", options=options) as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    return path.read_bytes()


def decode(content):
    with av.open(io.BytesIO(content)) as container:
        return b"".join(packet.to_ndarray().tobytes() for packet in container.decode(audio=0))


@pytest.mark.parametrize("version", [3, 4])
def test_frames_that_say_something_else_stay(version, tmp_path):
    old = id3(
        text("TIT2", "Old", version=version), text("TCOM", "Composer", version=version),
        frame("COMM", b"\0engiTunSMPB\0 00000000 00000210", version=version),
        custom("MusicBrainz Artist Id", "x" * 200, version=version), custom("Own", "y" * 200, version=version),
        frame("TDAT", b"\x000101", version=version), frame("PRIV", b"z", version=version, flags=0x08),
        version=version,
    )  # fmt: skip
    copy = apply(tag_frames, old + SOUND)
    assert copy.endswith(SOUND)
    assert (copy[:4], read_id3(save(copy, tmp_path))) == (b"ID3\x04", {"title": ["New"]})
    assert all(kept in copy for kept in (b"TCOM", b"iTunSMPB", b"Own\0yyy"))
    assert not any(gone in copy for gone in (b"xxx", b"TDAT", b"PRIV", b"Old"))


def test_sizes_of_frames_as_old_itunes_wrote_them():
    long = b"COMM" + struct.pack(">I", 300) + b"\0\0" + b"\0eng\0" + b"k" * 295
    copy = apply(tag_frames, id3(long, text("TIT2", "Old", version=4), version=4) + SOUND)
    assert b"k" * 295 in copy
    assert b"Old" not in copy


@pytest.mark.parametrize("tag", [id3(text("TCOM", "A"), version=2), id3(text("TCOM", "A"), flags=0x80)])
def test_tags_that_cannot_be_taken_over_go(tag):
    assert apply(tag_frames, tag + SOUND).count(b"TCOM") == 0


def test_tags_at_the_end_of_an_mp3_go():
    old = apply(tag_end, b"MPCK") + b"TAG" + bytes(125)
    assert apply(tag_frames, SOUND + old[4:]).endswith(b"\0" * 8 + SOUND[-100:])


def test_items_of_apev2_that_say_something_else_stay():
    item = struct.pack("<II", 4, 0) + b"Composer\0Anna" + struct.pack("<II", 3, 0) + b"TITLE\0Old"
    old = b"wvpk" + item + struct.pack("<8sIIII8x", b"APETAGEX", 2000, len(item) + 32, 2, 0)
    copy = apply(tag_end, old + b"TAG" + bytes(125))
    tail = find_tail(Source(io.BytesIO(copy)))
    assert (copy[: tail.start], [key for key, _, _ in tail.items]) == (b"wvpk", ["Title", "Composer"])


def test_an_apev2_tag_of_an_impossible_size_is_left_alone():
    broken = b"wvpk" + struct.pack("<8sIIII8x", b"APETAGEX", 2000, 1 << 30, 2, 0)
    assert apply(tag_end, broken).startswith(broken)


def test_a_table_before_the_sound_names_the_places_where_it_is_then(make, tmp_path):
    original = remux(make("aac-m4a"), tmp_path / "remuxed", movflags="faststart")
    assert original.index(b"moov") < original.index(b"mdat")
    copy = apply(tag_mp4, original)
    assert decode(copy) == decode(original)
    assert read_with_tinytag(save(copy, tmp_path)) == {"title": ["New"]}


def test_sound_in_fragments_is_refused(make, tmp_path):
    content = remux(make("aac-m4a"), tmp_path / "remuxed", movflags="frag_keyframe+empty_moov")
    with pytest.raises(NotTaggableError, match="fragments"):
        apply(tag_mp4, content)


def test_sound_without_an_end_is_refused(make):
    content = bytearray(make("wav"))
    place = content.index(b"data")
    content[place + 4 : place + 8] = b"\xff\xff\xff\xff"
    with pytest.raises(NotTaggableError, match="broken off"):
        apply(tag_wav, bytes(content))


def test_id3_before_flac_goes(make):
    original = make("flac")
    assert apply(tag_flac, id3(text("TIT2", "Old")) + original) == apply(tag_flac, original)


def test_what_follows_the_last_page_of_ogg_stays(make):
    """Also where all pages get another number."""
    original = make("vorbis")
    long = SAID.__class__(values={"title": ["New"], "mood": ["x" * 70_000]}, gain_db=None, is_cover_chosen=False,
                          read_cover=lambda: b"")  # fmt: skip
    file = io.BytesIO(original + b"junk at the end")
    copy = b"".join(block for piece in tag_ogg(Source(file), long) for block in piece.read(file))
    assert copy.endswith(b"junk at the end")
    assert decode(copy) == decode(original)


@pytest.mark.parametrize("content", [b"", b"OggS", b"OggS" + bytes(200), b"fLaC", b"RIFF", bytes(64)])
@pytest.mark.parametrize("tag", [tag_ogg, tag_flac, tag_mp4, tag_wav])
def test_what_is_none_of_it_is_refused(tag, content):
    with pytest.raises(NotTaggableError):
        apply(tag, content)


def bottomless(depth):
    content = b""
    for _ in range(depth):
        content = atom(b"trak", content)
    return atom(b"ftyp", b"M4A ") + atom(b"moov", content) + atom(b"mdat", bytes(8))


@pytest.mark.parametrize(
    ("tag", "content"),
    [
        (tag_mp4, bottomless(3_000)),
        (tag_mp4, atom(b"ftyp") + atom(b"moov", atom(b"free") * 200_000)),
        (tag_mp4, atom(b"ftyp") + atom(b"moov", size=(1 << 32) - 1)),
        (tag_frames, id3(frame("COMM", b"\0") * 50_000, version=4) + SOUND),
        (tag_flac, b"fLaC" + (b"\x02\0\0\0" * 2_000) + bytes(40)),
        (tag_flac, b"fLaC\x81\xff\xff\xff"),
        (tag_wav, b"RIFF\0\0\0\0WAVE" + b"LIST\4\0\0\0INFO" * 20_000),
        (tag_asf, ASF_HEAD + (bytes(16) + struct.pack("<Q", 24)) * 20_000),
        (tag_asf, ASF_HEAD + bytes.fromhex("40a4d0d207e3d21197f000a0c95ea850") + struct.pack("<QH", 26, 9)),
        (tag_ogg, b"OggS" + bytes([0, 2]) + bytes(20) + b"\x01\x08OpusHead" + b"OggS" * 50_000),
    ],
)
def test_what_is_hostile_is_refused_or_costs_little(tag, content):
    try:
        assert len(apply(tag, content)) < 2 * len(content) + 5_000
    except NotTaggableError:
        return
