import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.models import AudioFile, Evidence, PairVerdict, RecordingPair, Track, Visibility
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db
PAIRS = "admin:catalog_recordingpair_changelist"


@pytest.fixture
def curator(client):
    user = make_user(Role.CURATOR)
    client.force_login(user)
    return user


def make_pair(first=None, second=None, **given) -> RecordingPair:
    first, second = first or make_track(), second or make_track()
    return RecordingPair.objects.create(
        first=first,
        second=second,
        **{"evidence": Evidence.FINGERPRINT, "score": 0.9731, "offset_seconds": 2.0, **given},
    )


def act(client, action, *pairs):
    return client.post(reverse(PAIRS), {"action": action, "_selected_action": [pair.pk for pair in pairs]})


@pytest.mark.parametrize(("role", "status"), [(Role.LISTENER, 302), (Role.UPLOADER, 302), (Role.CURATOR, 200)])
def test_the_list_is_for_curators(client, role, status):
    client.force_login(make_user(role))
    assert client.get(reverse(PAIRS)).status_code == status


def test_both_tracks_are_shown_with_what_speaks_for_it(client, curator):
    first, second = make_track(title="Harbour Lights"), make_track(title="01 harbour lights")
    AudioFile.objects.filter(pk=first.audio_file_id).update(codec="flac", bit_rate=912_345, rate_hz=44_100)
    AudioFile.objects.filter(pk=second.audio_file_id).update(codec="mp3", bit_rate=128_000)
    make_pair(first, second)
    page = client.get(reverse(PAIRS)).content.decode()
    for shown in (
        *("Possible duplicates", "Harbour Lights", "01 harbour lights", f"/tracks/{first.pk}/", "97.3%", "2.0 s later"),
        *("flac, 912 kb/s, 44.1 kHz, 1:00", "mp3, 128 kb/s, 1:00", "same fingerprint", first.owner.username),
    ):
        assert shown in page


def test_titles_are_text(client, curator):
    make_pair(make_track(title="<script>alert(1)</script>"))
    assert "<script>alert" not in client.get(reverse(PAIRS)).content.decode()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"evidence": Evidence.AUDIO}, "identical"),
        ({"offset_seconds": 0.0}, "together"),
        ({"offset_seconds": -3.2}, "3.2 s earlier"),
    ],
)
def test_offset_and_agreement_in_words(client, curator, given, shown):
    make_pair(**given)
    assert shown in client.get(reverse(PAIRS)).content.decode()


@pytest.mark.parametrize(
    ("action", "verdict"), [("mark_same", PairVerdict.SAME), ("mark_different", PairVerdict.DIFFERENT)]
)
def test_a_decision_is_kept_with_who_made_it(client, curator, action, verdict):
    judged, other = make_pair(), make_pair()
    assert act(client, action, judged).status_code == 302
    judged.refresh_from_db()
    other.refresh_from_db()
    assert (judged.verdict, judged.decided_by) == (verdict, curator)
    assert judged.decided_at
    assert (other.verdict, other.decided_by) == (PairVerdict.PROPOSED, None)
    assert Track.objects.filter(is_deleting=False).count() == 4


def test_what_is_judged_leaves_the_list_and_can_be_asked_for(client, curator):
    make_pair(make_track(title="Judged one"), verdict=PairVerdict.DIFFERENT)
    make_pair(make_track(title="Open one"))

    def titles(**query):
        page = client.get(reverse(PAIRS), query).content.decode()
        return {title for title in ("Judged one", "Open one") if title in page}

    assert titles() == {"Open one"}
    assert titles(verdict="different") == {"Judged one"}
    assert titles(verdict="same") == set()
    assert titles(verdict="all") == {"Judged one", "Open one"}


def test_a_pair_with_a_track_the_curator_may_not_see_does_not_exist(client, curator):
    hidden = make_pair(make_track(title="Private one", visibility=Visibility.PRIVATE), make_track(title="Known one"))
    page = client.get(reverse(PAIRS)).content.decode()
    assert "Known one" not in page
    assert "Private one" not in page
    act(client, "mark_same", hidden)
    hidden.refresh_from_db()
    assert hidden.verdict == PairVerdict.PROPOSED
    assert client.get(reverse("admin:catalog_recordingpair_change", args=[hidden.pk])).status_code == 302


def test_own_private_tracks_are_shown(client, curator):
    make_pair(make_track(curator, title="Mine alone", visibility=Visibility.PRIVATE))
    assert "Mine alone" in client.get(reverse(PAIRS)).content.decode()


def test_nothing_is_edited_added_or_deleted_by_form(client, curator):
    pair = make_pair()
    change = reverse("admin:catalog_recordingpair_change", args=[pair.pk])
    assert "97.3%" in client.get(change).content.decode()
    assert client.post(change, {"verdict": "same"}).status_code == 403
    assert client.get(reverse("admin:catalog_recordingpair_add")).status_code == 403
    assert client.post(reverse("admin:catalog_recordingpair_delete", args=[pair.pk])).status_code == 403


def test_the_list_costs_the_same_however_long(client, curator, django_assert_max_num_queries):
    for _ in range(12):
        make_pair()
    with django_assert_max_num_queries(12):
        client.get(reverse(PAIRS))
