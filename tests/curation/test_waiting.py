import pytest

from recommender.accounts.models import Role
from recommender.catalog.models import AnalysisState, Evidence, RecordingPair, Visibility
from recommender.curation import acts
from recommender.curation.acts import perform
from recommender.curation.models import Verb
from recommender.curation.reports import report_track
from recommender.curation.waiting import count_waiting
from tests.people import make_space, make_track, make_user

pytestmark = pytest.mark.django_db


def test_what_waits_is_counted_for_those_who_may_know_of_it(monkeypatch):
    monkeypatch.setattr(acts, "AT_ONCE", 1)
    curator, space = make_user(Role.CURATOR), make_space()
    private = make_track(visibility=Visibility.PRIVATE)
    shown = [make_track(visibility=Visibility.SUBMITTED), make_track(), make_track()]
    for track in (private, shown[1]):
        track.analyses.create(space=space, state=AnalysisState.FAILED)
    for other in (private, shown[1]):
        RecordingPair.objects.create(first=other, second=shown[2], evidence=Evidence.BYTES, score=1.0)
    report_track(shown[2], make_user(), "broken", "It crackles.")
    perform(Verb.TRASH, curator, [make_track(curator).pk])
    job = perform(Verb.HIDE, curator, [track.pk for track in shown]).jobs.get()
    waiting = count_waiting(curator)
    assert (waiting.review, waiting.pairs, waiting.reports, waiting.failed, waiting.in_trash) == (1, 1, 1, 1, 1)
    assert waiting.jobs == [job]
    assert count_waiting(make_user(Role.ADMIN)).failed == 2
