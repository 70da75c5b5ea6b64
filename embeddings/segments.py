"""Fixed windows over a whole track, in bounded memory and without trusting any header.

Long silence is taken out first (``embeddings.silence``). Windows start every ``hop_seconds`` of what is left; when more
than twice ``max_segments`` are held, every other one is dropped and from then on only every other sounding window is
kept, so what is left is always evenly spread over the sounding music, whatever the length, and depends on the sound
alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from embeddings.blocks import Waveform
from embeddings.errors import SilentError, TooShortError
from embeddings.silence import SilenceGate, amplitude, deviation, is_silent

MIN_DURATION_SECONDS: Final = 0.5
# A click lies in two frames of the silence gate at most.
MIN_SOUND_SECONDS: Final = 0.25
# A window this far below the loudest of its track is a pause, a fade or an inserted gap, not the music.
PAUSE_DB: Final = -45.0


@dataclass(frozen=True)
class SegmentSpec:
    """How an encoder wants a track to be cut; part of its signature.

    ``window_seconds`` long windows every ``hop_seconds`` at ``rate_hz``, at most ``max_segments`` of them.
    """

    window_seconds: float
    hop_seconds: float
    max_segments: int
    rate_hz: int

    def __post_init__(self) -> None:
        if self.window_samples < 1 or self.hop_samples < 1 or self.max_segments < 1:
            raise ValueError(f"window, hop, rate and number of segments must be positive: {self}")

    @property
    def window_samples(self) -> int:
        return round(self.window_seconds * self.rate_hz)

    @property
    def hop_samples(self) -> int:
        return round(self.hop_seconds * self.rate_hz)


@dataclass(frozen=True)
class Segments:
    """The windows of one track.

    ``waveforms`` float32 (n, window samples), ``starts_seconds`` float32 (n,) ascending, ``duration_seconds`` of the
    whole track as decoded, silence included. What is shorter than one window is repeated to fill it. A window holds
    what sounds from its start on: over a gap it reaches further than its own length.
    """

    waveforms: NDArray[np.float32]
    starts_seconds: NDArray[np.float32]
    duration_seconds: float


@dataclass
class _Window:
    start: int
    waveform: Waveform
    level: float


def collect_segments(blocks: Iterable[Waveform], spec: SegmentSpec) -> Segments:
    """Cut the whole of ``blocks`` (mono float32 at ``spec.rate_hz``) into at most ``spec.max_segments`` windows.

    The end of the track gets a window of its own, aligned to the last sample. Memory stays below
    ``2 * max_segments + 3`` windows and one block, and two numbers a gap. Errors: TooShortError below 0.5 s,
    SilentError when nothing or next to nothing sounds; both only after the last block was read, so that whoever
    listens in has heard the whole track.
    """
    collector = _Collector(spec)
    for block in blocks:
        collector.add(block)
    return collector.finish()


class _Collector:
    def __init__(self, spec: SegmentSpec) -> None:
        self._spec = spec
        self._gate = SilenceGate(spec.rate_hz)
        self._tail: Waveform = np.zeros(0, np.float32)  # the last samples kept: from the next window's start or earlier
        self._tail_start = 0
        self._next_start = 0
        self._held: list[_Window] = []
        self._stride = 1  # every how many sounding windows one is kept
        self._sounding = 0

    @property
    def _total(self) -> int:
        return self._tail_start + self._tail.size

    def add(self, block: Waveform) -> None:
        self._extend(self._gate.sift(block))

    def _extend(self, sounding: Waveform) -> None:
        self._tail = np.concatenate([self._tail, sounding])
        window = self._spec.window_samples
        while self._next_start + window <= self._total:
            self._hold(self._next_start)
            self._next_start += self._spec.hop_samples
        # the last window of the track may begin before the next one of the grid
        spare = min(self._total - window, self._next_start) - self._tail_start
        if spare > 0:
            self._tail = self._tail[spare:]
            self._tail_start += spare

    def _hold(self, start: int, *, is_end: bool = False) -> None:
        offset = start - self._tail_start
        waveform = self._tail[offset : offset + self._spec.window_samples]
        level = deviation(waveform)
        if is_silent(level):
            return
        if is_end or self._sounding % self._stride == 0:
            self._held.append(_Window(self._gate.position(start), waveform.copy(), level))
        self._sounding += 1
        if len(self._held) > 2 * self._spec.max_segments:
            self._held = self._held[::2]
            self._stride *= 2

    def finish(self) -> Segments:
        duration_seconds = self._gate.heard_samples / self._spec.rate_hz
        if duration_seconds < MIN_DURATION_SECONDS:
            raise TooShortError(f"The track lasts {duration_seconds:.2f} s; {MIN_DURATION_SECONDS} s are needed.")
        self._extend(self._gate.finish())
        self._hold_end()
        if not self._held:
            raise SilentError("The track is silent from beginning to end.")
        if self._gate.sounding_samples < MIN_SOUND_SECONDS * self._spec.rate_hz:
            raise SilentError("The track is silent but for a click.")
        chosen = _spread(_without_pauses(self._held), self._spec.max_segments)
        starts = np.array([window.start for window in chosen], np.float64) / self._spec.rate_hz
        waveforms = np.stack([window.waveform for window in chosen])
        return Segments(waveforms, starts.astype(np.float32), duration_seconds)

    def _hold_end(self) -> None:
        if self._total < self._spec.window_samples:
            if self._total:
                self._tail = np.resize(self._tail, self._spec.window_samples)
                self._hold(0)
        elif self._next_start - self._spec.hop_samples + self._spec.window_samples < self._total:
            self._hold(self._total - self._spec.window_samples, is_end=True)


def _without_pauses(windows: list[_Window]) -> list[_Window]:
    floor = max(window.level for window in windows) * amplitude(PAUSE_DB)
    return [window for window in windows if window.level >= floor]


def _spread(windows: list[_Window], count: int) -> list[_Window]:
    if len(windows) <= count:
        return windows
    return [windows[i] for i in np.linspace(0, len(windows) - 1, count).round().astype(int)]
