import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog import audio_files
from recommender.catalog.credits import find_artist
from recommender.catalog.models import AudioFile
from tests.people import make_audio_file, make_track, make_user

pytestmark = pytest.mark.django_db

CONTENT = b"\xff\xfb\x90\x64" + bytes(range(256)) * 40


@pytest.fixture
def track():
    audio_file = make_audio_file(CONTENT)
    path = audio_files.path_of(audio_file.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(CONTENT)
    return make_track(audio_file=audio_file, title='Blå "måne"', artist=find_artist("Ann"), file_name="x.mp3")


def address(track):
    return reverse("track_copy", args=[track.pk])


def test_the_copy_says_what_the_catalog_says(track, client):
    client.force_login(make_user(Role.LISTENER))
    answer = client.get(address(track))
    content = answer.getvalue()
    assert content.startswith(b"ID3\x04")
    assert 'Blå "måne"'.encode() in content
    assert content.endswith(CONTENT)
    assert int(answer["Content-Length"]) == len(content)
    assert answer["Content-Type"] == "audio/mpeg"
    assert "Ann%20-%20Bl%C3%A5%20_m%C3%A5ne_.mp3" in answer["Content-Disposition"]
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("private, no-store", "nosniff")
    assert audio_files.path_of(track.audio_file_id).read_bytes() == CONTENT
    head = client.head(address(track))
    assert (head["Content-Length"], head.content) == (str(len(content)), b"")


def test_only_few_queries_are_asked(track, client, django_assert_max_num_queries):
    client.force_login(make_user(Role.LISTENER))
    with django_assert_max_num_queries(10):
        client.get(address(track)).getvalue()


def test_what_takes_no_details_says_so(track, page_client, script_client):
    listener = make_user(Role.LISTENER)
    AudioFile.objects.update(suffix=".mka")
    page_client.force_login(listener)
    answer = page_client.get(address(track), follow=True)
    assert "This kind of file cannot be given other details." in answer.content.decode()
    assert address(track) not in answer.content.decode()
    script_client.force_login(listener)
    refused = script_client.get(address(track))
    assert (refused.status_code, refused.json()["code"]) == (415, "takes_no_details")


def test_the_page_of_a_track_offers_it(track, page_client):
    page = reverse("track", args=[track.pk])
    assert address(track) not in page_client.get(page).content.decode()
    page_client.force_login(make_user(Role.LISTENER))
    assert address(track) in page_client.get(page).content.decode()


def test_a_lost_file_is_not_found(track, client):
    client.force_login(track.owner)
    audio_files.path_of(track.audio_file_id).unlink()
    assert client.get(address(track)).status_code == 404
