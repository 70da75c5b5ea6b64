"""The three programs that turn a score into sound: MMA (accompaniment), FluidSynth (instruments), eSpeak NG (voices).

On Debian: ``apt-get install fluidsynth fluid-soundfont-gm mma espeak-ng``. They are used for training only.
"""

import io
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from math import gcd
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from embeddings.errors import EmbeddingError
from embeddings.training.midi import Note, read_midi, write_midi

Wave = NDArray[np.float32]
STUDIO_RATE_HZ: Final = 32_000
TIMEOUT_SECONDS: Final = 120
PACKAGES: Final = {"mma": "mma", "fluidsynth": "fluidsynth", "espeak-ng": "espeak-ng"}
SOUND_FONTS: Final = (
    Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
    Path("/usr/share/soundfonts/FluidR3_GM.sf2"),
    Path("/usr/share/sounds/sf2/default-GM.sf2"),
)


class MissingInstrumentError(EmbeddingError):
    """A program or the sound font that renders need is not installed; the message names the Debian packages."""

    code = "instrument_missing"


def check_instruments() -> None:
    """Raises MissingInstrumentError unless the programs and a General MIDI sound font are there."""
    missing = [package for program, package in PACKAGES.items() if shutil.which(program) is None]
    if not any(path.exists() for path in SOUND_FONTS):
        missing.append("fluid-soundfont-gm")
    if missing:
        raise MissingInstrumentError(
            f"Rendering music needs programs that are not installed. On Debian: apt-get install {' '.join(missing)}"
        )


def _run(command: Sequence[str | Path], folder: Path) -> bytes:
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, check=True, timeout=TIMEOUT_SECONDS).stdout
    except FileNotFoundError:
        check_instruments()
        raise
    except subprocess.TimeoutExpired as error:
        raise EmbeddingError(f"{command[0]} did not end within {TIMEOUT_SECONDS} s") from error
    except subprocess.CalledProcessError as error:
        said = (error.stdout + error.stderr).decode(errors="replace").strip()
        raise EmbeddingError(f"{command[0]} failed with status {error.returncode}: {said[-400:]}") from error


def play_groove(source: str) -> list[Note]:
    """What MMA makes of its source text. EmbeddingError with its words if it refuses."""
    with tempfile.TemporaryDirectory(prefix="soundalike-") as name:
        folder = Path(name)
        (folder / "piece.mma").write_text(source)
        _run(["mma", "-w", "-f", "piece.mid", "piece.mma"], folder)
        return read_midi((folder / "piece.mid").read_bytes())


def play_notes(notes: Sequence[Note], tempo_bpm: float, seconds: float) -> Wave:
    """FluidSynth's sound of the notes: mono float32 at 32 kHz, exactly ``seconds`` long."""
    sound_font = next((path for path in SOUND_FONTS if path.exists()), SOUND_FONTS[0])
    with tempfile.TemporaryDirectory(prefix="soundalike-") as name:
        folder = Path(name)
        (folder / "piece.mid").write_bytes(write_midi(notes, tempo_bpm))
        options = ["-n", "-i", "-q", "-g", "0.3", "-R", "0", "-C", "0", "-r", str(STUDIO_RATE_HZ)]
        options += ["-O", "float", "-T", "raw", "-F", "piece.raw", "-o", "synth.dynamic-sample-loading=1"]
        _run(["fluidsynth", *options, sound_font, "piece.mid"], folder)
        stereo = np.fromfile(folder / "piece.raw", np.float32).reshape(-1, 2)
    return fit(stereo.mean(axis=1, dtype=np.float32), round(seconds * STUDIO_RATE_HZ))


def say(text: str, voice: str, words_per_minute: int, pitch: int) -> Wave:
    """eSpeak NG's sound of the words at 32 kHz; ``pitch`` is 0-99."""
    options = ["-v", voice, "-s", str(words_per_minute), "-p", str(pitch), "--stdout", text]
    with tempfile.TemporaryDirectory(prefix="soundalike-") as name:
        spoken = _run(["espeak-ng", *options], Path(name))
    with wave.open(io.BytesIO(spoken)) as file:
        rate_hz = file.getframerate()
        frames = file.readframes(file.getnframes())
    samples = np.frombuffer(frames[: len(frames) // 2 * 2], "<i2").astype(np.float32) / 32768
    common = gcd(rate_hz, STUDIO_RATE_HZ)
    return np.asarray(resample_poly(samples, STUDIO_RATE_HZ // common, rate_hz // common), np.float32)


def fit(samples: Wave, length: int) -> Wave:
    """Cut, or filled up with silence."""
    return np.pad(samples[:length], (0, max(0, length - len(samples))))
