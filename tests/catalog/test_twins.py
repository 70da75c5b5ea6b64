import pytest

from recommender.accounts.models import Role
from recommender.catalog.models import Evidence, PairVerdict, RecordingPair, Visibility
from recommender.catalog.twins import possible_twins
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


def pair(first, second, verdict=PairVerdict.PROPOSED):
    RecordingPair.objects.create(first=first, second=second, evidence=Evidence.AUDIO, score=1.0, verdict=verdict)


def test_twins_are_found_from_both_sides_unless_judged_different():
    before, track, proposed, same, different, stranger = (make_track() for _ in range(6))
    pair(before, track)
    pair(track, proposed)
    pair(track, same, PairVerdict.SAME)
    pair(track, different, PairVerdict.DIFFERENT)
    pair(proposed, stranger)
    viewer = make_user(Role.LISTENER)
    assert set(possible_twins(track, viewer)) == {before, proposed, same}
    assert set(possible_twins(proposed, viewer)) == {track, stranger}
    assert set(possible_twins(different, viewer)) == set()


def test_nobody_learns_of_what_is_not_theirs_to_see():
    track, private, deleted = make_track(), make_track(visibility=Visibility.PRIVATE), make_track(is_deleting=True)
    pair(track, private)
    pair(track, deleted)
    assert set(possible_twins(track, make_user(Role.CURATOR))) == set()
    assert set(possible_twins(track, private.owner)) == {private}
