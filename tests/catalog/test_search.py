import random

import pytest
from django.contrib.auth.models import AnonymousUser

from recommender.accounts.models import Role
from recommender.catalog.browsing import visible_artists, visible_releases
from recommender.catalog.credits import credit_artists, find_artist, find_release
from recommender.catalog.models import Artist, ArtistAlias, AudioFile, Release, Track, Visibility
from recommender.catalog.names import fold
from recommender.catalog.search import MOST_FOUND, find_all, find_artists, find_tracks
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db

HOSTILE = [
    "\0",
    "\ud800",
    '"',
    "'; DROP TABLE catalog_track; --",
    'title:* OR "a" NEAR/2 (b',
    "a" * 10_000,
    "ab " * 5_000,
    "🎵🎶🎵",
    "\u202egnos",
    "שלום עולם",
    "%_\\",
    "   ",
    "\n\t",
    "{}{0}%s%%",
    "".join(map(chr, range(1, 256))),
]
SYLLABLES = ["ka", "mo", "ri", "ten", "lu", "sa", "ber", "no", "vi", "dor", "pe", "gan", "shi", "ul"]


@pytest.fixture
def owner():
    return make_user()


def titles(text, viewer=None, limit=MOST_FOUND):
    found = find_tracks(text, Track.objects.visible_to(viewer or AnonymousUser()), limit=limit)
    by_id = Track.objects.in_bulk(found)
    return [by_id[pk].title for pk in found]


def make_classics(owner):
    for title, artist, release in (
        ("Moonlight Sonata", "Ludwig van Beethoven", "Piano Works"),
        ("Symphony No. 5", "Ludwig van Beethoven", "Symphonies"),
        ("Clair de lune", "Claude Debussy", "Suite bergamasque"),
        ("Jóga", "Björk", "Homogenic"),
        ("Moonlight Shadow", "Mike Oldfield", "Crises"),
        ("Don't Stop", "AC/DC", "Hip-Hop"),
    ):
        made_by = find_artist(artist)
        track = make_track(owner, title=title, artist=made_by, release=find_release(release, made_by))
        credit_artists(track, [artist])


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("bethoven moonlite", "Moonlight Sonata"),
        ("sonata moonlight", "Moonlight Sonata"),
        ("moonlight shadow", "Moonlight Shadow"),
        ("JOGA", "Jóga"),
        ("bjork", "Jóga"),
        ("bj", "Jóga"),
        ("homogenik", "Jóga"),
        ("clair lune debusy", "Clair de lune"),
        ("symph", "Symphony No. 5"),
        ("no 5", "Symphony No. 5"),
        ("dont", "Don't Stop"),
        ("acdc", "Don't Stop"),
        ("c", "Clair de lune"),
    ],
)
def test_what_people_type_finds_what_they_mean(text, best, owner):
    make_classics(owner)
    assert titles(text)[0] == best


def test_nothing_like_it_finds_nothing(owner):
    make_classics(owner)
    assert titles("zzzzzz") == titles("moonlight zzzzzz") == titles("") == titles("%") == []


def test_whole_names_come_before_parts_of_names(owner):
    for title in ("Blue Train to Nowhere", "Blue", "Bluebird", "Kind of Blue"):
        make_track(owner, title=title)
    assert titles("blue")[0] == "Blue"
    assert set(titles("blue")) == {"Blue", "Blue Train to Nowhere", "Bluebird", "Kind of Blue"}


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_breaks_the_search(text, owner):
    sound = text.replace("\0", "").encode("utf-8", "ignore").decode()[:200] or "empty"
    make_track(owner, title=sound)
    for typed in (text, text[:1], text[:2], text[:3]):
        assert isinstance(titles(typed), list)


def test_one_slip_of_the_finger_still_finds_the_track(owner):
    """200 random single typos in random titles: substitution, insertion, deletion, transposition."""
    rng = random.Random(4)
    words = ["".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))) for _ in range(400)]
    make_rows(owner, [" ".join(rng.choices(words, k=rng.randint(1, 4))) for _ in range(600)])
    wanted = rng.choices(list(Track.objects.values_list("title", flat=True)), k=200)
    missed = [typed for title in wanted if title not in titles(typed := slip(title, rng), limit=5)]
    assert len(missed) <= 10, missed


def make_rows(owner, names):
    files = AudioFile.objects.bulk_create(
        AudioFile(sha256=f"{number:064x}", size_bytes=1, media_type="audio/mpeg", suffix=".mp3")
        for number in range(len(names))
    )
    given = {"owner": owner, "file_name": "a.mp3", "visibility": Visibility.PUBLISHED, "is_playable": True}
    Track.objects.bulk_create(
        Track(audio_file=file, title=name, **given) for file, name in zip(files, names, strict=True)
    )


def slip(title, rng):
    at, letter = rng.randrange(len(title) - 1), rng.choice("abcdefghijklmnopqrstuvwxyz")
    head, tail = title[:at], title[at:]
    kinds = (head + letter + tail[1:], head + letter + tail, head + tail[1:], head + tail[1] + tail[0] + tail[2:])
    return rng.choice([kind for kind in kinds if kind.strip() != title] or [title])


def test_what_must_not_be_seen_takes_no_place(owner):
    other = make_user()
    shown = [make_track(owner, title="same words").pk for _ in range(3)]
    for _ in range(20):
        make_track(other, title="same words", visibility=Visibility.PRIVATE)
    assert set(find_tracks("same words", Track.objects.visible_to(AnonymousUser()), limit=3)) == set(shown)
    assert len(titles("same words", other)) == 23
    assert len(titles("same words", make_user(Role.CURATOR))) == 3


def test_artists_and_releases_are_found_by_those_who_may_know_of_them(owner):
    make_classics(owner)
    hidden = find_artist("Beethoven's Ghost")
    make_track(owner, artist=hidden, release=find_release("Piano Ghosts", hidden), visibility=Visibility.PRIVATE)
    for viewer, artists, releases in ((AnonymousUser(), 1, 1), (owner, 2, 2)):
        found = {
            text: find_all(
                text,
                tracks=Track.objects.visible_to(viewer),
                artists=visible_artists(viewer),
                releases=visible_releases(viewer),
                limit=5,
            )
            for text in ("bethoven", "piano")
        }
        assert len(found["bethoven"].artists) == artists
        assert len(found["piano"].releases) == releases
    assert found["bethoven"].artists[0].name.startswith(("Ludwig", "Beethoven"))


@pytest.mark.parametrize("typed", ["The Sugarcubes singer", "sugercubes", "t"])
def test_other_names_of_an_artist_find_it_and_its_tracks(owner, typed):
    make_classics(owner)
    artist = Artist.objects.get(name="Björk")
    alias = ArtistAlias.objects.create(artist=artist, name="The Sugarcubes singer")
    assert find_artists(typed, visible_artists(owner), limit=5)[0] == artist
    assert "Jóga" in titles(typed)
    alias.delete()
    assert artist not in find_artists(typed, visible_artists(owner), limit=5)
    assert "Jóga" not in titles(typed)


def test_bulk_writers_are_followed(owner):
    make_classics(owner)
    Artist.objects.filter(name="Björk").update(name="Guðmundsdóttir", name_key=fold("Guðmundsdóttir"))
    assert (titles("gudmundsdottir"), titles("bjork")) == (titles("homogenic"), [])
    Release.objects.filter(title="Homogenic").update(title="Vespertine", title_key="vespertine")
    assert (titles("vespertine"), titles("homogenic")) == (["Jóga"], [])
    Track.objects.filter(title="Jóga").update(title="Unravel", title_key="unravel")
    assert (titles("unravel"), titles("joga")) == (["Unravel"], [])
    Track.objects.filter(title="Unravel").delete()
    assert titles("unravel") == []


def test_private_names_push_nothing_out(owner):
    """One artist has exactly the name that was typed, the other a name like it; only the latter may be seen."""
    hidden, shown = make_track(owner, visibility=Visibility.PRIVATE), make_track(owner)
    credit_artists(hidden, ["Aurora Nord"])
    credit_artists(shown, ["Aurora Norden Ensemble"])
    viewer = AnonymousUser()
    found = find_all(
        "aurora nord",
        tracks=Track.objects.visible_to(viewer),
        artists=visible_artists(viewer),
        releases=visible_releases(viewer),
        limit=5,
    )
    assert [artist.name for artist in found.artists] == ["Aurora Norden Ensemble"]
