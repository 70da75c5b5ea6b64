"""Recommendations follow what curators say of duplicates at once."""

import pytest

from recommender.accounts.models import Role
from recommender.catalog.models import Evidence, PairVerdict, RecordingPair
from recommender.curation.acts import take_back
from recommender.curation.duplicates import judge, merge_tracks
from recommender.similarity.recommend import Wish, similar_to
from recommender.similarity.sync import synchronise_space
from tests.people import add_heard, at_cosine, make_user

pytestmark = pytest.mark.django_db


def test_verdicts_and_merges_are_heard_at_once(space):
    admin = make_user(Role.ADMIN)
    seed = add_heard(space, at_cosine(1.0))
    # Two versions that do not sound quite alike, and others to be compared with.
    one, other = (
        add_heard(space, at_cosine(0.97 - axis / 100, axis), duration_seconds=100.0 * axis) for axis in (1, 2)
    )
    for axis in range(3, 8):
        add_heard(space, at_cosine(0.1, axis))
    synchronise_space(space)

    def found():
        listed = similar_to(seed, admin, Wish()).recommendations
        return [each.track.pk for each in listed if each.track.pk in (one.pk, other.pk)]

    assert found() == [one.pk, other.pk]
    pair = RecordingPair.objects.create(first=one, second=other, evidence=Evidence.FINGERPRINT, score=0.95)
    assert found() == [one.pk]
    judge(admin, [pair], PairVerdict.DIFFERENT)
    assert found() == [one.pk, other.pk]
    judge(admin, [pair], PairVerdict.SAME)
    assert found() == [one.pk]
    act = merge_tracks(admin, other.pk, [one.pk])
    assert found() == [other.pk]
    take_back(act, admin)
    assert found() == [one.pk]
