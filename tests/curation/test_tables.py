"""From a table that comes back to an act that can be taken back."""

import datetime as dt

import pytest
from django.utils import timezone

from recommender.accounts.models import Role
from recommender.catalog.credits import credit_artists, find_artist, find_release, set_genres
from recommender.catalog.editing import edit_track
from recommender.catalog.models import Artist, Track, Visibility
from recommender.curation import acts, tables
from recommender.curation.acts import take_back
from recommender.curation.audit import acts_seen_by
from recommender.curation.errors import NotYoursError, TableFileError
from recommender.curation.jobs import run_job
from recommender.curation.models import Draft, JobState, Verb
from recommender.curation.table_writing import TableFormat, write_table
from recommender.curation.tables import apply_draft, draft_table, drop_old_drafts
from recommender.curation.tasks import drop_old_drafts_task
from recommender.web.metadata_form import MetadataForm
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator():
    return make_user(Role.CURATOR)


@pytest.fixture
def bring(tmp_path):
    def bring_table(owner, content):
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return draft_table(owner, path, "table.csv", MetadataForm.base_fields)

    return bring_table


def make_odd_songs():
    odd = (
        *('She said "no"', "a;b,c", "=1+1", "'=1+1", "@home", "-7", "line\nbreak", "\ttab", "🎧🏳️‍🌈", "שלום", "'"),
        *("NULL", "  spaces  ", "\u202eevil", "1e5", "007", "2001-01-01", '=HYPERLINK("http://x")', "a\r\nb", "n/a"),
    )
    for number, name in enumerate(odd):
        track = make_track(title=name, file_name=name, year=1 + number, isrc="bad")
        artist = Artist.objects.create(name=name, name_key=f"odd {number}")
        track.credits.create(artist=artist)
        track.artist, track.release = artist, find_release(f"R {number}", artist)
        track.save()
        set_genres(track, [f"{name}x", f"-{number}"])


@pytest.mark.parametrize("kind", TableFormat)
def test_what_comes_back_unchanged_changes_nothing(curator, bring, kind):
    make_odd_songs()
    draft = bring(curator, b"".join(write_table(Track.objects.all(), kind)))
    assert (draft.changes, draft.problems, draft.remarks) == ([], [], [])
    assert draft.row_count == draft.same_count == 20


def test_other_programs_write_it_in_their_way(curator, bring):
    make_odd_songs()
    text = b"".join(write_table(Track.objects.all(), TableFormat.SEMICOLONS)).decode("utf-8-sig")
    assert bring(curator, text.encode("utf-16")).same_count == 20


def test_from_the_draft_to_the_undo(curator, bring):
    first, second = make_track(title="One", year=1990), make_track(title="Two")
    draft = bring(curator, f"id,title,year,hue\n{first.pk},Uno,,\n{second.pk},Two,abc,\n9999999,x,\n")
    assert Track.objects.get(pk=first.pk).title == "One"
    assert draft.changes == [
        {"track": first.pk, "row": 2, "seen": {"title": "One", "year": 1990}, "wanted": {"title": "Uno", "year": None}}
    ]
    assert draft.problems == [
        (3, "year", "“abc”: Enter a whole number."),
        (4, "", "There is no track 9999999, or it is not for you to see."),
    ]
    assert draft.remarks == ["Columns that are not known here were left out: “hue”."]
    applied = apply_draft(draft, curator)
    assert (applied.act.verb, applied.act.note, applied.lost) == (Verb.DESCRIBE, "table.csv", 0)
    assert not Draft.objects.exists()
    changed = Track.objects.get(pk=first.pk)
    assert (changed.title, changed.year) == ("Uno", None)
    take_back(applied.act, curator)
    changed = Track.objects.get(pk=first.pk)
    assert (changed.title, changed.year) == ("One", 1990)


def test_what_was_changed_meanwhile_is_left_alone(curator, bring):
    first, second = make_track(title="One"), make_track(title="Two")
    draft = bring(curator, f"id,title\n{first.pk},Uno\n{second.pk},Due\n")
    edit_track(first, first.owner, {"title": "Ein"})
    act = apply_draft(draft, curator).act
    assert set(Track.objects.values_list("title", flat=True)) == {"Ein", "Due"}
    problems = {change.track_id: change.problem for change in act.changes.all()}
    assert "changed after it had been looked at" in problems[first.pk]
    assert problems[second.pk] == ""


def test_what_went_out_of_reach_is_left_out(curator, bring):
    first, second = make_track(), make_track()
    draft = bring(curator, f"id,title\n{first.pk},Uno\n{second.pk},Due\n")
    Track.objects.filter(pk=first.pk).update(visibility=Visibility.PRIVATE)
    again = bring(curator, f"id,title\n{second.pk},Tre\n")
    assert apply_draft(draft, curator).lost == 1
    Track.objects.update(visibility=Visibility.PRIVATE)
    with pytest.raises(NotYoursError):
        apply_draft(again, curator)
    assert Draft.objects.exists()


def test_a_draft_is_done_once(curator, bring):
    track = make_track()
    draft = bring(curator, f"id,title\n{track.pk},Uno\n")
    apply_draft(Draft.objects.get(), curator)
    with pytest.raises(NotYoursError, match="done already"):
        apply_draft(draft, curator)


def test_owners_do_it_to_their_own_and_nobody_else_reads_of_it(curator, bring):
    track = make_track(visibility=Visibility.PRIVATE, title="Secret")
    act = apply_draft(bring(track.owner, f"id,title\n{track.pk},More secret\n"), track.owner).act
    assert Track.objects.get().title == "More secret"
    assert act.verb == Verb.DESCRIBE_OWN
    assert act not in acts_seen_by(curator)
    assert take_back(act, track.owner).undone_at
    assert Track.objects.get().title == "Secret"


def test_many_become_a_job(curator, bring, monkeypatch, redis_server):
    monkeypatch.setattr(acts, "AT_ONCE", 1)
    first, second = make_track(), make_track()
    act = apply_draft(bring(curator, f"id,title\n{first.pk},Uno\n{second.pk},Due\n"), curator).act
    run_job(act.jobs.get().pk)
    assert act.jobs.get().state == JobState.DONE
    assert set(Track.objects.values_list("title", flat=True)) == {"Uno", "Due"}


def test_what_is_worth_knowing_of_the_whole(curator, bring, monkeypatch):
    track = make_track(title="Jóga")
    credit_artists(track, ["Björk"])
    assert "Windows-1252" in bring(curator, f"id,title\n{track.pk},Jógä\n".encode("cp1252")).remarks[0]
    with pytest.raises(TableFileError, match="no row"):
        bring(curator, "id,title\n")
    monkeypatch.setattr(tables, "MOST_CHANGES", 0)
    assert "bring it again" in bring(curator, f"id,title\n{track.pk},X\n").remarks[0]


def test_drafts_do_not_pile_up(curator, bring, monkeypatch):
    monkeypatch.setattr(tables, "MOST_DRAFTS", 2)
    table = f"id\n{make_track().pk}\n"
    made = [bring(curator, table).pk for _number in range(3)]
    others = bring(make_user(Role.CURATOR), table).pk
    assert set(Draft.objects.values_list("pk", flat=True)) == {*made[1:], others}
    Draft.objects.filter(pk=others).update(made_at=timezone.now() - dt.timedelta(hours=25))
    drop_old_drafts()
    assert set(Draft.objects.values_list("pk", flat=True)) == set(made[1:])
    Draft.objects.update(made_at=timezone.now() - dt.timedelta(hours=25))
    drop_old_drafts_task()
    assert not Draft.objects.exists()


def test_an_artist_made_for_it_goes_with_the_undo(curator, bring):
    track = make_track()
    act = apply_draft(bring(curator, f"id,artists\n{track.pk},Nobody; Else\n"), curator).act
    assert find_artist("Else").credits.exists()
    take_back(act, curator)
    assert not Artist.objects.exists()
