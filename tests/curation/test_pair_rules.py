import pytest

from recommender.accounts.models import Role
from recommender.catalog.models import PairRule
from recommender.curation.pair_rules import lift_rule, rule_unlike
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


def test_a_rule_is_one_whichever_way_it_is_made():
    curator, one, other, third = make_user(Role.CURATOR), make_track(), make_track(), make_track()
    rule_unlike(curator, other, one)
    rule_unlike(make_user(Role.ADMIN), one, other)
    rule = PairRule.objects.get()
    assert (rule.first, rule.second, rule.made_by) == (one, other, curator)
    rule_unlike(curator, other, third)
    assert PairRule.objects.unlike([one.pk]) == {other.pk}
    assert PairRule.objects.unlike([other.pk]) == {one.pk, third.pk}
    assert PairRule.objects.unlike([one.pk, third.pk]) == {other.pk}
    assert PairRule.objects.unlike([]) == frozenset()
    lift_rule(third, other)
    assert PairRule.objects.get() == rule
