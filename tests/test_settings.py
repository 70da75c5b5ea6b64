"""What a wrong setting does is seen in a process of its own: settings are read once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent


def read_settings(home, **given):
    environment = {**os.environ, "SOUNDALIKE_HOME": str(home), **given}
    command = [sys.executable, "-c", "from recommender import settings; print([*settings.CELERY_BEAT_SCHEDULE])"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("folder", ["tests", __file__])
def test_a_watched_folder_has_to_be_there(folder, tmp_path):
    ended = read_settings(tmp_path, SOUNDALIKE_WATCH_FOLDER=folder)
    assert ended.returncode != 0
    assert "SOUNDALIKE_WATCH_FOLDER has to be the whole path of a folder" in ended.stderr


def test_a_folder_is_watched_when_one_is_named(tmp_path):
    assert "watch" not in settings.CELERY_BEAT_SCHEDULE
    assert "watch" in read_settings(tmp_path, SOUNDALIKE_WATCH_FOLDER=str(tmp_path)).stdout
