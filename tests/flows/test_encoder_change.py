"""A running Soundalike changes its encoder: nothing is restarted, and there are recommendations all the while."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from django.urls import reverse

from tests.embeddings.encoders.published import musicnn_weights, write_onnx
from tests.flows.music import make_song, upload, wait_until_ready
from tests.stack import ROOT, run_stack, wait_until

pytestmark = pytest.mark.slow


def manage(stack, *arguments):
    command = [sys.executable, "manage.py", *arguments]
    environment = {**os.environ, "SOUNDALIKE_HOME": str(stack.home)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def active_encoder(stack):
    with closing(sqlite3.connect(f"file:{stack.home / 'soundalike.sqlite3'}?mode=ro", uri=True)) as database:
        return database.execute("select encoder_name from catalog_space where is_active").fetchone()[0]


def has_neighbours(browser, track_id):
    page = browser.get(reverse("track", args=[track_id]))
    return bool(re.search(r'href="/tracks/\d+/"', page.text.split("ounds like this")[-1]))


def test_a_running_catalog_moves_to_an_installed_encoder_and_back_over_a_lost_index(tmp_path):
    graph = write_onnx(tmp_path / "graph.onnx", musicnn_weights())
    with run_stack(tmp_path / "home") as stack:
        browser = stack.open_browser()
        ids = [upload(browser, make_song(tmp_path, style, 1)) for style in ("rock", "piano", "techno")]
        wait_until_ready(browser, ids)
        assert active_encoder(stack) == "compact"
        assert "Installed musicnn" in manage(stack, "install_encoder", "musicnn", "--from", str(graph), "--activate")

        def is_changed():
            assert has_neighbours(browser, ids[0])
            return active_encoder(stack) == "musicnn"

        wait_until(is_changed, 180, every=1)
        wait_until_ready(browser, ids)
        later = upload(browser, make_song(tmp_path, "flute", 2))
        wait_until_ready(browser, [later])
        assert has_neighbours(browser, later)

    shutil.rmtree(tmp_path / "home" / "milvus")
    with run_stack(tmp_path / "home") as stack:
        manage(stack, "choose_encoder", "compact")
        wait_until(lambda: active_encoder(stack) == "compact", 180, every=0.2)
        assert all(has_neighbours(stack.open_browser(), track_id) for track_id in [*ids, later])
