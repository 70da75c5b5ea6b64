import sys
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommender.catalog.models import MapPoint, MapRegion
from recommender.ingest.mapping import bring_up_to_date
from recommender.operations.errors import OperationsError
from recommender.operations.progress import show_progress
from recommender.operations.tables import needing_tables
from recommender.similarity.errors import IndexUnavailableError
from recommender.similarity.spaces import active_space


class Command(BaseCommand):
    help = (
        "Bring the map of the catalog up to date, as the workers do by themselves: new tracks are placed near those "
        "that sound like them, and a map that the catalog has outgrown is laid out anew. Can be ended and repeated at "
        "any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anew",
            action="store_true",
            help="lay it out anew in any case, from where things are now, and name its regions again",
        )

    def handle(self, *_arguments: Any, **options: Any) -> None:
        try:
            with needing_tables():
                self._draw(is_anew=options["anew"])
        except (OperationsError, IndexUnavailableError) as error:
            raise CommandError(str(error)) from error

    def _draw(self, *, is_anew: bool) -> None:
        space = active_space()
        if space is None:
            raise CommandError("There is no active space yet: `manage.py prepare` makes it, and `up` does that too.")
        bring_up_to_date(space, partial(show_progress, sys.stderr), is_anew=is_anew)
        tracks = MapPoint.objects.filter(space=space).count()
        names = MapRegion.objects.filter(space=space).order_by("number").values_list("name", flat=True)
        self.stdout.write(f"The map has {tracks:,} track{'' if tracks == 1 else 's'} in {len(names)} regions.")
        for name in names:
            self.stdout.write(f"  {name}")
