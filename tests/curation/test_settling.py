"""Reports that are answered, closed and opened again, and how that is taken back."""

import pytest

from recommender.accounts.models import Role
from recommender.curation.acts import take_back
from recommender.curation.errors import NotYoursError
from recommender.curation.models import Act, Report, ReportReason
from recommender.curation.reports import report_track
from recommender.curation.sentences import CHANGED_SINCE
from recommender.curation.settling import settle
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator():
    return make_user(Role.CURATOR)


@pytest.fixture
def report():
    return report_track(make_track(title="Song"), make_user(Role.LISTENER), ReportReason.TAGS, "The year is wrong.")


def state_of(report):
    return Report.objects.values_list("is_open", "answer").get(pk=report.pk)


def test_closed_with_an_answer_and_taken_back(curator, report):
    act = settle([report], curator, is_open=False, answer="Mended.")
    assert state_of(report) == (False, "Mended.")
    report.refresh_from_db()
    assert report.settled_by == curator
    change = act.changes.get()
    assert (change.track_id, change.label) == (report.track_id, "Song")
    assert change.before == {"report": report.pk, "is_open": True, "answer": ""}
    take_back(act, make_user(Role.CURATOR))
    assert state_of(report) == (True, "")
    with pytest.raises(NotYoursError):
        take_back(act, make_user())


def test_what_is_so_already_is_no_act(curator, report):
    assert settle([report], curator, is_open=True) is None
    assert not Act.objects.exists()


def test_nothing_is_put_back_over_what_was_done_since(curator, report):
    closed = settle([report], curator, is_open=False)
    report.refresh_from_db()
    opened = settle([report], curator, is_open=True)
    report.refresh_from_db()
    settle([report], curator, is_open=False)
    for act in (closed, opened):
        take_back(act, curator)
        assert act.changes.get().problem == CHANGED_SINCE
    assert state_of(report) == (False, "")


def test_nobody_has_two_open_reports_of_a_track(curator, report):
    closed = settle([report], curator, is_open=False)
    track = make_track(pk=report.track_id + 1)
    Report.objects.filter(pk=report.pk).update(track_id=track.pk)
    closed.changes.update(track_id=track.pk)
    report_track(track, report.reporter, ReportReason.TAGS, "The year is still wrong.")
    report.refresh_from_db()
    assert settle([report], curator, is_open=True) is None
    take_back(closed, curator)
    assert state_of(report) == (False, "")
