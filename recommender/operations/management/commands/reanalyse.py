from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from recommender.ingest.reanalysis import CHOICES, queue_again

HELP = {
    "all": "every track",
    "failed": "those whose analysis failed",
    "missing": "those without a vector of the encoder that was chosen last",
    "unmeasured": "those of a version that measured less: no loudness, key, fingerprint, moments or picture yet",
}


class Command(BaseCommand):
    help = "Has tracks analysed again by the workers. What people have said of them stays."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        for choice in CHOICES:
            which.add_argument(f"--{choice}", action="store_const", const=choice, dest="choice", help=HELP[choice])

    def handle(self, *args: Any, **options: Any) -> None:
        count = queue_again(options["choice"])
        self.stdout.write(f"{count} track{'' if count == 1 else 's'} queued again.")
