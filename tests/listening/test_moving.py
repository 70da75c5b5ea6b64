"""What listeners said of one track follows to another, and goes back."""

import datetime as dt
import json

import pytest
from django.utils import timezone

from recommender.accounts.models import Role
from recommender.listening.feedback import give_opinion, say_unlike, take_back_opinion
from recommender.listening.models import Opinion, Play, PlaylistRefusal, Unlikeness, Verdict
from recommender.listening.moving import count_moved, move_back, move_listening
from recommender.listening.playlists import create_playlist, tracks_of
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - dt.timedelta(days=400)


@pytest.fixture
def listener():
    return make_user(Role.LISTENER)


@pytest.fixture
def old():
    return make_track(title="Old")


@pytest.fixture
def kept():
    return make_track(title="Kept")


def move(old, kept):
    """As it is written down."""
    return json.loads(json.dumps(move_listening(old.pk, kept.pk)))


def back(moved, old, kept):
    return move_back(moved, old.pk, [kept.pk])


def said_of(track):
    return list(Opinion.objects.filter(track=track).values_list("verdict", flat=True))


def test_plays_and_likes_follow_and_go_back(listener, old, kept):
    for track in (old, old, kept):
        Play.objects.create(listener=listener, track=track, heard_seconds=50)
    give_opinion(listener, old, Verdict.LIKE)
    moved = move(old, kept)
    assert count_moved(moved) == {"plays": 2, "opinions": 1}
    assert Play.objects.filter(track=kept).count() == 3
    assert (said_of(old), said_of(kept)) == ([], ["like"])
    assert back(moved, old, kept) == 0
    assert Play.objects.filter(track=old).count() == 2
    assert (said_of(old), said_of(kept)) == (["like"], [])


@pytest.mark.parametrize(("is_old_newer", "after"), [(True, "dislike"), (False, "like")])
def test_of_two_opinions_the_newer_counts(listener, old, kept, is_old_newer, after):
    give_opinion(listener, old, Verdict.DISLIKE)
    give_opinion(listener, kept, Verdict.LIKE)
    older = kept if is_old_newer else old
    Opinion.objects.filter(track=older).update(given_at=LONG_AGO)
    moved = move(old, kept)
    assert (said_of(old), said_of(kept)) == ([], [after])
    assert back(moved, old, kept) == 0
    assert (said_of(old), said_of(kept)) == (["dislike"], ["like"])
    assert Opinion.objects.get(track=older).given_at == LONG_AGO


def test_nothing_is_lost_when_the_first_of_two_moves_goes_back_first(listener, old, kept):
    last = make_track(title="Last")
    for track in (old, kept, last):
        give_opinion(listener, track, Verdict.LIKE)
    first, second = move(old, kept), move(kept, last)
    assert Opinion.objects.get().track == last
    assert move_back(first, old.pk, [kept.pk, last.pk]) == 0
    assert move_back(second, kept.pk, [last.pk]) == 0
    assert Opinion.objects.count() == 3


def test_who_changed_their_mind_since_is_not_overruled(listener, old, kept):
    give_opinion(listener, kept, Verdict.LIKE)
    give_opinion(listener, old, Verdict.DISLIKE)
    moved = move(old, kept)
    take_back_opinion(listener, kept)
    assert back(moved, old, kept) == 1
    assert not Opinion.objects.exists()


def test_what_is_said_of_it_since_stays_with_the_kept_track(listener, old, kept):
    give_opinion(listener, old, Verdict.LIKE)
    moved = move(old, kept)
    give_opinion(listener, kept, Verdict.DISLIKE)
    back(moved, old, kept)
    assert (said_of(old), said_of(kept)) == ([], ["dislike"])


def test_not_similar_follows_on_both_sides(listener, old, kept):
    other, same = make_track(), make_track()
    say_unlike(listener, old, other)
    say_unlike(listener, other, old)
    say_unlike(listener, old, kept)
    for seed in (old, kept):
        say_unlike(listener, seed, same)
    before = set(Unlikeness.objects.values_list("seed", "track"))
    moved = move(old, kept)
    pairs = {(kept.pk, other.pk), (other.pk, kept.pk), (kept.pk, same.pk)}
    assert set(Unlikeness.objects.values_list("seed", "track")) == pairs
    assert back(moved, old, kept) == 0
    assert set(Unlikeness.objects.values_list("seed", "track")) == before


def test_a_playlist_that_has_both_keeps_one_place(listener, old, kept):
    between, admin = make_track(), make_user(Role.ADMIN)
    both = create_playlist(listener, "Both", [old.pk, between.pk, kept.pk])
    one = create_playlist(listener, "One", [between.pk, old.pk])
    PlaylistRefusal.objects.create(playlist=create_playlist(listener, "None"), track=old)
    moved = move(old, kept)
    old.is_deleting = True
    old.save(update_fields=["is_deleting"])
    assert tracks_of(both, admin) == [between.pk, kept.pk]
    assert tracks_of(one, admin) == [between.pk, kept.pk]
    assert PlaylistRefusal.objects.get().track == kept
    old.is_deleting = False
    old.save(update_fields=["is_deleting"])
    assert back(moved, old, kept) == 0
    assert tracks_of(both, admin) == [old.pk, between.pk, kept.pk]
    assert tracks_of(one, admin) == [between.pk, old.pk]
    assert PlaylistRefusal.objects.get().track == old


def test_somebody_who_is_gone_says_nothing_any_more(listener, old, kept):
    give_opinion(listener, kept, Verdict.LIKE)
    give_opinion(listener, old, Verdict.LIKE)
    moved = move(old, kept)
    listener.delete()
    assert back(moved, old, kept) == 1
    assert not Opinion.objects.exists()


def test_many_plays(listener, old, kept):
    Play.objects.bulk_create(Play(listener=listener, track=old) for _ in range(1200))
    moved = move(old, kept)
    assert Play.objects.filter(track=kept).count() == 1200
    back(moved, old, kept)
    assert Play.objects.filter(track=old).count() == 1200
