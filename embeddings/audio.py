"""Decoding in a limited child process, seen from the side that must survive: no libav is loaded here.

``subprocess`` with pipes, not ``multiprocessing``: the children of Celery's pool may not use the latter. One child
serves one track after the other and is replaced when it dies, stalls or has served its share; a track that kills it
costs that track only.
"""

import fcntl
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np

from embeddings.blocks import (
    BLOCK,
    DONE,
    FAILURE,
    FILE_FAILED,
    HEADER,
    MAX_PAYLOAD_BYTES,
    REQUEST,
    BlockStream,
    StreamEnd,
    Waveform,
)
from embeddings.errors import (
    CorruptAudioError,
    DecoderDiedError,
    DecoderError,
    DecoderStalledError,
    EmbeddingError,
    NoAudioStreamError,
    NotAudioError,
    TooLongError,
    UnsupportedAudioError,
)
from embeddings.source_facts import parse_source

_PROGRAM: Final = ("-m", "embeddings.decode_child")
_PACKAGE_PARENT: Final = Path(__file__).resolve().parent.parent
_PIPE_BYTES: Final = 1 << 20  # a quarter of a minute of blocks, so that neither side waits for the other's rhythm
_ERRORS: Final[dict[str, type[EmbeddingError]]] = {
    error.code: error
    for error in (
        *(NotAudioError, NoAudioStreamError, UnsupportedAudioError, CorruptAudioError, TooLongError),
        DecoderError,
    )
}
# One thread; and memory that was let go is kept, or each second of sound would ask the system for the same pages again.
_CHILD_ENVIRONMENT: Final = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_TRIM_THRESHOLD_": str(16 << 20),
    "MALLOC_MMAP_THRESHOLD_": str(16 << 20),
}
# What resampling may add to the length; a child that sends more than this over the limit is not to be trusted.
_SPARE_SECONDS: Final = 10.0
# The decoder lets nothing above 64 through; mixing and resampling add little. Near the end of float32 squares overflow.
_LOUDEST_AMPLITUDE: Final = 1000.0
_NO_MESSAGE: Final = "The decoder answered with something that is not a message."


@dataclass(frozen=True)
class DecodeLimits:
    """What one track may cost.

    ``max_seconds`` of sound; ``stall_seconds`` without a sign of life; ``wall_seconds`` of waiting for the child in
    all (the time the caller takes between blocks is its own); ``cpu_seconds`` of the child's processor time;
    ``address_space_bytes`` of the child; ``max_files`` after which a child is replaced, against slow leaks.
    """

    max_seconds: float = 12 * 3600.0
    stall_seconds: float = 30.0
    wall_seconds: float = 600.0
    cpu_seconds: float = 600.0
    address_space_bytes: int = 2 << 30
    max_files: int = 200


class Decoder:
    """Decodes files one by one in a child process that is started when first needed.

    A context manager; leaving it ends the child. Threads may share one: each has children of its own, because a child
    dies with the thread that started it. After a fork the new process starts its own and leaves its parent's alone.
    """

    def __init__(self, limits: DecodeLimits | None = None) -> None:
        self.limits = limits or DecodeLimits()
        self._idle: dict[_Owner, list[_Child]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the idle children. The decoder may be used again; a new child is started then."""
        while self._idle:
            for child in self._idle.popitem()[1]:
                child.end()

    def decode(self, path: str | os.PathLike[str], rate_hz: int = 16_000) -> BlockStream:
        """As ``embeddings.decoding.decode_blocks``, in the child. Further errors, raised while iterating:

        DecoderDiedError (also for an answer that makes no sense), DecoderStalledError (also when the processor time is
        used up), DecoderError for the rest.
        """
        return BlockStream(self._decode(os.path.abspath(os.fsdecode(path)), rate_hz))  # noqa: PTH100 - any bytes

    def _decode(self, path: str, rate_hz: int) -> Generator[Waveform, None, StreamEnd]:
        os.stat(path)  # noqa: PTH116 - a missing file is the caller's affair, not the child's
        child = self._take_child()
        is_healthy = False
        samples_left = round((self.limits.max_seconds + _SPARE_SECONDS) * rate_hz)
        try:
            child.ask(path, rate_hz, self.limits)
            for kind, payload in child.receive(self.limits):
                if kind == BLOCK:
                    samples_left -= len(payload) // 4
                    yield _to_waveform(payload, samples_left)
                    continue
                answer = _parse(kind, payload)
                end = _to_end(answer) if kind == DONE else None
                is_healthy = answer.get("code") != DecoderError.code and child.files_served < self.limits.max_files
                if end is None:
                    raise _to_error(answer, path)
                return end
        finally:
            self._give_back(child, is_healthy=is_healthy)
        raise AssertionError("receive() ends with an exception or not at all.")

    def _take_child(self) -> "_Child":
        here = _here()
        self._drop_orphans(here)
        mine = self._idle.get(here, [])
        while mine:
            child = mine.pop()
            if child.is_usable():
                return child
            child.end()
        return _Child(self.limits.address_space_bytes)

    def _drop_orphans(self, here: "_Owner") -> None:
        """Let go of the children of threads that have ended, and of the process that this one was forked from."""
        living = {here, *((os.getpid(), thread.ident) for thread in threading.enumerate())}
        for owner in set(self._idle) - living:
            for child in self._idle.pop(owner, []):
                child.end()

    def _give_back(self, child: "_Child", *, is_healthy: bool) -> None:
        if is_healthy:
            self._idle.setdefault(child.owner, []).append(child)
        else:
            child.end()


_Owner = tuple[int, int | None]


def _here() -> _Owner:
    """Process and thread: the system ends a child with the very thread that started it (PR_SET_PDEATHSIG)."""
    return os.getpid(), threading.get_ident()


def _to_waveform(payload: bytearray, samples_left: int) -> Waveform:
    waveform = np.frombuffer(payload, "<f4").astype(np.float32, copy=False)
    if samples_left < 0 or not (np.abs(waveform) <= _LOUDEST_AMPLITUDE).all():  # false for NaN as well
        raise DecoderDiedError("The decoder sent what it must not: more sound than was asked for, or no sound.")
    return waveform


def _parse(kind: bytes, payload: bytearray) -> dict[str, Any]:
    """A DONE or FAILURE message; the child may have been taken over by a file, so that nothing in it is believed."""
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError):
        raise DecoderDiedError(_NO_MESSAGE) from None
    if not isinstance(answer, dict) or (kind == FAILURE and not _tells_failure(answer)):
        raise DecoderDiedError(_NO_MESSAGE)
    return answer


def _to_end(answer: dict[str, Any]) -> StreamEnd:
    is_truncated = answer.get("is_truncated")
    try:
        source = parse_source(answer.get("source"))
    except ValueError:
        raise DecoderDiedError(_NO_MESSAGE) from None
    if not isinstance(is_truncated, bool):
        raise DecoderDiedError(_NO_MESSAGE)
    return StreamEnd(is_truncated, source)


def _tells_failure(answer: dict[str, Any]) -> bool:
    code, message = answer.get("code"), answer.get("message")
    if not isinstance(code, str) or not isinstance(message, str):
        return False
    return code in _ERRORS or (code == FILE_FAILED and isinstance(answer.get("errno"), int))


def _to_error(answer: dict[str, Any], path: str) -> EmbeddingError | OSError:
    if answer["code"] == FILE_FAILED:
        return OSError(answer["errno"], answer["message"], path)  # Python makes it a PermissionError and the like
    return _ERRORS[answer["code"]](answer["message"])


class _Child:
    """One decode child and its two pipes."""

    def __init__(self, address_space_bytes: int) -> None:
        self.owner = _here()
        self.files_served = 0
        program = [sys.executable, "-B", "-P", *_PROGRAM]
        self._process = subprocess.Popen(
            [*program, str(address_space_bytes), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            # nothing of the parent's environment: it holds secrets, and the child reads what strangers made
            env={"PYTHONPATH": str(_PACKAGE_PARENT), **_CHILD_ENVIRONMENT},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._answers = self._process.stdin, self._process.stdout
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with suppress(OSError):
                fcntl.fcntl(self._answers, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._selector = selectors.PollSelector()
        self._selector.register(self._answers, selectors.EVENT_READ)

    def is_usable(self) -> bool:
        return self.owner[0] == os.getpid() and self._process.poll() is None

    def end(self) -> None:
        """Kill it, or after a fork only let go of it: it belongs to the process that started it."""
        if self.owner[0] == os.getpid():
            self._process.kill()
            self._process.wait()
        else:
            self._process.poll()  # finds no such child and takes note, or Popen would warn that it still runs
        self._selector.close()
        self._requests.close()
        self._answers.close()

    def ask(self, path: str, rate_hz: int, limits: DecodeLimits) -> None:
        asked = {
            "path": path,
            "rate_hz": rate_hz,
            "max_seconds": limits.max_seconds,
            "cpu_seconds": limits.cpu_seconds,
        }
        payload = json.dumps(asked).encode()
        self.files_served += 1
        try:
            self._requests.write(HEADER.pack(REQUEST, len(payload)) + payload)
        except BrokenPipeError:
            raise self._death(limits) from None

    def receive(self, limits: DecodeLimits) -> Iterator[tuple[bytes, bytearray]]:
        """The messages of one answer, (kind, payload) each. Never ends by itself: DONE or FAILURE is the last."""
        patience = _Patience(limits)
        while True:
            kind, size = HEADER.unpack(self._read(HEADER.size, patience))
            is_odd = kind == BLOCK and (size % 4 or not size)
            if kind not in (BLOCK, DONE, FAILURE) or size > MAX_PAYLOAD_BYTES or is_odd:
                raise DecoderDiedError(_NO_MESSAGE)
            yield kind, self._read(size, patience)

    def _read(self, size: int, patience: "_Patience") -> bytearray:
        data = bytearray()
        while len(data) < size:
            with patience.waiting() as seconds:
                is_ready = self._selector.select(seconds)
            if not is_ready:
                raise DecoderStalledError(f"The decoder gave no sign of life for {seconds:.0f} s.")
            chunk = os.read(self._answers.fileno(), size - len(data))
            if not chunk:
                raise self._death(patience.limits)
            data += chunk
        return data

    def _death(self, limits: DecodeLimits) -> DecoderError:
        self._process.kill()  # its pipe is closed already; this only makes sure that the wait ends
        status = self._process.wait()
        if status == -signal.SIGXCPU:
            return DecoderStalledError(f"The decoder used more than {limits.cpu_seconds:.0f} s of processor time.")
        return DecoderDiedError(f"The decoder died (status {status}).")


class _Patience:
    """How long to wait for one answer: per wait, and over all waits together."""

    def __init__(self, limits: DecodeLimits) -> None:
        self.limits = limits
        self._left_seconds = limits.wall_seconds

    @contextmanager
    def waiting(self) -> Iterator[float]:
        if self._left_seconds <= 0:
            raise DecoderStalledError(f"The decoder took longer than {self.limits.wall_seconds:.0f} s.")
        started = time.monotonic()
        yield min(self.limits.stall_seconds, self._left_seconds)
        self._left_seconds -= time.monotonic() - started
