"""What curators say of two tracks is said once, whichever way, and can be taken back."""

import pytest

from recommender.accounts.models import Role
from recommender.catalog.models import PairRule, PairSaying, Visibility
from recommender.curation.acts import perform, take_back
from recommender.curation.models import Verb
from recommender.curation.pair_rules import read_saying
from recommender.curation.sentences import CHANGED_SINCE
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator():
    return make_user(Role.CURATOR)


def say(curator, one, other, says):
    return perform(Verb.PAIR, curator, [one.pk], arguments={"other": other.pk, "says": says})


def test_a_rule_is_one_whichever_way_it_is_made(curator):
    one, other, third = make_track(), make_track(), make_track()
    say(curator, other, one, PairSaying.UNLIKE)
    assert not say(make_user(Role.ADMIN), one, other, PairSaying.UNLIKE).changes.exists()
    rule = PairRule.objects.get()
    assert (rule.first, rule.second, rule.made_by) == (one, other, curator)
    say(curator, other, third, PairSaying.UNLIKE)
    say(curator, third, other, "")
    assert PairRule.objects.get() == rule


def test_of_two_tracks_one_thing_is_said_and_taken_back(curator):
    one, other = make_track(), make_track()
    first = say(curator, one, other, PairSaying.UNLIKE)
    second = say(curator, other, one, PairSaying.TOGETHER)
    assert read_saying(one.pk, other.pk) == PairSaying.TOGETHER
    take_back(first, curator)
    assert first.changes.get().problem == CHANGED_SINCE
    take_back(second, curator)
    assert read_saying(one.pk, other.pk) == PairSaying.UNLIKE


def test_nothing_is_said_of_what_the_curator_may_not_know_of(curator):
    hidden = make_track(visibility=Visibility.PRIVATE)
    assert not say(curator, make_track(), hidden, PairSaying.UNLIKE).changes.exists()
    assert not PairRule.objects.exists()


def test_nothing_is_said_of_a_track_and_itself(curator):
    track = make_track()
    assert not say(curator, track, track, PairSaying.TOGETHER).changes.exists()
