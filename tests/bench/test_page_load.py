"""Server time of pages that ask nothing of the vector index: twenty a second, with a hundred thousand tracks.

The real gunicorn, as `up` starts it, asked by visitors, by a listener with a history, and by the owner of all tracks;
first while nothing changes, then while a track is changed every second, so that nothing counted is true for longer.
The pages of artists and releases ask what is similar as well: no track has a vector here, so that there is none.
"""

import datetime as dt
import itertools
import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from recommender.accounts.models import Role, User
from recommender.catalog.audio_files import COVER_SIDES, cover_path_of
from recommender.catalog.models import Genre, Track, Visibility
from recommender.catalog.statistics import refresh_statistics
from recommender.listening.models import Opinion, Play, Playlist, PlaylistEntry, Sharing, Unlikeness, Verdict
from tests.bench.load import Request, describe_times, read_server_times, send_steadily
from tests.bench.test_browsing import BATCH, TAGS, fill_catalog
from tests.people import make_user

TRACKS, RATE, SECONDS = 100_000, 20.0, 60.0
LISTENERS, PLAYS, PLAYLISTS = 30, 3_000, 20
# How often each is asked for, and by whom: v a visitor, l the listener, o the owner.
PAGES = {
    "home": (8, "vvllo", "/"),
    "library": (8, "vvllo", "/library/"),
    "library, list": (4, "vllo", "/library/?view=list"),
    "library, sorted": (6, "vllo", "/library/?sort={sort}"),
    "library, deep": (6, "vllo", "/library/?after={track}"),
    "library, deep in titles": (3, "vl", "/library/?after={track}~{letter}&sort=title"),
    "library, genre": (6, "vllo", "/library/?genre={genre}"),
    "library, mood": (3, "vllo", "/library/?tag={tag}&sort={sort}"),
    "library, decade and key": (3, "vl", "/library/?decade={decade}&key=a-minor"),
    "library, own": (2, "o", "/library/?mine=1"),
    "search": (8, "vllo", "/library/?q={word}"),
    "suggestions": (12, "vllo", "/search/suggest?q={beginning}"),
    "artists": (4, "vvllo", "/artists/?after=0~{letter}"),
    "artist": (8, "vvllo", "/artists/{artist}/"),
    "releases": (4, "vvllo", "/releases/?after={release}"),
    "releases, sorted": (2, "vl", "/releases/?sort={release_sort}"),
    "release": (8, "vvllo", "/releases/{release}/"),
    "genres": (3, "vllo", "/genres/"),
    "playlists": (3, "lo", "/playlists/"),
    "playlists of others": (2, "vl", "/playlists/?of=others"),
    "playlist": (4, "vllo", "/playlists/{playlist}/"),
    "long playlist": (2, "l", "/playlists/{long_playlist}/"),
    "liked": (4, "lo", "/liked/"),
    "history": (3, "lo", "/history/"),
    "feedback": (2, "lo", "/feedback/?kind={kind}"),
    "upload": (2, "o", "/upload/"),
    "cover": (10, "vl", "/tracks/{covered}/cover/300"),
}
SORTS = ("title", "artist", "-release", "year", "tempo", "energy", "length")


def fill_listening() -> tuple[User, list[Playlist]]:
    """Plays, verdicts and playlists of many; one of them, and that one's playlists, the first of which is long."""
    chance = random.Random(3)
    heard = Track.objects.playable().filter(visibility=Visibility.PUBLISHED)
    ids = list(heard.values_list("pk", flat=True))
    listeners = [*(make_user(Role.LISTENER) for _ in range(LISTENERS)), Track.objects.earliest("pk").owner]
    for listener in listeners:
        say_much(listener, ids, chance)
        for number in range(PLAYLISTS):
            made = Playlist.objects.create(
                owner=listener, name=f"List {number}", visibility=Sharing.SHARED if number % 2 else Sharing.PRIVATE
            )
            chosen = chance.choices(ids, k=40 if number else 600)
            PlaylistEntry.objects.bulk_create(
                PlaylistEntry(playlist=made, track_id=pk, position=place) for place, pk in enumerate(chosen)
            )
    refresh_statistics()
    return listeners[0], list(Playlist.objects.filter(owner=listeners[0]).order_by("pk"))


def say_much(listener: User, ids: Sequence[int], chance: random.Random) -> None:
    now = timezone.now()
    plays = (
        Play(
            listener=listener,
            track_id=pk,
            heard_seconds=chance.uniform(5, 200),
            is_skipped=chance.random() < 0.2,
            started_at=now - dt.timedelta(minutes=30 * (PLAYS - number)),
        )
        for number, pk in enumerate(chance.choices(ids, k=PLAYS))
    )
    Play.objects.bulk_create(plays, batch_size=BATCH)
    opinions = (
        Opinion(
            listener=listener,
            track_id=pk,
            verdict=Verdict.LIKE if chance.random() < 0.8 else Verdict.DISLIKE,
            given_at=now - dt.timedelta(hours=number),
        )
        for number, pk in enumerate(chance.sample(ids, 800))
    )
    Opinion.objects.bulk_create(opinions, batch_size=BATCH)
    unlike = chance.sample(ids, 200)
    pairs = zip(unlike[::2], unlike[1::2], strict=True)
    Unlikeness.objects.bulk_create(Unlikeness(listener=listener, seed_id=a, track_id=b) for a, b in pairs)


def store_covers(covered: Sequence[Track]) -> None:
    """Files as large as covers are."""
    for track in covered:
        for side in COVER_SIDES:
            path = cover_path_of(track.cover_id, side)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes(60 * side))


def draw_from(playlists: Sequence[Playlist], covered: Sequence[Track]) -> dict[str, Sequence[object]]:
    """What the places in the addresses of PAGES are filled with."""
    heard = Track.objects.playable().filter(visibility=Visibility.PUBLISHED)
    words = [title.split()[0] for title in heard.order_by("?").values_list("title", flat=True)[:300]]
    return {
        "track": list(range(1, TRACKS, 997)),
        "covered": [track.pk for track in covered],
        "letter": "abcdefghijklmnoprstvwz",
        "sort": SORTS,
        "release_sort": ("title", "artist", "year"),
        "kind": ("like", "dislike", "unlike", "skip"),
        "tag": [tag.replace(" ", "+") for tag in TAGS],
        "decade": range(1950, 2030, 10),
        "word": words,
        "beginning": [word[:length] for word in words for length in range(1, len(word) + 1)],
        "genre": list(Genre.objects.values_list("pk", flat=True)),
        "artist": list(heard.order_by("?").values_list("artist", flat=True)[:300]),
        "release": list(heard.order_by("?").values_list("release", flat=True)[:300]),
        "playlist": [made.pk for made in playlists if made.visibility == Sharing.SHARED],
        "long_playlist": [playlists[0].pk],
    }


def sign_in(user: User) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}


def draw_requests(
    count: int, drawn: Mapping[str, Sequence[object]], cookies: Mapping[str, dict[str, str]]
) -> list[Request]:
    chance = random.Random(4)
    names = chance.choices(list(PAGES), [often for often, _, _ in PAGES.values()], k=count)
    requests = []
    for name in names:
        _, viewers, address = PAGES[name]
        path = address.format_map({place: chance.choice(values) for place, values in drawn.items()})
        requests.append(Request(name, path, cookies[chance.choice(viewers)]))
    return requests


@contextmanager
def changing(is_changing: bool) -> Iterator[None]:
    """Another year for some track, every second."""
    ended = threading.Event()

    def change() -> None:
        while is_changing and not ended.wait(1.0):
            Track.objects.filter(pk=TRACKS // 2).update(year=timezone.now().second + 1950)
        connection.close()

    thread = threading.Thread(target=change)
    thread.start()
    yield
    ended.set()
    thread.join()


def report(took: Mapping[str, list[float]], server: Mapping[str, list[float]]) -> None:
    print(f"{'':24}      n   in the server   due to answered: p50 and p99")
    for name in (*PAGES, "all pages"):
        whole, counted = (
            list(itertools.chain(*times.values())) if name == "all pages" else times.get(name, [])
            for times in (took, server)
        )
        if whole:
            print(f"  {name:24} {len(counted):4}   {describe_times(counted)}     {describe_times(whole)}")


@pytest.mark.bench
@pytest.mark.timeout(3600)
def test_pages_under_load(web_server, capsys):
    address, log = web_server
    fill_catalog(TRACKS)
    listener, playlists = fill_listening()
    covered = list(Track.objects.playable().filter(cover__isnull=False, visibility=Visibility.PUBLISHED)[:50])
    store_covers(covered)
    cookies = {"v": {}, "l": sign_in(listener), "o": sign_in(Track.objects.earliest("pk").owner)}
    requests = draw_requests(int(RATE * SECONDS), draw_from(playlists, covered), cookies)
    send_steadily(address, requests[:60], RATE / 4)  # both workers are warm now
    for is_changing in (False, True):
        skipped = len(log.read_text())
        with changing(is_changing):
            took = send_steadily(address, requests, RATE)
        server = read_server_times(log.read_text()[skipped:], requests)
        with capsys.disabled():
            state = "one changed every second" if is_changing else "at rest"
            print(f"\n{TRACKS:,} tracks, {RATE:g} pages a second, {state}")
            report(took, server)
