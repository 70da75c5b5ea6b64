from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from recommender.operations.errors import OperationsError
from recommender.operations.preparation import prepare


class Command(BaseCommand):
    help = (
        "Make everything ready for the programs to start: migrate the database, collect static files, compile the "
        "words of other languages, set up the space of the encoder in use, and make the first administrator. Quick "
        "when nothing changed. `up` does this by itself; where the programs are started in another way "
        "(docker-compose.yml), run it once before them."
    )
    requires_system_checks = []

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        try:
            password = prepare(self.stdout.write)
        except OperationsError as error:
            raise CommandError(str(error)) from error
        if password is not None:
            self.stdout.write(f"Sign in as {settings.ADMIN_NAME} with the password {password}  (shown this once)")
        self.stdout.write("Prepared")
