"""Installed encoders as folders: whole or not there, and never in each other's way."""

import json
import logging
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from embeddings.encoders import create_encoder, describe_encoder, list_encoders, use_folder
from embeddings.encoders.card import InstalledCard
from embeddings.encoders.families import FAMILIES
from embeddings.encoders.store import find_installed, install, read_installed, uninstall
from embeddings.errors import EncoderError

CARD = InstalledCard(
    family="musicnn",
    name="mine",
    description="An encoder of mine",
    licence="ISC",
    source="a test",
    dimension=200,
    parameters=1,
)
FILES = {"musicnn.safetensors": b"weights"}


def test_what_was_installed_is_listed_after_the_shipped_one(home: Path) -> None:
    assert len(list_encoders()) == 1
    card = install(home, CARD, FILES)
    assert read_installed(home) == [card]
    shipped, mine = list_encoders()
    assert (shipped.name, mine.name, mine.licence, mine.dimension) == ("compact", "mine", "ISC", 200)
    assert mine == describe_encoder("mine")
    assert mine.has_weights
    assert mine.to_json()["files"] == {"musicnn.safetensors": card.files["musicnn.safetensors"]}
    assert json.dumps([spec.to_json() for spec in list_encoders()])


def test_files_may_be_given_by_their_path(home: Path, tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"weights")
    by_path = install(home, CARD, {"musicnn.safetensors": tmp_path / "weights"})
    assert by_path.files == install(home, replace(CARD, name="other"), FILES).files
    assert (tmp_path / "weights").exists()


def test_reading_cards_loads_no_torch(home: Path) -> None:
    install(home, CARD, FILES)
    program = (
        "import sys, pathlib, embeddings.encoders as e; e.use_folder(pathlib.Path(sys.argv[1]));"
        "print(e.list_encoders()[1].signature, 'torch' in sys.modules, 'h5py' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(home)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [describe_encoder("mine").signature, "False", "False"]


def test_the_signature_tells_installed_encoders_apart(home: Path) -> None:
    first = install(home, CARD, FILES)
    other_weights = install(home, replace(CARD, name="b"), {"musicnn.safetensors": b"others"})
    assert first.files != other_weights.files
    spec = describe_encoder("mine")
    changed = [
        describe_encoder("b"),
        replace(spec, family="vggish"),
        replace(spec, options=(("layer", 3),)),
        replace(spec, more_files=(("config.json", "0" * 64),)),
    ]
    assert len({spec.signature, *(other.signature for other in changed)}) == 5
    assert replace(spec, folder=None, source="elsewhere", licence="other").signature == spec.signature


def test_the_same_encoder_again_changes_nothing(home: Path) -> None:
    first = install(home, CARD, FILES)
    assert install(home, replace(CARD, source="elsewhere"), FILES) == first


def test_another_encoder_takes_a_name_only_when_told_to(home: Path) -> None:
    first = install(home, CARD, FILES)
    with pytest.raises(EncoderError, match="holds another encoder"):
        install(home, CARD, {"musicnn.safetensors": b"others"})
    assert find_installed(home, "mine") == first
    second = install(home, CARD, {"musicnn.safetensors": b"others"}, may_replace=True)
    assert find_installed(home, "mine") == second != first
    assert [path.name for path in home.iterdir()] == ["mine"]


def test_one_that_does_not_work_is_not_there(home: Path) -> None:
    tried = []

    def refuse(card: InstalledCard) -> None:
        tried.append((card.folder / "musicnn.safetensors").read_bytes())
        raise EncoderError("it does not work")

    with pytest.raises(EncoderError, match="does not work"):
        install(home, CARD, FILES, check=refuse)
    assert tried == [b"weights"]
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("name", ["compact", "vggish", "../mine", "Mine", "", ".mine", "a" * 65, "mine/other"])
def test_names_that_cannot_be(home: Path, name: str) -> None:
    with pytest.raises(EncoderError, match="name"):
        install(home, replace(CARD, name=name), FILES)
    assert not home.exists() or list(home.iterdir()) == []


@pytest.mark.parametrize(
    "change",
    [{"family": "nonesuch"}, {"dimension": 0}, {"parameters": -1}, {"options": {"layer": [1]}}],
    ids=lambda change: next(iter(change)),
)
def test_cards_that_make_no_sense(home: Path, change: dict[str, object]) -> None:
    with pytest.raises(EncoderError):
        install(home, replace(CARD, **change), FILES)  # type: ignore[arg-type]


@pytest.mark.parametrize("file", ["card.json", "../x", "a/b", ".hidden"])
def test_file_names_that_cannot_be(home: Path, file: str) -> None:
    with pytest.raises(EncoderError):
        install(home, CARD, {**FILES, file: b"x"})
    assert not (home / "mine").exists()


def test_a_missing_file(home: Path, tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="absent"):
        install(home, CARD, {"musicnn.safetensors": tmp_path / "absent"})
    with pytest.raises(EncoderError, match="does not name the file"):
        install(home, CARD, {"other.safetensors": b"weights"})
    assert read_installed(home) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"family": 3}'])
def test_a_broken_card_stops_nobody_else(home: Path, caplog: pytest.LogCaptureFixture, text: str) -> None:
    install(home, CARD, FILES)
    (home / "broken").mkdir()
    (home / "broken" / "card.json").write_text(text)
    with caplog.at_level(logging.WARNING):
        assert [spec.name for spec in list_encoders()] == ["compact", "mine"]
    assert "broken" in caplog.text
    with pytest.raises(EncoderError, match="card"):
        create_encoder("broken")


def test_a_folder_under_another_name_is_no_encoder(home: Path) -> None:
    install(home, CARD, FILES)
    (home / "mine").rename(home / "yours")
    assert read_installed(home) == []
    with pytest.raises(EncoderError, match="calls itself 'mine'"):
        describe_encoder("yours")


def test_weights_that_were_altered_or_lost(home: Path) -> None:
    install(home, CARD, FILES)
    path = home / "mine" / "musicnn.safetensors"
    path.write_bytes(b"altered")
    with pytest.raises(EncoderError, match="was altered"):
        create_encoder("mine")
    path.unlink()
    assert not describe_encoder("mine").has_weights
    with pytest.raises(EncoderError, match="cannot be read"):
        create_encoder("mine")


@pytest.mark.parametrize("name", ["nonesuch", "../mine", "", "mine/../mine"])
def test_unknown_names_are_an_error_that_names_the_known(home: Path, name: str) -> None:
    install(home, CARD, FILES)
    with pytest.raises(EncoderError, match="compact, mine"):
        create_encoder(name)


def test_one_that_was_taken_away_is_gone(home: Path) -> None:
    install(home, CARD, FILES)
    uninstall(home, "mine")
    assert len(list_encoders()) == 1
    with pytest.raises(EncoderError):
        uninstall(home, "mine")


def test_without_a_folder_there_is_the_shipped_one(home: Path) -> None:
    install(home, CARD, FILES)
    assert use_folder(None) == home
    assert [spec.name for spec in list_encoders()] == ["compact"]


def test_a_missing_package_is_named_with_what_to_install(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    options = {"layer": 1, "rate_hz": 16_000, "is_standardised": True, "trusts_code": False}
    card = replace(CARD, family="transformers", options=options)
    install(home, card, {"model.safetensors": b"weights"})
    monkeypatch.setitem(sys.modules, "transformers", None)
    monkeypatch.delitem(sys.modules, FAMILIES["transformers"].network, raising=False)
    with pytest.raises(EncoderError, match=r"transformers: pip install -r requirements-transformers\.txt"):
        create_encoder("mine")
