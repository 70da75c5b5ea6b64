"""The queue of what waits, what is near a track of it, and who shows their tracks to others."""

import pytest

from recommender.accounts.models import Role
from recommender.catalog.models import Artist, Evidence, Genre, RecordingPair, Release, Track, Visibility
from recommender.conf import Uploads
from recommender.curation.acts import perform, take_back
from recommender.curation.errors import NotYoursError
from recommender.curation.models import Verb
from recommender.curation.review import (
    Group,
    Place,
    find_decisions,
    find_near,
    find_place,
    find_twins,
    group_waiting,
    recent_notes,
    suggest_genres,
    waiting_for,
)
from recommender.curation.sentences import CHANGED_SINCE
from recommender.similarity.recommend import Recommendation
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db

PRIVATE, SUBMITTED, PUBLISHED, WITHDRAWN = Visibility.values


@pytest.fixture
def curator():
    return make_user(Role.CURATOR)


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def reviewed(settings):
    settings.UPLOADS = Uploads(max_bytes=1, needs_review=True)


def submit(owner, **given):
    return make_track(owner, visibility=SUBMITTED, **given)


def visibility_of(track):
    return Track.objects.get(pk=track.pk).visibility


def test_what_waits_is_grouped(curator, owner):
    release = Release.objects.create(title="First", artist=Artist.objects.create(name="Ann"))
    first, second, alone = submit(owner, release=release), submit(owner, release=release), submit(make_user())
    for other in (PRIVATE, PUBLISHED, WITHDRAWN):
        make_track(owner, visibility=other)
    assert list(waiting_for(curator)) == [first, second, alone]
    assert list(waiting_for(curator, owner=alone.owner_id)) == [alone]
    uploaders, releases = group_waiting(waiting_for(curator))
    assert uploaders == [Group(owner.pk, owner.username, 2), Group(alone.owner_id, alone.owner.username, 1)]
    assert releases == [Group(release.pk, "First", 2)]
    assert group_waiting(waiting_for(curator), owner=alone.owner_id).releases == []
    assert list(waiting_for(curator, release=release.pk)) == [first, second]


def test_the_place_in_the_queue(curator, owner):
    ids = [submit(owner).pk for _ in range(5)]
    queue = waiting_for(curator)
    assert find_place(queue, 0, 2) == Place(ids[:3], [])
    assert find_place(queue, ids[2], 2) == Place(ids[2:], [ids[1], ids[0]])
    perform(Verb.APPROVE, curator, [ids[2]])
    assert find_place(queue, ids[2], 2) == Place(ids[3:], [ids[1], ids[0]])
    assert find_place(queue, ids[4] + 1, 2) == Place([ids[4]], [ids[3], ids[1]])
    assert find_place(queue.none(), 0, 2) == Place([], [])


def test_twins_with_what_was_decided(curator, owner):
    waiting, known, hidden = submit(owner), make_track(), make_track(visibility=PRIVATE)
    for other, score in ((known, 0.9), (hidden, 0.95)):
        RecordingPair.objects.create(first=waiting, second=other, evidence=Evidence.FINGERPRINT, score=score)
    assert [twin.track for twin in find_twins(waiting, curator)] == [known]
    assert find_twins(waiting, curator)[0].pair.score == 0.9


def test_genres_that_several_near_tracks_have():
    genres = [Genre.objects.create(name=name) for name in ("Jazz", "Rock")]
    near = []
    for own in (genres, genres[:1], []):
        track = make_track()
        track.genres.add(*own)
        near.append(Recommendation(track=track, similarity=0.9, cosine=0.9, versions=1, reasons=[]))
    assert suggest_genres(near) == [("Jazz", 2)]


def test_nothing_is_near_what_was_not_listened_to(curator, owner):
    assert find_near(submit(owner), curator) is None


def test_the_last_decision_that_stands(curator, owner):
    track = submit(owner)
    assert find_decisions([track.pk]) == {}
    asked = perform(Verb.ASK, curator, [track.pk], note="Say the year.")
    perform(Verb.HIDE, make_user(Role.ADMIN), [track.pk])
    assert find_decisions([track.pk]) == {track.pk: asked}
    submitted = perform(Verb.SUBMIT, owner, [track.pk])
    rejected = perform(Verb.REJECT, curator, [track.pk], note="Still no year.")
    assert find_decisions([track.pk]) == {track.pk: rejected}
    take_back(rejected, curator)
    assert find_decisions([track.pk]) == {track.pk: submitted}
    asked_again = perform(Verb.ASK, curator, [track.pk], note="And the label.")
    Track.objects.filter(pk=track.pk).update(visibility=PUBLISHED)
    take_back(asked_again, curator)
    assert find_decisions([track.pk]) == {track.pk: asked_again}
    assert recent_notes(curator) == ["And the label.", "Still no year.", "Say the year."]
    assert recent_notes(owner) == []


def test_an_owner_submits_and_takes_back(owner, reviewed):
    track = make_track(owner, visibility=PRIVATE)
    act = perform(Verb.SUBMIT, owner, [track.pk])
    assert visibility_of(track) == SUBMITTED
    perform(Verb.KEEP, owner, [track.pk])
    assert visibility_of(track) == PRIVATE
    take_back(act, owner)
    assert visibility_of(track) == PRIVATE


def test_nobody_publishes_past_the_review(owner, curator, reviewed):
    with pytest.raises(NotYoursError):
        perform(Verb.PUBLISH, owner, [make_track(owner, visibility=PRIVATE).pk])
    own = make_track(curator, visibility=PRIVATE)
    perform(Verb.PUBLISH, curator, [own.pk])
    assert visibility_of(own) == PUBLISHED


def test_an_approval_does_not_come_back_after_doubts(owner, curator, reviewed):
    """Published, made private, submitted anew, and sent back: undoing the second would publish it."""
    track = make_track(owner)
    kept = perform(Verb.KEEP, owner, [track.pk])
    perform(Verb.SUBMIT, owner, [track.pk])
    perform(Verb.ASK, curator, [track.pk], note="Too loud.")
    take_back(kept, owner)
    assert visibility_of(track) == PRIVATE
    assert kept.changes.get().problem == CHANGED_SINCE


@pytest.mark.parametrize("verb", [Verb.SUBMIT, Verb.PUBLISH, Verb.KEEP])
def test_what_is_withdrawn_or_not_ones_own_stays(owner, verb):
    withdrawn = make_track(owner, visibility=WITHDRAWN)
    perform(verb, owner, [withdrawn.pk])
    assert visibility_of(withdrawn) == WITHDRAWN
    for stranger in (make_user(), make_user(Role.ADMIN)):
        with pytest.raises(NotYoursError):
            perform(verb, stranger, [withdrawn.pk])


def test_where_nothing_is_reviewed_owners_publish(owner):
    track = make_track(owner, visibility=PRIVATE)
    perform(Verb.PUBLISH, owner, [track.pk])
    assert visibility_of(track) == PUBLISHED
