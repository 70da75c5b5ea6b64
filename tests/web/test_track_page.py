import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.editing import edit_track
from recommender.catalog.models import Evidence, PairVerdict, RecordingPair, Release, TrackTag, Visibility
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def track():
    made = make_track(title="Song", energy=0.72, tempo_bpm=127.6, tempo_confidence=0.9)
    edit_track(made, made.owner, {"artists": ["Ann", "Bo"], "release": "Album", "genres": ["Folk"], "year": 1999})
    TrackTag.objects.create(track=made, name="drum & bass", probability=0.9)
    return made


def page_of(client, track, viewer=None, **query):
    if viewer:
        client.force_login(viewer)
    return client.get(reverse("track", args=[track.pk]), query).content.decode()


def test_a_track_leads_to_its_artists_its_release_and_what_is_like_it(page_client, track):
    page = page_of(page_client, track)
    for credit in track.credits.all():
        assert f'<a href="{reverse("artist", args=[credit.artist_id])}">{credit.artist.name}</a>' in page
    assert f'<a href="{reverse("release", args=[Release.objects.get().pk])}">Album</a>' in page
    library = reverse("library")
    assert f'href="{library}?genre={track.genres.get().pk}">Folk</a>' in page
    assert f'href="{library}?tag=drum%20%26%20bass">drum &amp; bass</a>' in page
    for fact in ("1999", "about 128 BPM", "72 of 100", "About the file"):
        assert fact in page


def test_moods_that_people_gave_it_come_first(page_client, track):
    edit_track(track, track.owner, {"moods": ["calm", "sad"]})
    page = page_of(page_client, track)
    chips = [f'<a class="chip" href="{reverse("library")}?tag={mood}">{mood}</a>' for mood in ("calm", "sad")]
    places = [page.index(chip) for chip in chips]
    assert places == sorted(places)
    assert places[1] < page.index("drum &amp; bass")


def test_the_button_that_edits_is_for_those_who_may(page_client, track):
    edit = reverse("track_edit", args=[track.pk])
    assert edit not in page_of(page_client, track)
    for viewer, is_offered in (
        (make_user(Role.LISTENER), False),
        (make_user(Role.UPLOADER), False),
        (make_user(Role.CURATOR), True),
        (track.owner, True),
    ):
        assert (edit in page_of(page_client, track, viewer)) is is_offered


@pytest.mark.parametrize("saved", ["", "x", "0", "9" * 30, "٣", "-1"])
def test_a_mistyped_change_offers_nothing_to_undo(page_client, track, saved):
    assert "Saved." not in page_of(page_client, track, track.owner, saved=saved)


def test_a_change_is_offered_for_undoing_to_the_one_who_made_it(page_client, track):
    number = track.edits.get().pk
    assert "Saved." in page_of(page_client, track, track.owner, saved=number)
    assert "Saved." not in page_of(page_client, make_track(track.owner), track.owner, saved=number)
    assert "Saved." not in page_of(page_client, track, make_user(Role.ADMIN), saved=number)


def test_possible_twins_are_shown_to_those_who_may_do_something_about_them(page_client, track):
    twin, hidden, other = make_track(title="Twin"), make_track(visibility=Visibility.PRIVATE), make_track(title="Other")
    proposed, different = PairVerdict.PROPOSED, PairVerdict.DIFFERENT
    for second, verdict in ((twin, proposed), (hidden, proposed), (other, different)):
        RecordingPair.objects.create(
            first=track, second=second, evidence=Evidence.FINGERPRINT, score=0.9, verdict=verdict
        )
    sentence = f'May be the same recording as <a href="{reverse("track", args=[twin.pk])}">Twin</a>.'
    assert sentence in page_of(page_client, track, track.owner)
    assert sentence in page_of(page_client, track, make_user(Role.CURATOR))
    assert sentence not in page_of(page_client, track, make_user(Role.LISTENER))
