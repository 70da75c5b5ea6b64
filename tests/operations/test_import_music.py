import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from embeddings.synthesis import synthesise, write_audio
from recommender.accounts.models import Role, User
from recommender.catalog.models import ImportedFile, Track
from recommender.ingest import validate
from recommender.operations.management.commands import import_music
from tests.people import make_user
from tests.stack import wait_until

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def admin():
    return make_user(Role.ADMIN)


@pytest.fixture
def music(tmp_path):
    """Two songs, one of them twice, and words that call themselves a song."""
    folder = tmp_path / "music"
    folder.mkdir()
    for seed in (1, 2):
        write_audio(folder / f"{seed}.wav", synthesise("piano", seed, 0.2), 8_000)
    (folder / "copy.wav").write_bytes((folder / "1.wav").read_bytes())
    (folder / "words.mp3").write_text("words")
    return folder


def run(*arguments, **options):
    """What it said, and its exit status."""
    out = io.StringIO()
    try:
        call_command("import_music", *map(str, arguments), stdout=out, stderr=out, **options)
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


def test_the_summary_names_what_was_refused(admin, music):
    said, status = run(music)
    assert said.splitlines() == [
        "Accepted: 2",
        "Already here: 1 (0 from an earlier import, 1 with the same bytes)",
        "Refused: 1",
        f"  {music}/words.mp3: This is not an audio file we know, whatever its name says.",
    ]
    assert status == 1
    assert set(Track.objects.values_list("owner", flat=True)) == {admin.pk}


def test_again_nothing_is_left_to_do(admin, music):
    run(music)
    (music / "words.mp3").unlink()
    said, status = run(music)
    assert said.startswith("Accepted: 0\nAlready here: 3 (3 from")
    assert status == 0


def test_only_the_first_of_many_refusals_are_listed(admin, tmp_path, monkeypatch):
    monkeypatch.setattr(import_music, "LISTED_REFUSALS", 2)
    for number in range(5):
        (tmp_path / f"{number}.mp3").write_text("words")
    said, _ = run(tmp_path)
    assert said.splitlines()[2:] == ["Refused: 5", *said.splitlines()[3:5], "  and 3 more"]


def test_a_dry_run_says_what_would_happen(admin, music):
    assert run(music, "--dry-run")[0].startswith("Would be accepted: 3")
    assert not Track.objects.exists()


def test_files_can_be_linked(admin, music):
    run(music / "1.wav", "--link")
    assert (music / "1.wav").stat().st_nlink == 2


def test_links_to_another_file_system_are_refused_before_anything_is_read(admin, music, monkeypatch):
    elsewhere = Path("/proc/self/limits")
    if not elsewhere.exists():
        pytest.skip("this system has no /proc")
    with pytest.raises(CommandError, match="Use --copy"):
        run(elsewhere, "--link")


def test_a_path_that_is_not_there(admin, tmp_path):
    with pytest.raises(CommandError, match="no file or folder"):
        run(tmp_path / "nothing")


def test_who_may_own_what_is_imported(music):
    User.objects.all().delete()
    with pytest.raises(CommandError, match="no administrator yet"):
        run(music)
    with pytest.raises(CommandError, match="nobody called mia"):
        run(music, "--owner", "mia")
    listener = make_user(Role.LISTENER, first_name="Lu")
    with pytest.raises(CommandError, match="may not upload"):
        run(music, "--owner", listener.username)
    listener.groups.add(Group.objects.get(name=Role.UPLOADER.label))
    run(music, "--owner", listener.username)
    assert Track.objects.filter(owner=listener).count() == 2


def test_a_full_disk_ends_it_with_a_sentence(admin, music, monkeypatch):
    run(music / "1.wav")
    monkeypatch.setattr(validate, "ROOM_TO_SPARE_BYTES", 1 << 62)
    said, status = run(music)
    assert said.startswith("Accepted: 0\nAlready here: 1 (1 from an earlier import")
    assert "The server has no room left" in said
    assert "The same command goes on from here." in said
    assert status == 1


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_an_import_that_was_ended_goes_on_where_it_was(number, status, tmp_path):
    """The real command on a home of its own, ended in the middle."""
    home = {"SOUNDALIKE_HOME": str(tmp_path / "home"), "SOUNDALIKE_ADMIN_PASSWORD": "only-for-this-test"}
    environment = {**os.environ, **home}
    manage = [sys.executable, str(ROOT / "manage.py")]
    subprocess.run([*manage, "prepare"], env=environment, check=True, capture_output=True)
    folder = tmp_path / "music"
    folder.mkdir()
    sound = write_audio(tmp_path / "sound", synthesise("piano", 1, 0.2), 8_000).read_bytes()
    for place in range(300):
        (folder / f"{place:04}.wav").write_bytes(sound + place.to_bytes(4, "big"))
    command, store = [*manage, "import_music", str(folder)], tmp_path / "home" / "media" / "audio"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = subprocess.Popen(command, env=environment, **pipes)
    wait_until(lambda: sum(1 for path in store.rglob("*") if path.is_file()) >= 50)
    running.send_signal(number)
    said, complaints = running.communicate()
    assert running.returncode == status
    if number == signal.SIGINT:
        assert said.startswith("Accepted: ")
        assert "Interrupted" in complaints
    ended = subprocess.run(command, env=environment, check=True, **pipes)
    accepted, here, refused = (int(line.split(": ")[1].split()[0]) for line in ended.stdout.splitlines()[:3])
    assert accepted + here == 300
    assert here >= 49
    assert refused == 0


def test_an_import_remembers_each_path(admin, music):
    run(music)
    assert ImportedFile.objects.count() == 4
