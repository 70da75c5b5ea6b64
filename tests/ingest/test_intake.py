import datetime as dt
import errno
import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from recommender.accounts.models import Role
from recommender.catalog.audio_files import path_of
from recommender.catalog.models import Analysis, AnalysisState, AudioFile, Track, Upload, Visibility
from recommender.conf import Uploads
from recommender.ingest.errors import TooOftenError, UploadRefusedError
from recommender.ingest.intake import display_name, display_path, receive_upload, retry_analysis, retry_at_request
from tests.german import speaking_german
from tests.people import make_space, make_track, make_user

pytestmark = pytest.mark.django_db


def refused(send, owner, content, name="song.mp3"):
    with pytest.raises(UploadRefusedError) as caught:
        receive_upload(owner, send(content, name))
    assert not Track.objects.exists()
    assert not AudioFile.objects.exists()
    return caught.value.code, caught.value.status


def test_an_upload_becomes_a_waiting_track(send, song):
    space, owner = make_space(), make_user()
    receipt = receive_upload(owner, send(song, "My Song.mp3"))
    track = receipt.track
    assert receipt.is_new
    assert (track.title, track.visibility, track.is_playable) == ("My Song", Visibility.PUBLISHED, False)
    assert path_of(track.audio_file_id).read_bytes() == song
    assert track.audio_file_id == hashlib.sha256(song).hexdigest()
    assert Analysis.objects.get(track=track, space=space).state == AnalysisState.QUEUED


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ("empty_file", 400)),
        (b"only text", ("not_audio", 415)),
        (b"\x89PNG\r\n\x1a\n" + bytes(300_000), ("not_audio", 415)),
    ],
)
def test_wrong_content_is_refused_and_leaves_nothing(send, content, expected):
    assert refused(send, make_user(), content) == expected


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(send, song, settings):
    settings.UPLOADS = Uploads(max_bytes=len(song) - 1, needs_review=False)
    assert refused(send, make_user(), song) == ("too_large", 413)
    settings.UPLOADS = Uploads(max_bytes=len(song), needs_review=False)
    assert receive_upload(make_user(), send(song)).is_new


def test_a_full_disk_is_said_and_leaves_nothing(send, song, monkeypatch):
    def refuse_to_move(*_):
        raise OSError(errno.ENOSPC, "no space")

    upload = send(song)
    monkeypatch.setattr("pathlib.Path.replace", refuse_to_move)
    with pytest.raises(UploadRefusedError) as caught:
        receive_upload(make_user(), upload)
    assert (caught.value.code, caught.value.status) == ("disk_full", 507)
    assert not Track.objects.exists()


def test_the_same_bytes_again_lead_to_the_track_that_exists(send, song):
    owner = make_user()
    first = receive_upload(owner, send(song, "a.mp3"))
    again = receive_upload(owner, send(song, "b.mp3"))
    assert not again.is_new
    assert again.track == first.track
    assert Track.objects.count() == AudioFile.objects.count() == 1


def test_another_owner_gets_a_track_of_their_own(send, song):
    first = receive_upload(make_user(), send(song)).track
    second = receive_upload(make_user(), send(song))
    assert second.is_new
    assert second.track != first
    assert AudioFile.objects.count() == 1


def test_an_upload_puts_a_lost_file_back(send, song):
    owner = make_user()
    track = receive_upload(owner, send(song)).track
    path_of(track.audio_file_id).unlink()
    receive_upload(owner, send(song))
    assert path_of(track.audio_file_id).read_bytes() == song


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_at_the_same_moment_become_one_track(send, song):
    owner = make_user()
    uploads = [send(song) for _ in range(8)]

    def receive(upload):
        try:
            return receive_upload(owner, upload).track.pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        received = set(pool.map(receive, uploads))
    assert len(received) == Track.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "expected"), [(Role.UPLOADER, Visibility.SUBMITTED), (Role.CURATOR, Visibility.PUBLISHED)]
)
def test_review_holds_back_the_uploads_of_those_who_do_not_review(send, song, settings, role, expected):
    settings.UPLOADS = Uploads(max_bytes=10**9, needs_review=True)
    assert receive_upload(make_user(role), send(song)).track.visibility == expected


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.mp3", "passwd.mp3"),
        ("..\\..\\x.mp3", "x.mp3"),
        ("C:\\music\\y.mp3", "y.mp3"),
        ("line\r\nbreak\0.mp3", "line break.mp3"),
        ("\udcff.mp3", "?.mp3"),
        ("x" * 300, "x" * 255),
        ("", ""),
    ],
)
def test_names_are_shown_but_never_trusted(name, shown):
    assert display_name(name) == shown


def test_a_track_says_what_the_name_of_its_file_tells(send, song):
    track = receive_upload(make_user(), send(song, "03 - The_Tests - Harbour Lights.mp3")).track
    track.refresh_from_db()
    assert (track.title, track.artist_name, track.track_number) == ("Harbour Lights", "The Tests", 3)
    assert track.title_key == "harbour lights"


def test_retry_starts_an_ended_analysis_again(send, song):
    make_space()
    track = receive_upload(make_user(), send(song)).track
    Analysis.objects.update(state=AnalysisState.FAILED, reason="corrupt", decoder_failures=3)
    retry_analysis(track)
    analysis = Analysis.objects.get()
    assert (analysis.state, analysis.decoder_failures) == (AnalysisState.QUEUED, 0)


def test_retries_are_counted_by_the_hour():
    owner, track = make_user(), make_track()
    analysis = Analysis.objects.create(track=track, space=make_space(), state=AnalysisState.FAILED)
    for minutes_ago in (61, 50, 20):
        track.retries.create(asked_at=timezone.now() - dt.timedelta(minutes=minutes_ago))
    retry_at_request(track, owner)
    Analysis.objects.update(state=AnalysisState.FAILED)
    with pytest.raises(TooOftenError) as caught:
        retry_at_request(track, owner)
    assert 590 < caught.value.retry_after_seconds <= 600
    assert str(caught.value).endswith("Try again in 10 minutes.")
    analysis.refresh_from_db()
    assert analysis.state == AnalysisState.FAILED
    retry_at_request(track, make_user(Role.CURATOR))
    analysis.refresh_from_db()
    assert analysis.state == AnalysisState.QUEUED


def test_a_refusal_does_not_hold_on_to_what_it_passed(send):
    """An exception that is raised twice would keep the frames of both, with the files in them."""
    refusals = []
    for _ in range(2):
        with pytest.raises(UploadRefusedError) as caught:
            receive_upload(make_user(), send(b"only text"))
        refusals.append(caught.value)
    assert refusals[0] is not refusals[1]


def test_the_last_byte_of_the_quota_can_be_used(send, song, settings):
    settings.UPLOADS = Uploads(max_bytes=10**9, needs_review=False, quota_bytes=len(song) - 1)
    assert refused(send, make_user(), song) == ("quota", 413)
    assert receive_upload(make_user(Role.CURATOR), send(song)).is_new
    settings.UPLOADS = Uploads(max_bytes=10**9, needs_review=False, quota_bytes=len(song))
    owner = make_user()
    assert receive_upload(owner, send(song)).is_new
    assert not receive_upload(owner, send(song)).is_new
    with pytest.raises(UploadRefusedError):
        receive_upload(owner, send(song + b"\0"))


def test_everything_stays_in_the_home(send, song):
    receive_upload(make_user(), send(song, "../../outside.mp3"))
    stored = [path for path in settings.STORAGE.audio.rglob("*") if path.is_file()]
    assert all(len(path.name) == 64 for path in stored)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Music/Nina/Blue night/03 - Wild.flac", "Nina/Blue night/03 - Wild.flac"),
        ("../../etc/passwd.mp3", "etc/passwd.mp3"),
        ("C:\\music\\y.mp3", "C:/music/y.mp3"),
        ("a/./../b\0\n.mp3", "a/b .mp3"),
        ("x" * 200 + "/" + "y" * 200 + "/z.mp3", "y" * 200 + "/z.mp3"),
        ("y" * 300, "y" * 255),
        ("", ""),
    ],
)
def test_the_folders_around_a_file_are_kept_as_a_hint(name, shown):
    assert display_path(name) == shown


def test_a_refusal_is_told_in_the_language_of_the_page_and_kept_in_english(send, tmp_path, settings):
    owner = make_user()
    with speaking_german(tmp_path, settings, {"This file is empty.": "Diese Datei ist leer."}):
        with pytest.raises(UploadRefusedError) as caught:
            receive_upload(owner, send(b""))
        assert str(caught.value) == "Diese Datei ist leer."
    assert Upload.objects.get().sentence == "This file is empty."
