"""The page of tables: out, back, looked at, and done."""

import csv
import json
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.credits import set_genres
from recommender.catalog.models import Track, Visibility
from recommender.curation.models import Draft
from recommender.web.desk import table, table_upload
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


def export(client, **query):
    answer = client.get(reverse("desk_table_export"), {"as": "csv", **query})
    assert answer.status_code == 200
    return answer, list(csv.DictReader(StringIO(answer.getvalue().decode("utf-8-sig"), newline="")))


def bring(client, content, name="songs.csv", **given):
    sent = {"file": SimpleUploadedFile(name, content.encode())} if content is not None else {}
    return client.post(reverse("desk_table_import"), sent, **given)


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def uploader(page_client):
    made = make_user()
    page_client.force_login(made)
    return made


def test_everything_seen_is_taken_along(page_client, curator, read):
    songs = [make_track(), make_track(visibility=Visibility.SUBMITTED), make_track(is_playable=False)]
    make_track(visibility=Visibility.PRIVATE)
    answer, rows = export(page_client)
    assert [int(row["id"]) for row in rows] == [song.pk for song in songs]
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="soundalike-20')
    assert answer["Content-Disposition"].endswith('.csv"')
    page = read(reverse("desk_table"))
    assert "All you see: 3 tracks." in page
    assert f'href="{reverse("desk_table_export")}?as=json" download' in page
    assert 'aria-current="true">Catalog' in page


def test_what_the_library_is_narrowed_to_is_taken_along(page_client, curator, read):
    jazz, other = make_track(title="Blue"), make_track(title="Green")
    set_genres(jazz, ["Jazz"])
    genre = jazz.genres.get().pk
    library = read(reverse("library"), genre=genre, sort="title")
    assert f'href="{reverse("desk_table")}?genre={genre}&amp;sort=title"' in library
    page = read(reverse("desk_table"), genre=genre, sort="title")
    assert "1 track, as you narrowed the library down." in page
    assert f'href="{reverse("desk_table_export")}?genre={genre}&amp;as=csv"' in page
    assert [row["title"] for row in export(page_client, genre=genre)[1]] == ["Blue"]
    assert [row["title"] for row in export(page_client, q="green")[1]] == ["Green"]
    assert export(page_client, mine="1")[1] == []
    answer = page_client.get(reverse("desk_table_export"), {"as": "json", "q": "green"})
    assert [row["id"] for row in json.loads(answer.getvalue())] == [other.pk]


def test_others_take_along_what_is_theirs(page_client, uploader, read):
    own = make_track(uploader, visibility=Visibility.PRIVATE)
    make_track()
    assert [int(row["id"]) for row in export(page_client)[1]] == [own.pk]
    assert "All that is yours: 1 track." in read(reverse("desk_table"))
    page_client.force_login(make_user(Role.LISTENER))
    read(reverse("desk_table"), status=403)


@pytest.mark.parametrize("kind", ["", "xlsx", "CSV"])
def test_other_formats_are_refused(page_client, curator, kind):
    answer = page_client.get(reverse("desk_table_export"), {"as": kind})
    assert answer.status_code == 400
    assert "csv, csv-semicolons, json" in answer.content.decode()


def test_from_the_file_to_the_notice(page_client, curator, read):
    first, second = make_track(title="<One>", year=1990), make_track(title="Two")
    answer = bring(page_client, f"id,title,year,hue\n{first.pk},Uno,,\n{second.pk},Two,abc,\n")
    draft = Draft.objects.get()
    assert answer.url == reverse("desk_table_draft", args=[draft.pk])
    page = read(answer.url)
    for shown in (
        "<h1>songs.csv</h1>",
        "1 track would change.",
        "Title: <del>&lt;One&gt;</del> → Uno",
        "Year: <del>1990</del> → (nothing)",
        "Row 3, year</span> “abc”: Enter a whole number.",
        "Columns that are not known here were left out: “hue”.",
        "Change 1 track<",
    ):
        assert shown in page
    assert "1 track would change" in read(reverse("desk_table"))
    page = text_of(page_client.post(reverse("desk_table_apply", args=[draft.pk]), follow=True))
    assert "1 track was described." in page
    assert ">Undo<" in page
    assert Track.objects.get(pk=first.pk).title == "Uno"
    assert page_client.post(reverse("desk_table_apply", args=[draft.pk])).status_code == 404


def test_what_comes_back_unchanged_is_told(page_client, curator):
    make_track(title="=1+1")
    written = page_client.get(reverse("desk_table_export"), {"as": "csv"}).getvalue()
    sent = {"file": SimpleUploadedFile("a.csv", written)}
    answer = page_client.post(reverse("desk_table_import"), sent, follow=True)
    assert "Nothing differs: all of it is said here already." in text_of(answer)
    page = page_client.post(reverse("desk_table_discard", args=[Draft.objects.get().pk]), follow=True)
    assert "“a.csv” was discarded." in text_of(page)
    assert not Draft.objects.exists()


def test_pages_of_a_draft(page_client, curator, read, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(table, "PAGE_SIZE", 2)
    songs = [make_track(title=f"Song {number}") for number in range(5)]
    rows = "".join(f"{song.pk},New {number}\n" for number, song in enumerate(songs))
    address = bring(page_client, f"id,title\n{rows}x,\ny,\n").url
    monkeypatch.setattr(table, "MOST_PROBLEMS_SHOWN", 1)
    with django_assert_max_num_queries(12):
        page = read(address)
    assert "New 1" in page
    assert "New 2" not in page
    assert "and 1 more" in page
    assert 'rel="next" href="?from=2"' in page
    page = read(address, **{"from": "4"})
    assert "New 4" in page
    assert 'rel="prev" href="?from=2"' in page
    assert 'rel="next"' not in page
    assert "New" not in read(address, **{"from": "9" * 18})
    assert "New 0" in read(address, **{"from": "-1"})


def test_what_is_hidden_by_now_is_not_shown(page_client, curator, read):
    song = make_track(title="Secret")
    address = bring(page_client, f"id,title\n{song.pk},More secret\n").url
    Track.objects.update(visibility=Visibility.PRIVATE)
    page = read(address)
    assert "ecret" not in page
    assert "A track that is not here any more" in page
    page = text_of(page_client.post(reverse("desk_table_apply", args=[Draft.objects.get().pk]), follow=True))
    assert "None of these tracks is yours to describe any more." in page


def test_some_that_are_hidden_by_now_are_told_of(page_client, curator):
    songs = [make_track(), make_track()]
    bring(page_client, "id,title\n" + "".join(f"{song.pk},New\n" for song in songs))
    Track.objects.filter(pk=songs[0].pk).update(visibility=Visibility.PRIVATE)
    page = text_of(page_client.post(reverse("desk_table_apply", args=[Draft.objects.get().pk]), follow=True))
    assert "1 track was described." in page
    assert "1 track is out of your reach by now." in page


def test_drafts_are_their_owners(page_client, uploader, read):
    song = make_track(uploader)
    address = bring(page_client, f"id,title\n{song.pk},New\n").url
    page_client.force_login(make_user(Role.ADMIN))
    read(address, status=404)
    for name in ("desk_table_apply", "desk_table_discard"):
        assert page_client.post(reverse(name, args=[Draft.objects.get().pk])).status_code == 404


@pytest.mark.parametrize(
    ("content", "why"), [(None, "Choose a file first."), ("", "This file is empty."), ("a,b\n", "“id”")]
)
def test_what_is_no_table_is_refused(page_client, curator, content, why):
    answer = bring(page_client, content)
    assert answer.status_code == 400
    assert why in text_of(answer)
    assert not Draft.objects.exists()


def test_what_is_too_large_is_not_read(page_client, curator, monkeypatch):
    monkeypatch.setattr(table_upload, "LARGEST_BYTES", 10 * 1024 * 1024)
    answer = bring(page_client, "id\n1\n", CONTENT_LENGTH=11 * 1024 * 1024)
    assert answer.status_code == 413
    assert "A table may have at most 10 MB." in text_of(answer)


def test_scripts_get_a_problem(script_client):
    script_client.force_login(make_user())
    assert bring(script_client, "id\n1\n").status_code == 403
    answer = bring(script_client, "id\n1\n", headers={"Accept": "application/json"}, CONTENT_LENGTH=2**40)
    assert (answer.status_code, answer.json()["code"]) == (413, "table_file")


def test_it_is_linked_from_the_desk(page_client, curator, read):
    for name in ("desk", "desk_quality"):
        assert f'href="{reverse("desk_table")}"' in read(reverse(name))


def test_in_german(spoken_german, page_client, curator, read):
    song = make_track(title="Eins", duration_seconds=61.5)
    rows = export(page_client)[1]
    assert (rows[0]["title"], rows[0]["duration_seconds"]) == ("Eins", "61.5")
    page = read(bring(page_client, f"id,title\n{song.pk},Zwei\n").url)
    assert "Titel: <del>Eins</del> → Zwei" in page
