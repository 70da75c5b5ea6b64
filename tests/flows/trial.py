"""What a curator does with 500 tracks of which some are amiss: what the desk finds, and what it takes to mend it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.flows.curating import Catalog, Curator, Said
from tests.flows.planting import Kind, Song
from tests.stack import Browser, wait_until

PATIENCE_SECONDS = 900
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
TRASH, HIDE = "Move to the trash", "Hide from recommendations"


@dataclass(frozen=True)
class Finding:
    """Names of files; `accused` are those that are in order."""

    planted: frozenset[str]
    found: frozenset[str] = frozenset()
    accused: frozenset[str] = frozenset()

    @property
    def missed(self) -> frozenset[str]:
        return self.planted - self.found


@dataclass
class Trial:
    songs: Sequence[Song]
    catalog: Catalog
    curator: Curator
    browser: Browser
    findings: dict[str, Finding] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)

    def planted_as(self, *kinds: Kind) -> frozenset[str]:
        return frozenset(song.file_name for song in self.songs if song.kind in kinds)

    def look_at_everything(self) -> None:
        """What the desk lists before anything is done."""
        names = {said.track_id: name for name, said in self.catalog.read().items()}
        for matter, kind in PLANTED.items():
            self.findings[matter] = Finding(self.planted_as(kind))
        for matter, (flaw, _heading, truly) in LISTS.items():
            listed = frozenset(names[number] for number in self._read_list(flaw))
            self._find(matter, listed, truly)
        self._look_at_copies()
        self._look_at_artists()

    def _find(self, matter: str, listed: frozenset[str], truly: frozenset[Kind]) -> None:
        planted = self.planted_as(PLANTED[matter])
        self.findings[matter] = Finding(planted, listed & planted, listed - planted - self.planted_as(*truly))

    def _read_list(self, flaw: str) -> Iterator[int]:
        address = f"/desk/quality/{flaw}/"
        while address:
            text = self.browser.get(address).text
            yield from map(int, re.findall(r'name="track" value="(\d+)"', text))
            older = re.search(r'href="(\?after=[^"]+)"', text)
            address = f"/desk/quality/{flaw}/{older[1]}" if older else ""

    def _look_at_copies(self) -> None:
        root = {song.file_name: song.number if song.of is None else song.of for song in self.songs}
        pairs = [tuple(pair) for pair in self.catalog.pairs()]
        alike = {name for one, other in pairs if root[one] == root[other] for name in (one, other)}
        accused = {f"{one} / {other}" for one, other in pairs if root[one] != root[other]}
        copies = self.planted_as(Kind.COPY)
        self.findings[COPIES] = Finding(copies, copies & alike, frozenset(accused))

    def _look_at_artists(self) -> None:
        """Found is a track whose artist is to be merged into the one that is meant."""
        meant = {song.tags["artist"]: song.meant["artist"] for song in self.songs if "artist" in song.tags}
        names, suggested, accused = self.catalog.artists(), set[str](), set[str]()
        for one, other in self._read_alike():
            pair = names[one], names[other]
            if meant.get(pair[0]) == meant.get(pair[1]):
                suggested.update(pair)
            else:
                accused.add(" / ".join(pair))
        planted = self.planted_as(Kind.ARTIST)
        found = {song.file_name for song in self.songs if song.tags.get("artist") in suggested}
        self.findings[ARTISTS] = Finding(planted, planted & found, frozenset(accused))

    def _read_alike(self) -> Iterator[tuple[int, int]]:
        number, text = 1, 'page=1"'
        while f'page={number}"' in text:
            text = self.browser.get(f"/desk/artists/?page={number}").text
            for one, other in re.findall(r"merge\?artist=(\d+)&(?:amp;)?artist=(\d+)", text):
                yield int(one), int(other)
            number += 1

    def clean_up(self) -> None:
        self._try_again()
        for matter in ("broken files", "silent files", "files that break off", "too short"):
            self._empty_list(matter, TRASH)
        for matter in ("clipped files", "too long"):
            self._empty_list(matter, HIDE)
        self._merge_copies()
        self._merge_artists()
        self._name_artists()
        self._accept_genres()
        self._wait()
        said = self.catalog.read()
        for matter, kind in PLANTED.items():
            songs = [song for song in self.songs if song.kind == kind]
            self.left[matter] = sum(not self._is_mended(song, said) for song in songs)

    def _wait(self) -> None:
        wait_until(self.catalog.is_settled, PATIENCE_SECONDS, every=1)

    def _try_again(self) -> None:
        curator = self.curator
        curator.matter = "broken files"
        curator.go_to("Health", "Pipeline health")
        again = curator.main.get_by_role("button", name=re.compile("^Try all again"))
        for _reason in range(again.count()):
            curator.click(again.first)
            curator.wait_for_notice("analysed again")
        self._wait()

    def _empty_list(self, matter: str, deed: str) -> None:
        curator = self.curator
        curator.matter = matter
        if not self._open_list(LISTS[matter][1]):
            return
        curator.tick_all()
        curator.press(deed)
        curator.wait_for_notice("Undo")

    def _open_list(self, name: str) -> bool:
        """Whether there is anything on it."""
        self.curator.go_to("Catalog", "State of the catalog")
        link = self.curator.main.get_by_role("link", name=re.compile(f"^{name}"))
        if link.count() == 0:
            return False
        self.curator.click(link)
        self.curator.wait_for(name)
        return True

    def _merge_copies(self) -> None:
        curator = self.curator
        curator.matter = COPIES
        curator.go_to("Duplicates", "Duplicates")
        while curator.main.locator("input[name=group]").count():
            curator.tick_all()
            curator.press("Merge what is ticked, as suggested")
            curator.wait_for_notice("merged")

    def _merge_artists(self) -> None:
        """Those that are one by their names; of others the curator knows that they are not."""
        curator = self.curator
        curator.matter = ARTISTS
        meant = {song.tags["artist"]: song.meant["artist"] for song in self.songs if "artist" in song.tags}
        curator.go_to("Artists", "Artists")
        while (row := self._find_alike(meant)) is not None:
            curator.click(row.get_by_role("link", name=re.compile("^Merge …")))
            curator.wait_for("Merge artists")
            curator.press("Merge")
            curator.wait_for_notice("merged into")

    def _find_alike(self, meant: Mapping[str, str]):
        for row in self.curator.main.locator("li.row").all():
            one, other = row.locator(".names > span > a").all_inner_texts()
            if meant.get(one) == meant.get(other):
                return row
        return None

    def _name_artists(self) -> None:
        curator = self.curator
        curator.matter = "no artist"
        said = self.catalog.read()
        wanted = {said[song.file_name].track_id: song for song in self.songs if song.kind == Kind.NO_ARTIST}
        is_there = self._open_list(LISTS["no artist"][1])
        for track_id, song in wanted.items() if is_there else ():
            curator.click(curator.main.locator(f"input[name=track][value='{track_id}']"))
            curator.press("Edit …")
            curator.wait_for("Edit 1 track")
            curator.choose(curator.main.locator("#id_artists_how"), "Set to")
            curator.write(curator.main.locator("#id_artists"), song.meant["artist"])
            curator.press("See what would change")
            curator.press("Change 1 track")
            curator.wait_for_notice("described")

    def _accept_genres(self) -> None:
        curator = self.curator
        curator.matter = "no genre"
        curator.go_to("Catalog", "State of the catalog")
        curator.click(curator.main.get_by_role("link", name="Suggestions", exact=True))
        curator.wait_for("Suggestions")
        if curator.main.get_by_role("button", name="Accept all of the catalog").count():
            curator.press("Accept all of the catalog")
            curator.wait_for_notice("Undo")

    def take_everything_back(self) -> None:
        curator = self.curator
        curator.matter = "taking all of it back"
        curator.go_to("Done", "Done")
        while curator.main.locator("input[name=act]").count():
            curator.tick_all()
            curator.press("Take back what is ticked")
            curator.wait_for("Take this back?")
            curator.press("Take it back")
            curator.wait_for_notice("taken back")
        self._wait()

    def _is_mended(self, song: Song, said: Mapping[str, Said]) -> bool:
        now = said[song.file_name]
        if song.kind in (Kind.CLIPPED, Kind.LONG):
            return not now.is_recommendable
        if song.kind in (Kind.ARTIST, Kind.NO_ARTIST):
            return now.artist == song.meant["artist"]
        if song.kind == Kind.NO_GENRE:
            return now.genres == song.meant["genre"]
        if song.kind == Kind.YEAR:
            return str(now.year) == song.meant["date"]
        if song.kind == Kind.RELEASE:
            return now.release == song.meant["album"]
        if song.kind == Kind.COPY:
            return self._count_alive(song.of, said) == 1
        return bool(now.is_deleting)

    def _count_alive(self, number: int | None, said: Mapping[str, Said]) -> int:
        one = [song for song in self.songs if number in (song.number, song.of)]
        return sum(not said[song.file_name].is_deleting for song in one)

    def find_touched(self, before: Mapping[str, Said], after: Mapping[str, Said]) -> set[str]:
        """What was in order and is not as it was, but for what was merged: of that one is to be left."""
        copied = {song.of for song in self.songs} - {None}
        alone = {song.file_name for song in self.songs if song.kind == Kind.GOOD and song.number not in copied}
        lost = {self.songs[number].file_name for number in copied if self._count_alive(number, after) == 0}
        return {name for name in alone if before[name] != after[name]} | lost


def write_table(trial: Trial) -> str:
    clicks, keys = trial.curator.clicks, trial.curator.keys
    rows = [
        "| | planted | found | missed | falsely accused | clicks | letters | left |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for matter, finding in trial.findings.items():
        counts = [finding.planted, finding.found, finding.missed, finding.accused]
        numbers = [*map(len, counts), clicks[matter], keys[matter], trial.left[matter]]
        rows.append(f"| {matter} | {' | '.join(map(str, numbers))} |")
    back = "taking all of it back"
    rows.append(f"| {back} | | | | | {clicks[back]} | | |")
    rows.append(f"| all | | | | | {clicks.total()} | {keys.total()} | |")
    told = [f"{matter}: {sorted(finding.accused)}" for matter, finding in trial.findings.items() if finding.accused]
    missed = [f"{matter}, missed: {sorted(finding.missed)}" for matter, finding in trial.findings.items()]
    return "\n".join([*rows, "", *told, *missed])
