import numpy as np
import pytest
from django.contrib.auth.models import AnonymousUser

from recommender.accounts.models import Role
from recommender.catalog.models import (
    Artist,
    Credit,
    Evidence,
    PairRule,
    PairSaying,
    PairVerdict,
    RecordingPair,
    Visibility,
)
from recommender.conf import Milvus
from recommender.listening.feedback import give_opinion, say_unlike
from recommender.listening.models import Opinion, Play, Verdict
from recommender.operations.milvus_server import milvus_uri
from recommender.similarity import index as index_room
from recommender.similarity.candidates import Candidate
from recommender.similarity.errors import BadWishError
from recommender.similarity.radio import ARTIST_WINDOW, RadioTracks, Session, follow_artists, next_tracks, steer
from recommender.similarity.sync import synchronise_space
from tests.people import add_heard, at_cosine, make_track, make_user, unit_vector
from tests.servers import choose_port

ANYBODY = AnonymousUser()
FIRST = np.eye(8, dtype=np.float32)[0]


@pytest.fixture
def seed(space):
    return add_heard(space, FIRST)


@pytest.fixture
def five(space, seed):
    """Tracks further and further from the seed."""
    made = [add_heard(space, at_cosine(0.9 - number / 10)) for number in range(5)]
    synchronise_space(space)
    return made


def heard(seeds, viewer=ANYBODY, count=10, **became):
    found = next_tracks(seeds, viewer, Session(**became), count)
    return [each.track for each in found.tracks]


def test_the_nearest_that_was_not_played_comes_next(seed, five):
    assert heard([seed], count=3) == five[:3]
    assert heard([seed], count=2, played=(five[0].pk, five[2].pk)) == [five[1], five[3]]


def test_it_never_repeats_until_there_is_nothing_else_and_never_ends(seed, five):
    played, everything = (), {track.pk for track in [seed, *five]}
    for _ in range(3):
        played += tuple(track.pk for track in heard([seed], count=2, played=played))
    assert set(played) == everything
    assert (len(set(played[:5])), played[5]) == (5, seed.pk)
    found = next_tracks([seed], ANYBODY, Session(played=played), 2)
    # What was played longest ago comes back first.
    assert [each.track.pk for each in found.tracks] == list(played[:2])
    assert found.is_repeating
    assert not next_tracks([seed], ANYBODY, Session(), 5).is_repeating
    skipped = frozenset({played[0]})
    assert heard([seed], count=2, played=played, skipped=skipped)[0].pk == played[1]


def test_it_plays_on_where_there_is_only_the_one(space, seed):
    synchronise_space(space)
    assert heard([seed]) == [seed]
    assert heard([seed], played=(seed.pk,)) == [seed]


def test_only_what_the_viewer_may_hear(space, seed):
    private = add_heard(space, at_cosine(0.9), visibility=Visibility.PRIVATE)
    add_heard(space, at_cosine(0.8), is_recommendable=False)
    public = add_heard(space, at_cosine(0.2))
    synchronise_space(space)
    assert heard([seed]) == [public, seed]
    assert heard([seed], private.owner) == [private, public, seed]


def test_it_follows_what_is_liked_and_leaves_what_is_skipped(space, seed):
    one, other = ([add_heard(space, at_cosine(share, axis)) for share in (0.8, 0.7)] for axis in (1, 2))
    synchronise_space(space)
    one_played, other_played = one[0].pk, other[0].pk
    played = (one_played, other_played)
    assert heard([seed], count=1, played=played, liked=frozenset({one_played})) == [one[1]]
    assert heard([seed], count=1, played=played, liked=frozenset({other_played})) == [other[1]]
    assert heard([seed], count=1, played=played, skipped=frozenset({one_played})) == [other[1]]


def test_what_a_listener_says_counts_without_being_told(space, seed):
    one, other = ([add_heard(space, at_cosine(share, axis)) for share in (0.8, 0.7)] for axis in (1, 2))
    synchronise_space(space)
    listener, played = make_user(Role.LISTENER), (one[0].pk, other[0].pk)
    Play.objects.create(listener=listener, track=one[0], heard_seconds=4.0, is_skipped=True)
    assert heard([seed], listener, 1, played=played) == [other[1]]
    give_opinion(listener, one[0], Verdict.LIKE)
    assert heard([seed], listener, 1, played=played) == [one[1]]


def test_hidden_tracks_steer_nothing(space, seed):
    one, other = (add_heard(space, at_cosine(0.7, axis)) for axis in (1, 2))
    hidden = add_heard(space, at_cosine(0.6, 2), visibility=Visibility.PRIVATE)
    synchronise_space(space)
    liked = frozenset({hidden.pk})
    assert set(heard([seed], liked=liked, count=2)) == {one, other}
    plain, steered = (heard([seed], count=1, liked=ids) for ids in (frozenset(), liked))
    assert plain == steered
    assert heard([seed], hidden.owner, 1, played=(hidden.pk,), liked=liked) == [other]


def test_hidden_tracks_tell_nothing_of_who_made_them_or_what_they_are(space, seed):
    artist = Artist.objects.create(name="Somebody")
    one, other = (add_heard(space, at_cosine(0.9 - place / 10), artist=artist) for place in range(2))
    hidden = add_heard(space, at_cosine(0.5), visibility=Visibility.PRIVATE)
    for track in (one, hidden):
        Credit.objects.create(track=track, artist=artist)
    RecordingPair.objects.create(first=other, second=hidden, evidence=Evidence.FINGERPRINT, score=0.95)
    synchronise_space(space)
    assert heard([seed], count=2, played=(hidden.pk,)) == heard([seed], count=2) == [one, other]


def test_disliked_and_unlike_tracks_are_never_played(seed, five):
    listener = make_user(Role.LISTENER)
    give_opinion(listener, five[0], Verdict.DISLIKE)
    say_unlike(listener, seed, five[1])
    PairRule.objects.create(first=seed, second=five[2])
    assert set(heard([seed], listener)) == {*five[3:], seed}
    assert set(heard([seed])) == {five[0], five[1], *five[3:], seed}
    Opinion.objects.all().delete()
    assert five[0] in heard([seed], listener)


def test_what_belongs_to_the_seed_is_played_first_and_once(seed, five):
    PairRule.objects.create(first=seed, second=five[4], says=PairSaying.TOGETHER)
    assert heard([seed], count=2) == [five[4], five[0]]
    assert heard([seed], count=2, played=(five[4].pk, five[0].pk)) == five[1:3]


def test_versions_of_what_was_played_come_last_of_the_fresh(seed, five):
    RecordingPair.objects.create(
        first=five[0], second=five[1], evidence=Evidence.FINGERPRINT, score=1.0, verdict=PairVerdict.SAME
    )
    assert heard([seed], played=(five[0].pk,)) == [*five[2:], five[1], seed, five[0]]


def test_no_artist_within_the_window_while_there_are_others(space, seed):
    ann, others = Artist.objects.create(name="Ann"), [add_heard(space, at_cosine(0.3, axis)) for axis in range(2, 6)]
    hers = [add_heard(space, at_cosine(0.9 - number / 20)) for number in range(3)]
    for track in hers:
        track.credits.create(artist=ann)
    synchronise_space(space)
    assert heard([seed], count=2)[1] in others
    found = heard([seed])
    assert found[0] == hers[0]
    assert set(found[1:5]) == set(others)
    assert found[5:] == [*hers[1:], seed]
    assert heard([seed], count=1, played=(hers[0].pk,))[0] in others


def test_several_seeds(space, seed):
    second = add_heard(space, at_cosine(0.0, 2))
    middle, near = add_heard(space, at_cosine(0.75, 2)), add_heard(space, at_cosine(0.95, 1))
    synchronise_space(space)
    assert heard([seed, second], count=2) == [middle, near]
    assert heard([seed], count=1) == [near]


def test_without_vectors_or_index_it_says_so(space, seed, settings):
    assert next_tracks([make_track()], ANYBODY, Session(), 1) == RadioTracks()
    synchronise_space(space)
    settings.MILVUS = Milvus(uri=milvus_uri(choose_port()), token="")
    index_room._index_of_process.cache_clear()
    try:
        assert next_tracks([seed], ANYBODY, Session(), 1).is_degraded
    finally:
        index_room._index_of_process.cache_clear()


@pytest.mark.django_db
@pytest.mark.parametrize(("seeds", "count"), [(1, 0), (1, -1), (1, 10**9), (0, 1), (11, 1)])
def test_wishes_that_make_no_sense(seeds, count):
    with pytest.raises(BadWishError):
        next_tracks([make_track()] * seeds, ANYBODY, Session(), count)


def test_opposites_leave_the_first_direction():
    assert np.array_equal(steer([FIRST, -FIRST], [], []), FIRST)
    assert np.linalg.norm(steer([FIRST], [unit_vector(1)], [unit_vector(2)])) == pytest.approx(1)


def test_artists_keep_their_distance():
    """Ann's and Bo's tracks in turn, however Ann's would all come first."""

    def by(track_id, *artists):
        known = {"cosine": 0.5, "similarity": 0.5, "seen_by_seed": 0.5, "vector": FIRST, "release_id": None}
        return Candidate(
            track_id=track_id, artist_ids=frozenset(artists), duration_seconds=60.0, twin_ids=frozenset(), **known
        )

    unknown = [by(number) for number in range(10, 20)]
    found = follow_artists([by(1, 7), by(2, 7), *unknown], [], 8)
    assert [each.track_id for each in found] == [1, *range(10, 10 + ARTIST_WINDOW), 2, 15]
    assert follow_artists([by(1, 7)], [frozenset({7})], 1) == []
