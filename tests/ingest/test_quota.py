import pytest

from recommender.accounts.models import Role
from recommender.catalog.models import Upload, UploadState
from recommender.conf import Uploads
from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.quota import check_room, limit_of, measure_quota
from tests.people import make_audio_file, make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def _quota(settings):
    settings.UPLOADS = Uploads(max_bytes=10**9, needs_review=False, quota_bytes=1000)


@pytest.mark.usefixtures("_quota")
@pytest.mark.parametrize(
    ("role", "own", "limit"),
    [
        (Role.UPLOADER, None, 1000),
        (Role.UPLOADER, 50, 50),
        (Role.UPLOADER, 0, None),
        (Role.CURATOR, None, None),
        (Role.CURATOR, 70, 70),
        (Role.ADMIN, None, None),
    ],
)
def test_the_limit_of_a_person(role, own, limit):
    assert limit_of(make_user(role, quota_bytes=own)) == limit


@pytest.mark.parametrize("setting", [0, -5])
def test_no_setting_is_no_limit(settings, setting):
    settings.UPLOADS = Uploads(max_bytes=10**9, needs_review=False, quota_bytes=setting)
    owner = make_user()
    assert limit_of(owner) is None
    check_room(owner, 10**12)
    assert measure_quota(owner).limit_bytes is None


@pytest.mark.usefixtures("_quota")
def test_what_counts():
    owner, other = make_user(), make_user()
    make_track(owner, audio_file=make_audio_file(b"x" * 300))
    make_track(owner, audio_file=make_audio_file(b"y" * 100), is_deleting=True)
    make_track(other, audio_file=make_audio_file(b"z" * 900))
    Upload.objects.create(owner=owner, file_name="a", size_bytes=200)
    Upload.objects.create(owner=owner, file_name="b", size_bytes=700, state=UploadState.REFUSED)
    quota = measure_quota(owner)
    assert (quota.used_bytes, quota.limit_bytes) == (500, 1000)


@pytest.mark.usefixtures("_quota")
def test_the_last_byte_fits_and_one_more_does_not():
    owner = make_user()
    make_track(owner, audio_file=make_audio_file(b"x" * 300))
    check_room(owner, 700)
    with pytest.raises(UploadRefusedError) as caught:
        check_room(owner, 701)
    assert (caught.value.code, caught.value.status) == ("quota", 413)
    told = str(caught.value).replace("\xa0", " ")
    assert told.startswith("You use 300 bytes of the 1000 bytes you may keep here, and this file needs 701 bytes.")
    assert "ask an administrator" in told
