import io

import pytest
from django.core.management import CommandError, call_command

from recommender.accounts.models import Role
from recommender.catalog import audio_files
from recommender.catalog.credits import find_artist, set_genres
from recommender.catalog.models import AudioFile, Genre, Visibility
from tests.people import make_audio_file, make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_user(Role.ADMIN)


@pytest.fixture
def tracks(admin):
    made = []
    for number, title in enumerate(("One", "Two", "Three")):
        content = b"\xff\xfb\x90\x64" + bytes([number]) * 1000
        audio_file = make_audio_file(content)
        path = audio_files.path_of(audio_file.sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        made.append(make_track(admin, audio_file=audio_file, title=title, artist=find_artist("Ann")))
    set_genres(made[0], ["Jazz"])
    return made


def run(*arguments, **options):
    """What it said, and its exit status."""
    out = io.StringIO()
    try:
        call_command("export_music", *map(str, arguments), stdout=out, stderr=out, **options)
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


def names(folder):
    return sorted(path.name for path in folder.rglob("*.mp3"))


def test_all_of_it_and_again(tracks, tmp_path):
    folder = tmp_path / "new" / "export"
    AudioFile.objects.filter(pk=tracks[1].audio_file_id).update(suffix=".mka")
    said, status = run(folder)
    assert said.splitlines() == [
        "Written: 2",
        "Written as they came, since their format takes no details: 1",
        "Already there: 0",
        "Skipped: 0",
    ]
    assert status == 0
    assert run(folder)[0].splitlines()[2] == "Already there: 3"


def test_what_a_library_page_shows(tracks, tmp_path):
    jazz = Genre.objects.get().pk
    run(tmp_path, query=f"http://localhost/library/?genre={jazz}&sort=title")
    assert names(tmp_path) == ["One.mp3"]
    run(tmp_path, query="q=three")
    assert names(tmp_path) == ["One.mp3", "Three.mp3"]


@pytest.mark.parametrize("query", ["genre=jazz", "gnre=3", "nonsense", "q=%00", "tempo=warp"])
def test_an_address_that_is_not_understood_is_not_all_of_the_music(tracks, tmp_path, query):
    with pytest.raises(CommandError, match="A library page has no"):
        run(tmp_path, query=query)
    assert names(tmp_path) == []


def test_only_what_the_owner_may_see(tracks, tmp_path):
    owner = make_user()
    tracks[0].visibility = Visibility.PRIVATE
    tracks[0].save()
    run(tmp_path, owner=owner.username)
    assert names(tmp_path) == ["Three.mp3", "Two.mp3"]


def test_what_was_skipped_is_named(tracks, tmp_path):
    (tmp_path / "Ann").mkdir()
    (tmp_path / "Ann" / "Two.mp3").write_text("mine")
    said, status = run(tmp_path)
    assert said.splitlines()[3:] == [
        "Skipped: 1",
        "  Ann/Two.mp3: there is another file already, or a copy with earlier details",
    ]
    assert status == 1


def test_a_folder_that_is_none(tracks, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CommandError, match="cannot be used"):
        run(tmp_path / "file")


def test_a_full_disk_ends_it_with_a_sentence(tracks, tmp_path):
    (tmp_path / "soundalike-export.part").symlink_to("/dev/full")
    said, status = run(tmp_path)
    assert "There is no room left on the disk. The same command goes on from here." in said
    assert status == 1
