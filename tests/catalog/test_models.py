import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from recommender import conf
from recommender.accounts.models import Role
from recommender.catalog.models import Analysis, AnalysisState, Track, Visibility
from tests.people import make_audio_file, make_space, make_track, make_user

pytestmark = pytest.mark.django_db
TERMS = conf.Analysis(encoder="", max_duration_seconds=60, max_lost_leases=3)


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (None, {Visibility.PUBLISHED}),
        (Role.LISTENER, {Visibility.PUBLISHED}),
        (Role.UPLOADER, {Visibility.PUBLISHED}),
        (Role.CURATOR, {Visibility.PUBLISHED, Visibility.SUBMITTED, Visibility.WITHDRAWN}),
        (Role.ADMIN, set(Visibility)),
    ],
)
def test_others_tracks_are_seen_by_role(role, seen):
    owner = make_user()
    for visibility in Visibility:
        make_track(owner, visibility=visibility)
    viewer = make_user(role) if role is not None else AnonymousUser()
    assert {track.visibility for track in Track.objects.visible_to(viewer)} == seen


def test_owners_see_all_of_their_own_except_what_is_being_deleted():
    owner = make_user()
    kept = {make_track(owner, visibility=visibility, is_playable=False).pk for visibility in Visibility}
    make_track(owner, is_deleting=True)
    assert {track.pk for track in Track.objects.visible_to(owner)} == kept


def test_a_disabled_account_sees_what_a_stranger_sees():
    owner = make_user(Role.ADMIN)
    make_track(owner, visibility=Visibility.PRIVATE)
    owner.is_active = False
    assert not Track.objects.visible_to(owner).exists()


def test_a_track_that_never_played_is_hidden_from_listeners():
    make_track(is_playable=False)
    assert not Track.objects.visible_to(make_user(Role.LISTENER)).exists()


def test_one_owner_has_the_same_bytes_once_and_another_may_have_them_too():
    owner, audio_file = make_user(), make_audio_file()
    make_track(owner, audio_file=audio_file)
    make_track(make_user(), audio_file=audio_file)
    with pytest.raises(IntegrityError), transaction.atomic():
        make_track(owner, audio_file=audio_file)


def make_analysis(**given):
    return Analysis.objects.create(track=make_track(), space=make_space(), **given)


def test_of_two_claims_one_wins():
    analysis = make_analysis()
    assert Analysis.objects.claim(analysis.pk, "first", TERMS) is not None
    assert Analysis.objects.claim(analysis.pk, "second", TERMS) is None


def test_a_redelivered_message_takes_up_its_own_claim():
    analysis = make_analysis()
    Analysis.objects.claim(analysis.pk, "message", TERMS)
    again = Analysis.objects.claim(analysis.pk, "message", TERMS)
    assert again is not None
    assert again.lost_leases == 1


def test_a_message_that_kills_every_worker_is_not_taken_up_for_ever():
    analysis = make_analysis()
    claims = [Analysis.objects.claim(analysis.pk, "deadly", TERMS) for _ in range(10)]
    assert sum(claim is not None for claim in claims) == 1 + TERMS.max_lost_leases


def test_what_is_held_back_or_being_deleted_is_not_claimed():
    later = make_analysis(not_before=timezone.now() + dt.timedelta(minutes=1))
    assert Analysis.objects.claim(later.pk, "a", TERMS) is None
    Analysis.objects.filter(pk=later.pk).update(not_before=timezone.now())
    Track.objects.update(is_deleting=True)
    assert Analysis.objects.claim(later.pk, "a", TERMS) is None


def test_a_lost_claim_cannot_end_the_analysis():
    analysis = make_analysis()
    stale = Analysis.objects.claim(analysis.pk, "stale", TERMS)
    Analysis.objects.filter(pk=analysis.pk).update(lease_owner="other")
    assert Analysis.objects.held_by(stale).move_to(AnalysisState.READY) == 0


@pytest.mark.parametrize("state", [AnalysisState.QUEUED, AnalysisState.ANALYSING, AnalysisState.READY])
def test_only_ended_analyses_are_restarted(state):
    analysis = make_analysis(state=state)
    assert Analysis.objects.filter(pk=analysis.pk).restart() == 0


def test_restart_forgets_earlier_failures():
    analysis = make_analysis(state=AnalysisState.FAILED, decoder_failures=3, reason="corrupt")
    Analysis.objects.filter(pk=analysis.pk).restart()
    analysis.refresh_from_db()
    assert (analysis.state, analysis.decoder_failures, analysis.reason) == (AnalysisState.QUEUED, 0, "")
