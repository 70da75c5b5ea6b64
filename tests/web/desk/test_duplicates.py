"""The duplicates desk in the browser: the list, one group, and what its forms do."""

import pytest
from django.urls import reverse

from recommender.catalog.models import AudioFile, Evidence, PairVerdict, RecordingPair, Track, Visibility
from recommender.curation.models import Act, Verb
from tests.people import make_cover, make_track, make_user

pytestmark = pytest.mark.django_db
LIST, MERGE = reverse("desk_duplicates"), reverse("desk_duplicates_merge")
JUDGE, SUGGESTED = reverse("desk_duplicates_judge"), reverse("desk_duplicates_suggested")


def make_pair(owner, title="Harbour", *, other_owner=None, **given):
    """A FLAC that has hardly any words, and an MP3 that begins 5 s later and has a cover."""
    flac = make_track(owner, title=f"{title} lights", duration_seconds=65.0, loudness_lufs=-14.2)
    mp3 = make_track(other_owner or owner, title=f"01 {title}", year=1999, cover=make_cover(), loudness_lufs=-9.0)
    AudioFile.objects.filter(pk=flac.audio_file_id).update(codec="flac", bit_rate=912_345, rate_hz=44_100, channels=2)
    AudioFile.objects.filter(pk=mp3.audio_file_id).update(codec="mp3", bit_rate=128_000, rate_hz=44_100, channels=2)
    found = {"evidence": Evidence.FINGERPRINT, "score": 0.9731, "offset_seconds": 5.0, **given}
    return RecordingPair.objects.create(first=flac, second=mp3, **found)


def page_of(client, pair):
    return client.get(reverse("desk_duplicate_group", args=[pair.first_id])).content.decode()


def test_the_list_says_what_and_why(page_client, curator, django_assert_max_num_queries):
    pair = make_pair(curator)
    make_pair(make_user(), "Foreign")
    make_pair(make_user(), "Hidden", other_owner=curator)
    Track.objects.filter(title="Hidden lights").update(visibility=Visibility.PRIVATE)
    for _ in range(5):
        make_pair(curator, evidence=Evidence.BYTES)
    with django_assert_max_num_queries(20):
        page = page_client.get(LIST).content.decode()
    for shown in ("Harbour lights", "01 Harbour", "Same fingerprint: 97.3% alike", "Foreign lights", "it is lossless"):
        assert shown in page
    assert "Hidden" not in page
    assert page.count('name="group"') == 6
    assert f'name="group" value="{pair.first_id}"' in page


def test_titles_are_text(page_client, curator):
    pair = make_pair(curator, "<script>alert(1)</script>")
    for page in (page_client.get(LIST).content.decode(), page_of(page_client, pair)):
        assert "<script>alert" not in page


def test_a_group_is_compared_line_by_line(page_client, curator, django_assert_max_num_queries):
    pair = make_pair(curator)
    with django_assert_max_num_queries(20):
        page = page_of(page_client, pair)
    for shown in (
        *(
            "912 kb/s",
            "128 kb/s",
            "44.1 kHz",
            "1:05",
            "5.0 s later",
            "\N{MINUS SIGN}14.2 LUFS",
            "better",
            "Take part".lower(),
        ),
        *("Suggested to be kept: “Harbour lights”, since it is lossless.", 'data-starts="5.000"'),
        f'name="take_title" value="{pair.first_id}" checked',
        f'name="take_year" value="{pair.second_id}" checked',
        f'name="take_cover" value="{pair.second_id}" checked',
    ):
        assert shown in page


def test_a_merge_with_a_click_and_back_with_another(page_client, curator):
    pair, waiting = make_pair(curator), make_pair(curator, "Other")
    form = {"keep": pair.first_id, "track": [pair.first_id, pair.second_id], "take_year": pair.second_id}
    answer = page_client.post(MERGE, form)
    assert answer.url == reverse("desk_duplicate_group", args=[waiting.first_id])
    page = page_client.get(answer.url).content.decode()
    assert "1 track was merged into “Harbour lights”." in page
    assert Track.objects.get(pk=pair.first_id).year == 1999
    old = page_client.get(reverse("track", args=[pair.second_id]))
    assert (old.status_code, old.url) == (302, reverse("track", args=[pair.first_id]))
    page_client.post(reverse("desk_undo", args=[Act.objects.get().pk]))
    assert page_client.get(reverse("track_delete", args=[pair.second_id])).status_code == 200
    assert Track.objects.get(pk=pair.first_id).year is None


def test_ticked_groups_are_merged_as_suggested(page_client, curator):
    pairs = [make_pair(curator, f"Song {number}") for number in range(3)]
    page = page_client.post(SUGGESTED, {"group": [pair.first_id for pair in pairs[:2]]}, follow=True).content.decode()
    assert "2 groups were merged." in page
    assert [pair.second.is_deleting for pair in RecordingPair.objects.order_by("pk")] == [True, True, False]
    assert not Track.objects.filter(pk__in=[pair.first_id for pair in pairs], is_deleting=True).exists()
    assert "tick what is to be" in page_client.post(SUGGESTED, follow=True).content.decode()


def test_what_is_somebody_elses_stays(page_client, curator):
    pair = make_pair(curator, other_owner=make_user())
    assert "The others belong to somebody else." in page_of(page_client, pair)
    form = {"keep": pair.first_id, "track": [pair.second_id]}
    assert "Nothing was merged." in page_client.post(MERGE, form, follow=True).content.decode()
    assert not Track.objects.filter(is_deleting=True).exists()


@pytest.mark.parametrize("verdict", [PairVerdict.SAME, PairVerdict.DIFFERENT])
def test_a_verdict_and_judged_again(page_client, curator, verdict):
    pair = make_pair(curator)
    page_client.post(JUDGE, {"group": pair.second_id, "verdict": verdict})
    assert RecordingPair.objects.get().verdict == verdict
    assert "Harbour" not in page_client.get(LIST).content.decode()
    assert "Harbour" in page_client.get(LIST, {"verdict": verdict}).content.decode()
    page_client.post(JUDGE, {"pair": pair.pk, "verdict": "proposed"})
    assert "Harbour" in page_client.get(LIST).content.decode()
    assert list(Act.objects.values_list("verb", flat=True)) == [Verb.JUDGE, Verb.JUDGE]
    page = page_client.get(reverse("desk_act", args=[Act.objects.first().pk])).content.decode()
    assert "01 Harbour" in page


@pytest.mark.parametrize(
    ("address", "form", "status"),
    [
        (JUDGE, {"group": "7", "verdict": "nonsense"}, 400),
        (JUDGE, {"group": "7", "verdict": "same"}, 404),
        (JUDGE, {"pair": "-1", "verdict": "same"}, 400),
        (MERGE, {"keep": "NaN"}, 400),
        (MERGE, {"keep": "7", "track": "x"}, 400),
        (MERGE, {"keep": "7", "track": "8", "take_title": "x"}, 400),
        (SUGGESTED, {"group": "1e9"}, 400),
    ],
)
def test_nonsense(page_client, curator, address, form, status):
    assert page_client.post(address, form).status_code == status


@pytest.mark.parametrize(
    ("query", "status"), [("page=0", 200), (f"page={10**9}", 200), ("page=x", 400), ("verdict=x", 400)]
)
def test_nonsense_in_the_address(page_client, curator, query, status):
    make_pair(curator)
    assert page_client.get(f"{LIST}?{query}").status_code == status
