"""`manage.py choose_encoder`, with an encoder installed from a file."""

import os
import shutil
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from embeddings.encoders.installing import Order, install_from_files
from recommender.catalog.models import Analysis, AnalysisState
from recommender.operations.spaces import prepare_space
from recommender.similarity.spaces import active_space, chosen_space
from tests.embeddings.encoders.published import musicnn_weights, write_onnx
from tests.people import make_track
from tests.stack import ROOT


@pytest.fixture
def installed(encoder_home, tmp_path):
    graph = write_onnx(tmp_path / "graph.onnx", musicnn_weights())
    encoder_home.mkdir()
    return install_from_files(
        encoder_home, Order(family="musicnn", name="mine", licence="ISC", source="a test"), [graph]
    )


def run(*arguments):
    out = StringIO()
    call_command("choose_encoder", *arguments, stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.django_db
def test_there_and_back(installed):
    make_track()
    prepare_space(print)
    compact = f"compact {active_space().signature[:8]}"
    Analysis.objects.update(state=AnalysisState.READY)
    assert run() == [
        f"{compact} answers: 1 ready, 0 failed, 0 without vector, 0 waiting of 1",
        f"mine {installed.signature[:8]} has no space yet",
    ]
    assert run("mine") == [
        f"{compact} answers: 1 ready, 0 failed, 0 without vector, 0 waiting of 1",
        f"mine {installed.signature[:8]} is being filled: 0 ready, 0 failed, 0 without vector, 1 waiting of 1",
    ]
    assert chosen_space().encoder_name == "mine"
    assert "is not filled" in run("compact")[1]
    assert chosen_space() == active_space()


@pytest.mark.django_db
def test_what_holds_it_up_is_listed(installed, encoder_home):
    track = make_track()
    prepare_space(print)
    Analysis.objects.update(state=AnalysisState.READY)
    run("mine")
    Analysis.objects.filter(space=chosen_space()).update(state=AnalysisState.FAILED, reason="corrupt")
    shutil.rmtree(encoder_home / "mine")
    _, filling, obstacle = run()
    assert "is being filled; its encoder is missing or broken: 0 ready, 1 failed" in filling
    assert obstacle == f"  does not take over: 1 failed: corrupt (tracks {track.pk})"


@pytest.mark.django_db
def test_an_encoder_that_is_not_there(installed):
    with pytest.raises(CommandError, match="nonesuch; there are: compact, mine"):
        run("nonesuch")


@pytest.mark.parametrize("command", [["choose_encoder"], ["choose_encoder", "compact"], ["quality"], ["adapt_encoder"]])
def test_a_home_that_was_never_prepared_is_named(tmp_path, command):
    environment = {**os.environ, "SOUNDALIKE_HOME": str(tmp_path), "DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    (said,) = done.stderr.splitlines()
    assert str(tmp_path) in said
    assert "manage.py prepare" in said
