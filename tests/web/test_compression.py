import gzip

import pytest

from recommender.catalog import audio_files
from tests.people import make_audio_file, make_track

pytestmark = pytest.mark.django_db
ACCEPTED = {"Accept": "text/html", "Accept-Encoding": "gzip, deflate, br"}


def test_pages_are_compressed_for_browsers_that_say_so(client):
    plain, small = client.get("/library/"), client.get("/library/", headers=ACCEPTED)
    assert "Content-Encoding" not in plain
    assert small["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small["Vary"]
    assert len(small.content) < len(plain.content) / 2
    assert b"</html>" in gzip.decompress(small.content)


def test_a_range_of_sound_stays_one(client):
    content = b"silence " * 1_000
    track = make_track(audio_file=make_audio_file(content))
    path = audio_files.path_of(track.audio_file_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    answer = client.get(f"/tracks/{track.pk}/audio", headers={**ACCEPTED, "Range": "bytes=0-999"})
    assert (answer.status_code, answer.getvalue()) == (206, content[:1000])
    assert "Content-Encoding" not in answer
