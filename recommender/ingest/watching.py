"""The watched folder: what appears in it is taken in once it rests. Nothing in it is changed, and what goes from it
stays here.
"""

import contextlib
import logging
import time
from pathlib import Path
from typing import Final

from django.conf import settings
from filelock import FileLock, Timeout

from recommender.accounts.first_admin import find_first_admin
from recommender.ingest.folder_walk import FoundFile, find_files, printable
from recommender.ingest.importing import ImportStoppedError, MusicImport, Outcome, Result

logger = logging.getLogger(__name__)

REST_SECONDS: Final = 10.0
# The sweeper waits behind a round; what is left is taken in with the next one.
SECONDS_PER_ROUND: Final = 30.0
MOST_LOOKS: Final = 20_000

Look = tuple[int, int]


class RestingFiles:
    """Which files rest: two looks, ten seconds or more apart, found the same size and time of change."""

    def __init__(self) -> None:
        self._first_looks: dict[Path, tuple[Look, float]] = {}
        self._met: set[Path] = set()

    def is_resting(self, found: FoundFile, now_seconds: float) -> bool:
        look = (found.size_bytes, found.modified_ns)
        earlier, since = self._first_looks.get(found.path, (None, now_seconds))
        if earlier == look and now_seconds - since >= REST_SECONDS:
            return True
        if earlier is None and len(self._first_looks) >= MOST_LOOKS:
            return False
        self._met.add(found.path)
        self._first_looks[found.path] = (look, since if earlier == look else now_seconds)
        return False

    def forget_others(self) -> None:
        """Call it after a whole walk: what was not met, or is taken in, need not be remembered."""
        self._first_looks = {path: look for path, look in self._first_looks.items() if path in self._met}
        self._met = set()


class Watch:
    """What one process remembers between its walks. The rest is in `catalog.models.ImportedFile`."""

    def __init__(self) -> None:
        self._resting = RestingFiles()
        self._complaints: set[Result] = set()

    def import_folder(self, folder: Path) -> None:
        owner = find_first_admin()
        if owner is None:
            return
        now = time.monotonic()
        music_import = MusicImport(owner, is_watching=True, is_ready=lambda found: self._resting.is_resting(found, now))
        accepted = 0
        try:
            for result in music_import.take_in(find_files([folder])):
                accepted += result.outcome == Outcome.ACCEPTED
                self._say(result)
                if time.monotonic() - now > SECONDS_PER_ROUND:
                    break
            else:
                self._resting.forget_others()
        except ImportStoppedError as error:
            logger.warning("the watched folder has to wait: %s", error)
        if accepted:
            logger.info("%d files of the watched folder were taken in", accepted)

    def _say(self, result: Result) -> None:
        """Each complaint once, and again after a restart."""
        if result.outcome != Outcome.REFUSED or result in self._complaints or len(self._complaints) >= MOST_LOOKS:
            return
        self._complaints.add(result)
        logger.warning("%s in the watched folder was refused: %s", printable(result.path), result.sentence)


_watch = Watch()


def import_watched() -> None:
    """Take in what rests in the watched folder, for some seconds. Whoever comes meanwhile leaves again."""
    if not settings.UPLOADS.watch_folder:
        return
    with contextlib.suppress(Timeout), FileLock(settings.STORAGE.locks / "watch.lock", timeout=0):
        _watch.import_folder(Path(settings.UPLOADS.watch_folder))
