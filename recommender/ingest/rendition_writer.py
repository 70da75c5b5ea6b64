"""The program that encodes one untrusted file anew: `python -m recommender.ingest.rendition_writer FILE KIND ...`.

It runs alone and limited, as the decode child does, and opens files in the same hardened way. The copy goes to standard
output, which has to be a file that can be written anew from its start. Frame by frame, so that its memory stays flat.
"""

import errno
import itertools
import os
import resource
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import BinaryIO, Final

import av
import numpy as np

from embeddings.decode_child import die_with_parent
from embeddings.decoding import open_frames
from embeddings.errors import AudioError, CorruptAudioError, TooLongError

FLAC, MP3 = "flac", "mp3"
FAILED, NO_ROOM = 1, 3

ADDRESS_SPACE_BYTES: Final = 2 << 30
OPEN_FILES: Final = 32
LONGEST_MESSAGE: Final = 500
MP3_BITS_PER_CHANNEL: Final = 128_000
HIGHEST_RATE_HZ: Final = 96_000
_ENCODERS: Final = {FLAC: "flac", MP3: "libmp3lame"}
_CENTRE: Final = np.sqrt(0.5)
_SUBWOOFERS: Final = ("LFE", "LFE2")


def main() -> None:
    """`argv`: file, FLAC or MP3, longest sound in seconds, largest copy in bytes, CPU seconds, parent's process id."""
    source, kind = sys.argv[1:3]
    max_seconds, max_bytes, cpu_seconds, parent_pid = (int(argument) for argument in sys.argv[3:])
    die_with_parent(parent_pid)
    _limit_self(max_bytes, cpu_seconds)
    av.logging.set_level(av.logging.PANIC)
    with _take_stdout() as file:
        sink = Sink(file)
        try:
            write_copy(source, sink, kind, max_seconds)
        except (AudioError, OSError, ValueError, MemoryError) as error:
            sys.stderr.write(f"{type(error).__name__}: {error}"[:LONGEST_MESSAGE])
            sys.exit(NO_ROOM if sink.is_out_of_room else FAILED)
    sys.exit(NO_ROOM if sink.is_out_of_room else FAILED if sink.error else 0)


def write_copy(source: str, sink: "Sink", kind: str, max_seconds: float) -> None:
    """Encode the sound of `source` as FLAC or MP3, in mono or stereo.

    Raises AudioError for the sound, OSError for the files, libav's errors for what its encoders refuse.
    """
    with open_frames(source) as frames:
        first = next(frames, None)
        if first is None:
            raise CorruptAudioError("Not one sample of the audio could be decoded.")
        seconds = 0.0
        with av.open(sink, "w", format=kind) as output:
            encoder = _Encoder(output, kind, first)
            for frame in itertools.chain([first], frames):
                seconds += frame.samples / frame.sample_rate
                if seconds > max_seconds:
                    raise TooLongError("The track is longer than it was when it was analysed.")
                encoder.add(frame)
            encoder.finish()


class Sink:
    """A file for libav, which forgets errors of its last writes: they are kept in `error`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: OSError | None = None

    @property
    def is_out_of_room(self) -> bool:
        return self.error is not None and self.error.errno in (errno.ENOSPC, errno.EDQUOT)

    def write(self, content: bytes) -> int:
        try:
            written = memoryview(content)
            while written:
                written = written[self._file.write(written) :]
        except OSError as error:
            self.error = error
            raise
        return len(content)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


class _Encoder:
    """Frames of any shape in, one encoded stream out. The shape may change midway; the first one decides."""

    def __init__(self, output: av.container.OutputContainer, kind: str, first: av.AudioFrame) -> None:
        self._output = output
        self._layout = "mono" if first.layout.nb_channels == 1 else "stereo"
        rate_hz = choose_rate(kind, first.sample_rate)
        self._stream = output.add_stream(_ENCODERS[kind], rate=rate_hz, layout=self._layout)
        context = self._stream.codec_context
        # 32 bit are kept as 24 by FLAC; integers, because a mix of full scale must not overflow
        context.format = _choose_format(kind, first.format.name)
        context.thread_count = 1
        if kind == MP3:
            context.bit_rate = MP3_BITS_PER_CHANNEL * len(context.layout.channels)
        context.open()
        self._rate_hz = rate_hz
        self._mixer: StereoMixer | None = None
        self._fit: av.AudioResampler | None = None
        self._shape: tuple[int, str, str] | None = None
        self._samples = 0

    def add(self, frame: av.AudioFrame) -> None:
        shape = (frame.sample_rate, frame.layout.name, frame.format.name)
        if shape != self._shape:
            self._drain()
            self._start(shape, frame)
        for mixed in self._mixer.add(frame) if self._mixer else [frame]:
            self._encode(mixed)

    def finish(self) -> None:
        self._drain()
        self._mux(None)

    def _start(self, shape: tuple[int, str, str], frame: av.AudioFrame) -> None:
        self._shape = shape
        self._mixer = None if frame.layout.name in ("mono", "stereo") else StereoMixer(frame)
        context = self._stream.codec_context
        self._fit = av.AudioResampler(context.format, self._layout, self._rate_hz, frame_size=context.frame_size)

    def _drain(self) -> None:
        if self._mixer is not None:
            for mixed in self._mixer.finish():
                self._encode(mixed)
        if self._fit is not None:
            self._encode(None)
        self._mixer = self._fit = None

    def _encode(self, frame: av.AudioFrame | None) -> None:
        assert self._fit is not None
        for fitted in self._fit.resample(frame):
            # the timestamps of the source have gaps and steps of their own
            fitted.pts, fitted.time_base = self._samples, Fraction(1, self._rate_hz)
            self._samples += fitted.samples
            self._mux(fitted)

    def _mux(self, frame: av.AudioFrame | None) -> None:
        self._output.mux(self._stream.encode(frame))


class StereoMixer:
    """Frames of one shape with any channels in, float frames in stereo out (mono for one channel); never louder."""

    def __init__(self, frame: av.AudioFrame) -> None:
        self._rate_hz = frame.sample_rate
        self._matrix = mix_matrix([channel.name for channel in frame.layout.channels])
        # Packed float, because frames of eight planes are out of bounds in PyAV 18.1; a second at once is cheaper.
        self._gather = av.AudioResampler("flt", frame.layout, self._rate_hz, frame_size=self._rate_hz)

    def add(self, frame: av.AudioFrame) -> Iterator[av.AudioFrame]:
        return self._mix(self._gather.resample(frame))

    def finish(self) -> Iterator[av.AudioFrame]:
        return self._mix(self._gather.resample(None))

    def _mix(self, frames: list[av.AudioFrame]) -> Iterator[av.AudioFrame]:
        channels, sides = self._matrix.shape
        for frame in frames:
            mixed = np.ascontiguousarray(frame.to_ndarray().reshape(-1, channels) @ self._matrix)
            stereo = av.AudioFrame.from_ndarray(mixed.reshape(1, -1), "flt", "mono" if sides == 1 else "stereo")
            stereo.sample_rate = self._rate_hz
            yield stereo


def mix_matrix(names: list[str]) -> np.ndarray:
    """Float32 (channels, 2), or (1, 1): left to the left, centre to both 3 dB down, no subwoofer; each side sums to 1.

    Channels whose places are unknown alternate between the sides.
    """
    if len(names) == 1:
        return np.ones((1, 1), np.float32)
    is_known = any(name in ("FL", "FR", "FC") for name in names)
    sides = [_sides_of(name) if is_known else ((1, 0), (0, 1))[place % 2] for place, name in enumerate(names)]
    weights = np.array(sides, np.float32)
    sums = weights.sum(axis=0)
    return weights / np.where(sums > 0, sums, np.float32(1))


def _sides_of(name: str) -> tuple[float, float]:
    if name in _SUBWOOFERS:
        return 0, 0
    if "L" in name:
        return 1 if name.startswith("F") else _CENTRE, 0
    if "R" in name:
        return 0, 1 if name.startswith("F") else _CENTRE
    return _CENTRE, _CENTRE


def choose_rate(kind: str, rate_hz: int) -> int:
    """In Hz. For FLAC that of the source, halved while it is above 96 kHz; for MP3 44.1 or 48 kHz."""
    if kind == MP3:
        return 44_100 if rate_hz % 11_025 == 0 else 48_000
    while rate_hz > HIGHEST_RATE_HZ:
        rate_hz //= 2
    return rate_hz


def _choose_format(kind: str, source: str) -> str:
    if kind == MP3:
        return "s32p"
    return "s16" if source in ("u8", "u8p", "s16", "s16p") else "s32"


def _limit_self(max_bytes: int, cpu_seconds: int) -> None:
    limits = {
        resource.RLIMIT_AS: ADDRESS_SPACE_BYTES,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: max_bytes,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))


def _take_stdout() -> BinaryIO:
    """The file of the copy, moved off descriptor 1: what a library prints must not land in it."""
    file = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return file


if __name__ == "__main__":
    main()
