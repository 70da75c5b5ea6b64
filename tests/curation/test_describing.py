"""What single tracks are to say, and what they said when that was decided."""

import pytest

from recommender.accounts.models import Role
from recommender.catalog.models import Track
from recommender.curation.acts import perform, take_back
from recommender.curation.describing import OF_EACH, SEEN
from recommender.curation.models import Verb
from recommender.curation.sentences import CHANGED_MEANWHILE
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


def years():
    return list(Track.objects.order_by("pk").values_list("year", flat=True))


def test_each_gets_its_own_and_what_was_changed_meanwhile_stays():
    curator = make_user(Role.CURATOR)
    same, other, known = (make_track(year=year) for year in (1970, 1975, 1970))
    of_each = {str(track.pk): {"year": 1980 + number} for number, track in enumerate((same, other, known))}
    seen = {str(same.pk): {"year": 1970}, str(other.pk): {"year": 1970}, str(known.pk): None}
    act = perform(Verb.DESCRIBE, curator, [same.pk, other.pk, known.pk], arguments={OF_EACH: of_each, SEEN: seen})
    assert years() == [1980, 1975, 1970]
    assert dict(act.changes.values_list("track_id", "problem")) == {
        same.pk: "",
        other.pk: CHANGED_MEANWHILE,
        known.pk: CHANGED_MEANWHILE,
    }
    take_back(act, curator)
    assert years() == [1970, 1975, 1970]
