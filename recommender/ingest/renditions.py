"""Copies that browsers play, of files that they do not: which files need one, and the making of them.

What there is to make is asked of SQL (`AudioFile.rendition` is WANTED); a lost copy is wanted again as soon as somebody
wants to hear it. The copy of a lossless file is FLAC, of others MP3; the original stays as it came.
"""

import contextlib
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from filelock import FileLock, Timeout

from recommender.catalog.audio_files import path_of, rendition_path_of
from recommender.catalog.models import AudioFile, Rendition
from recommender.ingest.validate import OUT_OF_SPACE

logger = logging.getLogger(__name__)

# What Chromium, Firefox and Safari all play, by our suffix and libav's codec.
_PLAYED: Final = {
    ".mp3": {"mp3"},
    ".m4a": {"aac"},
    ".aac": {"aac"},
    ".flac": {"flac"},
    ".ogg": {"vorbis", "opus"},
    ".webm": {"vorbis", "opus"},
    ".wav": {"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_f32le"},
}
_MOST_CHANNELS: Final = 6

MAX_FAILURES: Final = 3
# The sweeper waits behind a round; and Redis hands a task out again that takes longer than an hour.
SECONDS_PER_ROUND: Final = 10.0
FILES_PER_ROUND: Final = 100
WALL_SECONDS: Final = 45 * 60
CPU_SECONDS: Final = WALL_SECONDS
MP3_BYTES_PER_SECOND: Final = 32_000
SPARE_BYTES: Final = 64 << 20
_PROGRAM: Final = ("-B", "-P", "-m", "recommender.ingest.rendition_writer")
_PROJECT: Final = Path(__file__).resolve().parents[2]
_NO_ROOM: Final = 3


class NoRoomError(Exception):
    """The disk is full: later."""


class EncodingFailedError(Exception):
    """The message is for the log."""


def needs_rendition(suffix: str, codec: str, channels: int) -> bool:
    """Whether some browser does not play such a file: `suffix` of `ingest.formats`, `codec` as libav calls it."""
    name = codec.removeprefix("lib").removesuffix("float")
    return name not in _PLAYED.get(suffix, ()) or channels > _MOST_CHANNELS


def choose_rendition(audio_file: AudioFile) -> Rendition:
    """The state for a file that was just analysed. A copy that is made stays; one that failed is tried again."""
    if not needs_rendition(audio_file.suffix, audio_file.codec, audio_file.channels):
        return Rendition.NEEDLESS
    return Rendition.MADE if audio_file.rendition == Rendition.MADE else Rendition.WANTED


def make_renditions() -> None:
    """Make copies for some seconds, those first that did not fail yet. Whoever comes meanwhile leaves again."""
    with contextlib.suppress(Timeout), FileLock(settings.STORAGE.locks / "renditions.lock", timeout=0):
        try:
            _make_some()
        except NoRoomError:
            logger.warning("there is no room for playable copies: they are made later")


def _make_some() -> None:
    until = time.monotonic() + SECONDS_PER_ROUND
    wanted = AudioFile.objects.filter(rendition=Rendition.WANTED).order_by("rendition_failures", "pk")
    for audio_file in list(wanted[:FILES_PER_ROUND]):
        make_rendition(audio_file)
        if time.monotonic() > until:
            return


def make_rendition(audio_file: AudioFile) -> None:
    """Make the copy of one file, or count that it cannot be made. Raises NoRoomError; nothing stays behind then."""
    sha256, copy = audio_file.sha256, None
    try:
        # It may be there: an analysis that began before it was made says that it is wanted.
        copy = None if rendition_path_of(sha256).exists() else _write_copy(audio_file)
        _put_in_place(sha256, copy)
    except (EncodingFailedError, subprocess.TimeoutExpired) as error:
        logger.warning("the playable copy of %s cannot be made: %s", sha256, error)
        _count_failure(sha256)
    except OSError as error:
        if error.errno not in OUT_OF_SPACE:
            raise
        raise NoRoomError from error
    finally:
        if copy is not None:
            copy.unlink(missing_ok=True)


def _write_copy(audio_file: AudioFile) -> Path:
    """The copy in staging, synced. Raises EncodingFailedError, NoRoomError, OSError; nothing stays behind then."""
    if shutil.disk_usage(settings.STORAGE.staging).free < 2 * audio_file.size_bytes + SPARE_BYTES:
        raise NoRoomError
    descriptor, name = tempfile.mkstemp(dir=settings.STORAGE.staging, prefix="rendition-")
    try:
        _run_writer(audio_file, descriptor)
        os.fsync(descriptor)
    except BaseException:
        Path(name).unlink()
        raise
    finally:
        os.close(descriptor)
    return Path(name)


def _run_writer(audio_file: AudioFile, output: int) -> None:
    max_seconds = settings.ANALYSIS.max_duration_seconds
    max_bytes = 2 * audio_file.size_bytes + MP3_BYTES_PER_SECOND * max_seconds + SPARE_BYTES
    limits = (max_seconds, max_bytes, CPU_SECONDS, os.getpid())
    kind = "flac" if audio_file.is_lossless else "mp3"
    command = [sys.executable, *_PROGRAM, str(path_of(audio_file.sha256)), kind, *map(str, limits)]
    # nothing of our environment: it holds secrets, and the program reads what strangers made
    environment = {"PYTHONPATH": str(_PROJECT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        env=environment,
        timeout=WALL_SECONDS,
        check=False,
    )
    if ended.returncode == _NO_ROOM:
        raise NoRoomError
    if ended.returncode:
        raise EncodingFailedError(f"status {ended.returncode}, {ended.stderr[-500:].decode(errors='replace')}")


def _put_in_place(sha256: str, copy: Path | None) -> None:
    target = rendition_path_of(sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    with transaction.atomic():
        # Locked, so that the file does not go with its last track in between; without a row the copy goes with us.
        if not AudioFile.objects.select_for_update().filter(pk=sha256).exists():
            return
        if copy is not None:
            copy.replace(target)
        AudioFile.objects.filter(pk=sha256).update(rendition=Rendition.MADE, rendition_failures=0)


def _count_failure(sha256: str) -> None:
    wanted = AudioFile.objects.filter(pk=sha256, rendition=Rendition.WANTED)
    wanted.update(rendition_failures=F("rendition_failures") + 1)
    wanted.filter(rendition_failures__gte=MAX_FAILURES).update(rendition=Rendition.FAILED)
