"""What the map costs: laying it out, placing tracks on it, asking whether it is behind, and sending its points."""

import io
import resource
import subprocess
import sys
import time
import tracemalloc

import numpy as np
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.urls import reverse

from recommender.catalog.models import AudioFile, Embedding, MapPoint, MapRegion, Track, Visibility
from recommender.catalog.triggers import drop_triggers
from recommender.similarity.map.data import count_regions, read_points
from recommender.similarity.map.drawing import _read_laid_out, draw_map, is_map_behind, is_outgrown
from recommender.similarity.vectors import to_bytes
from tests.people import make_space, make_user

PROGRAM = """
import sys
from pathlib import Path
from recommender.similarity.map import tsne

tsne.ITERATIONS = 250
tsne.main()
most = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
sys.stderr.write(most[0])
"""
LAID_OUT, SENT, DIMENSION, BATCH = (10_000, 20_000), 100_000, 256, 5_000


def make_tracks(count):
    """Nine in ten published."""
    drop_triggers()
    owner = make_user()
    files = AudioFile.objects.bulk_create(
        (
            AudioFile(sha256=f"{number:064x}", size_bytes=1, media_type="audio/x", suffix=".mp3")
            for number in range(count)
        ),
        batch_size=BATCH,
    )
    return Track.objects.bulk_create(
        (
            Track(
                owner=owner,
                audio_file=audio_file,
                title="a",
                title_key="a",
                is_playable=True,
                visibility=Visibility.PUBLISHED if number % 10 else Visibility.PRIVATE,
            )
            for number, audio_file in enumerate(files)
        ),
        batch_size=BATCH,
    )


def make_vectors(count):
    """Sixty crowds of different sizes, as genres are."""
    rng = np.random.default_rng(1)
    middles = rng.standard_normal((60, DIMENSION))
    about = middles[np.minimum(rng.exponential(15, count), 59).astype(int)]
    vectors = about + 1.2 * rng.standard_normal((count, DIMENSION))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def measure(ask, repeats=1):
    """Its answer, and the median of the seconds it takes."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        answer = ask()
        times.append(time.perf_counter() - began)
    return answer, float(np.median(times))


def measure_seconds_of_cpu(ask):
    """Its answer, and what it takes with the programs it starts, whatever else the machine does."""
    began = _spent()
    answer = ask()
    return answer, _spent() - began


def _spent():
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def measure_program(vectors):
    """The most MiB that t-SNE has at once. Few rounds: it takes what it takes before the first."""
    given = io.BytesIO()
    np.savez(given, points=vectors[:, :50], start=vectors[:, :2], exaggeration=np.float64(1))
    told = subprocess.run([sys.executable, "-c", PROGRAM], input=given.getvalue(), capture_output=True, check=True)
    return int(told.stderr.split()[-2]) / 1024


def measure_kibibytes(ask):
    """The most memory that its objects hold at once. Slows it down."""
    tracemalloc.start()
    ask()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1024


@pytest.mark.bench
@pytest.mark.django_db
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("size", LAID_OUT)
def test_laying_out(size, capsys):
    space = make_space(DIMENSION)
    tracks, vectors = make_tracks(size), make_vectors(size)
    Embedding.objects.bulk_create(
        (
            Embedding(track=track, space=space, vector=to_bytes(vector), indexed_generation=space.generation)
            for track, vector in zip(tracks, vectors, strict=True)
        ),
        batch_size=BATCH,
    )
    _, bare = measure_seconds_of_cpu(lambda: vectors[:2_000] @ vectors.T)
    _, first = measure_seconds_of_cpu(lambda: draw_map(space))
    _, again = measure_seconds_of_cpu(lambda: draw_map(space))
    held = measure_kibibytes(lambda: _read_laid_out(space)) / 1024
    behind, asking = measure(lambda: is_map_behind(space), 5)
    assert not behind
    with capsys.disabled():
        print(
            f"\n{size:,} tracks: drawn in {first:.0f} s of CPU, again in {again:.0f} s, {first / bare:.0f} and "
            f"{again / bare:.0f} x the cosines of 2,000 with all; the vectors are {held:.0f} MiB, t-SNE takes "
            f"{measure_program(vectors[:10_000]):.0f} MiB; whether it is behind in {asking * 1000:.0f} ms"
        )


@pytest.mark.bench
@pytest.mark.django_db
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("uncollected")
def test_sending_points(capsys):
    space, rng = make_space(DIMENSION), np.random.default_rng(1)
    tracks = make_tracks(SENT)
    MapRegion.objects.bulk_create(
        MapRegion(space=space, number=number, name=f"region {number}", x=1, y=1) for number in range(1, 71)
    )
    MapPoint.objects.bulk_create(
        (
            MapPoint(track=track, space=space, x=x, y=y, region=region)
            for track, (x, y, region) in zip(tracks, rng.integers(1, [65_536, 65_536, 71], (SENT, 3)), strict=True)
        ),
        batch_size=BATCH,
    )
    Embedding.objects.bulk_create(
        (Embedding(track=track, space=space, vector=b"", indexed_generation=space.generation) for track in tracks),
        batch_size=BATCH,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        _, bare = measure(lambda: cursor.execute("SELECT track_id, x, y, region FROM catalog_mappoint").fetchall(), 5)
    client = Client()
    answer, sending = measure(lambda: client.get(reverse("map_points")), 5)
    same = {"If-None-Match": answer["ETag"]}
    _, unchanged = measure(lambda: client.get(reverse("map_points"), headers=same), 5)
    _, regions = measure(lambda: count_regions(space, AnonymousUser()), 5)
    _, page = measure(lambda: client.get(reverse("map")), 5)
    _, outgrown = measure(lambda: is_outgrown(space), 5)
    _, behind = measure(lambda: is_map_behind(space), 5)
    held = measure_kibibytes(lambda: read_points(space, AnonymousUser()))
    with capsys.disabled():
        print(
            f"\n{SENT:,} points, nine in ten to be seen: {len(answer.content):,} bytes in {sending * 1000:.0f} ms, "
            f"{sending / bare:.1f} x reading the bare table; unchanged in {unchanged * 1000:.0f} ms; {held:,.0f} KiB "
            f"held; regions counted in {regions * 1000:.0f} ms, their page in {page * 1000:.0f} ms; whether the map is "
            f"outgrown in {outgrown * 1000:.0f} ms, behind at all in {behind * 1000:.0f} ms"
        )
