import threading
import time

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from recommender.accounts.models import Role, User
from recommender.catalog.facets import Selection, count_states
from recommender.catalog.kept import Kept
from recommender.catalog.models import Analysis, AnalysisState, Track, Visibility
from recommender.catalog.models.music import VISITOR
from recommender.catalog.revision import read_revision
from recommender.listening.models import Play
from tests.people import make_space, make_track, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def count_visible(kept, viewer):
    return kept.of(viewer, "visible", lambda: Track.objects.visible_to(viewer).count())


@pytest.mark.skipif(connection.vendor != "sqlite", reason="on PostgreSQL every commit is a change")
def test_it_is_made_once_for_all_who_see_the_same_and_anew_after_a_change(django_assert_num_queries):
    kept, owner = Kept(10), make_user()
    make_track(owner)
    hidden = make_track(owner, visibility=Visibility.PRIVATE)
    listener = User.objects.get(pk=make_user(Role.LISTENER).pk)
    assert [count_visible(kept, viewer) for viewer in (AnonymousUser(), owner, listener)] == [1, 2, 1]
    Play.objects.create(listener=listener, track=hidden)
    assert not listener.is_curator  # which asks for the roles, once
    with django_assert_num_queries(3):  # that nothing has changed, once for each
        assert [count_visible(kept, viewer) for viewer in (AnonymousUser(), owner, listener)] == [1, 2, 1]
    Track.objects.filter(pk=hidden.pk).update(owner=listener)
    assert [count_visible(kept, viewer) for viewer in (AnonymousUser(), owner, listener)] == [1, 1, 2]


def test_roles_see_what_is_theirs():
    kept, owner = Kept(10), make_user()
    for visibility in (Visibility.PUBLISHED, Visibility.SUBMITTED, Visibility.PRIVATE):
        make_track(owner, visibility=visibility)
    viewers = [AnonymousUser(), owner, make_user(Role.CURATOR), make_user(Role.ADMIN)]
    for _ in range(2):
        assert [count_visible(kept, viewer) for viewer in viewers] == [1, 3, 2, 3]
    owner.is_active = False
    assert count_visible(kept, owner) == 1


def test_only_what_was_asked_for_last_is_kept():
    make_track()
    kept, made = Kept(2), []
    for key in ("a", "b", "a", "c", "a", "b"):
        kept.of(AnonymousUser(), key, lambda key=key: made.append(key))
    assert made == ["a", "b", "c", "b"]


def test_threads_that_ask_at_once_make_it_once():
    make_track()
    kept, made, started, revision = Kept(2), [], threading.Barrier(4), read_revision()

    def ask():
        started.wait()
        kept.at(revision, "key", lambda: made.append(1))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


def test_what_changed_while_it_was_made_is_kept_for_nobody():
    make_track()
    kept, listener, revision = Kept(10), make_user(Role.LISTENER), read_revision()

    def count_later():
        make_track(listener, visibility=Visibility.PRIVATE)
        return Track.objects.visible_to(listener).count()

    assert kept.of(listener, "visible", count_later) == 2
    # A visitor who asked when the listener did, and had to wait.
    assert kept.at(revision, (VISITOR, "visible"), Track.objects.visible_to(AnonymousUser()).count) == 1


def test_what_took_long_is_true_for_a_moment_longer_where_it_may_lag(monkeypatch):
    monkeypatch.setattr("recommender.catalog.kept._LONG_SECONDS", 0)
    monkeypatch.setattr("recommender.catalog.kept._TIMES_AS_LONG", 1e9)
    exact, lagging, owner = Kept(10), Kept(10, may_lag=True), make_user()
    make_track(owner)
    assert [count_visible(kept, AnonymousUser()) for kept in (exact, lagging)] == [1, 1]
    make_track(owner)
    assert [count_visible(kept, AnonymousUser()) for kept in (exact, lagging)] == [2, 1]
    monkeypatch.setattr("recommender.catalog.kept._OLDEST_SECONDS", 0)
    assert count_visible(lagging, AnonymousUser()) == 2


def test_what_lags_is_made_anew_while_others_go_on_with_it(monkeypatch):
    monkeypatch.setattr("recommender.catalog.kept._LONG_SECONDS", 0)
    monkeypatch.setattr("recommender.catalog.kept._TIMES_AS_LONG", 0)
    monkeypatch.setattr("recommender.catalog.kept._OLDEST_SECONDS", 60)
    kept, may_go_on, made = Kept(10, may_lag=True), threading.Event(), threading.Event()

    def count():
        if threading.current_thread() is not threading.main_thread():
            may_go_on.wait(20)
            made.set()
        return Track.objects.count()

    make_track()
    assert kept.of(AnonymousUser(), "visible", count) == 1
    make_track()
    assert [kept.of(AnonymousUser(), "visible", count) for _ in range(3)] == [1, 1, 1]
    may_go_on.set()
    assert made.wait(20)
    for _ in range(200):
        if kept.of(AnonymousUser(), "visible", count) == 2:
            break
        time.sleep(0.05)
    assert kept.of(AnonymousUser(), "visible", count) == 2


def test_what_is_made_in_an_instant_never_lags():
    lagging = Kept(10, may_lag=True)
    for count in range(1, 20):
        make_track()
        assert count_visible(lagging, AnonymousUser()) == count


def test_what_lags_holds_nothing_that_only_its_maker_sees(monkeypatch):
    monkeypatch.setattr("recommender.catalog.kept._LONG_SECONDS", 0)
    monkeypatch.setattr("recommender.catalog.kept._TIMES_AS_LONG", 1e9)
    make_track()
    kept, listener = Kept(10, may_lag=True), make_user(Role.LISTENER)

    def count_later():
        make_track(listener, visibility=Visibility.PRIVATE)
        return Track.objects.visible_to(listener).count()

    assert kept.of(listener, "visible", count_later) == 2
    assert count_visible(kept, AnonymousUser()) == 1


def test_counts_of_a_library_are_those_of_now():
    track, owner = make_track(year=1994), make_user()
    Analysis.objects.create(track=track, space=make_space(), state=AnalysisState.INDEXING)
    Track.objects.update(owner=owner)
    for year, state, counted in ((1981, AnalysisState.READY, "ready"), (1975, AnalysisState.FAILED, "failed")):
        Track.objects.update(year=year)
        Analysis.objects.update(state=state)
        for viewer in (AnonymousUser(), owner):
            assert Selection(viewer=viewer).counts.by_facet["decade"] == {year - year % 10: 1}
        assert count_states(Selection(viewer=owner, is_mine=True)) == {counted: 1}
    Track.objects.update(visibility=Visibility.PRIVATE)
    assert [Selection(viewer=viewer).counts.total for viewer in (AnonymousUser(), owner)] == [0, 1]
