from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommender.operations.errors import OperationsError
from recommender.operations.spaces import choose_encoder, describe_spaces


class Command(BaseCommand):
    help = (
        "Have every track analysed with another encoder, while the present one goes on answering; it takes over when "
        "it has all of them. Nothing has to be restarted. Without a name: how far each encoder is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", metavar="NAME", help="of the encoder, as this command lists it")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        try:
            if options["name"] is not None:
                choose_encoder(options["name"])
            for line in describe_spaces():
                self.stdout.write(line)
        except OperationsError as error:
            raise CommandError(str(error)) from error
