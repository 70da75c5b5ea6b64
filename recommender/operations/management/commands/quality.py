import sys
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommender.operations.errors import OperationsError
from recommender.operations.progress import show_progress
from recommender.operations.quality import DEFAULT_SAMPLE, measure_quality
from recommender.operations.quality_text import to_text
from recommender.operations.report_file import check_report_file, write_report


class Command(BaseCommand):
    help = (
        "Measure similarity on this catalog, from the vectors in the database: hubness, reach, the tracks found most "
        "often and never, how similar tracks are, and whether tracks of one artist and one release find each other. "
        "Private tracks are measured and named too: the report is for whoever runs the server. Nothing is changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", type=Path, metavar="FILE", help="the same report for machines; - is the terminal")
        parser.add_argument(
            "--sample",
            type=int,
            default=DEFAULT_SAMPLE,
            metavar="N",
            help=f"how many tracks ask for their artist and release (default {DEFAULT_SAMPLE}; 0: all)",
        )

    def handle(self, *_arguments: Any, **options: Any) -> None:
        if options["sample"] < 0:
            raise CommandError("--sample takes 0 or more.")
        target: Path | None = options["json"]
        try:
            check_report_file(target)
            report = measure_quality(options["sample"], partial(show_progress, sys.stderr))
            write_report(report, to_text(report), target, self.stdout.write)
        except OperationsError as error:
            raise CommandError(str(error)) from error
