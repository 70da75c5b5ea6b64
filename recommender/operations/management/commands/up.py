from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommender.operations.bring_up import bring_up
from recommender.operations.errors import OperationsError


class Command(BaseCommand):
    help = (
        "Start Soundalike on this machine and keep it running: Redis, Milvus Lite, the workers, beat and the "
        "web server, all on loopback, all state under SOUNDALIKE_HOME. What dies is started again. Ctrl-C or "
        "SIGTERM ends everything. REDIS_URL and MILVUS_URI name servers that run elsewhere; "
        "docs/operations.md lists every setting."
    )
    # The web server checks itself when it starts; here it would only make every start slower.
    requires_system_checks = []

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        try:
            bring_up(self._say)
        except OperationsError as error:
            raise CommandError(str(error)) from error

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
