"""The page of suggestions: what the tracks around a track say, accepted or dismissed, and back."""

import pytest
from django.urls import reverse

from recommender.catalog.credits import set_genres
from recommender.catalog.editing import read_fields
from recommender.catalog.models import Genre, Track
from recommender.catalog.moods import set_moods
from recommender.conf import Milvus
from recommender.curation.models import Act
from recommender.operations.milvus_server import milvus_uri
from recommender.similarity import index as index_room
from recommender.similarity.sync import synchronise_space
from tests.people import add_heard, at_cosine, make_space, unit_vector
from tests.servers import choose_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def library(space):
    """Two tracks that nothing is said of amid five of calm jazz, and one far from all."""
    bare = [add_heard(space, at_cosine(0.97, axis), title=f"Bare {axis}") for axis in (1, 2)]
    for axis in range(3, 8):
        track = add_heard(space, at_cosine(0.97, axis), title=f"Calm jazz {axis}")
        set_genres(track, ["Jazz"])
        set_moods(track, ["calm"])
    lonely = add_heard(space, at_cosine(-1.0), title="Lonely")
    for number in range(12):
        far = add_heard(space, -abs(unit_vector(number)))
        set_genres(far, [f"Genre {number}"])
    synchronise_space(space)
    return [*bare, lonely]


def said_of(track):
    return read_fields(Track.objects.get(pk=track.pk))


def send(client, name, **form):
    return client.post(reverse(f"desk_suggestions_{name}"), form, follow=True).content.decode()


def token(track):
    return f"{track.pk}:{Genre.objects.get(name='Jazz').pk}"


def test_what_is_suggested_and_why(read, curator, library, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        page = read(reverse("desk_suggestions"))
    assert page.count(">Jazz</span>") == 2
    assert "5 of 5 that sound like it: <a href=" in page
    assert "For 1 track of this page nothing is sure enough." in page
    assert f'value="{token(library[0])}"' in page
    page = read(reverse("desk_suggestions"), kind="mood")
    assert page.count(">calm</span>") == 2
    assert read(reverse("desk")).count(reverse("desk_suggestions")) == 1
    assert reverse("desk_suggestions") in read(reverse("desk_quality"))


def test_one_is_accepted_with_a_button_and_taken_back(page_client, curator, library):
    first, second, _lonely = library
    page = send(page_client, "accept", kind="genre", only=token(first), said=[token(second)])
    assert "1 track was described." in page
    assert (said_of(first)["genres"], said_of(second)["genres"]) == (["Jazz"], [])
    page_client.post(reverse("desk_undo", args=[Act.objects.get().pk]))
    assert said_of(first)["genres"] == []


def test_of_one_track_only_what_is_ticked_is_accepted(page_client, curator, library):
    pk = library[0].pk
    send(page_client, "accept", kind="mood", only=f"{pk}:calm,{pk}:sad", said=[f"{pk}:sad"])
    assert said_of(library[0])["moods"] == ["sad"]


def test_several_and_all_are_accepted(page_client, curator, library):
    first, second, _lonely = library
    assert "Choose at least one track first." in send(page_client, "accept", kind="genre")
    send(page_client, "accept", kind="genre", said=[token(first), token(second)])
    assert [said_of(track)["genres"] for track in library] == [["Jazz"], ["Jazz"], []]
    assert "2 tracks were described." in send(page_client, "all", kind="mood", least="60")
    assert [said_of(track)["moods"] for track in library] == [["calm"], ["calm"], []]
    answer = page_client.post(
        reverse("desk_suggestions_all"), {"kind": "genre", "least": "90"}, headers={"Accept": "application/json"}
    )
    assert (answer.json()["done"], answer.json()["job"]) == (0, False)


def test_what_looks_wrong_is_shown_with_what_is_said_now(read, page_client, curator, library):
    odd = library[0]
    set_genres(odd, ["Polka"])
    page = read(reverse("desk_suggestions"), kind="wrong")
    assert "Now: Polka" in page
    was = f"{odd.pk}:{Genre.objects.get(name='Polka').pk}"
    assert f'name="was" value="{was}"' in page
    send(page_client, "accept", kind="wrong", only=token(odd), was=was)
    assert said_of(odd)["genres"] == ["Jazz"]


def test_what_is_dismissed_does_not_come_back(read, page_client, curator, library):
    page = send(page_client, "dismiss", kind="genre", only=token(library[0]))
    assert "1 suggestion was declined." in page
    page = read(reverse("desk_suggestions"))
    assert "Bare 1" not in page
    assert "Bare 2" in page
    act = Act.objects.get()
    assert "No longer suggested: Genres" in read(reverse("desk_act", args=[act.pk])).replace("</dt> <dd>", ": ")
    page_client.post(reverse("desk_undo", args=[act.pk]))
    assert "Bare 1" in read(reverse("desk_suggestions"))


def test_nonsense_is_refused(page_client, curator, read):
    read(reverse("desk_suggestions"), status=400, kind="tempo")
    for name, form in (
        ("accept", {"kind": "tempo"}),
        ("accept", {"kind": "genre", "only": "x:1"}),
        ("all", {"kind": "wrong", "least": "70"}),
        *(("all", {"kind": "genre", "least": least}) for least in ("", "nan", "-1", "49", "101", "1e9")),
        ("dismiss", {"kind": "mood", "said": "1e3:calm"}),
    ):
        assert page_client.post(reverse(f"desk_suggestions_{name}"), form).status_code == 400, form


def test_without_the_index_the_page_says_so(read, page_client, curator, settings):
    add_heard(make_space(), at_cosine(1.0))
    settings.MILVUS = Milvus(uri=milvus_uri(choose_port()), token="", timeout_seconds=0.5)
    index_room._index_of_process.cache_clear()
    try:
        assert "cannot be reached right now" in read(reverse("desk_suggestions"))
        page = send(page_client, "all", kind="genre", least="70")
    finally:
        index_room._index_of_process.cache_clear()
    assert "Nothing was changed." in page
    assert not Act.objects.exists()
