"""The artists desk: what is suggested, found, told apart, merged, split and named."""

import pytest
from django.urls import reverse

from recommender.catalog.credits import credit_artists, find_artist, find_release
from recommender.catalog.editing import read_fields
from recommender.catalog.models import Artist, ArtistAlias, DistinctNames, PoolRule, Track, Visibility
from recommender.curation.models import Act
from tests.people import make_track

pytestmark = pytest.mark.django_db


def make_credited(name, **given):
    track = make_track(**given)
    credit_artists(track, [name])
    return track


def find(name):
    return Artist.objects.get(name=name)


@pytest.fixture
def post(page_client, curator):
    """The page that people come to, in words."""

    def post_form(page, /, *arguments, status=200, **form):
        answer = page_client.post(reverse(page, args=arguments), form, follow=True)
        assert answer.status_code == status
        return " ".join(answer.content.decode().split())

    return post_form


@pytest.fixture
def beatles():
    for name in ("The Beatles", "Beatles", "Beatles"):
        make_credited(name)
    return find("The Beatles"), find("Beatles")


def test_from_a_suggestion_to_the_undo(page_client, curator, read, post, beatles):
    kept, old = beatles
    page = read(reverse("desk_artists"))
    assert "The same but for signs and articles" in page
    assert f"{reverse('desk_artists_merge')}?artist={old.pk}&amp;artist={kept.pk}" in page
    for artist, title in ((kept, "Help!"), (old, "help!")):
        Track.objects.filter(artist=artist).update(release=find_release(title, artist))
    PoolRule.objects.create(kind="artist", artist=old, is_on=True)
    page = read(reverse("desk_artists_merge"), artist=[old.pk, kept.pk])
    for told in ("1 release of both becomes one: ", "A rule keeps this one out", "1 track, if the suggested one"):
        assert told in page
    page = post("desk_artists_merge", artist=[old.pk, kept.pk], into=kept.pk, note="One band.")
    assert "1 artist was merged into “The Beatles”." in page
    assert "No two artists look like the same one." in page
    address = page_client.get(reverse("artist", args=[old.pk]) + "?after=1")
    assert address.url == reverse("artist", args=[kept.pk]) + "?after=1"
    assert page_client.get(reverse("releases"), {"artist": old.pk}).status_code == 200
    assert len(page_client.get(reverse("track_sound"), {"artist": old.pk}).json()) == 3
    assert "also known as Beatles" in read(reverse("artist", args=[kept.pk]))
    act = read(reverse("desk_act", args=[Act.objects.get().pk]))
    for told in (
        "Beatles → The Beatles",
        "One band.",
        "Tracks that followed: 2",
        "Artist: <del>Beatles</del> → The Beatles",
    ):
        assert told in act
    assert "Taken back." in post("desk_undo", Act.objects.get().pk)
    assert page_client.get(reverse("artist", args=[old.pk])).status_code == 200


def test_artists_are_told_apart_for_good(curator, read, post, beatles):
    make_credited("Beatles & The Beatles")
    several = find("Beatles & The Beatles")
    assert "Beatles &amp; The Beatles" in read(reverse("desk_artists"), show="several")
    page = post("desk_artists_apart", artist=[artist.pk for artist in beatles])
    assert "It is not suggested again" in page.replace("it is", "It is")
    assert "No two artists look like the same one." in page
    page = post("desk_artists_apart", artist=several.pk, back=reverse("desk_artists") + "?show=several")
    assert "No artist looks like several." in page
    assert DistinctNames.objects.count() == 2
    acts = read(reverse("desk_act", args=[Act.objects.latest("pk").pk]))
    assert "Verdict: one artist" in acts
    assert "Choose" not in post("desk_artists_apart", artist=several.pk)


def test_artists_are_found_by_any_name(curator, read, beatles):
    ArtistAlias.objects.create(artist=beatles[0], name="Fab Four")
    page = read(reverse("desk_artists"), q="fab four")
    assert reverse("desk_artist", args=[beatles[0].pk]) in page
    assert "Nobody is called like that." in read(reverse("desk_artists"), q="zappa")


def test_a_split_is_looked_at_and_done(curator, read, post):
    tracks = [make_credited("Ann & Bo", title="Duet"), make_credited("Ann & Bo", title="Another")]
    make_credited("Ann & Bo", visibility=Visibility.WITHDRAWN)
    ann, whole = find_artist("Anna"), find("Ann & Bo")
    make_credited("Anna")
    ArtistAlias.objects.create(artist=ann, name="Ann")
    Track.objects.filter(pk=tracks[0].pk).update(release=find_release("Duets", whole))
    page = read(reverse("desk_artist_split", args=[whole.pk]), names="Ann\nBo")
    for told in (
        "“Ann”",
        "A new artist",
        "on all 2 tracks",
        "1 track of these is not yours",
        "Whose releases they are",
    ):
        assert told in page
    form = {"names": "Ann\nBo", "note": "Two."}
    page = post("desk_artist_split", whole.pk, which="ticked", track=tracks[1].pk, **form)
    assert "An artist was split, on 1 track." in page
    page = post("desk_artist_split", whole.pk, which="all", album_artist="Bo", **form)
    said = read_fields(Track.objects.select_related("artist", "release__artist").get(pk=tracks[0].pk))
    assert (said["artists"], said["album_artist"]) == (["Anna", "Bo"], "Bo")
    assert "Write two names or more" in post(
        "desk_artist_split", whole.pk, which="all", names="Ann", next="/desk/acts/"
    )
    post("desk_artist_split", whole.pk, status=400, which="some", names="Ann\nBo")
    post("desk_artist_split", whole.pk, status=400, which="all", names="\n".join(f"n{number}" for number in range(51)))


def test_names_are_changed_on_the_page_of_an_artist(curator, read, post):
    make_credited("Prince")
    make_credited("Bo")
    prince = find("Prince")
    page = post("desk_artist_names", prince.pk, name="The Artist", keep="1", aliases="TAFKAP\n\n tafkap \n")
    assert "The names are changed." in page
    assert "Prince TAFKAP </textarea>" in page
    assert sorted(prince.aliases.values_list("name", flat=True)) == ["Prince", "TAFKAP"]
    again = {"name": "The Artist", "aliases": "Prince\r\nTAFKAP"}
    assert "it is so already" in post("desk_artist_names", prince.pk, **again)
    refused = post("desk_artist_names", prince.pk, name="Bo", aliases="", next="/desk/acts/")
    assert "There is an artist called “Bo”. Merge the two instead." in refused
    found = read(reverse("desk_act", args=[Act.objects.get().pk]))
    assert "Name: <del>Prince</del> → The Artist" in found
    assert "Other names: Prince; TAFKAP" in found
    post("desk_artist_names", prince.pk, status=400, name="x", aliases="x" * 40_000)


def test_the_other_one_is_named(page_client, curator, read, beatles):
    merge, (kept, old) = reverse("desk_artists_merge"), beatles
    ArtistAlias.objects.create(artist=kept, name="Fab Four")
    answer = page_client.get(merge, {"artist": old.pk, "name": "FAB FOUR"})
    assert answer.url == f"{merge}?artist={old.pk}&artist={kept.pk}"
    answer = page_client.get(merge, {"artist": old.pk, "name": "Zappa"}, follow=True)
    assert "There is no other artist called “Zappa”." in answer.content.decode()
    assert page_client.post(merge, {"artist": [old.pk, kept.pk]}).status_code == 400
    assert page_client.post(merge, {"artist": [old.pk, kept.pk], "into": 10**9}).status_code == 400
    refused = page_client.post(merge, {"artist": old.pk, "into": old.pk}, follow=True)
    assert "Choose two artists or more" in refused.content.decode()


def test_artists_of_private_tracks_of_others_are_not_there(page_client, curator):
    make_credited("Seen")
    make_credited("Hidden", visibility=Visibility.PRIVATE)
    seen, hidden = find("Seen").pk, find("Hidden").pk
    for name in ("desk_artist", "desk_artist_split"):
        assert page_client.get(reverse(name, args=[hidden])).status_code == 404
    assert page_client.get(reverse("desk_artists_merge"), {"artist": [seen, hidden]}).status_code == 404
    assert page_client.post(reverse("desk_artists_apart"), {"artist": [seen, hidden]}).status_code == 404
    assert page_client.post(reverse("desk_artist_names", args=[hidden]), {"name": "x"}).status_code == 404


@pytest.mark.parametrize("asked", [{"page": "x"}, {"page": "9" * 30}, {"show": "x"}])
def test_what_no_link_says_is_refused(page_client, curator, asked):
    assert page_client.get(reverse("desk_artists"), asked).status_code == 400
    assert page_client.get(reverse("desk_artists_merge"), {"artist": "x"}).status_code == 400
    assert page_client.get(reverse("desk_artists_merge")).status_code == 404


def test_full_pages_take_few_queries(page_client, curator, django_assert_max_num_queries):
    for number in range(12):
        for name in (f"Group of {number}", f"The Group of {number}"):
            make_credited(name)
    two = [find("Group of 1").pk, find("The Group of 1").pk]
    for name, arguments, asked in (
        ("desk_artists", [], {}),
        ("desk_artist", two[:1], {}),
        ("desk_artists_merge", [], {"artist": two}),
        ("desk_artist_split", two[:1], {"names": "Ann\nBo"}),
    ):
        with django_assert_max_num_queries(20):
            assert page_client.get(reverse(name, args=arguments), asked).status_code == 200
