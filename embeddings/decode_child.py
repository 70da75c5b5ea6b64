"""The decode child: ``python -m embeddings.decode_child``, started and fed by ``embeddings.audio.Decoder``.

Requests come on stdin, blocks go to stdout (messages: ``embeddings.blocks``). It limits itself before the first file is
opened, never imports torch, and ends when its stdin is closed, its stdout has no reader or its parent dies.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from dataclasses import asdict
from typing import BinaryIO, Final

import av

from embeddings.blocks import BLOCK, DONE, FAILURE, FILE_FAILED, HEADER, REQUEST
from embeddings.decoding import decode_blocks
from embeddings.errors import AudioError, DecoderError, UnsupportedAudioError

_OPEN_FILES: Final = 32
_PR_SET_PDEATHSIG: Final = 1


def main() -> None:
    """Answer requests until there are no more; ``argv``: address space in bytes, process id of the parent."""
    address_space_bytes, parent_pid = int(sys.argv[1]), int(sys.argv[2])
    die_with_parent(parent_pid)
    _limit_self(address_space_bytes)
    av.logging.set_level(av.logging.PANIC)
    requests, answers = sys.stdin.buffer, _take_stdout()
    while request := _read_request(requests):
        try:
            _answer(request, answers)
        except BrokenPipeError:
            return


def die_with_parent(parent_pid: int) -> None:
    """Have this process killed when its parent, ``parent_pid``, ends. On Linux only."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:  # it died before it could be asked for
        sys.exit(1)


def _limit_self(address_space_bytes: int) -> None:
    limits = {
        resource.RLIMIT_AS: address_space_bytes,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))


def _limit_cpu(seconds: float) -> None:
    """Allow ``seconds`` more of processor time: the system counts over the whole life of the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used_seconds = usage.ru_utime + usage.ru_stime
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used_seconds + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _take_stdout() -> BinaryIO:
    """The pipe to the parent, moved off descriptor 1: what a library prints must not land among the messages."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return answers


def _read_request(requests: BinaryIO) -> bytes | None:
    header = requests.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    kind, size = HEADER.unpack(header)
    payload = requests.read(size)
    return payload if kind == REQUEST and len(payload) == size else None


def _answer(request: bytes, answers: BinaryIO) -> None:
    try:
        asked = json.loads(request)
        _limit_cpu(asked["cpu_seconds"])
        blocks = decode_blocks(asked["path"], asked["rate_hz"], max_seconds=asked["max_seconds"])
        for block in blocks:
            _send(answers, BLOCK, block.astype("<f4", copy=False).tobytes())
        assert blocks.source is not None
        done = {"is_truncated": blocks.is_truncated, "source": asdict(blocks.source)}
        _send(answers, DONE, json.dumps(done).encode())
    except BrokenPipeError:
        raise
    except Exception as error:  # the edge of this process: the parent is told, and replaces the child if need be
        _send(answers, FAILURE, json.dumps(_describe(error)).encode())


def _describe(error: Exception) -> dict[str, object]:
    if isinstance(error, AudioError):
        return {"code": error.code, "message": str(error)}
    if isinstance(error, MemoryError):
        message = "Decoding the file needs more memory than is allowed."
        return {"code": UnsupportedAudioError.code, "message": message}
    # libav's own errors are OSErrors too, in part
    if isinstance(error, OSError) and not isinstance(error, av.error.FFmpegError) and error.errno:
        return {"code": FILE_FAILED, "message": error.strerror or "", "errno": error.errno}
    return {"code": DecoderError.code, "message": f"The decoder failed: {type(error).__name__}: {error}"}


def _send(answers: BinaryIO, kind: bytes, payload: bytes) -> None:
    message = memoryview(HEADER.pack(kind, len(payload)) + payload)
    while message:
        message = message[answers.write(message) :]


if __name__ == "__main__":
    main()
