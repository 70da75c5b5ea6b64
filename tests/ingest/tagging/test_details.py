import pytest

from recommender.ingest.tag_reader import KEYS
from recommender.ingest.tagging.details import Details, read_details
from tests.people import make_track

SILENT = Details(values={}, gain_db=None, is_cover_chosen=False, read_cover=lambda: b"")


@pytest.mark.parametrize("key", [key for keys in KEYS.values() for key in keys])
def test_all_that_the_reader_would_believe_gives_way(key):
    assert SILENT.replaces(key)


@pytest.mark.parametrize("name", ["WM/AlbumTitle", "MusicBrainz/Track Id", "ALBUM ARTIST", "Replaygain_Track_Gain"])
def test_however_programs_spell_it(name):
    assert SILENT.replaces(name)


@pytest.mark.parametrize("name", ["composer", "Comment", "LYRICS", "replaygain_album_gain", "iTunSMPB", ""])
def test_what_we_do_not_say_stays(name):
    assert not SILENT.replaces(name)


def test_moods_of_a_file_stay_until_people_say_some():
    said = Details(values={"mood": ["calm"]}, gain_db=None, is_cover_chosen=False, read_cover=lambda: b"")
    assert [(SILENT.replaces(name), said.replaces(name)) for name in ("MOOD", "TMOO", "WM/Mood")] == [(False, True)] * 3


@pytest.mark.django_db
@pytest.mark.parametrize("gain", [-7.25, 0.0, 3.14159, -51.0])
def test_a_gain_is_written_as_players_read_it(gain):
    details = read_details(make_track(replaygain_db=gain), lambda _sha256: b"")
    assert details.gain.endswith(" dB")
    assert details.gain[0] in "+-"
    assert float(details.gain.removesuffix(" dB")) == pytest.approx(gain, abs=1e-4)
