"""A file's first audio stream as mono float32 blocks, in this process, streaming.

libav parses bytes that strangers made: run it in the decode child (``embeddings.audio.Decoder``) unless the file is
your own. What it may touch is narrowed here all the same: one open file descriptor is all it can read (no path, no
network, hence no playlist can lead elsewhere), only containers and codecs on the lists below are probed, no picture is
decoded, and no length, rate or count that a header claims is believed or allocated for.
"""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from embeddings.blocks import BlockStream, StreamEnd, Waveform
from embeddings.errors import (
    CorruptAudioError,
    NoAudioStreamError,
    NotAudioError,
    TooLongError,
    UnsupportedAudioError,
)
from embeddings.source_meter import SourceMeter

RATES_HZ: Final = range(8_000, 192_000 + 1)
MAX_CHANNELS: Final = 8

# libav's demuxer names. Playlists, subtitles, picture formats, modules and trackers are not among them.
DEMUXERS: Final = (
    *("wav", "w64", "aiff", "au", "caf", "flac", "mp3", "aac", "ac3", "eac3", "ogg", "asf"),
    *("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "wv", "tta", "ape", "mpc", "mpc8"),
)
CODECS: Final = frozenset(
    {
        *("mp3float", "mp3", "mp2float", "mp2", "mp1float", "mp1", "aac", "flac", "vorbis", "opus", "libopus", "alac"),
        *("wmav1", "wmav2", "wmapro", "wmalossless", "wavpack", "tta", "ape", "mpc7", "mpc8", "ac3", "eac3"),
        *("pcm_u8", "pcm_s8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be"),
        *("pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be", "pcm_alaw", "pcm_mulaw", "adpcm_ms", "adpcm_ima_wav"),
    }
)
# Sample entries of MP4 whose payload is encrypted (Apple, Common Encryption, Audible).
_ENCRYPTED_TAGS: Final = frozenset({"drms", "enca", "aavd"})
# Bare frames one after the other: no length is written anywhere.
_GUESSED_LENGTHS: Final = frozenset({"aac", "ac3", "eac3"})

# Float files may rightly exceed full scale a little; nothing above this (+36 dBFS) is music.
_MAX_AMPLITUDE: Final = 64.0
# Added and taken away again: what is far smaller vanishes, denormal numbers with it, which slow the resampling down.
_FLUSH: Final = np.float32(1e-18)
# The mid has lost so much power against the mean of its channels that they must be in opposite phase. Of two, 7 dB:
# the side is 6 dB above the mid, as when one channel is wired the wrong way round. Of more, 20 dB: eight that have
# nothing to do with each other lose 9 already.
_CANCELLED_POWER_RATIO_OF_STEREO: Final = 0.2
_CANCELLED_POWER_RATIO_OF_MANY: Final = 0.01
# Judged over the last ten seconds or so, and once cancelled the mean has to come back by 4 dB: a wide mix is not to
# change sides with every bar. A change fades over 10 ms.
_MEMORY_SECONDS: Final = 10.0
_COMEBACK_POWER_RATIO: Final = 2.5
_FADE_SECONDS: Final = 0.01
_MAX_SKIPPED_PACKETS: Final = 2


def decode_blocks(path: str | os.PathLike[str], rate_hz: int = 16_000, *, max_seconds: float) -> BlockStream:
    """Decode ``path`` into mono float32 blocks of about one second at ``rate_hz``, each of shape (samples,).

    Channels are mixed at the native rate to their mean, without the subwoofer; where that mean cancels (left = -right)
    to the side signal instead. Values are finite, 1.0 is full scale. What can be decoded of a broken file is given and
    ``is_truncated`` set; ``source`` is measured before the mixing. Errors, raised while iterating: any AudioError but
    UnembeddableError, OSError for the file.
    """
    return BlockStream(_decode(Path(path), rate_hz, max_seconds))


@contextmanager
def open_frames(path: str | os.PathLike[str]) -> Iterator[Iterator[av.AudioFrame]]:
    """The frames of ``path`` as they come, at its own rate with all its channels; both may change midway.

    What cannot be decoded is skipped. Raises AudioError, also while iterating, and OSError for the file.
    """
    with _open_container(Path(path)) as container:
        yield _FrameReader(container, _first_audio_stream(container))


def _decode(path: Path, rate_hz: int, max_seconds: float) -> Generator[Waveform, None, StreamEnd]:
    with _open_container(path) as container:
        stream = _first_audio_stream(container)
        claimed_seconds = _claimed_seconds(container, stream)
        if claimed_seconds > 1.5 * max_seconds and _goes_beyond(container, stream, max_seconds):
            raise _too_long(max_seconds)
        frames = _FrameReader(container, stream)
        meter = SourceMeter()
        mixer = _Mixer(rate_hz, meter)
        decoded_seconds = 0.0
        for frame in frames:
            decoded_seconds += frame.samples / frame.sample_rate
            if decoded_seconds > max_seconds:
                raise _too_long(max_seconds)
            yield from mixer.add(frame)
        yield from mixer.finish()
        if not decoded_seconds:
            raise CorruptAudioError("Not one sample of the audio could be decoded.")
        claimed_seconds = max(claimed_seconds, frames.spanned_seconds)
        is_short = claimed_seconds - decoded_seconds > max(0.5, 0.01 * claimed_seconds)
        size = path.stat().st_size
        source = meter.finish(container=container.format.name, codec=frames.codec, file_bytes=size)
        return StreamEnd(is_short or frames.is_broken or _is_riff_cut(path), source)


@contextmanager
def _open_container(path: Path) -> Iterator[av.container.InputContainer]:
    descriptor = os.open(path, os.O_RDONLY)
    options = {
        "fd": str(descriptor),
        "protocol_whitelist": "fd",
        "format_whitelist": ",".join(DEMUXERS),
        "codec_whitelist": ",".join(sorted(CODECS)),
        # Each picture in a tag counts as one; libav gives up at 1,000.
        "max_streams": "100000",
    }
    try:
        try:
            container = av.open("fd:", container_options=options, metadata_errors="replace")
        except av.error.MemoryError as error:
            raise UnsupportedAudioError("Reading the file needs more memory than is allowed.") from error
        except av.error.FFmpegError as error:
            raise NotAudioError("Nothing in the file is recognised as audio, or its beginning is broken.") from error
        with container:
            yield container
    finally:
        os.close(descriptor)


def _first_audio_stream(container: av.container.InputContainer) -> av.AudioStream:
    if not container.streams.audio:
        raise NoAudioStreamError("The file holds no audio stream.")
    stream = container.streams.audio[0]
    for other in container.streams:
        if other.index != stream.index:
            other.discard = av.stream.Discard.all
    context = stream.codec_context
    if context is None or context.codec.name not in CODECS:
        raise UnsupportedAudioError("The audio is coded in a way that is not supported.")
    if stream.codec_tag in _ENCRYPTED_TAGS:
        raise UnsupportedAudioError("The audio is encrypted (copy protection).")
    return stream


def _claimed_seconds(container: av.container.InputContainer, stream: av.AudioStream) -> float:
    """The length that the file claims; 0 where it claims none and libav guesses from the bit rate."""
    if container.format.name in _GUESSED_LENGTHS:
        return 0.0
    if container.format.name == "mp3" and not stream.start_time:  # an encoder delay is known from a Xing header only
        return 0.0
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else 0.0


def _goes_beyond(container: av.container.InputContainer, stream: av.AudioStream, seconds: float) -> bool:
    """Whether a packet is stamped later than ``seconds``, so that a file far too long need not be decoded to know.

    A header alone proves nothing: 20 kB of FLAC may claim 433 hours.
    """
    if container.format.name == "mp3" or not stream.time_base:  # timestamps of MP3 are made up from its header
        return False
    try:
        container.seek(int(1.4 * seconds / stream.time_base), stream=stream)
        packet = next(container.demux(stream))
    except (av.error.FFmpegError, StopIteration):
        packet = None
    # also where nothing was found there: the decoding that follows starts at the beginning
    with suppress(av.error.FFmpegError):
        container.seek(0, stream=stream)
    if packet is None:
        return False
    return packet.size > 0 and packet.pts is not None and packet.pts * stream.time_base > seconds


def _is_riff_cut(path: Path) -> bool:
    """Whether a WAV file is smaller than it says, which libav hides. Recorders of streams write sizes above 2 GB."""
    with path.open("rb") as file:
        head = file.read(8)
        size = os.fstat(file.fileno()).st_size
    return head[:4] == b"RIFF" and size < int.from_bytes(head[4:], "little") < 0x7FFF0000


def _too_long(max_seconds: float) -> TooLongError:
    return TooLongError(f"The track is longer than {max_seconds / 3600:g} hours.")


class _FrameReader(Iterator[av.AudioFrame]):
    """The decoded frames of one stream; what cannot be decoded is skipped and remembered in ``is_broken``."""

    def __init__(self, container: av.container.InputContainer, stream: av.AudioStream) -> None:
        self._packets = container.demux(stream)
        self._stream = stream
        self._ready: list[av.AudioFrame] = []
        self._skipped_packets = 0
        self._is_cut = False
        self._first_pts: int | None = None
        self._last_pts = 0

    @property
    def codec(self) -> str:
        """libav's name for what decodes the stream."""
        return str(self._stream.codec_context.codec.name)

    @property
    def spanned_seconds(self) -> float:
        """From the first timestamp to the last: more than was decoded when something between them is lost."""
        if self._first_pts is None or self._stream.time_base is None:
            return 0.0
        return float((self._last_pts - self._first_pts) * self._stream.time_base)

    @property
    def is_broken(self) -> bool:
        return self._is_cut or self._skipped_packets > _MAX_SKIPPED_PACKETS

    def __next__(self) -> av.AudioFrame:
        while not self._ready:
            self._ready = [frame for frame in self._decode_packet() if frame.samples][::-1]
        frame = self._ready.pop()
        channels = frame.layout.nb_channels
        if frame.sample_rate not in RATES_HZ or not 1 <= channels <= MAX_CHANNELS:
            raise UnsupportedAudioError(
                f"{channels} channels at {frame.sample_rate} Hz are not supported: "
                f"1 to {MAX_CHANNELS} channels at {RATES_HZ[0] // 1000} to {RATES_HZ[-1] // 1000} kHz are."
            )
        return frame

    def _decode_packet(self) -> list[av.AudioFrame]:
        try:
            packet = next(self._packets)
        except av.error.FFmpegError:
            self._is_cut = True
            raise StopIteration from None
        if packet.pts is not None:
            self._first_pts = packet.pts if self._first_pts is None else self._first_pts
            self._last_pts = packet.pts
        try:
            frames: list[av.AudioFrame] = self._stream.decode(packet)
        except av.error.MemoryError as error:
            raise UnsupportedAudioError("Decoding the file needs more memory than is allowed.") from error
        except av.error.FFmpegError:
            # Trailing tags are often mistaken for a packet, so that one or two failures mean nothing.
            self._skipped_packets += 1
            return []
        return frames


@dataclass(frozen=True)
class _Shape:
    rate_hz: int
    layout: str
    format: str


class _Mixer:
    """Frames of any shape in, mono blocks at one rate out. The shape may change midway (chained Ogg).

    ``meter`` gets all channels at their own rate.
    """

    def __init__(self, rate_hz: int, meter: SourceMeter) -> None:
        self._rate_hz = rate_hz
        self._meter = meter
        self._shape: _Shape | None = None
        self._gather: av.AudioResampler
        self._resample: av.AudioResampler
        self._heard: NDArray[np.bool_]
        self._mixdown: Mixdown

    def add(self, frame: av.AudioFrame) -> Iterator[Waveform]:
        shape = _Shape(frame.sample_rate, frame.layout.name, frame.format.name)
        if shape != self._shape:
            yield from self.finish()
            self._start(shape, frame)
        yield from self._mix(self._gather.resample(frame))

    def finish(self) -> Iterator[Waveform]:
        if self._shape is None:
            return
        yield from self._mix(self._gather.resample(None))
        yield from _to_waveforms(self._resample.resample(None))
        self._shape = None

    def _start(self, shape: _Shape, frame: av.AudioFrame) -> None:
        self._shape = shape
        # Packed float, because frames of eight planes are out of bounds in PyAV 18.1; one second at once, because
        # that spares most of the per-frame cost.
        self._gather = av.AudioResampler("flt", frame.layout, shape.rate_hz, frame_size=shape.rate_hz)
        self._resample = av.AudioResampler("flt", "mono", self._rate_hz)
        self._mixdown = Mixdown(shape.rate_hz)
        names = [channel.name for channel in frame.layout.channels]
        self._meter.start(shape.rate_hz, frame.layout.nb_channels, names)
        self._heard = np.array([name != "LFE" for name in names])
        if self._heard.size != frame.layout.nb_channels or not self._heard.any():
            self._heard = np.ones(frame.layout.nb_channels, bool)

    def _mix(self, frames: list[av.AudioFrame]) -> Iterator[Waveform]:
        for frame in frames:
            samples, peak = _make_finite(frame.to_ndarray().reshape(-1, self._heard.size))
            self._meter.add(samples, peak)
            heard = samples if self._heard.all() else samples[:, self._heard]
            mono = self._mixdown.mix(heard) + _FLUSH - _FLUSH
            mixed = av.AudioFrame.from_ndarray(mono[np.newaxis], "flt", "mono")
            mixed.sample_rate = frame.sample_rate
            yield from _to_waveforms(self._resample.resample(mixed))


class Mixdown:
    """Samples (n, channels) block by block to mono: the mean of the channels, or the side where that mean cancels.

    With more than two channels the strongest one stands in for the side.
    """

    def __init__(self, rate_hz: int) -> None:
        self._memory_samples = _MEMORY_SECONDS * rate_hz
        self._fade = np.linspace(0, 1, round(_FADE_SECONDS * rate_hz), dtype=np.float32)
        self._powers = np.zeros(2)  # of the mean, and of the channels each
        self._is_cancelled: bool | None = None

    def mix(self, samples: NDArray[np.float32]) -> Waveform:
        channels = samples.shape[1]
        if channels == 1:
            return np.ascontiguousarray(samples[:, 0])
        mid = samples @ np.full(channels, 1 / channels, np.float32)
        was_cancelled, self._is_cancelled = self._is_cancelled, self._cancels(mid, samples)
        if not (self._is_cancelled or was_cancelled):
            return mid
        side = _side_of(samples)
        before, after = (mid, side) if self._is_cancelled else (side, mid)
        if was_cancelled in (None, self._is_cancelled):
            return after
        fade = self._fade[: len(after)]
        return np.concatenate([(1 - fade) * before[: fade.size] + fade * after[: fade.size], after[fade.size :]])

    def _cancels(self, mid: Waveform, samples: NDArray[np.float32]) -> bool:
        flat, channels = samples.ravel(), samples.shape[1]
        self._powers *= np.exp(-len(mid) / self._memory_samples)
        self._powers += np.dot(mid, mid), np.dot(flat, flat) / channels
        ratio = _CANCELLED_POWER_RATIO_OF_STEREO if channels == 2 else _CANCELLED_POWER_RATIO_OF_MANY
        if self._is_cancelled:
            ratio *= _COMEBACK_POWER_RATIO
        return bool(self._powers[0] < ratio * self._powers[1])


def _side_of(samples: NDArray[np.float32]) -> Waveform:
    if samples.shape[1] == 2:
        return np.float32(0.5) * (samples[:, 0] - samples[:, 1])
    return np.ascontiguousarray(samples[:, np.square(samples).sum(axis=0).argmax()])


def _make_finite(samples: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Samples without what is no sound, and their peak."""
    magnitudes = np.abs(samples)
    peak = float(magnitudes.max())
    if peak <= _MAX_AMPLITUDE:  # false for NaN as well
        return samples, peak
    is_sound = magnitudes <= _MAX_AMPLITUDE
    return np.where(is_sound, samples, np.float32(0)), float(magnitudes.max(initial=0, where=is_sound))


def _to_waveforms(frames: list[av.AudioFrame]) -> Iterator[Waveform]:
    for frame in frames:
        if frame.samples:
            yield frame.to_ndarray()[0].copy()
