"""Many tracks edited together: chosen, said, looked at, done, taken back."""

import re

import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.editing import edit_track
from recommender.catalog.models import Analysis, AnalysisState, Genre, Track, Visibility
from recommender.curation.models import Act
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db
EDIT, APPLY = "/desk/edit/", "/desk/edit/apply"


@pytest.fixture
def tracks():
    """Three folk songs, of which curators may describe two, and something else."""
    owner, made = make_user(), []
    for title, genre in (("One", "Folk"), ("Two", "Folk"), ("Withdrawn", "Folk"), ("Other", "Jazz")):
        made.append(make_track(owner, title=title))
        edit_track(made[-1], owner, {"artists": ["Ann"], "genres": [genre], "year": 1970})
    Track.objects.filter(title="Withdrawn").update(visibility=Visibility.WITHDRAWN)
    return made


def preview(client, address, **said):
    page = client.post(address, {"step": "preview", **said})
    assert page.status_code == 200
    return page.content.decode()


def agree(client, page, **more):
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return client.post(APPLY, {**fields, **more}, follow=True)


def in_words(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_from_the_narrowed_library_to_the_change_and_back(page_client, curator, tracks, django_assert_max_num_queries):
    folk = f"?genre={Genre.objects.get(name='Folk').pk}"
    library = page_client.get("/library/" + folk).content.decode()
    assert f'href="{EDIT}{folk}"' in library
    assert "Edit these 3 tracks" in library
    with django_assert_max_num_queries(20):
        told = in_words(page_client.get(EDIT + folk).content.decode())
    assert "Edit 2 tracks Folk · 1 more is not yours to change and is left out." in told
    with django_assert_max_num_queries(20):
        page = preview(page_client, EDIT + folk, genres_how="set", genres="Folk rock", find="One", put="Eins")
    told = in_words(page)
    assert "2 of 2 tracks would change" in told
    assert "One · Ann Title: One → Eins Genres: Folk → Folk rock" in told
    assert not Act.objects.exists()
    answer = agree(page_client, page, note="As on the sleeve")
    assert answer.redirect_chain == [("/library/" + folk, 302)]
    assert "2 tracks were described." in answer.content.decode()
    assert set(Track.objects.filter(genres__name="Folk rock").values_list("title", flat=True)) == {"Eins", "Two"}
    assert Act.objects.get().note == "As on the sleeve"
    page_client.post(reverse("desk_undo", args=[Act.objects.get().pk]))
    assert Track.objects.filter(genres__name="Folk").count() == 3


def test_what_cannot_be_is_told_with_the_reason(page_client, curator, tracks):
    said = {"track_number_how": "number", "track_number": "9999", "find": "One"}
    told = in_words(preview(page_client, f"{EDIT}?track={tracks[1].pk},{tracks[0].pk}", **said))
    assert "1 of 2 tracks would change" in told
    assert "One · Ann Title: This field is required." in told
    assert "Track: Ensure this value is less than or equal to 9999." in told
    assert "Two · Ann Track: 9999" in told


def test_what_was_changed_meanwhile_is_left_alone(page_client, curator, tracks):
    page = preview(page_client, f"{EDIT}?track={tracks[0].pk},{tracks[1].pk}", year_how="set", year="1999")
    edit_track(tracks[0], curator, {"year": 1971})
    answer = agree(page_client, page).content.decode()
    assert "1 track was described." in answer
    assert "1 track was left as it is." in answer
    assert list(Track.objects.order_by("pk").values_list("year", flat=True)[:2]) == [1971, 1999]


def test_nothing_to_do_and_nothing_said(page_client, curator, tracks):
    address = f"{EDIT}?track={tracks[0].pk}"
    page = preview(page_client, address, year_how="set", year="1970")
    assert "Nothing differs" in page
    assert "Change 1 track" not in page
    assert "Say first what is to be changed." in preview(page_client, address)
    assert "Say what." in preview(page_client, address, title_how="set")
    again = page_client.post(address, {"step": "again", "year_how": "set", "year": "1999"}).content.decode()
    assert '<option value="set" selected>' in again
    assert 'value="1999"' in again


def test_a_long_preview_has_pages(page_client, curator, monkeypatch):
    monkeypatch.setattr("recommender.web.desk.bulk_edit.PAGE_SIZE", 2)
    for number in range(5):
        make_track(title=f"Song {number}")
    said = {"find": "Song", "put": "Lied"}
    page = preview(page_client, EDIT + "?sort=title", **said)
    assert page.count("<del>Song") == 2
    assert 'name="first" value="2"' in page
    page = preview(page_client, EDIT + "?sort=title", **said, first="4")
    assert (page.count("<del>Song"), "<del>Song 4</del>" in page, 'value="2"' in page) == (1, True, True)
    assert "5 of 5 tracks would change" in page
    page = preview(page_client, EDIT, title_how="set", title="Song", find="")
    agree(page_client, page)
    assert Track.objects.filter(title="Song").count() == 5


def test_ticked_ones_get_an_address(page_client, curator, tracks):
    form = {"track": [tracks[0].pk, tracks[1].pk], "next": "/desk/quality/no_cover/"}
    answer = page_client.post(EDIT, form, follow=True)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Edit 2 tracks" in page
    page = preview(page_client, answer.redirect_chain[-1][0], year_how="clear", next="/desk/quality/no_cover/")
    assert agree(page_client, page).redirect_chain == [("/desk/quality/no_cover/", 302)]
    answer = page_client.post(EDIT, {"next": "https://elsewhere.example/"}, follow=True)
    assert answer.redirect_chain == [("/library/", 302)]
    assert "Choose at least one track first." in answer.content.decode()
    assert page_client.post(EDIT, {"track": list(range(1, 500))}).status_code == 400


def test_uploaders_edit_their_own(page_client, tracks):
    owner = tracks[0].owner
    page_client.force_login(owner)
    assert "Edit these" not in page_client.get("/library/").content.decode()
    assert "Edit these 4 tracks" in page_client.get("/library/?mine=1").content.decode()
    page = preview(page_client, EDIT + "?mine=1", year_how="set", year="1999")
    agree(page_client, page)
    assert Track.objects.filter(year=1999).count() == 4
    page_client.force_login(make_user())
    assert "None of these tracks is yours to change." in page_client.get(EDIT).content.decode()
    assert "Some of these tracks are not yours" in agree(page_client, page).content.decode()
    page_client.force_login(make_user(Role.LISTENER))
    assert page_client.get(EDIT).status_code == 403


def test_nonsense_is_refused(page_client, curator, tracks):
    page = preview(page_client, EDIT, year_how="set", year="1999")
    for form in ({}, {"previewed": "x"}, {"previewed": "x", "year_how": "set", "year": "1999"}):
        assert page_client.post(APPLY, form).status_code == 400
    assert agree(page_client, page, year="-3").status_code == 400
    assert page_client.get(EDIT + "?track=one").status_code == 400
    assert page_client.get(EDIT + "?artist=999").status_code == 404
    assert not Act.objects.exists()


def test_too_many_have_to_be_narrowed_down(page_client, curator, tracks, monkeypatch):
    monkeypatch.setattr("recommender.web.desk.bulk_edit.MOST_TRACKS", 2)
    page = page_client.get(EDIT).content.decode()
    assert "At most 2 tracks are edited at a time." in page
    assert "At most 2 tracks" in preview(page_client, EDIT, year_how="clear")


def test_pages_of_artists_releases_and_playlists_lead_here(page_client, curator, tracks):
    edit_track(tracks[0], tracks[0].owner, {"release": "Album"})
    found = Track.objects.get(pk=tracks[0].pk)
    for name, number in (("artist", found.artist_id), ("release", found.release_id)):
        page = page_client.get(reverse(name, args=[number])).content.decode()
        link = f"{EDIT}?{name}={number}"
        assert f'href="{link}"' in page
        assert "Edit all tracks" in page
        assert page_client.get(link).status_code == 200


def test_what_the_library_is_narrowed_to_is_analysed_again_by_administrators(page_client, curator, tracks, space):
    for track in tracks:
        Analysis.objects.create(track=track, space=space, state=AnalysisState.READY)
    folk = f"?genre={Genre.objects.get(name='Folk').pk}"
    again = f"{EDIT}analyse{folk}"
    assert again not in page_client.get(EDIT + folk).content.decode()
    assert page_client.post(again).status_code == 403
    page_client.force_login(make_user(Role.ADMIN))
    assert again in page_client.get(EDIT + folk).content.decode()
    assert "3 tracks will be analysed again." in page_client.post(again, follow=True).content.decode()
    queued = Analysis.objects.filter(state=AnalysisState.QUEUED).values_list("track__title", flat=True)
    assert sorted(queued) == ["One", "Two", "Withdrawn"]
