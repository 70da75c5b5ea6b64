import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.listening.errors import PlaylistFileError
from recommender.listening.playlist_files import (
    LARGEST_BYTES,
    MOST_LISTED,
    Format,
    Listed,
    PlaylistFile,
    clean,
    read_playlist,
    write_playlist,
)

words = st.text(max_size=30).map(clean).filter(bool)
listed = st.builds(
    Listed,
    title=words,
    artist=words | st.just(""),
    release=words | st.just(""),
    duration_seconds=st.none() | st.integers(1, 90_000).map(float),
    address=st.integers(1).map("https://music.example/tracks/{}/audio".format),
)
playlists = st.builds(PlaylistFile, name=words, listed=st.lists(listed, min_size=1, max_size=4))


@pytest.mark.parametrize("kind", Format)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(playlist=playlists)
def test_what_is_written_is_read_again(kind, playlist):
    assert read_playlist(write_playlist(playlist, kind)) == playlist


@pytest.mark.parametrize("kind", Format)
def test_names_that_look_like_markup(kind):
    odd = '<b>&amp; "quoted" #EXTINF:1,x\r\n]]>\x00\ud800 \u2013 مرحبا 🎵 A - B'
    playlist = PlaylistFile(name=odd, listed=[Listed(title=odd, artist=odd, address="https://x.example/?a=1&b=2")])
    found = read_playlist(write_playlist(playlist, kind))
    assert found.name == clean(odd)
    assert [(each.title, each.artist) for each in found.listed] == [(clean(odd), clean(odd))]
    assert found.listed[0].address == "https://x.example/?a=1&b=2"


def test_the_formats_say_what_others_expect():
    one = Listed(title="T", artist="A", duration_seconds=61.4, address="https://x/1", identifier="https://x/i")
    playlist = PlaylistFile(name="P", description="D", listed=[one])
    assert write_playlist(playlist, Format.M3U8).decode().splitlines() == [
        *("#EXTM3U", "#PLAYLIST:P", "#EXTINF:61,A - T", "#EXTART:A", "https://x/1")
    ]
    told = json.loads(write_playlist(playlist, Format.JSPF))["playlist"]
    assert told["track"] == [
        {"location": ["https://x/1"], "identifier": ["https://x/i"], "title": "T", "creator": "A", "duration": 61400}
    ]
    text = write_playlist(playlist, Format.XSPF).decode()
    assert '<playlist version="1" xmlns="http://xspf.org/ns/0/">' in text
    assert "<duration>61400</duration>" in text
    assert text.index("<location>") < text.index("<title>T<")


def names(content):
    return [(each.artist, each.title, each.duration_seconds) for each in read_playlist(content).listed]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"a/03 - Some One - A Song.mp3\r\n\r\n# hm\n", [("Some One", "A Song", None)]),
        (b"C:\\music\\Other.flac\n", [("", "Other", None)]),
        (b"https://x.example/a%20b/Some%20One%20-%20Song.ogg?x=1\n", [("Some One", "Song", None)]),
        ("#EXTINF:123,Björk - Jóga\nx.mp3\n".encode("cp1252"), [("Björk", "Jóga", 123.0)]),
        ("#EXTM3U\n#EXTINF:-1,A - B - C\nx.mp3\n".encode("utf-16"), [("A", "B - C", None)]),
        ("\ufeff#EXTINF:0 logo=1,No artist\nx.mp3\n".encode(), [("", "No artist", None)]),
        (b"#EXTINF:nonsense,A - B\nx\n#EXTINF\ny\n", [("A", "B", None), ("", "y", None)]),
        (b"#EXTINF:9,A - B\n#EXTART:Somebody else\nx\n", [("A", "B", 9.0)]),
        ("http://[x/A - B.mp3\nhttp://a\u2100b/C - D.mp3\n".encode(), [("A", "B", None), ("C", "D", None)]),
    ],
)  # fmt: skip
def test_lists_of_other_programs(content, found):
    assert names(content) == found


def test_xspf_of_other_programs():
    bare = "<playlist><trackList><track><title>T</title><duration>nan</duration></track><x/></trackList></playlist>"
    assert names(bare.encode()) == [("", "T", None)]
    latin = '<?xml version="1.0" encoding="ISO-8859-1"?>' + bare.replace("T<", "Jóga<")
    assert names(latin.encode("latin-1")) == [("", "Jóga", None)]
    assert names(('<?xml version="1.0" encoding="UTF-16"?>' + bare).encode("utf-16")) == [("", "T", None)]


def test_jspf_of_other_programs():
    told = {
        "playlist": {"track": [{"title": "T", "creator": "A", "location": "x", "duration": "61000"}, {"title": {}}]}
    }
    found = read_playlist(json.dumps(told).encode("utf-8-sig")).listed
    assert [(each.artist, each.title, each.address, each.duration_seconds) for each in found] == [
        *(("A", "T", "x", 61.0), ("", "", "", None))
    ]
    assert found[1].name == "A track without a name"


BOMB = """<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><playlist><title>&b;</title></playlist>"""
OUTSIDE = """<!DOCTYPE p [<!ENTITY f SYSTEM "file:///etc/passwd">]><playlist><title>&f;</title></playlist>"""


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no track"),
        (b"\n\n# only words\n", "no track"),
        (b"\x00\x01\x02\x03", "no playlist"),
        (b"x\n" * 100_000, "100,000 tracks"),
        (b" " * (LARGEST_BYTES + 1), "at most 4 MB"),
        (BOMB.encode(), "damaged"),
        (OUTSIDE.encode(), "damaged"),
        (BOMB.encode("utf-16"), "damaged"),
        (b"<playlist><trackList>", "damaged"),
        (b'<?xml version="1.0" encoding="no-such"?><playlist/>', "damaged"),
        (b"<html><body/></html>", "no XSPF"),
        (b"<playlist/>", "no track"),
        (b"<a>" * 20_000, "damaged"),
        (b'{"playlist": []}', "damaged"),
        (b'{"playlist": {"track": 7}}', "damaged"),
        (b'{"playlist": {"track": [7, "x"]}}', "damaged"),
        (b'{"playlist": {"track": []}}', "no track"),
        (b'{"a":' * 100_000, "damaged"),
        (b'{"playlist": {"track": [{"duration": ' + b"9" * 5000 + b"}]}}", "damaged"),
    ],
)
def test_what_is_no_playlist_is_refused_with_a_sentence(content, why):
    with pytest.raises(PlaylistFileError, match=why):
        read_playlist(content)


def test_the_longest_list_is_read():
    assert len(read_playlist(b"x\n" * MOST_LISTED).listed) == MOST_LISTED
