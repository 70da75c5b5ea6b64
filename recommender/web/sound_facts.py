"""What was measured of a track and of its file, in words. What is not known, or not known well, is left out."""

from dataclasses import dataclass

from recommender.catalog.models import AudioFile, Rendition, Track
from recommender.similarity.sounds import Sound

# Below these a tempo or a key is a guess, and better not shown as a fact.
LEAST_TEMPO_CONFIDENCE = 0.3
LEAST_KEY_CONFIDENCE = 0.2
_MAJOR = ("C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")
_MINOR = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "G♯", "A", "B♭", "B")
_CHANNELS = {1: "mono", 2: "stereo"}


@dataclass(frozen=True)
class Fact:
    label: str
    text: str


@dataclass(frozen=True)
class Meter:
    """`share` is of 100."""

    label: str
    share: int


def name_key(number: int) -> str:
    """0-11 are C to B major, 12-23 minor."""
    return f"{_MAJOR[number]} major" if number < len(_MAJOR) else f"{_MINOR[number - len(_MAJOR)]} minor"


def describe_sound(track: Track | Sound) -> list[Fact]:
    facts = []
    if track.tempo_bpm and (track.tempo_confidence or 0) >= LEAST_TEMPO_CONFIDENCE:
        facts.append(Fact("Tempo", f"about {track.tempo_bpm:.0f} BPM"))
    if track.key is not None and (track.key_confidence or 0) >= LEAST_KEY_CONFIDENCE:
        facts.append(Fact("Key", name_key(track.key)))
    if track.loudness_lufs is not None:
        facts.append(Fact("Loudness", f"{_minus(track.loudness_lufs)} LUFS"))
    return facts


def measure_sound(track: Track | Sound) -> list[Meter]:
    measured = (("Energy", track.energy), ("Brightness", track.brightness))
    return [Meter(label, round(100 * min(1.0, max(0.0, share)))) for label, share in measured if share is not None]


def describe_file(track: Track) -> list[Fact]:
    """Format and names, for those who look closer."""
    file = track.audio_file
    facts = [
        Fact("Format", ", ".join(_describe_format(file))),
        Fact("ISRC", track.isrc),
        Fact("MusicBrainz recording", track.musicbrainz_id),
        Fact("ReplayGain", f"{_minus(track.replaygain_db)} dB" if track.replaygain_db is not None else ""),
    ]
    return [fact for fact in facts if fact.text]


def explain_rendition(file: AudioFile) -> str:
    """Why the track cannot be played in a browser, or not yet; empty where it can."""
    if file.rendition == Rendition.WANTED:
        return "Browsers do not play this kind of file. A copy that they play is being made."
    if file.rendition == Rendition.FAILED:
        return "This kind of file cannot be played in browsers. It can be downloaded."
    return ""


def _describe_format(file: AudioFile) -> list[str]:
    described = [file.codec or file.suffix.lstrip(".").upper()]
    if file.rate_hz:
        described.append(f"{file.rate_hz / 1000:g} kHz")
    if file.channels:
        described.append(_CHANNELS.get(file.channels, f"{file.channels} channels"))
    if file.bit_rate:
        described.append(f"{round(file.bit_rate / 1000)} kb/s")
    return described


def _minus(value: float) -> str:
    return f"{value:.1f}".replace("-", "\N{MINUS SIGN}")
