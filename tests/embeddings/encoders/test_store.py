"""Installed encoders as folders: whole or not there, and never in each other's way."""

import json
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from embeddings.encoders import create_encoder, describe_encoder, list_encoders, use_folder
from embeddings.encoders.card import InstalledCard
from embeddings.encoders.families import FAMILIES
from embeddings.encoders.store import find_installed, install, read_installed, sweep
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
TRANSFORMER = {"layer": 1, "rate_hz": 16_000, "is_standardised": True, "trusts_code": False}


def card_text(name: str, family: str, **options: object) -> str:
    said = {"name": name, "family": family, "description": "", "licence": "", "source": "", "sources": {}}
    files = dict.fromkeys(("model.safetensors", "vggish.safetensors", "head.safetensors"), "0" * 64)
    return json.dumps(said | {"dimension": 256, "parameters": 1, "files": files, "options": options})


BROKEN_CARDS = {
    "nothing": [""],
    "a list": ["[]"],
    "an empty card": ["{}"],
    "no text": ['{"family": 3}'],
    "nested": ["[" * 100_000],
    "no rate": [card_text("broken", "transformers", **TRANSFORMER | {"rate_hz": 0})],
    "a rate below 0": [card_text("broken", "transformers", **TRANSFORMER | {"rate_hz": -5})],
    "an endless rate": [card_text("broken", "transformers", **TRANSFORMER | {"rate_hz": 10**400})],
    "layers below 0": [card_text("broken", "vggish", whitened=False, hidden=-1)],
    "too large layers": [card_text("broken", "vggish", whitened=False, hidden=10**6)],
    "no base": [card_text("broken", "adapted", base="nonesuch")],
    "each other": [card_text("broken", "adapted", base="b"), card_text("b", "adapted", base="broken")],
}


def test_what_was_installed_is_listed_after_the_shipped_one(home: Path) -> None:
    assert len(list_encoders()) == 1
    card = install(home, CARD, FILES)
    assert read_installed(home) == [describe_encoder("mine")]
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


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"")], ids=["lost", "emptied"])
def test_the_same_encoder_again_repairs_it(home: Path, damage: Callable[[Path], object]) -> None:
    first = install(home, CARD, FILES)
    damage(home / "mine" / "musicnn.safetensors")
    assert install(home, CARD, FILES) == first
    assert (home / "mine" / "musicnn.safetensors").read_bytes() == b"weights"
    assert [path.name for path in home.iterdir()] == ["mine"]


def test_another_encoder_takes_a_name_only_when_told_to(home: Path) -> None:
    first = install(home, CARD, FILES)
    with pytest.raises(EncoderError, match="holds another encoder"):
        install(home, CARD, {"musicnn.safetensors": b"others"})
    assert find_installed(home, "mine") == first
    second = install(home, CARD, {"musicnn.safetensors": b"others"}, may_replace=True)
    assert find_installed(home, "mine") == second != first
    assert [path.name for path in home.iterdir()] == ["mine"]


def test_a_replacement_that_fails_leaves_the_encoder_that_was_there(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = install(home, CARD, FILES)
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if target.name == "mine" and not path.name.endswith(".old"):
            raise OSError("the disk is full")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(EncoderError, match="disk is full"):
        install(home, CARD, {"musicnn.safetensors": b"others"}, may_replace=True)
    assert find_installed(home, "mine") == first
    assert [path.name for path in home.iterdir()] == ["mine"]


def test_a_replacement_that_was_killed_is_undone_or_ended(home: Path) -> None:
    install(home, CARD, FILES)
    old = home / ".mine.0123abcd.old"
    (home / "mine").rename(old)
    assert [spec.name for spec in list_encoders()] == ["compact", "mine"]
    assert not old.exists()
    shutil.copytree(home / "mine", old)
    (home / ".mine.0123abce.old").symlink_to(home / "mine")
    assert describe_encoder("mine").has_weights
    assert [path.name for path in home.iterdir()] == ["mine"]


def test_a_link_to_an_encoder_is_replaced_and_what_it_led_to_stays(home: Path, tmp_path: Path) -> None:
    install(home, CARD, FILES)
    (home / "mine").rename(tmp_path / "shared")
    (home / "mine").symlink_to(tmp_path / "shared")
    install(home, CARD, {"musicnn.safetensors": b"others"}, may_replace=True)
    assert [path.name for path in home.iterdir()] == ["mine"]
    assert not (home / "mine").is_symlink()
    assert (tmp_path / "shared" / "musicnn.safetensors").read_bytes() == b"weights"


def test_leftovers_of_yesterday_are_swept_out(home: Path) -> None:
    install(home, CARD, FILES)
    yesterday = time.time() - 25 * 3600
    for name in (".fetched-old", ".mine.01234567", ".fetched-new", ".mine.76543210", ".of-somebody-else"):
        (home / name).mkdir()
        (home / name / "file").touch()
        if "new" not in name and "7654" not in name:
            os.utime(home / name, (yesterday, yesterday))
    os.utime(home / "mine", (yesterday, yesterday))
    sweep(home)
    assert {path.name for path in home.iterdir()} == {"mine", ".fetched-new", ".mine.76543210", ".of-somebody-else"}


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


@pytest.mark.parametrize("texts", BROKEN_CARDS.values(), ids=BROKEN_CARDS)
def test_a_broken_card_stops_nobody_else(home: Path, caplog: pytest.LogCaptureFixture, texts: list[str]) -> None:
    install(home, CARD, FILES)
    for name, text in zip(["broken", "b"], texts, strict=False):
        (home / name).mkdir()
        (home / name / "card.json").write_text(text)
    with caplog.at_level(logging.WARNING):
        assert [spec.name for spec in list_encoders()] == ["compact", "mine"]
    assert "broken" in caplog.text
    with pytest.raises(EncoderError, match="broken"):
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
    shutil.rmtree(home / "mine")
    assert len(list_encoders()) == 1
    with pytest.raises(EncoderError):
        find_installed(home, "mine")


def test_without_a_folder_there_is_the_shipped_one(home: Path) -> None:
    install(home, CARD, FILES)
    assert use_folder(None) == home
    assert [spec.name for spec in list_encoders()] == ["compact"]


def test_a_missing_package_is_named_with_what_to_install(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    card = replace(CARD, family="transformers", options=TRANSFORMER)
    install(home, card, {"model.safetensors": b"weights", "__init__.py": b""})
    monkeypatch.setitem(sys.modules, "transformers", None)
    monkeypatch.delitem(sys.modules, FAMILIES["transformers"].network, raising=False)
    with pytest.raises(EncoderError, match=r"transformers: pip install -r requirements-transformers\.txt"):
        create_encoder("mine")
