import sys
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from embeddings.encoders.families import FAMILIES
from recommender.operations.encoders import Wish, install_encoder, licence_of
from recommender.operations.errors import OperationsError
from recommender.operations.progress import show_progress
from recommender.operations.spaces import choose_encoder


class Command(BaseCommand):
    help = (
        "Install an encoder beside the shipped one, from files that you have or from an address with its SHA-256. What "
        "you already have keeps its vectors; with --activate every track is analysed with the new encoder too, and it "
        "takes over when it has all of them. docs/encoders.md tells where weights of each family are found."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        families = [name for name, family in FAMILIES.items() if family.files]
        parser.add_argument("family", choices=families, help="the kind of network")
        parser.add_argument("--from", nargs="+", type=Path, dest="paths", metavar="PATH", help="files, or a folder")
        parser.add_argument("--url", action="append", metavar="ADDRESS", help="fetch a file; needs --sha256 too")
        parser.add_argument("--sha256", action="append", metavar="HEX", help="what it hashes to, in the same order")
        parser.add_argument("--hub", metavar="OWNER/NAME", help="transformers: the name on the Hugging Face hub")
        parser.add_argument("--revision", metavar="COMMIT", help="transformers: its version; default: the newest")
        parser.add_argument("--layer", type=int, help="transformers: the hidden layer to take; default: the last")
        parser.add_argument("--trust-code", action="store_true", help="transformers: run Python code of its own")
        parser.add_argument("--raw", action="store_true", help="vggish: without whitening, though there are components")
        parser.add_argument("--name", help="what to call it; default: the family or the network")
        parser.add_argument("--licence", help="of the weights, as its card shall say")
        parser.add_argument("--yes", action="store_true", help="agree to the licence that is shown")
        parser.add_argument("--activate", action="store_true", help="have the catalog analysed with it from now on")
        parser.add_argument("--replace", action="store_true", help="in place of another encoder of the same name")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        try:
            wish = self._read_wish(options)
            self._agree(wish.family, is_agreed=options["yes"])
            spec = install_encoder(wish, partial(show_progress, sys.stderr))
            self.stdout.write(f"Installed {spec.name}: {spec.dimension}-d, {spec.licence}, signature {spec.signature}")
            if options["activate"]:
                choose_encoder(spec.name)
        except OperationsError as error:
            raise CommandError(str(error)) from error
        if options["activate"]:
            self.stdout.write("Every track is now analysed with it; it takes over when it has all of them.")
        else:
            self.stdout.write(f"To use it: the same command with --activate, or SOUNDALIKE_ENCODER={spec.name}.")

    def _read_wish(self, options: dict[str, Any]) -> Wish:
        addresses, hashes = options["url"] or [], options["sha256"] or []
        if len(addresses) != len(hashes):
            raise CommandError("Each --url needs its --sha256, in the same order.")
        if sum(map(bool, (options["paths"], addresses, options["hub"]))) > 1:
            raise CommandError("Weights come from one place: --from, --url or --hub.")
        own = {
            "layer": options["layer"],
            "trusts_code": options["trust_code"] or None,
            "whitened": False if options["raw"] else None,
        }
        return Wish(
            family=options["family"],
            name=options["name"] or "",
            paths=options["paths"] or (),
            addresses=list(zip(addresses, hashes, strict=True)),
            hub=options["hub"] or "",
            revision=options["revision"],
            licence=options["licence"] or "",
            options={name: value for name, value in own.items() if value is not None},
            may_replace=options["replace"],
        )

    def _agree(self, family: str, *, is_agreed: bool) -> None:
        licence = licence_of(family)
        if not licence:
            return
        self.stdout.write(licence)
        if is_agreed:
            return
        if not sys.stdin.isatty():
            raise CommandError("Agree to this licence with --yes.")
        if input("Do you agree, and install it? [y/N] ").strip().lower() not in ("y", "yes"):
            raise CommandError("Nothing was installed.")
