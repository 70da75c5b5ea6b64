"""Somebody at the desk whose clicks and keys are counted, and what the catalog says of itself meanwhile."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.stack import Stack

# What a curator may change of a track.
SAID = """
  select track.file_name, track.id, track.title, artist.name, release.title, releaser.name, track.year, release.year,
    (select group_concat(name, '; ') from (
      select genre.name from catalog_genre genre join catalog_track_genres link on link.genre_id = genre.id
      where link.track_id = track.id order by genre.name_key)),
    track.is_recommendable, track.visibility, track.is_deleting
  from catalog_track track
  left join catalog_artist artist on artist.id = track.artist_id
  left join catalog_release release on release.id = track.release_id
  left join catalog_artist releaser on releaser.id = release.artist_id
"""
PAIRS = """
  select pair.id, pair.first_id, pair.second_id, first.file_name, second.file_name from catalog_recordingpair pair
  join catalog_track first on first.id = pair.first_id join catalog_track second on second.id = pair.second_id
  where pair.verdict = 'proposed' and not first.is_deleting and not second.is_deleting
"""


class Pair(NamedTuple):
    """Two tracks that may be one recording, and their files."""

    number: int
    first_id: int
    second_id: int
    one: str
    other: str


class Said(NamedTuple):
    """What a track is and says of itself."""

    track_id: int
    title: str
    artist: str | None
    release: str | None
    released_by: str | None
    own_year: int | None
    release_year: int | None
    genres: str | None
    is_recommendable: bool
    visibility: str
    is_deleting: bool

    @property
    def year(self) -> int | None:
        return self.own_year or self.release_year


@dataclass(frozen=True)
class Catalog:
    """The truth of a running stack, by the names of the files."""

    stack: Stack

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        address = f"file:{self.stack.home / 'soundalike.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=30)) as database:
            return database.execute(query).fetchall()

    def read(self) -> dict[str, Said]:
        return {row[0]: Said(*row[1:]) for row in self.ask(SAID)}

    def pairs(self) -> list[Pair]:
        """What the desk takes for one recording, and nobody has judged."""
        return [Pair(*row) for row in self.ask(PAIRS)]

    def artists(self) -> dict[int, str]:
        return dict(self.ask("select id, name from catalog_artist"))

    def count(self) -> int:
        return int(self.ask("select count(*) from catalog_track")[0][0])

    def is_settled(self) -> bool:
        """Whether nothing waits: no analysis, no comparison of fingerprints, no job."""
        waiting = (
            "catalog_analysis where state in ('queued', 'analysing', 'indexing')",
            "catalog_fingerprint where compared_at is null",
            "curation_job where state in ('waiting', 'running')",
        )
        return not any(self.ask(f"select count(*) from {each}")[0][0] for each in waiting)


@dataclass
class Curator:
    """`matter`: what the clicks and keys are for at the moment."""

    page: Any
    matter: str = ""
    clicks: Counter[str] = field(default_factory=Counter)
    keys: Counter[str] = field(default_factory=Counter)

    @property
    def main(self) -> Any:
        return self.page.locator("main")

    def click(self, place: Any) -> None:
        place.click()
        self.clicks[self.matter] += 1

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """What is clicked within leads to another page, and that is waited for."""
        self.page.evaluate("() => { document.querySelector('main h1').dataset.left = '1'; }")
        yield
        self.page.wait_for_function("() => document.querySelector('main h1:not([data-left])')")

    def press(self, button: str, *, within: Any = None) -> None:
        """A button by its name."""
        self.click((within or self.main).get_by_role("button", name=button, exact=True).first)

    def write(self, place: Any, text: str) -> None:
        """Into a field that is there already; every letter counts."""
        place.fill(text)
        self.keys[self.matter] += len(text)

    def choose(self, place: Any, label: str) -> None:
        """Of a list that opens: one click for it, one for the choice."""
        place.select_option(label=label)
        self.clicks[self.matter] += 2

    def go_to(self, tab: str, heading: str) -> None:
        self.click(
            self.page.get_by_role("navigation", name="Desk", exact=True).get_by_role("link", name=tab, exact=True)
        )
        self.wait_for(heading)

    def tick_all(self) -> None:
        """Scripts come a moment after their page: who clicks too early clicks again, and is not charged for that."""
        button, box = (
            self.main.locator("[data-tick-all]"),
            self.main.locator("input[type=checkbox][form], li input[type=checkbox]"),
        )
        self.click(button)
        while not box.first.is_checked():
            self.page.wait_for_timeout(200)
            button.click()

    def wait_for(self, heading: str) -> None:
        self.page.get_by_role("heading", level=1, name=heading, exact=True).wait_for()

    def wait_for_notice(self, text: str) -> None:
        self.page.locator(".notices", has_text=text).wait_for()
