"""What the page of a track costs among 10,000: SQL and vector queries, and server time under an open-loop load.

The real gunicorn and Milvus Lite, as `up` starts them. Requests are sent at a fixed rate whether or not earlier ones
were answered; the same run asks for an empty page in between, as a reference.
"""

import random

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommender.accounts.models import Role
from recommender.catalog.models import Embedding, Space, Track, Visibility
from recommender.similarity.index import IndexItem, get_index
from recommender.similarity.sync import alias_of, collection_of
from recommender.similarity.vectors import to_bytes
from tests.bench.load import Request, describe_times, read_server_times, send_steadily
from tests.bench.test_browsing import fill_catalog
from tests.people import make_user

TRACKS, DIMENSION = 10_000, 256
RATES, SECONDS = (2.0, 5.0), 60.0
REFERENCE = Request("reference", "/livez")
COUNTED = 30
# What tracks have in common: all of them, those of a style, of an artist, of a release; and what is their own. The
# shares give cosines of .44 between styles, and .6 to .8 within.
SHARES = {"all": 0.62, "style": 0.45, "artist": 0.3, "release": 0.2, "own": 0.45}


def make_vectors(tracks, rng) -> np.ndarray:
    """(n, 256): 80 styles that overlap, since they lie in few dimensions."""
    styles = np.pad(rng.normal(size=(80, 12)), ((0, 0), (0, DIMENSION - 12)))
    style_of = {artist: rng.integers(len(styles)) for artist in sorted({track.artist_id for track in tracks})}
    parts = {
        "all": np.broadcast_to(rng.normal(size=DIMENSION), (len(tracks), DIMENSION)),
        "style": styles[[style_of[track.artist_id] for track in tracks]],
        "artist": draw_for([track.artist_id for track in tracks], rng),
        "release": draw_for([track.release_id for track in tracks], rng),
        "own": rng.normal(size=(len(tracks), DIMENSION)) * rng.uniform(0.6, 1.4, size=(len(tracks), 1)),
    }
    vectors = sum(SHARES[name] * part / np.linalg.norm(part, axis=1).mean() for name, part in parts.items())
    return (vectors / np.linalg.norm(vectors, axis=1)[:, None]).astype(np.float32)


def draw_for(numbers, rng) -> np.ndarray:
    _, rows = np.unique(numbers, return_inverse=True)
    return rng.normal(size=(rows.max() + 1, DIMENSION))[rows]


def fill_library() -> list[int]:
    """Tracks with vectors in the index; the ids of those that everybody may see."""
    fill_catalog(TRACKS)
    Space.objects.update(dimension=DIMENSION)
    Track.objects.update(brightness=0.5)
    space, tracks = Space.objects.get(), list(Track.objects.order_by("pk").only("pk", "artist_id", "release_id"))
    vectors = make_vectors(tracks, np.random.default_rng(1))
    rows = (
        Embedding(track=track, space=space, vector=to_bytes(vector), indexed_generation=space.generation)
        for track, vector in zip(tracks, vectors, strict=True)
    )
    Embedding.objects.bulk_create(rows, batch_size=1_000)
    index, name = get_index(), collection_of(space)
    index.create(name, DIMENSION)
    for first in range(0, TRACKS, 1_000):
        part = slice(first, first + 1_000)
        items = [IndexItem(track.pk, vector) for track, vector in zip(tracks[part], vectors[part], strict=True)]
        index.upsert(name, items)
    index.switch(alias_of(space), name)
    seen = Track.objects.playable().filter(visibility=Visibility.PUBLISHED)
    return list(seen.values_list("pk", flat=True))


class CountedSearches:
    """How often the index is asked for neighbours."""

    def __init__(self, monkeypatch) -> None:
        self.count, index = 0, get_index()
        ask = index.neighbours

        def neighbours(*asked):
            self.count += 1
            return ask(*asked)

        monkeypatch.setattr(index, "neighbours", neighbours)


def count_queries(ids, monkeypatch) -> tuple[list[int], list[int]]:
    """SQL and vector queries of pages for somebody who is signed in."""
    client, searches, asked = Client(), CountedSearches(monkeypatch), ([], [])
    client.force_login(make_user(Role.LISTENER))
    client.get(f"/tracks/{ids[0]}/")
    for track_id in ids[1:]:
        before = searches.count
        with CaptureQueriesContext(connection) as sql:
            answer = client.get(f"/tracks/{track_id}/")
        assert answer.status_code == 200
        asked[0].append(len(sql))
        asked[1].append(searches.count - before)
    return asked


@pytest.mark.bench
@pytest.mark.timeout(3600)
def test_the_track_page_under_load(web_server, capsys, monkeypatch):
    address, log = web_server
    ids = fill_library()
    chance = random.Random(1)
    sql, searches = count_queries(chance.sample(ids, COUNTED + 1), monkeypatch)
    with capsys.disabled():
        print(f"\n{TRACKS:,} tracks: at most {max(sql)} SQL and {max(searches)} vector queries a page")
    warmed = [Request("track", f"/tracks/{number}/") for number in chance.sample(ids, 8)]
    send_steadily(address, warmed, 1.0)  # both workers are warm now
    for rate in RATES:
        pages = [Request("track", f"/tracks/{number}/") for number in chance.choices(ids, k=int(rate * SECONDS))]
        requests = [request for page in pages for request in (page, REFERENCE)]
        skipped = len(log.read_text())
        took = send_steadily(address, requests, 2 * rate)
        server = read_server_times(log.read_text()[skipped:], requests)
        with capsys.disabled():
            print(f"{rate:g} pages a second: milliseconds p50 and p99 in the server, and from due to answered")
            for name in took:
                print(f"  {name:8} {describe_times(server[name])} {describe_times(took[name])}")
