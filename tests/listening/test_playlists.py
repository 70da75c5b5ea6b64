import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.accounts.models import Role
from recommender.catalog.models import Visibility
from recommender.listening import playlists
from recommender.listening.errors import EntryMissingError, PlaylistError, PlaylistLimitError
from recommender.listening.models import Playlist, PlaylistEntry, PlaylistRefusal, Sharing
from recommender.listening.playlists import (
    add_tracks,
    create_playlist,
    delete_playlist,
    describe_playlist,
    forget_refusals,
    measure_playlists,
    move_entry,
    refuse_track,
    remove_entry,
    settled_tracks,
    step_entry,
    tracks_of,
)
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user(Role.LISTENER)


@pytest.fixture
def tracks():
    maker = make_user()
    return [make_track(maker) for _ in range(5)]


@pytest.fixture
def playlist(owner, tracks):
    return create_playlist(owner, "Evenings", [track.pk for track in tracks])


def entries_of(playlist):
    return [entry.pk for entry in playlist.entries.in_order()]


def test_the_same_track_may_stand_twice(owner, tracks):
    ids = [tracks[0].pk, tracks[1].pk, tracks[0].pk]
    made = create_playlist(owner, "  Twice\n over ", ids)
    assert (made.name, tracks_of(made, owner)) == ("Twice over", ids)
    add_tracks(made, [tracks[2].pk])
    assert tracks_of(made, owner) == [*ids, tracks[2].pk]


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.sampled_from(("before", "after"))), max_size=4)
)
def test_moving_is_as_in_a_list(playlist, moves):
    for number, target, side in moves:
        expected = entries_of(playlist)
        moved, other = expected[number], expected[target]
        move_entry(playlist, moved, **{side: other})
        if moved != other:
            expected.remove(moved)
            expected.insert(expected.index(other) + (side == "after"), moved)
        assert entries_of(playlist) == expected
    assert len(set(playlist.entries.values_list("position", flat=True))) == 5


def test_gaps_do_not_matter(playlist, owner, tracks):
    tracks[2].delete()
    first, second, third, fourth = entries_of(playlist)
    move_entry(playlist, fourth, before=second)
    assert entries_of(playlist) == [first, fourth, second, third]
    remove_entry(playlist, fourth)
    move_entry(playlist, third)
    assert entries_of(playlist) == [third, first, second]
    step_entry(playlist, third, owner, is_up=True)
    step_entry(playlist, second, owner, is_up=False)
    step_entry(playlist, first, owner, is_up=False)
    assert entries_of(playlist) == [third, second, first]


def test_steps_pass_what_is_hidden(playlist, owner, tracks):
    entries = entries_of(playlist)
    for hidden in (tracks[1], tracks[2]):
        hidden.visibility = Visibility.PRIVATE
        hidden.save()
    assert tracks_of(playlist, owner) == [tracks[0].pk, tracks[3].pk, tracks[4].pk]
    assert measure_playlists([playlist], owner) == {playlist.pk: (3, 180.0)}
    step_entry(playlist, entries[3], owner, is_up=True)
    assert tracks_of(playlist, owner) == [tracks[3].pk, tracks[0].pk, tracks[4].pk]


def test_entries_that_are_gone_are_said_to_be(playlist, owner, tracks):
    other = create_playlist(owner, "Another", [tracks[0].pk])
    foreign, own = entries_of(other)[0], entries_of(playlist)[0]
    for change in (
        lambda: remove_entry(playlist, foreign),
        lambda: move_entry(playlist, foreign),
        lambda: move_entry(playlist, own, before=foreign),
        lambda: step_entry(playlist, foreign, owner, is_up=True),
    ):
        with pytest.raises(EntryMissingError, match="no longer in the playlist"):
            change()
    delete_playlist(Playlist.objects.get(pk=other.pk))
    with pytest.raises(EntryMissingError, match="deleted meanwhile"):
        add_tracks(other, [tracks[0].pk])
    assert len(entries_of(playlist)) == 5


def test_limits(owner, playlist, tracks, monkeypatch):
    monkeypatch.setattr(playlists, "MOST_ENTRIES", 6)
    add_tracks(playlist, [tracks[0].pk])
    with pytest.raises(PlaylistLimitError, match="at most 6 tracks"):
        add_tracks(playlist, [tracks[0].pk])
    monkeypatch.setattr(playlists, "MOST_PLAYLISTS", 1)
    with pytest.raises(PlaylistLimitError, match="may have 1 playlists"):
        create_playlist(owner, "One more")
    with pytest.raises(PlaylistError, match="needs a name"):
        create_playlist(owner, " \0\n ")
    assert Playlist.objects.count() == 1


def test_who_sees_which(owner, playlist):
    somebody, admin, nobody = make_user(Role.CURATOR), make_user(Role.ADMIN), AnonymousUser()
    seen = lambda viewer: Playlist.objects.visible_to(viewer).exists()  # noqa: E731
    assert [seen(viewer) for viewer in (owner, admin, somebody, nobody)] == [True, True, False, False]
    describe_playlist(playlist, name="Mornings", description="Early", visibility=Sharing.SHARED)
    playlist.refresh_from_db()
    assert (playlist.name, playlist.description) == ("Mornings", "Early")
    assert [seen(viewer) for viewer in (owner, admin, somebody, nobody)] == [True, True, True, True]
    owner.is_active = False
    playlist.visibility = Sharing.PRIVATE
    playlist.save()
    assert not seen(owner)


def test_every_change_is_dated(playlist, tracks):
    before = playlist.changed_at
    add_tracks(playlist, [tracks[0].pk])
    playlist.refresh_from_db()
    assert playlist.changed_at > before


def test_refusals_belong_to_the_playlist(playlist, owner, tracks):
    refused = make_track()
    for _ in range(2):
        refuse_track(playlist, refused)
    assert set(settled_tracks(playlist)) == {*tracks, refused}
    add_tracks(playlist, [refused.pk])
    assert not PlaylistRefusal.objects.exists()
    refuse_track(playlist, make_track())
    forget_refusals(playlist)
    assert not PlaylistRefusal.objects.exists()
    owner.delete()
    assert not PlaylistEntry.objects.exists()
