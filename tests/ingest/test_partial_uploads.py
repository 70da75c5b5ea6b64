import base64
import contextlib
import datetime as dt
import hashlib
import os
import resource
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings as configured
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.accounts.models import User
from recommender.catalog.audio_files import path_of
from recommender.catalog.models import Track, Upload, UploadState
from recommender.conf import Uploads
from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.formats import HEAD_BYTES
from recommender.ingest.part_files import hold_part, part_of, size_of_part
from recommender.ingest.partial_uploads import (
    Announcement,
    Piece,
    discard_abandoned,
    discard_upload,
    finish_if_whole,
    offset_of,
    open_upload,
    receive_piece,
)
from recommender.ingest.sweeper import remove_old_uploads
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db

WAV = b"RIFF\xff\xff\xff\x7fWAVEfmt "


@pytest.fixture(autouse=True)
def _clean_staging():
    yield
    for left in configured.STORAGE.staging.iterdir():
        left.unlink()


@pytest.fixture
def owner():
    return make_user()


def wav(size, seed=0):
    return (WAV + hashlib.shake_128(str(seed).encode()).digest(size))[:size]


def begin(owner, content, **announced):
    return open_upload(owner, Announcement(file_name="song.wav", size_bytes=len(content), **announced))


def piece(content, offset=0, *, arrives=None, checksum=None):
    """`content` as it comes over the wire, of which only the first `arrives` bytes do."""
    arriving = content[:arrives]
    blocks = [arriving[start : start + 5000] for start in range(0, len(arriving), 5000)]
    return Piece(offset=offset, size_bytes=len(content), blocks=blocks, checksum=checksum)


def sum_of(content, algorithm="sha1"):
    return algorithm, base64.b64encode(hashlib.new(algorithm, content).digest()).decode()


def refuse(upload, given_piece):
    with pytest.raises(UploadRefusedError) as caught:
        receive_piece(upload, given_piece)
    return caught.value.code, caught.value.status


def staged():
    return [path.name for path in configured.STORAGE.staging.iterdir()]


def test_a_file_in_one_piece_becomes_a_track(owner):
    content = wav(300_000)
    upload = receive_piece(begin(owner, content, sha256=hashlib.sha256(content).hexdigest()), piece(content))
    upload.refresh_from_db()
    assert (upload.state, upload.track.owner, upload.is_duplicate) == (UploadState.ACCEPTED, owner, False)
    assert upload.track.file_name == "song.wav"
    assert path_of(hashlib.sha256(content).hexdigest()).read_bytes() == content
    assert staged() == []


def test_the_same_file_again_is_a_duplicate(owner):
    content = wav(1000)
    first = receive_piece(begin(owner, content), piece(content))
    again = receive_piece(begin(owner, content), piece(content))
    assert (again.track, again.is_duplicate) == (first.track, True)
    assert Track.objects.count() == 1


MOVES = st.tuples(
    st.sampled_from(["on", "on", "back", "ahead", "end"]),
    st.integers(0, 6000),
    st.none() | st.integers(0, 6000),
    st.sampled_from(["", "", "right", "wrong"]),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(44, 15_000), moves=st.lists(MOVES, max_size=10))
def test_any_way_of_sending_ends_in_the_same_bytes(owner, size, moves):
    """Pieces of any length, at right and wrong places, whole and broken off, with right, wrong and no checksums."""
    content, arrived = wav(size, size), 0
    upload = begin(owner, content)
    for where, length, arrives, sum_is in [*moves, ("on", size, None, "right")]:
        offset = {"on": arrived, "back": arrived // 2, "ahead": arrived + 1, "end": size}[where]
        part = content[offset : offset + length]
        came = len(part) if arrives is None else min(arrives, len(part))
        checksum = {"": None, "right": sum_of(part), "wrong": sum_of(part + b"x", "md5")}[sum_is]
        with contextlib.suppress(UploadRefusedError):
            upload = receive_piece(upload, piece(part, offset, arrives=came, checksum=checksum))
        if offset == arrived and (not sum_is or (sum_is == "right" and came == len(part))):
            arrived += came
        assert offset_of(upload) == arrived
    finished = finish_if_whole(upload)
    assert path_of(finished.track.audio_file_id).read_bytes() == content


def test_a_wrong_place_changes_nothing(owner):
    content = wav(1000)
    upload = begin(owner, content)
    receive_piece(upload, piece(content[:400]))
    for offset in (0, 399, 401, 1000):
        assert refuse(upload, piece(content[400:500], offset)) == ("wrong_offset", 409)
    assert refuse(upload, piece(content, 400)) == ("too_large", 413)
    assert offset_of(upload) == 400


def test_what_arrived_of_a_broken_piece_is_kept_unless_it_had_a_checksum(owner):
    content = wav(1000)
    upload = begin(owner, content)
    assert refuse(upload, piece(content, arrives=600)) == ("broken_off", 503)
    assert offset_of(upload) == 600
    rest = content[600:]
    assert refuse(upload, piece(rest, 600, arrives=100, checksum=sum_of(rest))) == ("broken_off", 503)
    assert refuse(upload, piece(rest, 600, checksum=sum_of(content))) == ("checksum", 460)
    assert offset_of(upload) == 600
    assert receive_piece(upload, piece(rest, 600, checksum=sum_of(rest, "sha256"))).state == UploadState.ACCEPTED


@pytest.mark.parametrize("size", [100, HEAD_BYTES + 5000])
def test_what_is_no_audio_is_refused_with_its_first_bytes(owner, size):
    content = b"only text " * (size // 10)
    upload = begin(owner, content)
    read = []

    def watch():
        for start in range(0, len(content), 1000):
            read.append(start)
            yield content[start : start + 1000]

    body = Piece(offset=0, size_bytes=len(content), blocks=watch())
    assert refuse(upload, body) == ("not_audio", 415)
    assert len(read) * 1000 < HEAD_BYTES + 1000
    upload.refresh_from_db()
    assert (upload.state, upload.code) == (UploadState.REFUSED, "not_audio")
    assert upload.sentence.endswith(".")
    assert staged() == []
    assert refuse(upload, piece(content)) == ("not_audio", 410)


def test_another_file_than_was_announced_is_refused(owner):
    content = wav(1000)
    upload = begin(owner, content, sha256="0" * 64)
    assert refuse(upload, piece(content)) == ("hash_mismatch", 422)
    assert not Track.objects.exists()
    assert staged() == []


@pytest.mark.parametrize(
    ("size", "expected"), [(0, ("empty_file", 400)), (10**9, ("too_large", 413)), (10**8, ("disk_full", 507))]
)
def test_what_cannot_fit_is_refused_before_it_is_sent(owner, size, expected, monkeypatch):
    free = type("Usage", (), {"free": 10**8 + 10**6})
    monkeypatch.setattr("shutil.disk_usage", lambda _: free)
    with pytest.raises(UploadRefusedError) as caught:
        open_upload(owner, Announcement(file_name="a.wav", size_bytes=size))
    assert (caught.value.code, caught.value.status) == expected
    assert Upload.objects.get().code == expected[0]


def test_a_disk_without_room_can_be_gone_on_with_later(owner):
    """A limit on file sizes stands in for the full disk: the same refused write, met with EFBIG."""
    content = wav(100_000)
    upload = begin(owner, content)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, before[1]))
    try:
        assert refuse(upload, piece(content)) == ("disk_full", 507)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    arrived = offset_of(upload)
    assert 0 < arrived <= 60_000
    assert receive_piece(upload, piece(content[arrived:], arrived)).state == UploadState.ACCEPTED


def test_a_track_that_is_just_being_deleted_is_sent_later(owner):
    content = wav(1000)
    track = receive_piece(begin(owner, content), piece(content)).track
    Track.objects.filter(pk=track.pk).update(is_deleting=True)
    upload = begin(owner, content)
    assert refuse(upload, piece(content)) == ("being_deleted", 409)
    Track.objects.filter(pk=track.pk).update(is_deleting=False)
    assert finish_if_whole(upload).track == track
    assert staged() == []


def test_a_lost_answer_can_be_asked_for_again(owner):
    content = wav(1000)
    upload = begin(owner, content)
    done = receive_piece(upload, piece(content))
    again = receive_piece(upload, piece(b"", 1000))
    assert (again.track, offset_of(again), staged()) == (done.track, 1000, [])
    assert refuse(upload, piece(content)) == ("wrong_offset", 409)


def test_a_crash_between_the_last_byte_and_the_commit_loses_nothing(owner, monkeypatch):
    content = wav(1000)
    upload = begin(owner, content)
    monkeypatch.setattr(Upload, "save", lambda _: (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        receive_piece(upload, piece(content))
    monkeypatch.undo()
    assert not Track.objects.exists()
    assert offset_of(upload) == 1000
    done = finish_if_whole(upload)
    assert path_of(done.track.audio_file_id).read_bytes() == content
    assert staged() == []


def test_a_crash_after_the_commit_leaves_a_part_file_that_goes(owner):
    content = wav(1000)
    upload = begin(owner, content)
    receive_piece(upload, piece(content))
    part_of(upload.pk).write_bytes(content)
    assert finish_if_whole(Upload.objects.get()).state == UploadState.ACCEPTED
    receive_piece(upload, piece(b"", 1000))
    assert staged() == []


def test_discarding_frees_room_and_file(owner):
    upload = begin(owner, wav(1000))
    receive_piece(upload, piece(wav(400)))
    discard_upload(upload)
    assert not Upload.objects.exists()
    assert staged() == []
    assert refuse(upload, piece(wav(1000), 400)) == ("expired", 410)
    assert staged() == []


def age(upload):
    long_ago = timezone.now() - dt.timedelta(days=2)
    Upload.objects.filter(pk=upload.pk).update(updated_at=long_ago)
    if part_of(upload.pk).exists():
        os.utime(part_of(upload.pk), (long_ago.timestamp(),) * 2)


def test_uploads_that_rest_too_long_go_with_their_files(owner):
    old, fresh, silent, done = (begin(owner, wav(1000)) for _ in range(4))
    for upload in (old, fresh):
        receive_piece(upload, piece(wav(400)))
    receive_piece(done, piece(wav(1000)))
    for upload in (old, silent, done):
        age(upload)
    assert refuse(old, piece(wav(1000)[400:], 400)) == ("expired", 410)
    age(old)
    remove_old_uploads()
    assert {upload.pk for upload in Upload.objects.all()} == {fresh.pk, done.pk}
    assert staged() == [part_of(fresh.pk).name]


def test_part_files_without_a_row_go_too_but_only_old_ones():
    known, unknown, young = (begin(make_user(), wav(1000)) for _ in range(3))
    for upload in (known, unknown, young):
        receive_piece(upload, piece(wav(400)))
        if upload != young:
            age(upload)
    Upload.objects.filter(pk=known.pk).update(updated_at=timezone.now())
    Upload.objects.filter(pk__in=[unknown.pk, young.pk]).delete()
    remove_old_uploads()
    assert set(staged()) == {part_of(known.pk).name, part_of(young.pk).name}


def test_what_is_just_being_sent_is_never_reaped(owner):
    upload = begin(owner, wav(1000))
    with hold_part(upload.pk) as part:
        part.append(b"x")
        age(upload)
        remove_old_uploads()
        Upload.objects.all().delete()
        remove_old_uploads()
        assert part.path.exists()


def test_going_on_puts_the_end_off(owner):
    upload = begin(owner, wav(1000))
    almost = timezone.now() - dt.timedelta(hours=23)
    Upload.objects.update(updated_at=almost)
    receive_piece(upload, piece(wav(400)))
    discard_abandoned(timezone.now() - dt.timedelta(hours=1))
    assert Upload.objects.exists()


def test_room_is_held_from_the_start(owner, settings):
    settings.UPLOADS = Uploads(max_bytes=10**6, needs_review=False, quota_bytes=2500)
    first = begin(owner, wav(1000))
    make_track(owner, audio_file=None)
    with pytest.raises(UploadRefusedError) as caught:
        begin(owner, wav(1600))
    assert (caught.value.code, caught.value.status) == ("quota", 413)
    # What was promised is kept, also when the quota shrinks meanwhile.
    settings.UPLOADS = Uploads(max_bytes=10**6, needs_review=False, quota_bytes=10)
    assert receive_piece(first, piece(wav(1000))).state == UploadState.ACCEPTED


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_get_no_more_room_than_there_is(settings):
    settings.UPLOADS = Uploads(max_bytes=10**6, needs_review=False, quota_bytes=7500)
    owner = make_user()

    def begin_one(_):
        try:
            begin(User.objects.get(pk=owner.pk), wav(1000))
        except UploadRefusedError as error:
            return error.code
        finally:
            connection.close()
        return "begun"

    with ThreadPoolExecutor(20) as pool:
        ends = list(pool.map(begin_one, range(20)))
    assert (ends.count("begun"), ends.count("quota")) == (7, 13)


@pytest.mark.django_db(transaction=True)
def test_two_senders_of_one_upload_do_not_mix(owner):
    content = wav(200_000)
    upload = begin(owner, content)
    barrier = threading.Barrier(4)

    def send(_):
        barrier.wait()
        try:
            return receive_piece(upload, piece(content)).state
        except UploadRefusedError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        ends = sorted(pool.map(send, range(4)))
    assert ends == ["accepted", "wrong_offset", "wrong_offset", "wrong_offset"]
    assert path_of(Track.objects.get().audio_file_id).read_bytes() == content


def test_an_empty_upload_has_no_file_yet(owner):
    assert size_of_part(begin(owner, wav(10)).pk) == 0
    assert staged() == []


def test_nobody_begins_uploads_without_end(monkeypatch):
    owner = make_user()
    monkeypatch.setattr("recommender.ingest.quota.MOST_UNFINISHED", 2)
    for _ in range(2):
        open_upload(owner, Announcement(file_name="a.mp3", size_bytes=10, sha256="", metadata=""))
    with pytest.raises(UploadRefusedError) as caught:
        open_upload(owner, Announcement(file_name="b.mp3", size_bytes=10, sha256="", metadata=""))
    assert (caught.value.code, caught.value.status) == ("too_many", 429)
    assert Upload.objects.filter(owner=owner).count() == 2


def test_only_so_many_refusals_are_kept(monkeypatch, settings):
    owner = make_user()
    monkeypatch.setattr("recommender.ingest.intake.MOST_REFUSALS", 3)
    for number in range(5):
        with pytest.raises(UploadRefusedError):
            open_upload(owner, Announcement(file_name=f"{number}.mp3", size_bytes=0, sha256="", metadata=""))
    assert {row.file_name for row in Upload.objects.filter(owner=owner)} == {"2.mp3", "3.mp3", "4.mp3"}
