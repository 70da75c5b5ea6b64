"""What pages of a large library cost in queries and time, and how that grows from ten to a hundred thousand tracks."""

import random
import time

import numpy as np
import pytest
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommender.accounts.models import Role
from recommender.catalog.models import (
    Analysis,
    AnalysisState,
    Artist,
    AudioFile,
    Cover,
    Credit,
    Genre,
    Release,
    Track,
    TrackTag,
    Visibility,
)
from recommender.catalog.names import fold
from recommender.catalog.statistics import refresh_statistics
from recommender.catalog.triggers import create_triggers, drop_triggers
from tests.people import make_space, make_user

SIZES = (10_000, 100_000)
REPEATS = 20
BATCH = 5_000
SYLLABLES = [consonant + vowel for consonant in "bcdfghjklmnprstvwz" for vowel in "aeio"]
SUFFIXES = (".mp3", ".mp3", ".mp3", ".flac", ".flac", ".ogg", ".opus", ".wav", ".m4a")
TAGS = [f"mood {number}" for number in range(40)]


PAGES = {
    "home": "/",
    "library": "/library/",
    "list by title": "/library/?sort=title&view=list",
    "far down by title": "/library/?after=500~mo&sort=title",
    "by artist": "/library/?sort=artist",
    "by release": "/library/?sort=-release",
    "by tempo": "/library/?sort=tempo",
    "large genre": "/library/?genre={large}",
    "small genre": "/library/?genre={small}&sort=title",
    "tag": "/library/?tag=mood+3",
    "tempo": "/library/?tempo=slow&sort=energy",
    "decade": "/library/?decade=1970",
    "key": "/library/?key=a-minor",
    "format": "/library/?format=flac",
    "four facets": "/library/?genre={large}&decade=1990&tempo=slow&key=a-minor",
    "search": "/library/?q={title}",
    "search, narrowed": "/library/?q={title}&decade=1990",
    "suggest, 1 letter": "/search/suggest?q={title:.1}",
    "suggest, 3 letters": "/search/suggest?q={title:.3}",
    "suggest, title": "/search/suggest?q={title}",
    "artists": "/artists/",
    "artists from M": "/artists/?after=0~m",
    "large artist": "/artists/{artist}/",
    "releases": "/releases/",
    "releases by title": "/releases/?sort=title",
    "releases by artist": "/releases/?sort=artist",
    "releases by year": "/releases/?sort=year",
    "release": "/releases/{release}/",
    "genres": "/genres/",
}


class Names:
    """Titles of words whose frequencies fall as they do in languages."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.words = sorted({"".join(self.rng.choices(SYLLABLES, k=self.rng.randint(1, 4))) for _ in range(8_000)})
        self.rng.shuffle(self.words)

    def make(self, most: int = 4) -> str:
        count = self.rng.randint(1, most)
        return " ".join(self.words[int(len(self.words) * self.rng.random() ** 3)] for _ in range(count)).title()


def fill_catalog(size: int, seed: int = 1) -> None:
    """`size` tracks of which 90 % are published, ten to a release, with 1.3 artists, 1.2 genres and 3 tags each."""
    drop_triggers()
    names, owner = Names(seed), make_user()
    rng = names.rng
    artists = make_named(Artist, {f"{names.make(2)} {number}" for number in range(size // 25)})
    genres = make_named(Genre, {f"genre {number}" for number in range(200)})
    releases = Release.objects.bulk_create(
        Release(title=title, title_key=fold(title), artist=rng.choice(artists), year=rng.randint(1950, 2026))
        for title in (f"{names.make(3)} {number}" for number in range(size // 10))
    )
    # Four releases in five have a cover.
    covers = [f"{number:064x}" if rng.random() < 0.8 else None for number in range(len(releases))]
    Cover.objects.bulk_create((Cover(sha256=sha256) for sha256 in covers if sha256), batch_size=BATCH)
    files = AudioFile.objects.bulk_create(
        (
            AudioFile(
                sha256=f"{seed:x}{number:063x}", size_bytes=5_000_000, media_type="audio/x", suffix=rng.choice(SUFFIXES)
            )
            for number in range(size)
        ),
        batch_size=BATCH,
    )
    tracks = Track.objects.bulk_create(
        (
            make_row(names, owner, audio_file, releases[number // 10], covers[number // 10])
            for number, audio_file in enumerate(files)
        ),
        batch_size=BATCH,
    )
    describe(tracks, artists, genres, rng)
    create_triggers()
    refresh_statistics()


def make_named(model, names):
    return model.objects.bulk_create(model(name=name, name_key=fold(name)) for name in sorted(names))


def make_row(names: Names, owner, audio_file: AudioFile, release: Release, cover_id: str | None) -> Track:
    rng, title = names.rng, names.make()
    return Track(
        owner=owner,
        audio_file=audio_file,
        file_name="a.mp3",
        title=title,
        release=release,
        artist=release.artist,
        cover_id=cover_id,
        visibility=Visibility.PUBLISHED if rng.random() < 0.9 else Visibility.PRIVATE,
        is_playable=rng.random() < 0.98,
        year=release.year if rng.random() < 0.9 else None,
        tempo_bpm=rng.uniform(60, 190) if rng.random() < 0.95 else None,
        tempo_confidence=1.0,
        key=rng.randrange(24),
        key_confidence=1.0,
        energy=rng.random(),
        duration_seconds=rng.uniform(60, 600),
        waveform=bytes(1_000),
    )


def describe(tracks, artists, genres, rng) -> None:
    space = make_space()
    credited = [Credit(track=track, artist=track.artist) for track in tracks]
    credited += [
        Credit(track=track, artist=artist, position=1)
        for track in tracks
        if rng.random() < 0.3 and (artist := rng.choice(artists)) != track.artist
    ]
    Credit.objects.bulk_create(credited, batch_size=BATCH)
    through = Track.genres.through
    shares = np.arange(1, len(genres) + 1) ** -0.8
    picked = np.random.default_rng(2).choice(len(genres), size=(len(tracks), 2), p=shares / shares.sum())
    pairs = {(track.pk, genres[first].pk) for track, (first, _) in zip(tracks, picked, strict=True)}
    pairs |= {(track.pk, genres[second].pk) for track, (_, second) in zip(tracks[::5], picked[::5], strict=True)}
    through.objects.bulk_create(
        (through(track_id=track, genre_id=genre) for track, genre in sorted(pairs)), batch_size=BATCH
    )
    TrackTag.objects.bulk_create(
        (TrackTag(track=track, name=name, probability=0.5) for track in tracks for name in rng.sample(TAGS, 3)),
        batch_size=BATCH,
    )
    Analysis.objects.bulk_create(
        (Analysis(track=track, space=space, state=AnalysisState.READY) for track in tracks), batch_size=BATCH
    )


def measure(client: Client, address: str) -> tuple[int, float, float]:
    """Queries, and the median and the 95th percentile of the milliseconds, whatever else the machine does."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    queries = len(asked)
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        client.get(address)
        times.append((time.perf_counter() - began) * 1000)
    return queries, *np.quantile(times, [0.5, 0.95])


def measure_pages() -> dict[str, tuple[int, float, float]]:
    counted = Genre.objects.annotate(count=Count("tracks")).order_by("-count")
    known = {
        "large": counted.first().pk,
        "small": counted.last().pk,
        "title": Track.objects.earliest("pk").title.lower(),
        "artist": Artist.objects.annotate(count=Count("credits")).latest("count").pk,
        "release": Release.objects.latest("pk").pk,
    }
    measured = {name: measure(Client(), address.format(**known)) for name, address in PAGES.items()}
    listener = Client()
    listener.force_login(make_user(Role.LISTENER))
    return {**measured, "library, signed in": measure(listener, "/library/"), "home, signed in": measure(listener, "/")}


@pytest.mark.bench
@pytest.mark.usefixtures("uncollected")
@pytest.mark.django_db
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("size", SIZES)
def test_pages_of_a_large_library(size, capsys):
    fill_catalog(size)
    measured = measure_pages()
    with capsys.disabled():
        print(f"\n{size:,} tracks: queries, milliseconds p50 and p95, and p50 as a share of the first size's")
        for name, (queries, median, worst) in measured.items():
            before = _MEDIANS.setdefault(name, median)
            print(f"  {name:20} {queries:3} {median:7.0f} {worst:7.0f} {median / before:6.1f} x")


_MEDIANS: dict[str, float] = {}
