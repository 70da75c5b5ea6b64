"""What paths, blends, groups, descriptions and missing tracks cost in a large catalog, in plain lists of neighbours."""

import time
from collections.abc import Callable

import numpy as np
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommender.catalog.models import (
    Analysis,
    AnalysisState,
    Artist,
    AudioFile,
    Credit,
    Embedding,
    Release,
    Track,
    TrackTag,
    Visibility,
)
from recommender.listening.feedback import give_opinion
from recommender.listening.models import Verdict
from recommender.similarity.blend import Ingredient, Recipe, find_blend
from recommender.similarity.describing.describe import find_described
from recommender.similarity.describing.vocabulary import SPOKEN
from recommender.similarity.groups import find_similar_artists, find_similar_releases
from recommender.similarity.missing import find_missing
from recommender.similarity.path import find_path
from recommender.similarity.recommend import similar_to
from recommender.similarity.sync import synchronise_space
from recommender.similarity.vectors import to_bytes
from tests.people import make_space, make_user

SIZE, DIMENSION, ARTISTS, RELEASES, STYLES = 10_000, 256, 700, 1_200, 60
REPEATS = 12
NOBODY = AnonymousUser()


def fill(space) -> None:
    """Tracks in styles, with words, tempi, years, and an artist and a release each, whose style they mostly have."""
    rng = np.random.default_rng(0)
    owner = make_user()
    styles = rng.standard_normal((STYLES, DIMENSION))
    by, on = rng.integers(0, ARTISTS, SIZE), rng.integers(0, RELEASES, SIZE)
    vectors = 0.9 * styles[by % STYLES] + rng.standard_normal((SIZE, DIMENSION)) + 1.2 * styles[0]
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    artists = Artist.objects.bulk_create([Artist(name=f"Artist {n}", name_key=f"artist {n}") for n in range(ARTISTS)])
    releases = Release.objects.bulk_create(
        [Release(title=f"R {n}", title_key=f"r {n}", artist=artists[n % ARTISTS]) for n in range(RELEASES)]
    )
    files = [AudioFile(sha256=f"{n:064x}", size_bytes=1, media_type="audio/mpeg", suffix=".mp3") for n in range(SIZE)]
    AudioFile.objects.bulk_create(files, batch_size=2_000)
    measured = rng.random((SIZE, 2))
    tracks = [
        Track(
            owner=owner, audio_file=files[n], file_name="t.mp3", title=f"T {n}", title_key=f"t {n}",
            artist=artists[by[n]], release=releases[on[n]], visibility=Visibility.PUBLISHED, is_playable=True,
            duration_seconds=60 + n % 300, year=1960 + n % 60, tempo_bpm=60 + 110 * measured[n, 0],
            tempo_confidence=0.9, energy=measured[n, 1], brightness=measured[n, 0], key=n % 24, key_confidence=0.9,
        )
        for n in range(SIZE)
    ]  # fmt: skip
    Track.objects.bulk_create(tracks, batch_size=2_000)
    Credit.objects.bulk_create([Credit(track=tracks[n], artist=artists[by[n]]) for n in range(SIZE)], batch_size=5_000)
    words = sorted(SPOKEN)
    tags = [
        TrackTag(track=tracks[n], name=words[word], probability=rng.random())
        for n in range(SIZE)
        for word in rng.choice(len(words), 8, replace=False)
    ]
    TrackTag.objects.bulk_create(tags, batch_size=5_000)
    states = [Analysis(track=track, space=space, state=AnalysisState.INDEXING) for track in tracks]
    Analysis.objects.bulk_create(states, batch_size=5_000)
    rows = [Embedding(track=tracks[n], space=space, vector=to_bytes(vectors[n])) for n in range(SIZE)]
    Embedding.objects.bulk_create(rows, batch_size=2_000)
    synchronise_space(space)


def measure(work: Callable[[int], object]) -> tuple[float, float, int]:
    """Milliseconds of processor time, half the runs and the worst, and queries. Other processes do not count."""
    work(0)
    times, queries = [], []
    for number in range(REPEATS):
        with CaptureQueriesContext(connection) as captured:
            began = time.process_time()
            work(number)
            times.append(time.process_time() - began)
        queries.append(len(captured))
    median, worst = np.quantile(times, [0.5, 1]) * 1000
    return float(median), float(worst), max(queries)


@pytest.mark.bench
@pytest.mark.timeout(900)
@pytest.mark.django_db
@pytest.mark.usefixtures("milvus_server")
def test_costs_in_a_large_catalog(capsys):
    fill(make_space(DIMENSION))
    tracks = list(Track.objects.select_related("audio_file").order_by("pk")[: 40 * 97 : 97])
    artists, releases = list(Artist.objects.all()[:REPEATS]), list(Release.objects.all()[:REPEATS])

    listener = make_user()
    for track in tracks[:12]:
        give_opinion(listener, track, Verdict.LIKE)

    def blend(count: int, number: int) -> object:
        likes = [Ingredient(track=track) for track in tracks[number : number + count]]
        unlikes = [Ingredient(track=track) for track in tracks[number + 20 : number + 22]]
        return find_blend(Recipe(likes=likes, unlikes=unlikes), NOBODY)

    works = {
        "neighbours": lambda number: similar_to(tracks[number], NOBODY),
        "path of 8": lambda number: find_path(tracks[number], tracks[number + 1], NOBODY, 8),
        "path of 30": lambda number: find_path(tracks[number], tracks[number + 1], NOBODY, 30),
        "blend of 3, 2 unlike": lambda number: blend(3, number),
        "blend of 15, 2 unlike": lambda number: blend(15, number),
        "similar artists": lambda number: find_similar_artists(artists[number], NOBODY),
        "similar releases": lambda number: find_similar_releases(releases[number], NOBODY),
        "calm piano": lambda _number: find_described("calm piano", NOBODY),
        "five terms": lambda _number: find_described("slow bright guitar 90s without drums", NOBODY),
        "calm piano, with taste": lambda _number: find_described("calm piano", listener),
        "missing": lambda _number: find_missing(listener, 40),
    }
    with capsys.disabled():
        print(f"\n{SIZE} tracks")
        bare, _, _ = measure(works["neighbours"])
        for name, work in works.items():
            median, worst, queries = measure(work)
            cost = f"({median:4.0f} ms, worst {worst:4.0f}), {queries} queries"
            print(f"{name:22s} {median / bare:4.1f} x neighbours {cost}")
