"""A collection as one finds it: 500 short tracks, most of them in order, and some amiss in ways that are written down.

    python -m tests.flows.planting FOLDER

writes it for those who want to try the desk by hand, with what was planted in FOLDER/planted.csv.
"""

import csv
import functools
import math
import random
import sys
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np
from PIL import Image

from embeddings.synthesis import CONTAINERS, Samples, list_styles, synthesise, write_audio

SECONDS = 16.0
RATE_HZ = 22_050
ARTISTS, RELEASES, PER_RELEASE = 46, 2, 5
PER_ARTIST = RELEASES * PER_RELEASE
GENRES = dict(zip(list_styles(), ("Classical", "Rock", "Techno", "Ambient", "Chiptune", "Folk"), strict=True))
# What files people have, with their bit rates. MP3 takes ten times as long to write as FLAC.
FILES = (("flac", None), ("mp3", 128_000), ("flac", None), ("opus", 96_000), ("flac", None), ("mp3", 96_000))
FIRST = [
    *("Amber", "Northern", "Silver", "Velvet", "Hollow", "Paper"),
    *("Copper", "Winter", "Harbour", "Marble", "Linen", "Juniper"),
]
SECOND = ["Rooms", "Lanterns", "Engines", "Tides", "Signals", "Orchards"]
THIRD = [
    *("Lamplight", "Undertow", "Causeway", "Threshold", "Meadow", "Furnace"),
    *("Almanac", "Foxglove", "Estuary", "Gravel", "Overture"),
]
# A semitone between two songs of an artist; the middle part of each at no pitch that others have.
HIGHEST, SECOND_PART = 2 ** (5 / 12), 1.4
LONG_SECONDS, LONG_RATE_HZ = 21 * 60, 8_000
# Less than can be compared with anything.
SHORT_SECONDS = 0.3
# Of so many artists three tracks each are spelt otherwise, in two ways.
MISSPELT_ARTISTS = (5, 17, 29, 41)


class Kind(StrEnum):
    """What a file was planted as. GOOD ones are to be left alone, whatever is done to the others."""

    GOOD = "good"
    COPY = "copy of another"
    ARTIST = "artist spelt otherwise"
    RELEASE = "release misspelt"
    NO_ARTIST = "no artist"
    NO_GENRE = "no genre"
    YEAR = "year 0203"
    SILENT = "silent"
    CUT_OFF = "cut off"
    BROKEN = "broken"
    CLIPPED = "clipped"
    SHORT = "too short"
    LONG = "very long"


COPIES = 40
FAULTS = {
    Kind.RELEASE: 4,
    Kind.NO_ARTIST: 4,
    Kind.NO_GENRE: 6,
    Kind.YEAR: 4,
    Kind.SILENT: 15,
    Kind.CUT_OFF: 5,
    Kind.BROKEN: 5,
    Kind.CLIPPED: 10,
    Kind.SHORT: 4,
    Kind.LONG: 1,
}


@dataclass(frozen=True, kw_only=True)
class Song:
    """`tags` are those of the file, `meant` those that it ought to have; `of` is the number of what it is a copy of."""

    number: int
    artist: int
    meant: dict[str, str]
    tags: dict[str, str]
    kind: Kind = Kind.GOOD
    of: int | None = None

    @property
    def style(self) -> str:
        return list_styles()[self.artist % len(GENRES)]

    @property
    def pitch(self) -> float:
        """So many times as high and as fast as the theme of the artist."""
        place = (self.number if self.of is None else self.of) % PER_ARTIST
        return float(HIGHEST * 2 ** (-place / 12))

    @property
    def encoding(self) -> tuple[str, int | None]:
        if self.kind == Kind.LONG:
            return "mp3", 32_000
        # Of other kinds the first bytes already tell that it is no music.
        if self.kind == Kind.BROKEN:
            return "flac", None
        return FILES[(self.number + (self.of is not None)) % len(FILES)]

    @property
    def seconds(self) -> float:
        if self.kind == Kind.SHORT:
            return SHORT_SECONDS
        # Else silences would be one and the same file.
        return SECONDS + (self.number / 100 if self.kind == Kind.SILENT else 0)

    @property
    def file_name(self) -> str:
        return f"{self.number:04}{CONTAINERS[self.encoding[0]].suffix}"


def plan_songs() -> list[Song]:
    """The same 500 each time: what is in order or amiss first, then the copies of what is in order."""
    songs = [_plan_song(number) for number in range(ARTISTS * PER_ARTIST)]
    for artist in MISSPELT_ARTISTS:
        for place, spell in ((1, _leave_out_the), (4, _leave_out_the), (8, _swap_letters)):
            song = songs[artist * PER_ARTIST + place]
            songs[song.number] = _amiss(song, Kind.ARTIST, artist=spell(song.tags["artist"]))
    chance = random.Random(7)
    others = chance.sample([song for song in songs if song.kind == Kind.GOOD], sum(FAULTS.values()) + COPIES - 2)
    for kind, count in FAULTS.items():
        for song in others[:count]:
            songs[song.number] = _spoil(song, kind)
        del others[:count]
    # Two of them are there three times.
    originals = [*others, *others[:2]]
    return songs + [_plan_copy(len(songs) + place, song) for place, song in enumerate(originals)]


def plant(folder: Path) -> list[Song]:
    """Write all of them, each artist's into a folder with a cover."""
    songs = plan_songs()
    for song in songs:
        home = folder / (f"{song.artist:02}" if song.of is None else "copies")
        if not home.exists():
            home.mkdir(parents=True)
            _draw_cover(home, song)
        _write(home / song.file_name, song)
    return songs


def _plan_song(number: int) -> Song:
    artist, place = divmod(number, PER_ARTIST)
    name = f"The {FIRST[artist % len(FIRST)]} {SECOND[(artist + artist // len(FIRST)) % len(SECOND)]}"
    release = f"{THIRD[artist % len(THIRD)]} {('and After', 'Sessions')[place // PER_RELEASE]}"
    tags = {
        "title": f"{FIRST[number % len(FIRST)]} {THIRD[number % len(THIRD)]} {number // 132 + 1}",
        "artist": name,
        "album": release,
        "genre": GENRES[list_styles()[artist % len(GENRES)]],
        "date": str(1980 + artist),
        "track": str(place % PER_RELEASE + 1),
    }
    return Song(number=number, artist=artist, meant=tags, tags=tags)


def _plan_copy(number: int, song: Song) -> Song:
    """As such files are named: the number in the title, another release, and neither genre nor year."""
    track, title = int(song.meant["track"]), song.meant["title"]
    tags = {"title": f"{track:02} {title}", "artist": song.meant["artist"], "album": "Collected"}
    return replace(song, number=number, kind=Kind.COPY, of=song.number, tags=tags)


def _spoil(song: Song, kind: Kind) -> Song:
    if kind == Kind.RELEASE:
        return _amiss(song, kind, album=_swap_letters(song.tags["album"]))
    if kind == Kind.YEAR:
        return _amiss(song, kind, date="0203")
    missing = {Kind.NO_ARTIST: "artist", Kind.NO_GENRE: "genre"}.get(kind)
    return replace(song, kind=kind, tags={name: text for name, text in song.tags.items() if name != missing})


def _amiss(song: Song, kind: Kind, **tags: str) -> Song:
    return replace(song, kind=kind, tags={**song.tags, **tags})


def _leave_out_the(name: str) -> str:
    return name.removeprefix("The ")


def _swap_letters(name: str) -> str:
    return f"{name[:-3]}{name[-2]}{name[-3]}{name[-1]}"


def _write(path: Path, song: Song) -> None:
    container, bit_rate = song.encoding
    rate_hz = LONG_RATE_HZ if song.kind == Kind.LONG else RATE_HZ
    write_audio(path, _sound(song), rate_hz, container=container, tags=song.tags, bit_rate=bit_rate)
    content = path.read_bytes()
    if song.kind == Kind.CUT_OFF:
        path.write_bytes(content[: len(content) * 3 // 5])
    elif song.kind == Kind.BROKEN:
        path.write_bytes(content[:600] + random.Random(song.number).randbytes(len(content)))


def _sound(song: Song) -> Samples:
    """float32 (channels, samples)."""
    if song.kind == Kind.SILENT:
        return np.zeros((2, round(song.seconds * RATE_HZ)), np.float32)
    samples = _play(song)
    if song.kind == Kind.CLIPPED:
        return np.clip(40 * samples, -1, 1)
    if song.kind == Kind.LONG:
        return np.tile(samples[:1], math.ceil(LONG_SECONDS * LONG_RATE_HZ / samples.shape[1]))
    if song.kind == Kind.COPY:
        return samples[:, round(song.number % 3 * 1.5 * RATE_HZ) :]
    return samples


def _play(song: Song) -> Samples:
    """A part, the same at another pitch, and as at first."""
    theme = _theme(song.style, song.artist)
    once = [_at_pitch(theme, song.seconds / 3, song.pitch * higher) for higher in (1, SECOND_PART)]
    return np.concatenate([*once, once[0]], axis=1)


@functools.lru_cache(2)
def _theme(style: str, seed: int) -> Samples:
    """What all songs of an artist are made of: making music takes longer than all the rest."""
    return synthesise(style, seed, SECONDS / 3 * HIGHEST * SECOND_PART, RATE_HZ)


def _at_pitch(samples: Samples, seconds: float, pitch: float) -> Samples:
    wanted = np.arange(round(seconds * RATE_HZ)) * pitch
    known = np.arange(samples.shape[1])
    return np.stack([np.interp(wanted, known, channel) for channel in samples]).astype(np.float32)


def _draw_cover(folder: Path, song: Song) -> None:
    if song.of is None:
        colour = tuple(int(40 + 170 * ((song.artist * factor) % 46) / 46) for factor in (7, 11, 29))
        Image.new("RGB", (320, 320), colour).save(folder / "cover.png")


def main(folder: Path) -> None:
    songs = plant(folder)
    with (folder / "planted.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "kind", "copy of", "title", "artist"])
        rows.writerows(
            [song.file_name, song.kind, song.of, song.meant["title"], song.meant["artist"]] for song in songs
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
