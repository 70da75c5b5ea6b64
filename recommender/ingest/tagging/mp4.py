"""MPEG-4 (ISO 14496-12, and the list of items that iTunes puts into it): the atom `moov` is written anew. Where it
stands before the sound, the places of the sound that it names move with it.
"""

import struct
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from recommender.ingest.tagging.details import Details
from recommender.ingest.tagging.pieces import Kept, New, NotTaggableError, Piece, Source

_ATOMS: Final = {
    "title": b"\xa9nam",
    "artist": b"\xa9ART",
    "album": b"\xa9alb",
    "albumartist": b"aART",
    "date": b"\xa9day",
    "genre": b"\xa9gen",
}
_CUSTOM: Final = {
    "mood": "MOOD",
    "isrc": "ISRC",
    "recording_id": "MusicBrainz Track Id",
    "artist_id": "MusicBrainz Artist Id",
    "release_id": "MusicBrainz Album Id",
}
_NUMBERS: Final = {"track": b"trkn", "disc": b"disk"}
_OWN: Final = frozenset({*_ATOMS.values(), *_NUMBERS.values(), b"gnre", b"cpil"})
_TEXT, _JPEG, _NUMBER, _IMPLICIT = 1, 13, 21, 0
_WAY_TO_PLACES: Final = (b"trak", b"mdia", b"minf", b"stbl")
_WIDTHS: Final = {b"stco": "I", b"co64": "Q"}
_HANDLER: Final = bytes(8) + b"mdirappl" + bytes(9)
_MOST_ATOMS: Final = 100_000
_LARGEST_NUMBER: Final = 0xFFFF


class Atom(NamedTuple):
    """`start` and `end` with its head, of `head` bytes."""

    name: bytes
    start: int
    end: int
    head: int


def tag_mp4(source: Source, details: Details) -> list[Piece]:
    atoms = list(_walk_file(source))
    found = [atom for atom in atoms if atom.name == b"moov"]
    if len(found) != 1 or any(atom.name == b"moof" for atom in atoms):
        raise NotTaggableError("its sound is in fragments, or there is no table of it")
    moov = found[0]
    content = source.read(moov.start + moov.head, moov.end - moov.start - moov.head)
    made = _replace_tags(content, details)
    # The table is as long whatever places it names.
    shift = 8 + len(made) - (moov.end - moov.start)
    made = _shift_places(made, moov.start, shift, _WAY_TO_PLACES)
    return [Kept(0, moov.start), New(_atom(b"moov", made)), source.rest(moov.end)]


def _walk_file(source: Source) -> Iterator[Atom]:
    position = 0
    for _ in range(_MOST_ATOMS):
        if position >= source.size:
            return
        head = source.peek(position, 16)
        if len(head) < 8:
            return
        atom = _read_head(head, position, source.size)
        yield atom
        position = atom.end
    raise NotTaggableError("too many atoms")


def _walk(content: bytes) -> Iterator[Atom]:
    """Raises NotTaggableError for what reaches beyond its parent."""
    position = 0
    for _ in range(_MOST_ATOMS):
        if position + 8 > len(content):
            return
        atom = _read_head(content[position : position + 16], position, len(content))
        yield atom
        position = atom.end
    raise NotTaggableError("too many atoms")


def _read_head(head: bytes, start: int, end: int) -> Atom:
    """`end` of what it stands in."""
    size, name, length = int.from_bytes(head[:4], "big"), head[4:8], 8
    if size == 1:
        size, length = int.from_bytes(head[8:16], "big"), 16
    elif size == 0:
        size = end - start
    if size < length or start + size > end:
        raise NotTaggableError("an atom beyond its end")
    return Atom(name, start, start + size, length)


def _replace_tags(moov: bytes, details: Details) -> bytes:
    udta = meta = items = b""
    others = []
    for atom in _walk(moov):
        if atom.name == b"udta" and not udta:
            udta = moov[atom.start + atom.head : atom.end]
        else:
            others.append(moov[atom.start : atom.end])
    # Some programs end it with four zeros, which are no atom.
    kept = [(atom.name, udta[atom.start : atom.end]) for atom in _walk(udta)]
    meta = next((whole[8:] for name, whole in kept if name == b"meta"), b"")
    if b"mdir" in meta[:40]:
        items = next((meta[4:][atom.start + 8 : atom.end] for atom in _walk(meta[4:]) if atom.name == b"ilst"), b"")
    tags = _atom(b"meta", bytes(4), _atom(b"hdlr", _HANDLER), _atom(b"ilst", *_build_items(details, items)))
    return b"".join([*others, _atom(b"udta", *(whole for name, whole in kept if name != b"meta"), tags)])


def _build_items(details: Details, found: bytes) -> Iterator[bytes]:
    """`found`: the list of the original."""
    values = details.values
    for name, atom in _ATOMS.items():
        if name in values:
            yield _atom(atom, *(_data(_TEXT, text.encode()) for text in values[name]))
    for name, atom in _NUMBERS.items():
        if name in values and int(values[name][0]) <= _LARGEST_NUMBER:
            number = struct.pack(">HHHH", 0, int(values[name][0]), 0, 0)
            yield _atom(atom, _data(_IMPLICIT, number if name == "track" else number[:6]))
    if "compilation" in values:
        yield _atom(b"cpil", _data(_NUMBER, b"\x01"))
    custom = {described: values[name] for name, described in _CUSTOM.items() if name in values}
    if details.gain:
        custom["replaygain_track_gain"] = [details.gain]
    for described, texts in custom.items():
        yield _name_custom(described, texts)
    yield from _keep_items(details, found)


def _keep_items(details: Details, found: bytes) -> Iterator[bytes]:
    items = [(atom.name, found[atom.start : atom.end]) for atom in _walk(found)]
    pictures, cover = details.choose_pictures([whole for name, whole in items if name == b"covr"])
    for name, whole in items:
        if name not in _OWN | {b"covr"} and not (name == b"----" and details.replaces(_describe_custom(whole))):
            yield whole
    yield from pictures
    if cover:
        yield _atom(b"covr", _data(_JPEG, cover))


def _describe_custom(whole: bytes) -> str:
    inside = whole[8:]
    described = next((inside[atom.start + 12 : atom.end] for atom in _walk(inside) if atom.name == b"name"), b"")
    return described.decode("utf-8", "replace")


def _name_custom(described: str, texts: list[str]) -> bytes:
    names = [_atom(b"mean", bytes(4), b"com.apple.iTunes"), _atom(b"name", bytes(4), described.encode())]
    return _atom(b"----", *names, *(_data(_TEXT, text.encode()) for text in texts))


def _shift_places(moov: bytes, after: int, shift: int, way: Sequence[bytes]) -> bytes:
    """The tables at the end of the `way` with all places behind `after` moved."""
    if not shift:
        return moov
    parts, position = [], 0
    for atom in _walk(moov):
        content = moov[atom.start + atom.head : atom.end]
        if way and atom.name == way[0]:
            content = _shift_places(content, after, shift, way[1:])
        elif not way and atom.name in _WIDTHS:
            content = _shift_table(content, _WIDTHS[atom.name], after, shift)
        parts.append(moov[atom.start : atom.start + atom.head] + content)
        position = atom.end
    return b"".join(parts) + moov[position:]


def _shift_table(table: bytes, width: str, after: int, shift: int) -> bytes:
    try:
        (count,) = struct.unpack_from(">I", table, 4)
        form = f">{count}{width}"
        places = struct.unpack_from(form, table, 8)
        moved = struct.pack(form, *(place + shift if place > after else place for place in places))
    except struct.error as error:
        raise NotTaggableError("a table of places that is broken, or too large by then") from error
    return table[:8] + moved + table[8 + len(moved) :]


def _data(kind: int, content: bytes) -> bytes:
    return _atom(b"data", struct.pack(">II", kind, 0), content)


def _atom(name: bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    if len(content) + 8 >= 1 << 32:
        raise NotTaggableError("too much for one atom")
    return struct.pack(">I", len(content) + 8) + name + content
