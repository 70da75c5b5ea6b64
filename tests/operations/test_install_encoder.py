"""`manage.py install_encoder`, from files and from a server of the test's own."""

import os
import threading
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from embeddings import create_encoder, list_encoders
from embeddings.encoders.recipes import RECIPES
from embeddings.encoders.store import hash_file
from recommender.similarity.spaces import chosen_space
from tests.embeddings.encoders.published import TEACHERS, musicnn_weights, needs_teachers, write_onnx, write_two_tower

# Nobody listens: what complains of something else did so before it fetched.
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A folder with both files of `two_tower`, and the recipe pinned to what they hash to."""
    folder = tmp_path / "published"
    files = write_two_tower(folder)
    recipe = RECIPES["two_tower"]
    pinned = tuple(
        replace(file, sha256=hash_file(path), size_bytes=path.stat().st_size)
        for file, path in zip(recipe.files, files, strict=True)
    )
    monkeypatch.setitem(RECIPES, "two_tower", replace(recipe, files=pinned))
    return folder


@pytest.fixture
def serve():
    """Serve a folder; its address."""
    servers = []

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    def start(folder):
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def served(published, serve, monkeypatch):
    """`published`, with the recipe pointing at a server that has it."""
    address, recipe = serve(published), RECIPES["two_tower"]
    places = ("fcn/best_model.pth", "model_siamese_10000.h5")
    files = [replace(file, address=f"{address}/{place}") for file, place in zip(recipe.files, places, strict=True)]
    monkeypatch.setitem(RECIPES, "two_tower", replace(recipe, files=tuple(files)))
    return published


def run(*arguments):
    out = StringIO()
    call_command("install_encoder", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_from_a_folder(encoder_home, published):
    said = run("two_tower", "--from", published, "--yes")
    assert "Copyright (c) 2018 Jongpil Lee" in said
    assert "MIT License" in said
    assert "Installed two_tower: 320-d, MIT" in said
    assert "Jongpil Lee" in (encoder_home / "two_tower" / "LICENCE.txt").read_text()
    assert create_encoder("two_tower").spec.dimension == 320


@needs_teachers
def test_the_published_files_are_those_that_the_recipe_pins(encoder_home):
    assert "Installed two_tower" in run("two_tower", "--from", TEACHERS, "--yes")


def test_nothing_is_installed_without_agreement(encoder_home, published):
    with pytest.raises(CommandError, match="--yes"):
        run("two_tower", "--from", published)
    assert not encoder_home.exists()


def test_from_the_pinned_addresses(encoder_home, served):
    assert "Installed two_tower" in run("two_tower", "--yes")
    assert [path.name for path in encoder_home.iterdir()] == ["two_tower"]


def test_a_server_that_gives_another_file(encoder_home, served):
    path = served / "model_siamese_10000.h5"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(CommandError, match=r"another file: SHA-256 .* --from"):
        run("two_tower", "--yes")
    assert list(encoder_home.iterdir()) == []


def test_a_folder_with_another_file(encoder_home, published):
    (published / "fcn" / "best_model.pth").write_bytes(b"other")
    with pytest.raises(CommandError, match=r"No best_model\.pth in .* is the right one"):
        run("two_tower", "--from", published, "--yes")


def test_from_an_address_with_its_hash(encoder_home, tmp_path, serve):
    (tmp_path / "served").mkdir()
    graph = write_onnx(tmp_path / "served" / "graph.onnx", musicnn_weights())
    address = f"{serve(tmp_path / 'served')}/graph.onnx"
    digest = hash_file(graph).upper()
    run("musicnn", "--url", f"{address}?key=secret", "--sha256", digest, "--name", "pons", "--licence", "ISC")
    card = next(card for card in list_encoders() if card.name == "pons")
    assert (card.licence, card.source) == ("ISC", address)
    with pytest.raises(CommandError, match="another file"):
        run("musicnn", "--url", address, "--sha256", "0" * 64)


def test_a_taken_name_is_refused_before_anything_is_fetched(encoder_home, tmp_path):
    graph = write_onnx(tmp_path / "graph.onnx", musicnn_weights())
    run("musicnn", "--from", graph)
    with pytest.raises(CommandError, match=r"musicnn holds another encoder: .*--replace"):
        run("musicnn", "--url", f"{NOWHERE}/x.onnx", "--sha256", "0" * 64)
    for other in (["--replace", "--sha256", "0" * 64], ["--sha256", hash_file(graph)]):
        with pytest.raises(CommandError, match="cannot be fetched"):
            run("musicnn", "--url", f"{NOWHERE}/x.onnx", *other)


def test_lost_weights_are_fetched_again(encoder_home, served):
    run("two_tower", "--yes")
    (encoder_home / "two_tower" / "two_tower.safetensors").unlink()
    assert "Installed two_tower" in run("two_tower", "--yes")
    assert create_encoder("two_tower").spec.has_weights


def test_leftovers_are_swept_out(encoder_home, tmp_path):
    (encoder_home / ".fetched-once").mkdir(parents=True)
    os.utime(encoder_home / ".fetched-once", (0, 0))
    run("musicnn", "--from", write_onnx(tmp_path / "graph.onnx", musicnn_weights()))
    assert [path.name for path in encoder_home.iterdir()] == ["musicnn"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["musicnn"], "--from"),
        (["musicnn", "--url", "https://example.org/x.onnx"], "needs its --sha256"),
        (["musicnn", "--url", "http://example.org/x.onnx", "--sha256", "0" * 64], "HTTPS"),
        (["musicnn", "--from", "absent.onnx"], "There is no file"),
        (["musicnn", "--from", "x", "--hub", "a/b"], "one place"),
        (["musicnn", "--hub", "a/b"], "Only networks of the family transformers"),
        (["two_tower", "--hub", "a/b", "--yes"], "addresses of two_tower are known"),
        (["two_tower", "--from", "absent", "--yes"], "takes one folder"),
        (["adapted"], "invalid choice"),
        (["musicnn", "--url", f"{NOWHERE}/x.onnx", "--sha256", "0" * 63], "no SHA-256"),
        (["musicnn", "--url", f"{NOWHERE}/", "--sha256", "0" * 64], "name of a file"),
        (["musicnn", "--url", f"{NOWHERE}/..", "--sha256", "0" * 64], "name of a file"),
        (["musicnn", "--url", "https://me:word@example.org/x", "--sha256", "0" * 64], "holds a user"),
        (["musicnn", "--url", "https://[", "--sha256", "0" * 64], "no address"),
        (["musicnn", "--url", f"{NOWHERE}/x.onnx", "--sha256", "0" * 64, "--name", "A b"], "small letters"),
        (["musicnn", "--url", f"{NOWHERE}/x.onnx", "--sha256", "0" * 64, "--name", "compact"], "belongs to another"),
        (["musicnn", "--url", f"{NOWHERE}/x.onnx", "--sha256", "0" * 64, "--layer", "1"], "has the options: none"),
        (["vggish", *2 * ["--url", f"{NOWHERE}/x.pth", "--sha256", "0" * 64]], "More than one of the files"),
        (["two_tower", "--yes", "--raw"], "has the options: none"),
    ],
)
def test_wishes_that_cannot_be_met(encoder_home, arguments, complaint):
    with pytest.raises(CommandError, match=complaint):
        run(*arguments)
    assert not encoder_home.exists() or list(encoder_home.iterdir()) == []


def test_another_encoder_of_the_same_name_is_replaced_only_when_told_to(encoder_home, tmp_path):
    first, second = (write_onnx(tmp_path / f"{seed}.onnx", musicnn_weights(seed)) for seed in (1, 2))
    run("musicnn", "--from", first)
    with pytest.raises(CommandError, match="holds another encoder"):
        run("musicnn", "--from", second)
    before = list_encoders()[1].signature
    run("musicnn", "--from", second, "--replace")
    assert list_encoders()[1].signature != before


@pytest.mark.django_db
def test_activating_chooses_its_space(encoder_home, tmp_path):
    graph = write_onnx(tmp_path / "graph.onnx", musicnn_weights())
    said = run("musicnn", "--from", graph, "--activate")
    assert "takes over when it has all of them" in said
    assert (chosen_space().encoder_name, chosen_space().dimension) == ("musicnn", 200)
