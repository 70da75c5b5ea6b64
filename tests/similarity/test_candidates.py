import pytest

from recommender.catalog.models import Evidence, PairRule, PairSaying, PairVerdict, RecordingPair
from recommender.similarity.candidates import Pairs, find_pairs
from tests.people import make_track

NOBODY = frozenset()


@pytest.mark.django_db
def test_pairs_are_found_both_ways_by_what_is_said_of_them(django_assert_num_queries):
    one, other, third, fourth = (make_track().pk for _ in range(4))
    PairRule.objects.create(first_id=one, second_id=other)
    PairRule.objects.create(first_id=other, second_id=third, says=PairSaying.TOGETHER)
    said = {"evidence": Evidence.AUDIO, "score": 1.0}
    RecordingPair.objects.create(first_id=one, second_id=fourth, **said)
    RecordingPair.objects.create(first_id=one, second_id=third, verdict=PairVerdict.DIFFERENT, **said)
    with django_assert_num_queries(1):
        assert find_pairs([one]) == Pairs({fourth}, {other}, NOBODY)
    assert find_pairs([other]) == Pairs(NOBODY, {one}, {third})
    assert find_pairs([one, third]) == Pairs({fourth}, {other}, {other})
    assert find_pairs([one, other]) == Pairs({fourth}, NOBODY, {third})
    assert find_pairs([]) == Pairs()
