"""Encoders from outside: their files fetched or found, checked against their hashes, converted, and installed."""

import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

from django.conf import settings

from embeddings.encoders.card import FILE_NAME, SHA256
from embeddings.encoders.download import check_address, download, public_part
from embeddings.encoders.families import check_options, find_family, load_module
from embeddings.encoders.installing import Order, check_distinct, find_by_hash, gather_files, install_from_files
from embeddings.encoders.recipes import RECIPES, PinnedFile, Recipe
from embeddings.encoders.spec import EncoderSpec, Option
from embeddings.encoders.store import FETCHED, check_name, find_installed, installed_names, sweep
from embeddings.errors import EncoderError
from recommender.operations.errors import EncoderNotInstalledError

NOT_STATED: Final = "not stated"
LARGEST_BYTES: Final = 20 * 1024**3

Progress = Callable[[str], Callable[[int, int], None]]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody asked for. Weights come from ``paths``, from ``addresses`` (each with its SHA-256), from a ``hub``
    name, or, for a family with a recipe, from the addresses pinned there. ``name`` may be left to us."""

    family: str
    name: str = ""
    paths: Sequence[Path] = ()
    addresses: Sequence[tuple[str, str]] = ()
    hub: str = ""
    revision: str | None = None
    licence: str = ""
    options: dict[str, Option] = field(default_factory=dict)
    may_replace: bool = False


def licence_of(family: str) -> str:
    """What has to be agreed to before a family with a recipe is installed; empty where there is none."""
    recipe = RECIPES.get(family)
    if recipe is None:
        return ""
    listed = "".join(f"  {file.address}\n  SHA-256 {file.sha256}\n" for file in recipe.files)
    return f"The weights of {family} are under this licence:\n\n{recipe.notice}\nThey come from\n\n{listed}"


def install_encoder(wish: Wish, show_progress: Progress) -> EncoderSpec:
    """Install what was wished for; gives its card.

    Raises:
        EncoderNotInstalledError: a file is missing, wrong or does not fit, or a package or an option is.
    """
    try:
        home = settings.STORAGE.encoders
        home.mkdir(parents=True, exist_ok=True)
        sweep(home)
        with tempfile.TemporaryDirectory(dir=home, prefix=FETCHED) as folder:
            order, sources = _gather(wish, Path(folder), show_progress)
            return install_from_files(home, order, sources)
    except (EncoderError, OSError) as error:
        raise EncoderNotInstalledError(str(error)) from error


def _gather(wish: Wish, folder: Path, show_progress: Progress) -> tuple[Order, list[Path]]:
    """What to install and the files it is made from, those from outside fetched into ``folder``."""
    check_options(wish.family, wish.options)
    order = Order(
        family=wish.family,
        name=wish.name or _choose_name(wish),
        licence=wish.licence or NOT_STATED,
        source="",
        options=wish.options,
        may_replace=wish.may_replace,
    )
    check_name(order.name, order.family)
    if wish.family in RECIPES:
        return _gather_recipe(wish, order, folder, show_progress)
    if wish.hub:
        return _gather_hub(wish, order, folder)
    if wish.addresses:
        files = [_pin(address, sha256) for address, sha256 in wish.addresses]
        order = replace(order, source=" ".join(public_part(file.address) for file in files))
        return order, _fetch(files, order, folder, show_progress)
    if not wish.paths:
        raise EncoderError(f"There is no address to fetch {wish.family} from: give the files that you have (--from)")
    sources = list(wish.paths) if wish.family == "transformers" else gather_files(wish.paths)
    return replace(order, source="files " + " ".join(path.name for path in wish.paths)), sources


def _gather_recipe(wish: Wish, order: Order, folder: Path, show_progress: Progress) -> tuple[Order, list[Path]]:
    recipe: Recipe = RECIPES[wish.family]
    if wish.addresses or wish.hub:
        raise EncoderError(
            f"The addresses of {wish.family} are known; its files can also be taken from a folder (--from)"
        )
    order = replace(
        order,
        licence=recipe.licence,
        notice=recipe.notice,
        source=" ".join(file.address for file in recipe.files),
    )
    if not wish.paths:
        try:
            return order, _fetch(recipe.files, order, folder, show_progress)
        except EncoderError as error:
            raise EncoderError(f"{error}. Or fetch the files yourself, and name their folder with --from") from error
    if len(wish.paths) != 1 or not wish.paths[0].is_dir():
        raise EncoderError(f"--from takes one folder that holds {', '.join(file.name for file in recipe.files)}")
    return order, [find_by_hash(wish.paths[0], file.name, file.sha256) for file in recipe.files]


def _gather_hub(wish: Wish, order: Order, folder: Path) -> tuple[Order, list[Path]]:
    if wish.family != "transformers":
        raise EncoderError("Only networks of the family transformers are found by a hub name")
    family = find_family(wish.family)
    module = load_module(family, str(family.files))
    trusts_code = bool(wish.options.get("trusts_code"))
    source = module.fetch_from_hub(wish.hub, wish.revision, folder, trusts_code=trusts_code, max_bytes=LARGEST_BYTES)
    return replace(order, source=source), [folder]


def _pin(address: str, sha256: str) -> PinnedFile:
    """Raises EncoderError for what is no address, no hash, or names no file."""
    check_address(address)
    if not SHA256.fullmatch(sha256.lower()):
        raise EncoderError(f"{sha256!r} is no SHA-256: it has 64 hex digits")
    name = public_part(address).rsplit("/")[-1]
    if not FILE_NAME.fullmatch(name):
        raise EncoderError(f"{public_part(address)} does not end in the name of a file")
    return PinnedFile(name, address, sha256.lower(), LARGEST_BYTES)


def _check_place(order: Order, files: Sequence[PinnedFile]) -> None:
    """Raises EncoderError when the name is taken by an encoder made from other files, before any is fetched."""
    home = settings.STORAGE.encoders
    if order.may_replace or order.name not in installed_names(home):
        return
    if set(find_installed(home, order.name).sources.values()) != {file.sha256 for file in files}:
        raise EncoderError(f"{order.name} holds another encoder: choose another name (--name), or --replace it")


def _fetch(files: Sequence[PinnedFile], order: Order, folder: Path, show_progress: Progress) -> list[Path]:
    check_distinct([file.name for file in files])
    _check_place(order, files)
    found = []
    for file in files:
        shown = show_progress(f"Fetching {file.name}") if file.size_bytes < LARGEST_BYTES else None
        on_progress = partial(_report, shown, file.size_bytes) if shown else None
        target = folder / file.name
        download(file.address, target, sha256=file.sha256, max_bytes=file.size_bytes, on_progress=on_progress)
        found.append(target)
    return found


def _report(shown: Callable[[int, int], None], total_bytes: int, done_bytes: int) -> None:
    shown(done_bytes, total_bytes)


def _choose_name(wish: Wish) -> str:
    """The family's, or for ``transformers`` that of the network."""
    if wish.family != "transformers":
        return wish.family
    last = wish.hub.rsplit("/")[-1] if wish.hub else wish.paths[0].resolve().name if wish.paths else wish.family
    plain = re.sub(r"[^a-z0-9_.-]+", "-", last.lower()).strip("-._")
    layer = wish.options.get("layer")
    return plain if layer is None else f"{plain}-layer{layer}"
