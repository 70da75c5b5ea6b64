"""What the map costs: laying it out, placing tracks on it, asking whether it is behind, and sending its points."""

import gzip
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

from recommender.catalog.models import AudioFile, Embedding, Genre, MapPoint, MapRegion, Track, Visibility
from recommender.catalog.triggers import drop_triggers
from recommender.similarity.map.data import MapPoints, read_points
from recommender.similarity.map.drawing import _read_laid_out, draw_map, is_map_behind, is_outgrown
from recommender.similarity.vectors import to_bytes
from recommender.web.map_pages import pack_points
from tests.people import make_space, make_track, make_user

PROGRAM = """
import sys
from pathlib import Path
from recommender.similarity.map import tsne

tsne.ITERATIONS = 250
tsne.main()
most = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
sys.stderr.write(most[0])
"""
LAID_OUT, SENT, DIMENSION, BATCH = (10_000, 20_000), (100_000, 1_000_000), 256, 5_000


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


def fill_table(table, count, **expressions):
    """So many rows more, which are like the one that there is but for these SQL expressions of `i`."""
    columns = [column.column for column in table._meta.concrete_fields if column.column != "id"]
    values = ", ".join(expressions.get(column, f"t.{column}") for column in columns)
    name = table._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
            f"INSERT INTO {name} ({', '.join(columns)}) SELECT {values} FROM n, (SELECT * FROM {name} LIMIT 1) t"
        )


def make_map(count):
    """Nine in ten published, all with a place; its space."""
    space, first = make_space(DIMENSION), make_track()
    drop_triggers()
    Track.objects.filter(pk=first.pk).update(waveform=bytes(range(250)) * 4)
    point = {"space": space, "track": first}
    MapPoint.objects.create(**point, x=1, y=1, region=1)
    Embedding.objects.create(**point, vector=b"", indexed_generation=space.generation)
    MapRegion.objects.bulk_create(
        MapRegion(space=space, number=number, name=f"region {number}", x=1, y=1) for number in range(1, 71)
    )
    fill_table(AudioFile, count, sha256="'file ' || i")
    visibility = "CASE WHEN i % 10 = 0 THEN 'private' ELSE 'published' END"
    fill_table(Track, count, audio_file_id="'file ' || i", visibility=visibility)
    track_id = f"{first.pk} + i"
    scattered = {axis: f"(i * {factor} % 4294967296) / 65536" for axis, factor in (("x", 2654435761), ("y", 805459861))}
    fill_table(MapPoint, count, track_id=track_id, region="1 + i % 70", **scattered)
    fill_table(Embedding, count, track_id=track_id)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return space


def pack_scattered(count):
    """Points without any order, for what zipping would spare."""
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, 65_536, (2, count)).astype(np.uint16)
    ids = np.arange(count, dtype=np.uint32)
    return pack_points(MapPoints(track_ids=ids, x=x, y=y, regions=rng.integers(1, 71, count).astype(np.uint8)))


@pytest.mark.bench
@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("size", SENT)
def test_sending_points(size, capsys):
    space, everybody = make_map(size), AnonymousUser()
    with connection.cursor() as cursor:
        _, bare = measure(lambda: cursor.execute("SELECT track_id, x, y, region FROM catalog_mappoint").fetchall(), 3)
    client = Client()

    def ask(name, **headers):
        return client.get(reverse(name), headers=headers)

    def change():
        Genre.objects.create(name=f"genre {time.time_ns()}", name_key=f"genre {time.time_ns()}")

    def ask_changed(name, **headers):
        change()
        return ask(name, **headers)

    answer, anew = measure(lambda: ask_changed("map_points"), 3)
    _, kept = measure(lambda: ask("map_points"), 5)
    same = {"if_none_match": answer["ETag"]}
    _, unchanged = measure(lambda: ask("map_points", **same), 20)
    _, checked = measure(lambda: ask_changed("map_points", **same), 3)
    _, page = measure(lambda: ask("map"), 5)
    _, page_anew = measure(lambda: ask_changed("map"), 3)
    _, outgrown = measure(lambda: is_outgrown(space), 3)
    _, behind = measure(lambda: is_map_behind(space), 3)
    packed = pack_scattered(len(answer.content) // 9)
    zipped, zipping = measure(lambda: gzip.compress(packed, 6))
    held = measure_kibibytes(lambda: pack_points(read_points(space, everybody))) / 1024
    with capsys.disabled():
        print(
            f"\n{size:,} points, nine in ten to be seen: {len(answer.content):,} bytes, {len(zipped):,} when zipped in "
            f"{zipping * 1000:.0f} ms. Read anew and sent in {anew * 1000:.0f} ms, {anew / bare:.1f} x reading the "
            f"bare table, with {held:.0f} MiB held at most; sent from memory in {kept * 1000:.1f} ms, "
            f"{kept / bare:.2f} x. Unchanged (304) in {unchanged * 1000:.2f} ms, {unchanged / bare:.4f} x; after "
            f"something else was written in {checked * 1000:.0f} ms. The page in {page * 1000:.1f} ms, then in "
            f"{page_anew * 1000:.0f} ms. Whether the map is outgrown in {outgrown * 1000:.0f} ms, behind at all in "
            f"{behind * 1000:.0f} ms"
        )
