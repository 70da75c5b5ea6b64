import re
from html.parser import HTMLParser

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from recommender.accounts.models import Role
from recommender.catalog.credits import credit_artists, set_genres
from recommender.catalog.models import Analysis, AnalysisState, Artist, Release, Track, Visibility
from recommender.conf import Milvus
from recommender.listening.feedback import give_opinion
from recommender.listening.models import Verdict
from recommender.operations.milvus_server import milvus_uri
from recommender.similarity import index
from recommender.similarity.index import get_index
from recommender.similarity.sync import alias_of, synchronise_space
from recommender.web.listing import SORTS
from tests.people import make_embedding, make_space, make_track, make_user
from tests.servers import choose_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def space():
    made = make_space(2)
    yield made
    for collection in get_index().collections(f"{alias_of(made)}_"):
        get_index().drop(collection)


def at_angle(degrees):
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], np.float32)


def page_of(track, viewer=None, query=""):
    client = Client(headers={"Accept": "text/html"})
    if viewer:
        client.force_login(viewer)
    return client.get(reverse("track", args=[track.pk]) + query).content.decode()


def ended(state, reason="", detail="", **given):
    track = make_track(**given)
    Analysis.objects.create(track=track, space=make_space(), state=state, reason=reason, detail=detail)
    return track


@pytest.mark.usefixtures("milvus_server")
def test_a_track_page_lists_neighbours_with_their_similarity(space):
    seed, *others = [make_track(title=f"song {degrees}") for degrees in (0, 30, 60, 85)]
    for track, degrees in zip([seed, *others], (0, 30, 60, 85), strict=True):
        make_embedding(track, space, at_angle(degrees))
    synchronise_space(space)
    page = page_of(seed, query="?variety=raw&without=keep_above_floor")
    rows = page[page.index("Sounds like this") :]
    assert [rows.index(track.title) for track in others] == sorted(rows.index(track.title) for track in others)
    similarities = [int(number) for number in re.findall(r'title="Similarity (\d+) of 100"', rows)]
    assert 100 > similarities[0] > similarities[1] > similarities[2] >= 0
    assert "Nothing else here really sounds like this." in page_of(seed)


def test_without_the_index_the_page_says_that_it_comes_back(settings):
    settings.MILVUS = Milvus(uri=milvus_uri(choose_port()), token="", timeout_seconds=0.5)
    index._index_of_process.cache_clear()
    track = make_track()
    make_embedding(track, make_space(2), at_angle(1), state=AnalysisState.READY)
    try:
        assert "cannot be reached right now. It comes back by itself" in page_of(track)
    finally:
        index._index_of_process.cache_clear()


@pytest.mark.parametrize(
    ("state", "reason", "sentence"),
    [
        (AnalysisState.QUEUED, "", "Waiting for its turn"),
        (AnalysisState.ANALYSING, "", "Being listened to"),
        (AnalysisState.FAILED, "corrupt", "A sentence from the worker."),
        (AnalysisState.FAILED, "something_new", "A sentence from the worker."),
        (AnalysisState.UNINDEXED, "silent", "it is silent"),
        (AnalysisState.UNINDEXED, "too_short", "too short to be compared"),
    ],
)
def test_every_state_is_explained_to_the_owner(state, reason, sentence):
    track = ended(state, reason, "A sentence from the worker.", is_playable=state == AnalysisState.UNINDEXED)
    page = page_of(track, track.owner)
    assert sentence in page
    assert ("data-unfinished" in page) == (state in (AnalysisState.QUEUED, AnalysisState.ANALYSING))
    assert (reverse("track_retry", args=[track.pk]) in page) == bool(reason)


def test_only_those_who_may_are_offered_what_they_may_do():
    track = ended(AnalysisState.FAILED, "corrupt", visibility=Visibility.PUBLISHED)
    delete = reverse("track_delete", args=[track.pk])
    admin = reverse("admin:catalog_track_change", args=[track.pk])
    assert delete not in page_of(track)
    download = reverse("track_download", args=[track.pk])
    assert (download in page_of(track), download in page_of(track, make_user(Role.LISTENER))) == (False, True)
    assert "Published" in page_of(track, track.owner)
    assert (delete in page_of(track, track.owner), admin in page_of(track, track.owner)) == (True, False)
    curator = make_user(Role.CURATOR)
    assert (delete in page_of(track, curator), admin in page_of(track, curator)) == (False, True)


def test_what_a_track_page_tells():
    artist = Artist.objects.create(name="The Artist")
    release = Release.objects.create(title="The Release", artist=artist)
    track = make_track(
        title="The Title", artist=artist, release=release, duration_seconds=3725, waveform=bytes([0, 255])
    )
    page = page_of(track)
    for fact in ("The Title", "The Artist", "The Release", "1:02:05", "MP3", 'data-peaks="AP8="', "<noscript><audio"):
        assert fact in page


def test_search_finds_by_title_artist_and_release(page_client):
    artist = Artist.objects.create(name="Nina")
    make_track(title="Feeling good", artist=artist, release=Release.objects.create(title="Blue night", artist=artist))
    make_track(title="Else")
    for query, count in {"feel NINA": 1, "blue": 1, "zzz": 0, "": 2, "\0": 2, "%": 0, "_": 0}.items():
        page = page_client.get(reverse("library"), {"q": query})
        assert len(page.context["page"].tracks) == count, query
    assert "Nothing found for “zzz”" in page_client.get(reverse("library"), {"q": "zzz"}).content.decode()


def test_the_library_without_a_script(page_client):
    """Facets, sorts, views and chips are plain links."""
    for number in range(3):
        track = make_track(title=f"Song {number}", year=1990 + 10 * number, tempo_bpm=100.0, tempo_confidence=1.0)
        set_genres(track, ["Jazz", f"Genre {number}"])
    page = page_client.get(reverse("library"), {"sort": "title", "view": "list"}).content.decode()
    for link in ("?decade=1990&sort=title&view=list", "?tempo=medium&sort=title&view=list", "?sort=-title&view=list"):
        assert f'href="{escape(link)}"' in page, link
    assert "1990s" in page
    narrowed = page_client.get(reverse("library"), {"decade": "1990", "tempo": "medium"}).content.decode()
    assert narrowed.count("data-play=") == 1
    assert (narrowed.count("Take this filter away"), "1 track ·" in narrowed) == (2, True)
    nothing = page_client.get(reverse("library"), {"decade": "1990", "tempo": "slow"}).content.decode()
    assert "No track is all of this" in nothing


def test_an_empty_library_says_how_to_start(page_client):
    assert "Sign in to upload the first tracks" in page_client.get(reverse("library")).content.decode()
    page_client.force_login(make_user(Role.LISTENER))
    assert "ask the one who runs this place" in page_client.get(reverse("library")).content.decode()
    uploader = make_user()
    page_client.force_login(uploader)
    assert "Upload the first tracks" in page_client.get(reverse("library")).content.decode()
    make_track(uploader, is_playable=False)
    assert "The first tracks are on their way" in page_client.get(reverse("library")).content.decode()


LIBRARY_ADDRESSES = [
    *("", "view=list", "q=song", "q=song&sort=title", "after=5~song&sort=title", "before=50~song+2&sort=title"),
    *(f"sort={sort}" for sort in SORTS),
    *("sort=-tempo&after=30~100.0", "sort=year&before=30", "genre=1&tag=calm&decade=1990&tempo=medium&key=a-minor"),
    *("mine=1", "mine=1&state=ready&state=failed&sort=-tempo&after=30~100.0", "state=ready&genre=1&q=song"),
]


@pytest.mark.parametrize("role", [None, Role.UPLOADER, Role.CURATOR])
def test_every_kind_of_library_page_takes_few_queries(role, page_client, django_assert_max_num_queries):
    owner, space = make_user(role or Role.UPLOADER), make_space()
    for number in range(60):
        artist = Artist.objects.create(name=f"artist {number}")
        release = Release.objects.create(title="r", artist=artist)
        tempo = {"tempo_bpm": 100.0, "tempo_confidence": 1.0} if number > 5 else {}
        track = make_track(owner, title=f"song {number}", artist=artist, release=release, **tempo)
        credit_artists(track, [artist.name, "Guest"])
        set_genres(track, [f"genre {number % 3}"])
        Analysis.objects.create(track=track, space=space, state=AnalysisState.READY)
    if role is not None:
        page_client.force_login(owner)
    assert len(page_client.get(reverse("library")).context["page"].tracks) == 48
    for address in LIBRARY_ADDRESSES:
        with django_assert_max_num_queries(12):
            assert page_client.get(f"{reverse('library')}?{address}").status_code == 200
    for typed in ("", "s", "so", "song", "song 5 artist"):
        with django_assert_max_num_queries(12):
            page_client.get(reverse("search_suggest"), {"q": typed})
    with django_assert_max_num_queries(12):
        page_client.get(reverse("upload"))


@pytest.mark.usefixtures("milvus_server")
def test_a_track_page_takes_few_queries(space, page_client, django_assert_max_num_queries):
    tracks = [make_track(duration_seconds=60 + 5 * number) for number in range(12)]
    for number, track in enumerate(tracks):
        make_embedding(track, space, at_angle(2 * number))
    synchronise_space(space)
    page_client.force_login(tracks[0].owner)
    page_client.get(reverse("track", args=[tracks[0].pk]))  # draws the sample of the catalog, once a process
    with django_assert_max_num_queries(12):
        assert page_client.get(reverse("track", args=[tracks[0].pk])).content.count(b"of 100</span>") == 10
    for track, verdict in zip(tracks, (Verdict.LIKE, Verdict.LIKE, Verdict.DISLIKE), strict=False):
        give_opinion(tracks[0].owner, track, verdict)
    with django_assert_max_num_queries(12):
        page = page_client.get(reverse("track", args=[tracks[0].pk])).context["page"]
    said = {found.track.pk: found.said for found in page.similar.recommendations}
    assert page.said == said[tracks[1].pk] == "like"


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{ settings.SECRET_KEY }}{% debug %}",
    "\u202eexe.3pm",
]


class Elements(HTMLParser):
    """What a browser would make of a page: its elements, scripts without a source, and handlers in attributes."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.dangers, self.text = [], [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        given = dict(attributes)
        links = [given.get("href") or "", given.get("src") or "", given.get("action") or ""]
        is_inline = tag in ("script", "style") and "src" not in given
        if is_inline or any(name.startswith("on") or name == "style" for name in given):
            self.dangers.append((tag, given))
        if any(link.startswith("javascript:") or link == "x" for link in links):
            self.dangers.append((tag, given))

    def handle_data(self, data):
        self.text += data


def pages_with(text, space, client):
    artist = Artist.objects.create(name=text)
    release = Release.objects.create(title=text, artist=artist)
    track = make_track(title=text, artist=artist, release=release, file_name=text)
    Analysis.objects.create(track=track, space=space, state=AnalysisState.FAILED, reason="new", detail=text)
    track.credits.create(artist=artist)
    track.genres.create(name=text)
    track.edits.create(before={"title": text}, after={"title": text})
    client.force_login(track.owner)
    pages = [(name, []) for name in ("library", "upload", "artists", "releases", "genres")]
    pages += [(name, [track.pk]) for name in ("track", "track_edit", "track_delete")]
    for name, arguments in [*pages, ("artist", [artist.pk]), ("release", [release.pk])]:
        query = {"q": text} if name == "library" else {}
        yield name, Elements(client.get(reverse(name, args=arguments), query).content.decode())


@pytest.mark.parametrize("text", HOSTILE)
def test_names_stay_text_on_every_page(text, page_client):
    space = make_space()
    harmless = {name: page.tags for name, page in pages_with("harmless", space, page_client)}
    Track.objects.all().delete()
    for name, page in pages_with(text, space, page_client):
        assert page.dangers == [], name
        assert page.tags == harmless[name], name
        assert text.split()[0] in page.text, name
