import pytest

from recommender.catalog.models import Analysis, AnalysisState, Space
from recommender.similarity.spaces import active_space, ensure_space, filling_spaces, promote_complete_space
from tests.people import make_track

pytestmark = pytest.mark.django_db


def test_the_first_space_is_active_at_once():
    space = ensure_space("first", "cnn", 8)
    assert space.is_active
    assert ensure_space("first", "cnn", 8) == space
    assert Space.objects.count() == 1


def test_a_new_encoder_fills_beside_the_old_one_and_takes_over_when_complete():
    track = make_track()
    old = ensure_space("old", "cnn", 8)
    new = ensure_space("new", "cnn", 16)
    assert active_space() == old
    assert filling_spaces() == [old, new]
    assert Analysis.objects.filter(track=track, space=new, state=AnalysisState.QUEUED).exists()
    assert promote_complete_space() is None
    Analysis.objects.filter(space=new).update(state=AnalysisState.READY)
    assert promote_complete_space() == new
    assert active_space() == new
    assert filling_spaces() == [new]


@pytest.mark.parametrize(
    ("before", "after", "is_promoted"),
    [
        (AnalysisState.FAILED, AnalysisState.FAILED, True),
        (AnalysisState.READY, AnalysisState.READY, True),
        (AnalysisState.READY, AnalysisState.UNINDEXED, True),
        (AnalysisState.READY, AnalysisState.FAILED, False),
        (AnalysisState.FAILED, AnalysisState.INDEXING, False),
    ],
)
def test_a_new_space_takes_over_unless_tracks_were_lost_on_the_way(before, after, is_promoted):
    make_track()
    old, new = ensure_space("old", "cnn", 8), ensure_space("new", "cnn", 8)
    Analysis.objects.filter(space=old).update(state=before)
    Analysis.objects.filter(space=new).update(state=after)
    assert (promote_complete_space() == new) is is_promoted
