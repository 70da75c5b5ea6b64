"""What a curator does with 500 tracks of which some are amiss, and what it takes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.flows.curating import Catalog, Curator, Pair, Said
from tests.flows.finding import ARTISTS, COPIES, LISTS, PLANTED, Finding, Look, name_meant, name_recordings
from tests.flows.planting import Kind, Song
from tests.stack import Browser, wait_until

PATIENCE_SECONDS = 900
TRASH, HIDE = "Move to the trash", "Hide from recommendations"


@dataclass
class Trial:
    """`left`: by matter how much of what was planted is not mended after all."""

    songs: Sequence[Song]
    catalog: Catalog
    curator: Curator
    browser: Browser
    findings: dict[str, Finding] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)

    def look_at_everything(self) -> None:
        """Before anything is done."""
        self.findings = Look(self.songs, self.catalog, self.browser).find_all()

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
            with curator.leaving():
                curator.click(again.first)
        self._wait()

    def _empty_list(self, matter: str, deed: str) -> None:
        """But for what is in order, as one hears or sees."""
        curator = self.curator
        curator.matter = matter
        if not self._open_list(LISTS[matter][1]):
            return
        curator.tick_all()
        said = self.catalog.read()
        for name in self.findings[matter].accused:
            curator.click(curator.main.locator(f"input[name=track][value='{said[name].track_id}']"))
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
        """As suggested, but for what the ear tells apart; that is judged group after group."""
        curator = self.curator
        curator.matter = COPIES
        curator.go_to("Duplicates", "Duplicates")
        while groups := curator.main.locator("input[name=group]").all():
            wrong = [box for box in groups if self._find_wrong(int(box.get_attribute("value")))]
            if len(wrong) < len(groups):
                self._merge_ticked(wrong)
            elif (further := curator.main.locator("a[rel=next]")).count():
                with curator.leaving():
                    curator.click(further)
            else:
                break
        if groups:
            with curator.leaving():
                curator.click(curator.main.get_by_role("link", name=re.compile("^Compare")).first)
        here = curator.main.locator("#judge input[name=group]")
        while here.count():
            self._judge(int(here.get_attribute("value")))

    def _merge_ticked(self, wrong: Sequence[Any]) -> None:
        self.curator.tick_all()
        for box in wrong:
            self.curator.click(box)
        with self.curator.leaving():
            self.curator.press("Merge what is ticked, as suggested")

    def _judge(self, group: int) -> None:
        curator, pairs = self.curator, self._pairs_of(group)
        wrong = self._find_wrong(group)
        with curator.leaving():
            if not wrong:
                curator.press("Merge")
            elif len(pairs) == 1:
                curator.press("Different for good")
            else:
                form = curator.main.locator(
                    "form", has=curator.page.locator(f"input[name=pair][value='{wrong[0].number}']")
                )
                curator.click(form.get_by_role("button"))

    def _find_wrong(self, group: int) -> list[Pair]:
        """Those pairs of a group that are no copies."""
        root = name_recordings(self.songs)
        return [pair for pair in self._pairs_of(group) if root[pair.one] != root[pair.other]]

    def _pairs_of(self, group: int) -> list[Pair]:
        pairs, within = self.catalog.pairs(), {group}
        for _ in pairs:
            within |= {number for pair in pairs if within & {*pair[1:3]} for number in pair[1:3]}
        return [pair for pair in pairs if pair.first_id in within]

    def _merge_artists(self) -> None:
        """Those that are one by their names; of others the curator knows that they are not."""
        curator = self.curator
        curator.matter = ARTISTS
        meant = name_meant(self.songs)
        curator.go_to("Artists", "Artists")
        while (link := self._find_alike(meant)) is not None:
            with curator.leaving():
                curator.click(link)
            with curator.leaving():
                curator.press("Merge")

    def _find_alike(self, meant: Mapping[str, str]) -> Any:
        """The first suggestion that is right, None where there is none."""
        names = self.catalog.artists()
        for link in self.curator.main.locator("a[href*='merge?artist=']").all():
            one, other = (names[int(number)] for number in re.findall(r"artist=(\d+)", link.get_attribute("href")))
            if meant.get(one) == meant.get(other):
                return link
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
        if curator.main.locator("#least").count():
            curator.press("Accept in the whole catalog")
            curator.wait_for_notice("Undo")

    def take_everything_back(self) -> None:
        curator = self.curator
        curator.matter = "taking all of it back"
        curator.go_to("Done", "Done")
        further = curator.main.locator("a[rel=next]")
        while (is_open := curator.main.locator("input[type=checkbox][name=act]").count()) or further.count():
            if is_open:
                self._take_back_page()
            else:
                with curator.leaving():
                    curator.click(further)
        self._wait()

    def _take_back_page(self) -> None:
        self.curator.tick_all()
        with self.curator.leaving():
            self.curator.press("Take back what is ticked")
        with self.curator.leaving():
            self.curator.press("Take it back")

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
