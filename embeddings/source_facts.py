"""What is known of a file's sound as it is stored, and how that crosses the pipe of the decode child.

Loads neither libav nor torch: both ends of the pipe use it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

FLOOR_DBFS: Final = -120.0
# A moment of sound beside a large picture makes any number: this is what the column of a database holds.
HIGHEST_BIT_RATE: Final = 2**31 - 1
# What a decoder can rightly say: 64 times full scale on eight channels is +50 LUFS.
_LOUDEST: Final = 60.0
_NAME: Final = re.compile(r"[a-z0-9_,]{1,64}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class SourceFacts:
    """The file's first audio stream, at its own rate with all its channels.

    ``container`` and ``codec`` are libav's names ("flac", "mov,mp4,m4a,3gp,3g2,mj2"; "mp3", "pcm_s16le"), ``rate_hz``
    and ``channels`` those of its first sound, ``bit_rate`` the size of the file over its length in bits per second (at
    most ``HIGHEST_BIT_RATE``). ``audio_sha256``, 64 hex digits, is the SHA-256 of rate and channel count (two
    little-endian uint32, again wherever they change) and the samples as interleaved little-endian float32: one for all
    lossless copies of a master, and for one stream under other tags. ``loudness_lufs`` is the integrated loudness
    (``embeddings.loudness``), None where it has none; ``peak_dbfs`` the highest sample of any channel, 0 being full
    scale, never below -120.
    """

    container: str
    codec: str
    rate_hz: int
    channels: int
    bit_rate: int
    audio_sha256: str
    loudness_lufs: float | None
    peak_dbfs: float


def parse_source(value: object) -> SourceFacts:
    """The facts from parsed JSON, ``dataclasses.asdict`` of them. ValueError for what no honest decoder would say."""
    if not isinstance(value, dict):
        raise ValueError("The facts about the source are not an object.")  # noqa: TRY004 - one class for all of it
    loudness = value.get("loudness_lufs")
    return SourceFacts(
        container=_text(value, "container", _NAME),
        codec=_text(value, "codec", _NAME),
        rate_hz=_whole(value, "rate_hz", range(1, 1_000_000)),
        channels=_whole(value, "channels", range(1, 256)),
        bit_rate=_whole(value, "bit_rate", range(HIGHEST_BIT_RATE + 1)),
        audio_sha256=_text(value, "audio_sha256", _SHA256),
        loudness_lufs=None if loudness is None else _level(value, "loudness_lufs"),
        peak_dbfs=_level(value, "peak_dbfs"),
    )


def _text(facts: Mapping[str, Any], name: str, form: re.Pattern[str]) -> str:
    value = facts.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise ValueError(f"{name} is not what it should be.")
    return value


def _whole(facts: Mapping[str, Any], name: str, allowed: range) -> int:
    value = facts.get(name)
    if type(value) is not int or value not in allowed:
        raise ValueError(f"{name} is not what it should be.")
    return value


def _level(facts: Mapping[str, Any], name: str) -> float:
    value = facts.get(name)
    # NaN, which Python's JSON lets through, is in no range
    if type(value) not in (int, float) or not FLOOR_DBFS <= value <= _LOUDEST:  # type: ignore[operator]
        raise ValueError(f"{name} is not what it should be.")
    return float(value)  # type: ignore[arg-type]
