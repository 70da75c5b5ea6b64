import sys
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from embeddings import EncoderError
from recommender.operations.adapt import DEFAULT_LISTENED, AdaptationPlan, adapt_to_catalog
from recommender.operations.adapt_text import to_text
from recommender.operations.errors import OperationsError
from recommender.operations.progress import show_progress
from recommender.operations.report_file import check_report_file, write_report

NOT_BETTER = 3


class Command(BaseCommand):
    help = (
        "Adapt the encoder in use to this catalog: learn from which tracks share an artist or a release and which "
        "segments a track, and measure on tracks of other artists whether that helps. Where it does, the adapted "
        "encoder is installed and a space for it filled beside the present one; else nothing is changed and the exit "
        f"status is {NOT_BETTER}. Takes minutes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", metavar="NAME", help="of the new encoder (default: adapted-1, adapted-2 ...)")
        parser.add_argument("--json", type=Path, metavar="FILE", help="the same report for machines; - is the terminal")
        parser.add_argument("--force", action="store_true", help="install it even when it is not better")
        parser.add_argument(
            "--listen",
            type=int,
            default=DEFAULT_LISTENED,
            metavar="N",
            help=f"how many tracks are decoded again to learn from their segments (default {DEFAULT_LISTENED})",
        )

    def handle(self, *_arguments: Any, **options: Any) -> None:
        if options["listen"] < 0:
            raise CommandError("--listen takes 0 or more.")
        target: Path | None = options["json"]
        plan = AdaptationPlan(name=options["name"], listened=options["listen"], is_forced=options["force"])
        try:
            check_report_file(target)
            report = adapt_to_catalog(plan, partial(show_progress, sys.stderr))
            write_report(report, to_text(report), target, self.stdout.write)
        except (OperationsError, EncoderError) as error:
            raise CommandError(str(error)) from error
        if not report["installed"]:
            sys.exit(NOT_BETTER)
