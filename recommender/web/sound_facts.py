"""What was measured of a track and of its file, in words. What is not known, or not known well, is left out."""

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from recommender.catalog.models import AudioFile, Rendition, Track
from recommender.similarity.sounds import Sound

# Below these a tempo or a key is a guess, and better not shown as a fact.
LEAST_TEMPO_CONFIDENCE = 0.3
LEAST_KEY_CONFIDENCE = 0.2
_KEYS = (
    gettext_noop("C major"),
    gettext_noop("D♭ major"),
    gettext_noop("D major"),
    gettext_noop("E♭ major"),
    gettext_noop("E major"),
    gettext_noop("F major"),
    gettext_noop("F♯ major"),
    gettext_noop("G major"),
    gettext_noop("A♭ major"),
    gettext_noop("A major"),
    gettext_noop("B♭ major"),
    gettext_noop("B major"),
    gettext_noop("C minor"),
    gettext_noop("C♯ minor"),
    gettext_noop("D minor"),
    gettext_noop("E♭ minor"),
    gettext_noop("E minor"),
    gettext_noop("F minor"),
    gettext_noop("F♯ minor"),
    gettext_noop("G minor"),
    gettext_noop("G♯ minor"),
    gettext_noop("A minor"),
    gettext_noop("B♭ minor"),
    gettext_noop("B minor"),
)
_CHANNELS = {1: gettext_noop("mono"), 2: gettext_noop("stereo")}


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
    return _(_KEYS[number])


def slug_key(number: int) -> str:
    """The same in every language, for addresses."""
    return _KEYS[number].lower().replace("♯", "-sharp").replace("♭", "-flat").replace(" ", "-")


def name_decade(first_year: int) -> str:
    return _("%(decade)ds") % {"decade": first_year}


def describe_sound(track: Track | Sound) -> list[Fact]:
    facts = []
    if track.tempo_bpm and (track.tempo_confidence or 0) >= LEAST_TEMPO_CONFIDENCE:
        facts.append(Fact(_("Tempo"), _("about %(tempo)d BPM") % {"tempo": round(track.tempo_bpm)}))
    if track.key is not None and (track.key_confidence or 0) >= LEAST_KEY_CONFIDENCE:
        facts.append(Fact(_("Key"), name_key(track.key)))
    if track.loudness_lufs is not None:
        facts.append(Fact(_("Loudness"), f"{_minus(track.loudness_lufs)} LUFS"))
    return facts


def measure_sound(track: Track | Sound) -> list[Meter]:
    measured = ((_("Energy"), track.energy), (_("Brightness"), track.brightness))
    return [Meter(label, round(100 * min(1.0, max(0.0, share)))) for label, share in measured if share is not None]


def describe_file(track: Track) -> list[Fact]:
    """Format and names, for those who look closer."""
    file = track.audio_file
    facts = [
        Fact(_("Format"), ", ".join(_describe_format(file))),
        Fact("ISRC", track.isrc),
        Fact(_("MusicBrainz recording"), track.musicbrainz_id),
        Fact("ReplayGain", f"{_minus(track.replaygain_db)} dB" if track.replaygain_db is not None else ""),
    ]
    return [fact for fact in facts if fact.text]


def explain_rendition(file: AudioFile) -> str:
    """Why the track cannot be played in a browser, or not yet; empty where it can."""
    if file.rendition == Rendition.WANTED:
        return _("Browsers do not play this kind of file. A copy that they play is being made.")
    if file.rendition == Rendition.FAILED:
        return _("This kind of file cannot be played in browsers. It can be downloaded.")
    return ""


def _describe_format(file: AudioFile) -> list[str]:
    described = [file.codec or file.suffix.lstrip(".").upper()]
    if file.rate_hz:
        described.append(_("%(rate)s kHz") % {"rate": number_format(f"{file.rate_hz / 1000:g}")})
    if file.channels:
        described.append(describe_channels(file.channels))
    if file.bit_rate:
        described.append(_("%(rate)d kb/s") % {"rate": round(file.bit_rate / 1000)})
    return described


def describe_channels(count: int) -> str:
    if count in _CHANNELS:
        return _(_CHANNELS[count])
    return ngettext("%(count)d channel", "%(count)d channels", count) % {"count": count}


def _minus(value: float) -> str:
    return number_format(f"{value:.1f}").replace("-", "\N{MINUS SIGN}")
