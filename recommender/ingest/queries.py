"""Sounds that people ask with. They are no part of the catalog, and SQL knows nothing of them.

    query-OWNER-ID.sound    what was sent: gone when it has been listened to, or when nobody waits for that any more
    query-OWNER-ID.heard    what the worker made of it, whole from the start: for an hour

Both lie in staging, under names that nobody's requests arrive at but their owner's.
"""

import base64
import contextlib
import json
import os
import time
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext, gettext_noop

from recommender.accounts.models import User
from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.validate import StagedFile
from recommender.ingest.wake import wake_listener
from recommender.similarity.sounds import Sound
from recommender.similarity.vectors import from_bytes, to_bytes

SOUND, HEARD = ".sound", ".heard"
_NOT_HEARD: Final = gettext_noop(
    "It was not listened to in time: the server is busy, or that part of it does not run. Try again."
)

too_many = partial(
    UploadRefusedError,
    "too_many",
    gettext_noop("Wait for the answers to what you have asked before you ask more."),
    429,
)
crowded = partial(
    UploadRefusedError, "crowded", gettext_noop("Many people are asking at once. Try again in a moment."), 503
)
not_listening = partial(
    UploadRefusedError,
    "not_listening",
    gettext_noop("The server cannot listen to anything right now. Try again later."),
    503,
)


class NoQueryError(Exception):
    """There is no such query of this owner, or no more."""


@dataclass(frozen=True)
class Query:
    owner_id: int
    id: uuid.UUID

    @property
    def sound(self) -> Path:
        return self._path(SOUND)

    @property
    def heard(self) -> Path:
        return self._path(HEARD)

    def _path(self, suffix: str) -> Path:
        return Path(settings.STORAGE.staging) / f"query-{self.owner_id}-{self.id}{suffix}"


@dataclass(frozen=True)
class NotHeard:
    """Why nothing came of it: `code` for scripts, a sentence for people. `is_our_fault`: asking again may help.

    A worker keeps the sentence in English, with names in the place of its `parts`.
    """

    code: str
    sentence: str
    is_our_fault: bool = False
    parts: Mapping[str, int] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """The sentence in the language of whoever reads it now."""
        sentence = gettext(self.sentence)
        return sentence % self.parts if self.parts else sentence


too_late = partial(NotHeard, "too_late", _NOT_HEARD, is_our_fault=True)


def check_crowd(owner: User) -> None:
    """Raises UploadRefusedError while too many sounds are waiting already."""
    waiting = [path.name for path in settings.STORAGE.staging.glob(f"query-*{SOUND}")]
    if sum(name.startswith(f"query-{owner.pk}-") for name in waiting) >= settings.QUERIES.most_waiting:
        raise too_many()
    if len(waiting) >= settings.QUERIES.most_waiting_in_all:
        raise crowded()


def receive_query(owner: User, staged: StagedFile) -> Query:
    """Move the file away and have it listened to. Raises UploadRefusedError; nothing stays then."""
    check_crowd(owner)
    _forget_earlier(owner)
    query = Query(owner.pk, uuid.uuid4())
    os.utime(staged.path)
    staged.path.rename(query.sound)
    if not wake_listener(owner.pk, str(query.id)):
        query.sound.unlink(missing_ok=True)
        raise not_listening()
    return query


def read_query(query: Query) -> Sound | NotHeard | None:
    """What was heard, None while that is waited for. Raises NoQueryError."""
    try:
        waited_seconds = time.time() - query.sound.stat().st_mtime
    except FileNotFoundError:
        return _read_heard(query)
    if waited_seconds > settings.QUERIES.wait_seconds:
        finish_query(query, too_late())
        return _read_heard(query)
    return None


def finish_query(query: Query, heard: Sound | NotHeard) -> None:
    """The sound goes. What was heard stays for a while, unless somebody has finished the query before."""
    if query.sound.exists() and not query.heard.exists():
        described = _pack(heard) if isinstance(heard, Sound) else asdict(heard)
        fresh = query.heard.with_suffix(f".{uuid.uuid4().hex}")
        fresh.write_text(json.dumps(described))
        fresh.rename(query.heard)
    query.sound.unlink(missing_ok=True)


def discard_old_queries() -> None:
    """Sounds that nobody listens to any more, as after a crash, and answers that have been there for long enough."""
    for path in settings.STORAGE.staging.glob("query-*"):
        lifetime_seconds = 2 * settings.QUERIES.wait_seconds if path.suffix == SOUND else settings.QUERIES.kept_seconds
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > lifetime_seconds:
                path.unlink()


def _forget_earlier(owner: User) -> None:
    """All answers but the latest, so that nobody can fill the disk with them."""
    ages: dict[Path, float] = {}
    for path in settings.STORAGE.staging.glob(f"query-{owner.pk}-*{HEARD}"):
        with contextlib.suppress(FileNotFoundError):
            ages[path] = path.stat().st_mtime
    for path in sorted(ages, key=ages.__getitem__)[: -settings.QUERIES.most_kept]:
        path.unlink(missing_ok=True)


def _read_heard(query: Query) -> Sound | NotHeard:
    try:
        found = json.loads(query.heard.read_text())
    except FileNotFoundError as error:
        raise NoQueryError from error
    return _unpack(found) if "vector" in found else NotHeard(**found)


def _pack(sound: Sound) -> dict[str, Any]:
    return {**vars(sound), "words": dict(sound.words), "vector": base64.b64encode(to_bytes(sound.vector)).decode()}


def _unpack(packed: Mapping[str, Any]) -> Sound:
    return Sound(**{**packed, "vector": from_bytes(base64.b64decode(packed["vector"]))})
