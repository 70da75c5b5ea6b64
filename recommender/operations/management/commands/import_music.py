import logging
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommender.accounts.first_admin import find_first_admin
from recommender.accounts.models import User
from recommender.ingest.folder_walk import find_files, printable
from recommender.ingest.importing import ImportStoppedError, MusicImport, Outcome, Result
from recommender.operations.progress import show_progress

LISTED_REFUSALS: Final = 50
INTERRUPTED: Final = 130


class Command(BaseCommand):
    help = (
        "Take in the music of this machine: files, and folders with all below them. Files stay where they are. What "
        "was imported before is not read again, so that an import that was ended, however, is gone on with by the "
        "same command. Exit status 0: nothing was refused; 1: something was, or it could not go on; 130: Ctrl-C."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file or a folder")
        parser.add_argument(
            "--owner", metavar="NAME", help="whose tracks they become (default: the first administrator)"
        )
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--copy", action="store_true", help="copy the files into the store (the default)")
        how.add_argument(
            "--link",
            action="store_true",
            help="put hard links to the files into the store, which takes no room. For files on the same file system "
            "that nothing changes in place any more: a program that writes tags into a linked file changes what is in "
            "the store too, which is then no longer what was analysed and hashed. Programs that write a new file and "
            "put it in the place of the old one, as most do, change nothing here.",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would be taken in")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        paths: list[Path] = options["paths"]
        check_paths(paths, is_linked=options["link"])
        _quieten()
        music_import = MusicImport(
            find_owner(options["owner"]), is_linked=options["link"], is_dry_run=options["dry_run"]
        )
        summary = Summary()
        stopped = ""
        try:
            self._run(music_import, paths, summary)
        except KeyboardInterrupt:
            stopped = "Interrupted. The same command goes on from here."
        except ImportStoppedError as error:
            stopped = f"{error} The same command goes on from here."
        self.stdout.write(summary.tell(is_dry_run=options["dry_run"]))
        if stopped:
            self.stderr.write(stopped)
        if stopped.startswith("Interrupted"):
            sys.exit(INTERRUPTED)
        if stopped or summary.counts[Outcome.REFUSED]:
            sys.exit(1)

    def _run(self, music_import: MusicImport, paths: list[Path], summary: "Summary") -> None:
        # Walked twice, since a list of everything would grow with the folders.
        total = sum(1 for _ in find_files(paths))
        report = show_progress(sys.stderr, "Files")
        for done, result in enumerate(music_import.take_in(find_files(paths)), 1):
            summary.add(result)
            # Files may have come since they were counted.
            report(min(done, total), total)


class Summary:
    """What came of the files; of the refused ones the first are named."""

    def __init__(self) -> None:
        self.counts: Counter[Outcome] = Counter()
        self._refused: list[Result] = []

    def add(self, result: Result) -> None:
        self.counts[result.outcome] += 1
        if result.outcome == Outcome.REFUSED and len(self._refused) < LISTED_REFUSALS:
            self._refused.append(result)

    def tell(self, *, is_dry_run: bool) -> str:
        known, same = self.counts[Outcome.KNOWN], self.counts[Outcome.DUPLICATE]
        lines = [
            f"{'Would be accepted' if is_dry_run else 'Accepted'}: {self.counts[Outcome.ACCEPTED]:,}",
            f"Already here: {known + same:,} ({known:,} from an earlier import, {same:,} with the same bytes)",
            f"Refused: {self.counts[Outcome.REFUSED]:,}",
            *(f"  {printable(result.path)}: {result.sentence}" for result in self._refused),
        ]
        if (more := self.counts[Outcome.REFUSED] - len(self._refused)) > 0:
            lines.append(f"  and {more:,} more")
        if other := self.counts[Outcome.OTHER]:
            lines.append(f"Other files, left alone: {other:,}")
        return "\n".join(lines)


def check_paths(paths: list[Path], *, is_linked: bool) -> None:
    """Raises CommandError for a path that is not there, or that cannot be linked to."""
    staging = os.stat(settings.STORAGE.staging)  # noqa: PTH116
    for path in paths:
        if not path.is_dir() and not path.is_file():
            raise CommandError(f"There is no file or folder {printable(path)}.")
        if is_linked and path.stat().st_dev != staging.st_dev:
            raise CommandError(
                f"{printable(path)} is on another file system than {settings.STORAGE.home}, where links cannot lead. "
                "Use --copy."
            )


def find_owner(name: str | None) -> User:
    """Raises CommandError when there is none of that name, or one who may not upload."""
    if name is None:
        owner = find_first_admin()
        if owner is None:
            raise CommandError("There is no administrator yet: start Soundalike once, or name an owner with --owner.")
        return owner
    owner = User.objects.filter(username=name).first()
    if owner is None:
        raise CommandError(f"There is nobody called {name}.")
    if not owner.is_uploader:
        raise CommandError(f"{name} may not upload. An administrator can make {name} an uploader.")
    return owner


def _quieten() -> None:
    """Without a running Redis every single file would be warned of; the sweeper finds them all the same."""
    logging.getLogger("recommender.ingest.wake").setLevel(logging.ERROR)
