from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from recommender.operations.translations import update_catalogues


class Command(BaseCommand):
    help = (
        "For developers and translators: bring locale/LANGUAGE/LC_MESSAGES/*.po in step with the texts in the code. "
        "Words that are there stay, texts that are new wait for theirs, and what is asked no more goes. "
        "docs/translating.md says how to add a language."
    )
    requires_system_checks = []

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        for updated in update_catalogues():
            updated.path.parent.mkdir(parents=True, exist_ok=True)
            updated.path.write_text(updated.text)
            name = updated.path.relative_to(settings.BASE_DIR)
            self.stdout.write(f"{name}: {updated.total} texts, {updated.missing} of them without words")
