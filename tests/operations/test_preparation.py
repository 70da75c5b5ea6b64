import os

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model

from recommender.catalog.models import Space
from recommender.operations.preparation import collect_static_files_if_changed, hash_static_files, prepare

pytestmark = pytest.mark.django_db


@pytest.fixture
def static(tmp_path, settings):
    """Static files of the test's own, and a home to collect them into."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "site.css").write_text("a { color: red }")
    settings.STATICFILES_DIRS = [source]
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    stamp = settings.STORAGE.home / "run" / "static_files.sha256"
    stamp.unlink(missing_ok=True)
    yield source
    stamp.unlink(missing_ok=True)


def test_the_first_time_makes_an_administrator_and_a_space(settings):
    settings.ADMIN_PASSWORD = ""
    password = prepare(print)
    admin = get_user_model().objects.get(is_superuser=True)
    assert password is not None
    assert admin.check_password(password)
    assert Space.objects.filter(is_active=True).count() == 1


def test_the_second_time_changes_nothing(settings):
    settings.ADMIN_PASSWORD = ""
    prepare(print)
    said = []
    assert prepare(said.append) is None
    assert said == []
    assert Space.objects.count() == 1
    assert get_user_model().objects.count() == 1


def test_static_files_are_collected_again_only_when_one_changed(static):
    said = []
    for _ in range(2):
        collect_static_files_if_changed(said.append)
    assert said == ["Collecting static files"]
    (static / "site.css").write_text("a { color: blue }")
    collect_static_files_if_changed(said.append)
    assert (settings.STATIC_ROOT / "site.css").read_text() == "a { color: blue }"


def test_static_files_that_were_thrown_away_are_collected_again(static, settings):
    collect_static_files_if_changed(print)
    (settings.STATIC_ROOT / "site.css").unlink()
    settings.STATIC_ROOT.rename(settings.STATIC_ROOT.with_name("elsewhere"))
    collect_static_files_if_changed(print)
    assert (settings.STATIC_ROOT / "site.css").is_file()


def test_the_hash_tells_names_sizes_and_times_apart(static):
    before = hash_static_files()
    os.utime(static / "site.css", ns=(1, 1))
    touched = hash_static_files()
    (static / "site.css").rename(static / "other.css")
    assert len({before, touched, hash_static_files()}) == 3
