import pytest
from django.urls import reverse

from recommender.catalog import audio_files
from recommender.catalog.models import Rendition, Spectrogram
from tests.people import make_audio_file, make_cover, make_track

pytestmark = pytest.mark.django_db

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def track():
    audio_file = make_audio_file(CONTENT)
    path = audio_files.path_of(audio_file.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(CONTENT)
    return make_track(audio_file=audio_file, file_name='a "strange"; näme\r\n.mp3')


def address(name, track):
    return reverse(name, args=[track.pk])


def test_a_range_is_sent_as_a_range(track, client):
    answer = client.get(address("track_audio", track), headers={"Range": "bytes=100-199"})
    assert (answer.status_code, answer.getvalue()) == (206, CONTENT[100:200])
    assert answer["Content-Range"] == f"bytes 100-199/{len(CONTENT)}"


def test_sound_is_never_taken_for_a_page(track, client):
    answer = client.get(address("track_audio", track))
    assert answer.getvalue() == CONTENT
    assert answer["Content-Type"] == "audio/mpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_download_carries_the_name_of_the_file(track, client):
    client.force_login(track.owner)
    answer = client.get(address("track_download", track))
    assert answer.getvalue() == CONTENT
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert "\r" not in answer["Content-Disposition"]


def test_a_lost_file_is_not_found(track, client):
    audio_files.path_of(track.audio_file_id).unlink()
    assert client.get(address("track_audio", track)).status_code == 404


def test_a_copy_that_is_not_made_yet_is_said_to_come(track, client):
    track.audio_file.rendition = Rendition.WANTED
    track.audio_file.save()
    answer = client.get(address("track_audio", track))
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert answer.json()["code"] == "being_prepared"
    assert int(answer["Retry-After"]) > 0
    client.force_login(track.owner)
    assert client.get(address("track_download", track)).getvalue() == CONTENT


def test_what_cannot_be_played_can_be_downloaded(track, client):
    track.audio_file.rendition = Rendition.FAILED
    track.audio_file.save()
    answer = client.get(address("track_audio", track))
    assert (answer.status_code, answer.json()["code"]) == (415, "not_playable")
    assert "downloaded" in answer.json()["detail"]


def test_a_cover_is_an_image_and_absent_when_there_is_none(track, client):
    assert client.get(reverse("track_cover", args=[track.pk, 300])).status_code == 404
    track.cover = make_cover()
    track.save()
    answer = client.get(reverse("track_cover", args=[track.pk, 300]))
    assert (answer["Content-Type"], answer.getvalue()) == ("image/webp", b"300 pixels of cover")
    assert client.get(reverse("track_cover", args=[track.pk, 301])).status_code == 404


def test_the_picture_of_the_sound_is_shown_where_there_is_one(track, client):
    address_of_picture = address("track_spectrogram", track)
    assert client.get(address_of_picture).status_code == 404
    kept = Spectrogram.objects.create(audio_file=track.audio_file, picture=b"")
    assert client.get(address_of_picture).status_code == 404
    assert address_of_picture not in client.get(address("track", track)).text
    kept.picture = b"a picture"
    kept.save()
    answer = client.get(address_of_picture)
    assert (answer.content, answer["Content-Type"]) == (b"a picture", "image/webp")
    assert "private" in answer["Cache-Control"]
    assert address_of_picture in client.get(address("track", track)).text


def test_the_bars_of_a_waveform_are_bytes(track, client):
    track.waveform = bytes(range(200))
    track.save()
    answer = client.get(address("track_waveform", track))
    assert (answer.content, answer["Content-Type"]) == (bytes(range(200)), "application/octet-stream")
    assert "private" in answer["Cache-Control"]
