import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.http import QueryDict

from recommender.accounts.models import User
from recommender.catalog.models import Track
from recommender.ingest.exporting import ExportStoppedError, MusicExport, Outcome, Result
from recommender.ingest.folder_walk import printable
from recommender.operations.management.commands.import_music import INTERRUPTED, find_owner
from recommender.operations.progress import show_progress
from recommender.web.facet_words import FACETS
from recommender.web.listing import KNOWN, read_asked

LISTED: Final = 50
BATCH: Final = 200
_SKIPPED: Final = (Outcome.OCCUPIED, Outcome.REFUSED)


class Command(BaseCommand):
    help = (
        "Write copies of music into a folder, as Artist/Release/NN Title, with tags that say what the catalog says. "
        "The sound is taken over as it is, and the originals stay as they are. Nothing that is there is written over; "
        "a run that was ended is gone on with by the same command. Exit status 0: nothing was skipped; 1: something "
        "was, or it could not go on; 130: Ctrl-C."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, metavar="DIRECTORY", help="where to; it is made if need be")
        parser.add_argument(
            "--query",
            default="",
            metavar="ADDRESS",
            help="which tracks: the address of a library page, or what follows its question mark (default: all)",
        )
        parser.add_argument("--owner", metavar="NAME", help="who may see the tracks (default: the first administrator)")

    def handle(self, *_arguments: Any, **options: Any) -> None:
        viewer, folder = find_owner(options["owner"]), options["directory"]
        ids = find_ids(viewer, options["query"])
        make_folder(folder)
        summary = Summary()
        stopped, status = "", 0
        try:
            self._run(MusicExport(folder), viewer, ids, summary)
        except KeyboardInterrupt:
            stopped, status = "Interrupted. The same command goes on from here.", INTERRUPTED
        except ExportStoppedError as error:
            stopped, status = f"{error} The same command goes on from here.", 1
        self.stdout.write(summary.tell())
        if stopped:
            self.stderr.write(stopped)
        if status or summary.has_skipped:
            sys.exit(status or 1)

    def _run(self, music_export: MusicExport, viewer: User, ids: list[int], summary: "Summary") -> None:
        report = show_progress(sys.stderr, "Tracks")
        for done, result in enumerate(music_export.put_out(load_tracks(viewer, ids)), 1):
            summary.add(result)
            report(done, len(ids))


class Summary:
    """What came of the tracks; of those that need a word the first are named."""

    def __init__(self) -> None:
        self._counts: Counter[Outcome] = Counter()
        self._named: list[Result] = []

    @property
    def has_skipped(self) -> bool:
        return any(self._counts[outcome] for outcome in _SKIPPED)

    def add(self, result: Result) -> None:
        self._counts[result.outcome] += 1
        if result.outcome in _SKIPPED and len(self._named) < LISTED:
            self._named.append(result)

    def tell(self) -> str:
        skipped = sum(self._counts[outcome] for outcome in _SKIPPED)
        lines = [
            f"Written: {self._counts[Outcome.WRITTEN]:,}",
            f"Written as they came, since their format takes no details: {self._counts[Outcome.PLAIN]:,}",
            f"Already there: {self._counts[Outcome.SAME]:,}",
            f"Skipped: {skipped:,}",
            *(f"  {printable(result.name)}: {result.sentence}" for result in self._named),
        ]
        return "\n".join([*lines, *([f"  and {skipped - LISTED:,} more"] if skipped > LISTED else [])])


def find_ids(viewer: User, query: str) -> list[int]:
    """Of the tracks that a library page of this address shows to `viewer`. Raises CommandError."""
    given = QueryDict(urlsplit(query).query if "?" in query else query)
    asked = read_asked(viewer, given)
    understood = {*asked.selection.chosen, *({"q"} if asked.query else ()), *(set(KNOWN) - {"q", *FACETS})}
    if strange := [f"{name}={text}" for name in given if name not in understood for text in given.getlist(name)]:
        # Left out it would be all of the music.
        raise CommandError(
            f"A library page has no {printable(', '.join(strange))}. Copy its address, as: genre=3&q=night"
        )
    return sorted(asked.selection.counts.ids.tolist())


def load_tracks(viewer: User, ids: list[int]) -> Iterator[Track]:
    for first in range(0, len(ids), BATCH):
        batch = Track.objects.visible_to(viewer).filter(pk__in=ids[first : first + BATCH])
        yield from batch.select_related("audio_file", "artist", "release__artist").order_by("pk")


def make_folder(folder: Path) -> None:
    """Raises CommandError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"The folder {printable(folder)} cannot be used: {error.strerror}.") from error
