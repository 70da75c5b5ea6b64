"""What the desk lists, beside what was planted: found, missed, and accused of what is in order."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tests.flows.curating import Catalog
from tests.flows.planting import Kind, Song
from tests.stack import Browser

COPIES, ARTISTS = "copies of others", "artists in two or three spellings"
# What is told of together, with what was planted for it. The rest has a list on the page of the catalog.
PLANTED: Final[Mapping[str, Kind]] = {
    "broken files": Kind.BROKEN,
    "silent files": Kind.SILENT,
    "files that break off": Kind.CUT_OFF,
    "clipped files": Kind.CLIPPED,
    "too short": Kind.SHORT,
    "too long": Kind.LONG,
    COPIES: Kind.COPY,
    ARTISTS: Kind.ARTIST,
    "no artist": Kind.NO_ARTIST,
    "no genre": Kind.NO_GENRE,
    "year 0203": Kind.YEAR,
    "misspelt releases": Kind.RELEASE,
}
# Where each is listed, and what else is truly so.
LISTS: Final[Mapping[str, tuple[str, str, frozenset[Kind]]]] = {
    "broken files": ("failed", "Could not be listened to", frozenset()),
    "silent files": ("silent", "Silent", frozenset()),
    "files that break off": ("truncated", "The end cannot be read", frozenset({Kind.BROKEN})),
    "clipped files": ("clipped", "So loud that its peaks are cut off", frozenset()),
    "too short": ("uncompared", "Not compared with others", frozenset({Kind.SILENT})),
    "too long": ("long", "Very long", frozenset()),
    "no artist": ("no_artist", "No artist", frozenset()),
    "no genre": ("no_genre", "No genre", frozenset({Kind.COPY})),
    "year 0203": ("no_year", "No year", frozenset({Kind.COPY})),
}


@dataclass(frozen=True)
class Finding:
    """Names of files; `accused` are those that are in order."""

    planted: frozenset[str]
    found: frozenset[str] = frozenset()
    accused: frozenset[str] = frozenset()

    @property
    def missed(self) -> frozenset[str]:
        return self.planted - self.found


@dataclass(frozen=True)
class Look:
    """At all lists of the desk, by nobody's clicks."""

    songs: Sequence[Song]
    catalog: Catalog
    browser: Browser

    def find_all(self) -> dict[str, Finding]:
        """By matter, in the order of PLANTED."""
        found = {matter: Finding(self._planted_as(kind)) for matter, kind in PLANTED.items()}
        listed = {matter: self._look_at_list(matter) for matter in LISTS}
        return {**found, **listed, COPIES: self._look_at_copies(), ARTISTS: self._look_at_artists()}

    def _planted_as(self, *kinds: Kind) -> frozenset[str]:
        return frozenset(song.file_name for song in self.songs if song.kind in kinds)

    def _look_at_list(self, matter: str) -> Finding:
        flaw, _heading, truly = LISTS[matter]
        names = {said.track_id: name for name, said in self.catalog.read().items()}
        listed, planted = (
            frozenset(names[number] for number in self._read_list(flaw)),
            self._planted_as(PLANTED[matter]),
        )
        return Finding(planted, listed & planted, listed - planted - self._planted_as(*truly))

    def _read_list(self, flaw: str) -> Iterator[int]:
        address = f"/desk/quality/{flaw}/"
        while address:
            text = self.browser.get(address).text
            yield from map(int, re.findall(r'name="track" value="(\d+)"', text))
            older = re.search(r'href="(\?after=[^"]+)"', text)
            address = f"/desk/quality/{flaw}/{older[1]}" if older else ""

    def _look_at_copies(self) -> Finding:
        root = name_recordings(self.songs)
        pairs = self.catalog.pairs()
        alike = {name for pair in pairs if root[pair.one] == root[pair.other] for name in (pair.one, pair.other)}
        accused = {f"{pair.one} / {pair.other}" for pair in pairs if root[pair.one] != root[pair.other]}
        copies = self._planted_as(Kind.COPY)
        return Finding(copies, copies & alike, frozenset(accused))

    def _look_at_artists(self) -> Finding:
        """Found is a track whose artist is to be merged into the one that is meant."""
        meant = name_meant(self.songs)
        names, suggested, accused = self.catalog.artists(), set[str](), set[str]()
        for one, other in self._read_alike():
            pair = names[one], names[other]
            if meant.get(pair[0]) == meant.get(pair[1]):
                suggested.update(pair)
            else:
                accused.add(" / ".join(pair))
        planted = self._planted_as(Kind.ARTIST)
        found = {song.file_name for song in self.songs if song.tags.get("artist") in suggested}
        return Finding(planted, planted & found, frozenset(accused))

    def _read_alike(self) -> Iterator[tuple[int, int]]:
        number, text = 1, 'page=1"'
        while f'page={number}"' in text:
            text = self.browser.get(f"/desk/artists/?page={number}").text
            for one, other in re.findall(r"merge\?artist=(\d+)&(?:amp;)?artist=(\d+)", text):
                yield int(one), int(other)
            number += 1


def name_recordings(songs: Sequence[Song]) -> dict[str, int]:
    """By file which recording it is."""
    return {song.file_name: song.number if song.of is None else song.of for song in songs}


def name_meant(songs: Sequence[Song]) -> dict[str, str]:
    """By what an artist is called in a file who is meant."""
    return {song.tags["artist"]: song.meant["artist"] for song in songs if "artist" in song.tags}
