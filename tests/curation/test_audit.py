"""Who may know of what was done, and of what it was done to."""

import datetime as dt

import pytest
from django.utils import timezone

from recommender.accounts.models import Role
from recommender.catalog.models import PairVerdict, RecordingPair, Track, Visibility
from recommender.curation.acts import perform
from recommender.curation.audit import Wish, actors_of, acts_seen_by, find_acts, hide_from, with_counts
from recommender.curation.duplicates import judge
from recommender.curation.models import Change, Verb
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator():
    return make_user(Role.CURATOR)


def labels_for(viewer):
    changes = list(Change.objects.select_related("act"))
    hide_from(viewer, changes)
    return [(change.label, change.after) for change in changes]


def test_one_sees_what_one_did_and_curators_what_was_done_to_the_catalog(curator):
    owner, administrator = make_user(), make_user(Role.ADMIN)
    own = perform(Verb.TRASH, owner, [make_track(owner).pk])
    withdrawn = perform(Verb.WITHDRAW, curator, [make_track().pk])
    purged = perform(Verb.PURGE, administrator, [make_track().pk])
    for viewer, seen in (
        (owner, [own]),
        (make_user(Role.CURATOR), [withdrawn]),
        (administrator, [purged, withdrawn, own]),
    ):
        assert list(acts_seen_by(viewer)) == seen
    assert list(actors_of(acts_seen_by(curator))) == [curator]


def test_acts_are_found_by_person_kind_track_and_day(curator):
    track, other = make_track(), make_user(Role.CURATOR)
    hidden = perform(Verb.HIDE, curator, [track.pk, make_track().pk])
    shown = perform(Verb.RECOMMEND, other, [track.pk])
    perform(Verb.RECOMMEND, other, [track.pk])  # changes nothing, and is not listed
    now, hour = timezone.now(), dt.timedelta(hours=1)
    wishes = {
        Wish(): [shown, hidden],
        Wish(actor=other.pk): [shown],
        Wish(verb=Verb.HIDE): [hidden],
        Wish(track=track.pk): [shown, hidden],
        Wish(track=10**9): [],
        Wish(since=now - hour, until=now + hour): [shown, hidden],
        Wish(since=now + hour): [],
        Wish(until=now - hour): [],
    }
    for wish, found in wishes.items():
        assert list(find_acts(curator, wish)) == found
    assert with_counts(acts_seen_by(curator)).get(pk=hidden.pk).done == 2


def test_what_is_private_stays_unknown_to_other_curators(curator):
    track = make_track(title="Once submitted", visibility=Visibility.SUBMITTED)
    perform(Verb.ASK, curator, [track.pk], note="The end is cut off.")
    after = {"visibility": Visibility.PRIVATE}
    other = make_user(Role.CURATOR)
    assert labels_for(other) == [("", {})]
    assert not find_acts(other, Wish(track=track.pk)).exists()
    assert find_acts(curator, Wish(track=track.pk)).exists()
    for viewer in (curator, track.owner, make_user(Role.ADMIN)):
        assert labels_for(viewer) == [("Once submitted", after)]


def test_what_was_judged_with_a_private_track_does_not_name_it(curator):
    one, private = make_track(), make_track(title="A secret", visibility=Visibility.PRIVATE)
    pair = RecordingPair.objects.create(first=one, second=private, score=0.9)
    judge(make_user(Role.ADMIN), [pair], PairVerdict.SAME)
    assert "other_tracks" not in labels_for(curator)[0][1]
    Track.objects.filter(pk=private.pk).update(visibility=Visibility.PUBLISHED)
    assert labels_for(curator)[0][1]["other_tracks"] == ["A secret"]


def test_what_is_in_the_trash_is_known_and_what_is_gone_only_to_those_who_did_it(curator):
    track = make_track(title="In the trash")
    perform(Verb.WITHDRAW, curator, [track.pk])
    Track.objects.filter(pk=track.pk).update(is_deleting=True)
    assert labels_for(make_user(Role.CURATOR))[0][0] == "In the trash"
    track.delete()
    assert labels_for(make_user(Role.CURATOR))[0][0] == ""
    assert labels_for(curator)[0][0] == "In the trash"
