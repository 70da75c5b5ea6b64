"""A curator cleans 500 tracks up in a real browser: every click is counted, and SQL says what came of it.

    bin/test slow tests/flows/test_curator_trial.py

plants the faults, has the workers listen, goes through the desk, takes everything back, and prints what was found.
"""

import os
import subprocess
import sys

import pytest

from tests.flows.browsing import needs_chromium, sign_in
from tests.flows.curating import Catalog, Curator
from tests.flows.planting import plant
from tests.flows.trial import Trial, write_table
from tests.stack import ROOT, run_stack, wait_until

pytest.importorskip("playwright.sync_api", reason="the browser tests need the package playwright")

pytestmark = [needs_chromium, pytest.mark.slow, pytest.mark.timeout(7200)]

PATIENCE_SECONDS = 5400


@pytest.fixture
def trial(tmp_path, browser):
    """The desk of a catalog with all that was planted, and a curator before it."""
    songs = plant(tmp_path / "music")
    with run_stack(tmp_path / "home") as stack:
        import_music(stack, tmp_path / "music")
        catalog = Catalog(stack)
        wait_until(lambda: catalog.count() == len(songs) and catalog.is_settled(), PATIENCE_SECONDS, every=2)
        page = browser.new_context(base_url=stack.address).new_page()
        sign_in(page, stack, "/desk/")
        yield Trial(songs, catalog, Curator(page), stack.open_browser())
        page.context.close()


def import_music(stack, folder):
    """Its workers find by themselves what is there, within seconds."""
    command = [sys.executable, "manage.py", "import_music", str(folder)]
    environment = {**os.environ, "SOUNDALIKE_HOME": str(stack.home)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)


def test_a_curator_cleans_up_500_tracks(trial, capsys):
    before = trial.catalog.read()
    trial.look_at_everything()
    trial.clean_up()
    cleaned = trial.catalog.read()
    trial.take_everything_back()
    with capsys.disabled():
        sys.stdout.write(f"\n{write_table(trial)}\n")
    assert trial.find_touched(before, cleaned) == set()
    assert trial.catalog.read() == before
    # Nothing at the desk says yet that two releases of one artist are written almost alike.
    assert {matter for matter, count in trial.left.items() if count} == {"misspelt releases"}
