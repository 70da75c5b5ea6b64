"""Playlists as files: M3U8, XSPF and JSPF, written and read. Knows bytes and names; no table and no request.

Addresses in them are absolute. The customary relative path of an M3U8 leads to a file beside it, and there is none:
what is here lies in a store under names that nobody else knows, while an address can be played from anywhere.
XSPF: https://www.xspf.org/spec; JSPF: https://www.xspf.org/jspf; extended M3U: https://en.wikipedia.org/wiki/M3U.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from pathlib import PurePosixPath
from typing import Any, Final
from unicodedata import category
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from recommender.listening.errors import PlaylistFileError

# The longest playlist in the wordiest format, as it is written here, is about 3 MB.
LARGEST_BYTES: Final = 4 * 1024 * 1024
MOST_LISTED: Final = 10_000
_LONGEST: Final = 1_000
_LONGEST_SECONDS: Final = 1_000_000.0
_XSPF: Final = "http://xspf.org/ns/0/"
_TRACK_NUMBER: Final = re.compile(r"^\d{1,3}[\s._-]+(?=\S)")
_UNSAID: Final = frozenset({"Cc", "Cn", "Cs", "Zl", "Zp"})
_BROKEN: Final = gettext_noop("This file is damaged, or is no playlist: it cannot be read.")


class Format(StrEnum):
    M3U8 = "m3u8"
    XSPF = "xspf"
    JSPF = "jspf"


MEDIA_TYPES: Final[Mapping[Format, str]] = {
    Format.M3U8: "audio/x-mpegurl; charset=utf-8",
    Format.XSPF: "application/xspf+xml; charset=utf-8",
    Format.JSPF: "application/jspf+json; charset=utf-8",
}


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A track as a file names it. `address` is where it can be heard, `identifier` an address that names it."""

    title: str = ""
    artist: str = ""
    release: str = ""
    duration_seconds: float | None = None
    address: str = ""
    identifier: str = ""

    @property
    def name(self) -> str:
        """What people would call it."""
        named = " - ".join(part for part in (self.artist, self.title) if part)
        return named or self.address or self.identifier or _("A track without a name")


@dataclass(frozen=True, kw_only=True)
class PlaylistFile:
    name: str = ""
    description: str = ""
    listed: Sequence[Listed] = ()


def write_playlist(playlist: PlaylistFile, kind: Format) -> bytes:
    """UTF-8. Durations are whole seconds in M3U8 and milliseconds in the others."""
    return _WRITERS[kind](playlist).encode()


def read_playlist(content: bytes) -> PlaylistFile:
    """Whichever of the three it is; what it holds decides, not its name. Raises PlaylistFileError."""
    if len(content) > LARGEST_BYTES:
        raise PlaylistFileError(_("A playlist file may have at most 4 MB."))
    start = content[:64].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").lstrip(b"\xff\xfe \t\r\n")
    read = _read_xspf if start.startswith(b"<") else _read_jspf if start.startswith(b"{") else _read_m3u
    return read(content)


def clean(text: str) -> str:
    """On one line, and without what XML cannot say: control characters, halves of letters and what is none."""
    said = text[:_LONGEST]
    if not said.isprintable():
        said = "".join(" " if category(letter) in _UNSAID else letter for letter in said)
    return " ".join(said.split())


def _write_m3u8(playlist: PlaylistFile) -> str:
    """`#EXTART` repeats the artist, since nobody could tell otherwise where "A - B - C" is to be parted."""
    lines = ["#EXTM3U", f"#PLAYLIST:{clean(playlist.name)}"]
    for each in playlist.listed:
        seconds = -1 if each.duration_seconds is None else round(each.duration_seconds)
        artist, title = clean(each.artist), clean(each.title)
        lines.append(f"#EXTINF:{seconds},{f'{artist} - {title}' if artist else title}")
        lines.append(f"#EXTART:{artist}")
        lines += [f"#EXTALB:{clean(each.release)}"] if each.release else []
        lines.append(clean(each.address))
    return "\n".join([*lines, ""])


def _write_xspf(playlist: PlaylistFile) -> str:
    root = Element("playlist", {"version": "1", "xmlns": _XSPF})
    _say(root, "title", playlist.name)
    _say(root, "annotation", playlist.description)
    tracks = SubElement(root, "trackList")
    for each in playlist.listed:
        track = SubElement(tracks, "track")
        for name, text in _name_parts(each):
            _say(track, name, text)
        if each.duration_seconds is not None:
            _say(track, "duration", str(round(1000 * each.duration_seconds)))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _write_jspf(playlist: PlaylistFile) -> str:
    told: dict[str, Any] = {"title": clean(playlist.name), "annotation": clean(playlist.description)}
    tracks = []
    for each in playlist.listed:
        track: dict[str, Any] = {name: clean(text) for name, text in _name_parts(each) if clean(text)}
        track |= {name: [track[name]] for name in ("location", "identifier") if name in track}
        if each.duration_seconds is not None:
            track["duration"] = round(1000 * each.duration_seconds)
        tracks.append(track)
    named = {name: text for name, text in told.items() if text}
    return json.dumps({"playlist": {**named, "track": tracks}}, ensure_ascii=False, indent=1) + "\n"


def _name_parts(listed: Listed) -> list[tuple[str, str]]:
    """In the words of XSPF, in its order."""
    return [
        ("location", listed.address),
        ("identifier", listed.identifier),
        ("title", listed.title),
        ("creator", listed.artist),
        ("album", listed.release),
    ]


def _say(parent: Element, name: str, text: str) -> None:
    if said := clean(text):
        SubElement(parent, name).text = said


def _read_m3u(content: bytes) -> PlaylistFile:
    name, told = "", {}
    listed: list[Listed] = []
    lines = [text for line in _decode(content).splitlines() if (text := line.strip())]
    _check_count(sum(not text.startswith("#") for text in lines))
    for text in lines:
        tag, _, value = text.partition(":")
        if tag.upper() == "#PLAYLIST":
            name = clean(value)
        elif tag.upper() in ("#EXTINF", "#EXTART", "#EXTALB"):
            told[tag.upper()] = value
        elif not text.startswith("#"):
            listed.append(_read_m3u_entry(told, text))
            told = {}
    return PlaylistFile(name=name, listed=listed)


def _check_count(count: int) -> None:
    """Before any of them is read. Raises PlaylistFileError."""
    if not count:
        raise PlaylistFileError(_("There is no track in this file."))
    if count > MOST_LISTED:
        counts = {
            "count": number_format(count, force_grouping=True),
            "most": number_format(MOST_LISTED, force_grouping=True),
        }
        raise PlaylistFileError(_("This file names %(count)s tracks; a playlist holds %(most)s.") % counts)


def _decode(content: bytes) -> str:
    """UTF-8 or UTF-16 as it says; else as Windows wrote files for decades. Raises PlaylistFileError."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", "replace")
    if "\0" in text:
        raise PlaylistFileError(_("This is no playlist: it can be an M3U, M3U8, XSPF or JSPF file."))
    return text


def _read_m3u_entry(told: Mapping[str, str], address: str) -> Listed:
    """A file without words is called after its address: "03 - Artist - Title.mp3"."""
    seconds, _, words = told.get("#EXTINF", "").partition(",")
    stem = _TRACK_NUMBER.sub("", PurePosixPath(_path_of(address).replace("\\", "/")).stem)
    artist, title = _part_names(clean(words) or clean(stem), told.get("#EXTART"))
    return Listed(
        title=title,
        artist=artist,
        release=clean(told.get("#EXTALB", "")),
        # Some writers put attributes behind the seconds: `#EXTINF:213 logo="x",Artist - Title`.
        duration_seconds=_read_seconds(seconds.split(" ")[0], 1),
        address=clean(address),
    )


def _path_of(address: str) -> str:
    if "://" not in address:
        return address
    try:
        return unquote(urlsplit(address).path)
    except ValueError:
        # What only looks like an address still ends in a name.
        return address


def _part_names(named: str, told: str | None) -> tuple[str, str]:
    """Artist and title of "A - B". `told` is the artist where the file has a line for that, if only an empty one."""
    artist = clean(told or "")
    if told is not None and (not artist or named.startswith(f"{artist} - ")):
        return artist, named.removeprefix(f"{artist} - ")
    before, dash, after = named.partition(" - ")
    return (before, after) if dash else (artist, named)


def _read_xspf(content: bytes) -> PlaylistFile:
    """Entities and document types are refused: nobody needs them here, and they can grow without end."""
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise PlaylistFileError(_(_BROKEN)) from error
    if _local(root) != "playlist":
        raise PlaylistFileError(_("This XML file is no XSPF playlist."))
    told = _children(root)
    tracks = [each for group in told.get("trackList", []) for each in group if _local(each) == "track"]
    _check_count(len(tracks))
    return PlaylistFile(
        name=_text(told, "title"),
        description=_text(told, "annotation"),
        listed=[_read_parts({name: _text(parts, name) for name in parts}) for parts in map(_children, tracks)],
    )


def _local(element: Element) -> str:
    """Its name without the namespace, which many writers forget."""
    return str(element.tag).rpartition("}")[2]


def _children(element: Element) -> dict[str, list[Element]]:
    found: dict[str, list[Element]] = {}
    for child in element:
        found.setdefault(_local(child), []).append(child)
    return found


def _text(children: Mapping[str, list[Element]], name: str) -> str:
    return clean(next((element.text for element in children.get(name, []) if element.text), ""))


def _read_jspf(content: bytes) -> PlaylistFile:
    try:
        told = json.loads(content)["playlist"]
        _check_count(len(told["track"]))
        return PlaylistFile(
            name=_first(told, "title"),
            description=_first(told, "annotation"),
            listed=[_read_parts({name: _first(track, name) for name in track}) for track in told["track"]],
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PlaylistFileError(_(_BROKEN)) from error


def _first(told: Mapping[str, Any], name: str) -> str:
    """JSPF has lists where XSPF repeats an element, and single values as well."""
    value = told.get(name)
    value = value[0] if isinstance(value, list) and value else value
    return clean(str(value)) if isinstance(value, str | int | float) else ""


def _read_parts(parts: Mapping[str, str]) -> Listed:
    return Listed(
        title=parts.get("title", ""),
        artist=parts.get("creator", ""),
        release=parts.get("album", ""),
        duration_seconds=_read_seconds(parts.get("duration", ""), 1000),
        address=parts.get("location", ""),
        identifier=parts.get("identifier", ""),
    )


def _read_seconds(text: str, parts_of_a_second: int) -> float | None:
    """None for what is unknown, which is written as 0 or -1, and for nonsense."""
    try:
        seconds = float(text) / parts_of_a_second
    except ValueError:
        return None
    return seconds if isfinite(seconds) and 0 < seconds <= _LONGEST_SECONDS else None


_WRITERS: Final[Mapping[Format, Callable[[PlaylistFile], str]]] = {
    Format.M3U8: _write_m3u8,
    Format.XSPF: _write_xspf,
    Format.JSPF: _write_jspf,
}
