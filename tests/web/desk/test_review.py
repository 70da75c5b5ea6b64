"""The review queue as curators use it: what they see of a track, what they decide, and what comes next."""

import re

import pytest
from django.urls import reverse

from recommender.catalog.models import (
    AnalysisState,
    Artist,
    Evidence,
    Genre,
    RecordingPair,
    Release,
    Track,
    TrackTag,
    Visibility,
)
from recommender.conf import Milvus
from recommender.curation.models import Act
from recommender.operations.milvus_server import milvus_uri
from recommender.similarity import index
from recommender.similarity.sync import synchronise_space
from recommender.web.desk.review import PAGE_SIZE
from tests.people import at_cosine, make_embedding, make_space, make_track, make_user
from tests.servers import choose_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user(first_name="Ann")


@pytest.fixture
def look(page_client, curator):
    def open_page(query=""):
        answer = page_client.get(reverse("desk_review") + query)
        assert answer.status_code == 200
        return answer

    return open_page


def submit(owner, title, **given):
    return make_track(owner, title=title, visibility=Visibility.SUBMITTED, **given)


def shown(answer):
    examined = answer.context["page"].examined
    return examined and examined.track.title


def decide(client, page, verb, **given):
    """Sends the form of the page."""
    where = re.search(r'name="next" value="([^"]+)"', page.content.decode())[1].replace("&amp;", "&")
    form = {"verb": verb, "track": page.context["page"].examined.track.pk, "next": where, **given}
    return client.post(reverse("desk_do"), form, follow=True)


def test_one_after_the_other(look, page_client, curator, owner):
    tracks = [submit(owner, f"Song {number}") for number in range(4)]
    page = look()
    assert shown(page) == "Song 0"
    assert "4 tracks wait, the oldest first." in page.content.decode()
    page = decide(page_client, page, "approve")
    assert shown(page) == "Song 1"
    assert "1 track was approved." in page.content.decode()
    page = decide(page_client, page, "reject", note="We have it already.")
    assert shown(page) == "Song 2"
    assert '<option value="We have it already.">' in page.content.decode()
    page = decide(page_client, page, "ask")
    assert (shown(page), "Say why" in page.content.decode()) == ("Song 2", True)
    page = decide(page_client, page, "ask", note="Say the year.")
    assert shown(page) == "Song 3"
    for track in tracks:
        track.refresh_from_db()
    assert [track.visibility for track in tracks] == ["published", "withdrawn", "private", "submitted"]
    page_client.post(reverse("desk_undo", args=[Act.objects.filter(verb="reject").get().pk]))
    assert shown(look(f"?from={tracks[1].pk}")) == "Song 1"


def test_what_it_is_judged_by(look, owner):
    artist = Artist.objects.create(name="Ann")
    described = {"artist": artist, "release": Release.objects.create(title="First", artist=artist, year=1999)}
    track = submit(owner, "Song", **described, tempo_bpm=120.0, tempo_confidence=0.9, energy=0.4, is_truncated=True)
    track.genres.add(Genre.objects.create(name="Jazz"))
    TrackTag.objects.create(track=track, name="piano", probability=0.9)
    twin = make_track(title="The same song")
    RecordingPair.objects.create(first=track, second=twin, evidence=Evidence.AUDIO, score=1)
    text = look().content.decode()
    for told in ("First", "1999", "Jazz", "piano", "about 120 BPM", "The end cannot be read", "No cover"):
        assert told in text
    for told in ("The same song", "same sound, sample by sample · to be judged", f'data-waveform="{track.pk}"'):
        assert told in text
    assert f'href="{reverse("desk_duplicate_group", args=[twin.pk])}"' in text
    assert "No artist" not in text


def test_nothing_waits(look):
    text = look().content.decode()
    assert "Nothing waits for review." in text
    assert "Uploads are published at once here." in text


def test_what_cannot_be_played_yet(look, owner):
    track = submit(owner, "Song", is_playable=False)
    track.analyses.create(space=make_space(), state=AnalysisState.ANALYSING)
    text = look().content.decode()
    assert "Being listened to from start to end." in text
    assert "What sounds like this will appear here" in text
    assert "data-waveform" not in text


def test_what_is_near_with_its_genres(look, owner, space, django_assert_max_num_queries):
    jazz = Genre.objects.create(name="Jazz")
    waiting = submit(owner, "Song")
    make_embedding(waiting, space, at_cosine(1), AnalysisState.READY)
    for number, near in enumerate((0.98, 0.97, 0.96)):
        track = make_track(title=f"Near {number}")
        track.genres.add(jazz)
        make_embedding(track, space, at_cosine(near, number + 1), AnalysisState.READY)
        RecordingPair.objects.create(first=waiting, second=track, evidence=Evidence.FINGERPRINT, score=0.9)
    synchronise_space(space)
    look()  # what the index knows of the catalog is kept from the first page on
    with django_assert_max_num_queries(20):
        text = look().content.decode()
    assert "Nearest in the catalog" in text
    assert re.search(r"Jazz \d/\d", text)
    assert 'Suggested: <span class="chip">Jazz</span>' in text


def test_without_the_index(look, owner, settings):
    settings.MILVUS = Milvus(uri=milvus_uri(choose_port()), token="", timeout_seconds=0.5)
    index._index_of_process.cache_clear()
    make_embedding(submit(owner, "Song"), make_space(), at_cosine(1), AnalysisState.READY)
    try:
        text = look().content.decode()
    finally:
        index._index_of_process.cache_clear()
    assert "cannot be reached right now" in text
    assert "Approve" in text


def test_narrowed_down_and_decided_together(look, page_client, owner):
    release = Release.objects.create(title="First", artist=Artist.objects.create(name="Ann"))
    album = [submit(owner, f"Part {number}", release=release) for number in range(3)]
    other = submit(make_user(), "Other")
    page = look(f"?release={release.pk}")
    assert "All 3 of First" in page.content.decode()
    assert [track for track, _link in page.context["page"].queue.rows] == album
    together = page.context["page"].together.ids
    page = decide(page_client, page, "approve", track=together)
    assert "3 tracks were approved." in page.content.decode()
    assert "Nothing of that kind waits any more." in page.content.decode()
    assert set(Track.objects.filter(visibility=Visibility.PUBLISHED)) == set(album)
    assert shown(look(f"?owner={other.owner_id}")) == "Other"
    assert shown(look(f"?owner={owner.pk}")) is None


def test_chosen_ones(look, page_client, owner):
    tracks = [submit(owner, f"Song {number}") for number in range(3)]
    page = decide(page_client, look(), "reject", track=[tracks[0].pk, tracks[2].pk], note="Too short.")
    assert "2 tracks were rejected." in page.content.decode()
    assert shown(page) == "Song 1"


def test_pages_of_the_queue(look, owner):
    tracks = [submit(owner, f"Song {number}") for number in range(PAGE_SIZE + 2)]
    first = look().context["page"].queue
    assert [track for track, _link in first.rows] == tracks[:PAGE_SIZE]
    assert (first.previous, first.before, first.after) == ("", "", f"?from={tracks[PAGE_SIZE].pk}")
    second = look(first.after).context["page"].queue
    assert [track for track, _link in second.rows] == tracks[2:]
    assert (second.after, second.previous) == ("", f"?from={tracks[PAGE_SIZE - 1].pk}")
    assert look(second.before).context["page"].queue.rows == first.rows


def test_what_makes_no_sense_is_refused(page_client, curator):
    for query in ("from=x", "from=-1", "from=99999999999999999999", "owner=NaN", "release=1e9"):
        assert page_client.get(f"{reverse('desk_review')}?{query}").status_code == 400


def test_private_tracks_stay_so(look, owner):
    private = make_track(owner, title="Mine alone", visibility=Visibility.PRIVATE)
    page = look(f"?from={private.pk}")
    assert shown(page) is None
    assert "Mine alone" not in page.content.decode()
