"""What listeners report: once per person and track, within reason, and what it leads to."""

import datetime as dt

import pytest
from django.utils import timezone

from recommender.accounts.models import Role
from recommender.catalog.models import Artist, Track, Visibility
from recommender.curation import reports
from recommender.curation.acts import perform, take_back
from recommender.curation.models import Report, ReportReason, Verb
from recommender.curation.reports import (
    act_on_reported,
    find_unrecommended,
    last_of_each_track,
    report_track,
    reports_known_to,
)
from recommender.ingest.errors import TooOftenError
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def reporter():
    return make_user(Role.LISTENER)


@pytest.fixture
def curator():
    return make_user(Role.CURATOR)


def test_a_second_report_amends_the_first_while_it_is_open(reporter):
    track = make_track(title="Song", artist=Artist.objects.create(name="Band"))
    first = report_track(track, reporter, ReportReason.TAGS, "The year is wrong.")
    assert (first.label, first.owner, first.is_amended) == ("Song · Band", track.owner, False)
    again = report_track(track, reporter, ReportReason.RIGHTS, "It is mine.")
    assert (again.pk, again.reason, again.text, again.is_amended) == (first.pk, "rights", "It is mine.", True)
    report_track(track, make_user(), ReportReason.RIGHTS, "It is not theirs.")
    Report.objects.filter(pk=first.pk).update(is_open=False)
    assert report_track(track, reporter, ReportReason.RIGHTS, "It still is.").pk != first.pk
    assert Report.objects.count() == 3


def test_so_many_an_hour(reporter, monkeypatch):
    monkeypatch.setattr(reports, "MOST", 2)
    tracks = [make_track() for _ in range(3)]
    for track in tracks[:2]:
        report_track(track, reporter, ReportReason.BROKEN, "No sound.")
    with pytest.raises(TooOftenError, match="2 tracks within an hour") as refused:
        report_track(tracks[2], reporter, ReportReason.BROKEN, "No sound.")
    assert 3590 < refused.value.retry_after_seconds <= 3600
    report_track(tracks[0], reporter, ReportReason.BROKEN, "Only noise.")
    report_track(tracks[2], make_user(), ReportReason.BROKEN, "No sound.")
    Report.objects.filter(track_id=tracks[0].pk).update(made_at=timezone.now() - dt.timedelta(hours=1))
    report_track(tracks[2], reporter, ReportReason.BROKEN, "No sound.")


def test_who_knows_of_reports(reporter, curator):
    own, hidden, gone = make_track(curator), make_track(title="Gone private"), make_track()
    made = [report_track(track, reporter, ReportReason.OTHER, "Look.") for track in (own, hidden, gone)]
    Track.objects.exclude(pk=gone.pk).update(visibility=Visibility.PRIVATE)
    gone.delete()
    assert list(reports_known_to(curator)) == [made[2], made[0]]
    assert reports_known_to(make_user(Role.ADMIN)).count() == 3


def test_a_track_is_listed_once(reporter):
    track = make_track()
    report_track(track, reporter, ReportReason.OTHER, "Look.")
    closed = report_track(make_track(), reporter, ReportReason.OTHER, "Look.")
    Report.objects.filter(pk=closed.pk).update(is_open=False)
    last = report_track(track, make_user(), ReportReason.OTHER, "Look.")
    assert list(last_of_each_track(Report.objects.all(), is_open=True)) == [last]
    assert list(last_of_each_track(Report.objects.all(), is_open=False)) == [closed]


def test_what_was_hidden_because_of_a_report(reporter, curator):
    track, other = make_track(), make_track()
    report = report_track(track, reporter, ReportReason.RIGHTS, "It is mine.")
    act_on_reported(track.pk, Verb.RECOMMEND, curator, "")
    assert Report.objects.get().led_to is None
    act = act_on_reported(track.pk, Verb.HIDE, curator, "The label wrote to us.")
    perform(Verb.HIDE, curator, [other.pk])
    report.refresh_from_db()
    assert (report.led_to, report.is_open) == (act, True)
    assert find_unrecommended([track.pk, other.pk]) == {track.pk: act}
    take_back(act, curator)
    assert find_unrecommended([track.pk]) == {}
    assert Track.objects.get(pk=track.pk).is_recommendable
