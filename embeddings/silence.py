"""Taking silence out of a stream, so that a gap of minutes changes nothing and no window is half empty."""

from bisect import bisect_right
from typing import Final

import numpy as np

from embeddings.blocks import Waveform

# Standard deviation of a stretch, so that a constant offset is no sound. Dither of 16-bit audio is near -98 dBFS and
# tape hiss near -70; the quietest of quiet recordings stay above -60 with the exception of their pauses.
SILENCE_DBFS: Final = -72.0
FRAME_SECONDS: Final = 0.1
# So much of a rest belongs to the music.
REST_SECONDS: Final = 1.0


class SilenceGate:
    """Passes on what sounds and knows where in the track it was.

    Silence is told in frames of 0.1 s. At the beginning all of it is left out, elsewhere what goes beyond the first
    second. ``sounding_samples`` counts those of frames that are not silent. Memory beside the frame at hand: two
    numbers a gap, of which there is at most one a second.
    """

    def __init__(self, rate_hz: int) -> None:
        self._frame_samples = max(2, round(FRAME_SECONDS * rate_hz))
        self._rest_frames = round(REST_SECONDS / FRAME_SECONDS)
        self._silent_frames = self._rest_frames  # as after a long rest
        self._pending: Waveform = np.zeros(0, np.float32)
        self._kept = self._skipped = 0
        self.sounding_samples = 0
        # from so many kept samples on, so many have been left out
        self._gap_ends, self._left_out = [0], [0]

    @property
    def heard_samples(self) -> int:
        """How much has come in, silence included."""
        return self._kept + self._skipped + self._pending.size

    def position(self, kept: int) -> int:
        """Where in the track the sample ``kept`` of all that was passed on is."""
        return kept + self._left_out[bisect_right(self._gap_ends, kept) - 1]

    def sift(self, block: Waveform) -> Waveform:
        """What sounds in the whole frames so far, float32 (samples,)."""
        samples = np.concatenate([self._pending, block])
        whole = samples.size - samples.size % self._frame_samples
        self._pending = samples[whole:]
        frames = samples[:whole].reshape(-1, self._frame_samples)
        kept = [self._takes(frame) for frame in frames]
        return samples[:whole] if all(kept) else frames[kept].ravel()

    def finish(self) -> Waveform:
        """What sounds in the last, shorter frame."""
        last, self._pending = self._pending, self._pending[:0]
        return last if last.size and self._takes(last) else last[:0]

    def _takes(self, frame: Waveform) -> bool:
        if is_silent(deviation(frame)):
            self._silent_frames += 1
        else:
            self._silent_frames = 0
            self.sounding_samples += frame.size
        if self._silent_frames > self._rest_frames:
            self._skipped += frame.size
            return False
        if self._skipped != self._left_out[-1]:
            self._gap_ends.append(self._kept)
            self._left_out.append(self._skipped)
        self._kept += frame.size
        return True


def deviation(waveform: Waveform) -> float:
    return float(np.std(waveform, dtype=np.float64))


def is_silent(level: float) -> bool:
    """Whether a standard deviation (1.0 is full scale) is that of silence."""
    return level <= amplitude(SILENCE_DBFS)


def amplitude(level_db: float) -> float:
    return float(10.0 ** (level_db / 20.0))
