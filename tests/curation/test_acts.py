"""What is done at the desk is written down, and can be taken back."""

import pytest

from recommender.accounts.models import Role, User
from recommender.catalog.models import PairRule, PairSaying, Track, Visibility
from recommender.curation import acts
from recommender.curation.acts import perform, take_back
from recommender.curation.deeds import DEEDS
from recommender.curation.errors import NoNoteError, NothingChosenError, NotYoursError
from recommender.curation.models import Act, Verb
from recommender.curation.sentences import CHANGED_SINCE, FAILED, GONE, SOME_CHANGED_SINCE
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator():
    return make_user(Role.CURATOR)


def visibility_of(track):
    return Track.objects.get(pk=track.pk).visibility


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        (Verb.APPROVE, Visibility.SUBMITTED, Visibility.PUBLISHED),
        (Verb.APPROVE, Visibility.WITHDRAWN, Visibility.PUBLISHED),
        (Verb.REJECT, Visibility.SUBMITTED, Visibility.WITHDRAWN),
        (Verb.ASK, Visibility.SUBMITTED, Visibility.PRIVATE),
        (Verb.WITHDRAW, Visibility.PUBLISHED, Visibility.WITHDRAWN),
    ],
)
def test_who_sees_it(curator, verb, before, after):
    track = make_track(visibility=before)
    act = perform(verb, curator, [track.pk], note="The sound is cut off.")
    assert visibility_of(track) == after
    change = act.changes.get()
    assert (change.before, change.after) == ({"visibility": before}, {"visibility": after})
    take_back(act, curator)
    assert visibility_of(track) == before


def test_what_is_so_already_is_no_change(curator):
    act = perform(Verb.APPROVE, curator, [make_track().pk])
    assert not act.changes.exists()


def test_nothing_is_put_back_over_what_was_changed_since(curator):
    track = make_track()
    act = perform(Verb.WITHDRAW, curator, [track.pk])
    Track.objects.filter(pk=track.pk).update(visibility=Visibility.PRIVATE)
    take_back(act, curator)
    assert visibility_of(track) == Visibility.PRIVATE
    assert act.changes.get().problem == CHANGED_SINCE


def test_one_that_is_out_of_reach_refuses_all(curator):
    mine, hidden = make_track(), make_track(visibility=Visibility.PRIVATE)
    with pytest.raises(NotYoursError):
        perform(Verb.WITHDRAW, curator, [mine.pk, hidden.pk])
    assert visibility_of(mine) == Visibility.PUBLISHED
    assert not Act.objects.exists()


@pytest.mark.parametrize("verb", [verb for verb, deed in DEEDS.items() if deed.least > Role.UPLOADER])
def test_uploaders_do_not_look_after_the_catalog(verb):
    owner = make_user(Role.UPLOADER)
    with pytest.raises(NotYoursError):
        perform(verb, owner, [make_track(owner).pk], note="So that there is one.")


def test_a_curator_who_was_sent_away_does_nothing(curator):
    curator.is_active = False
    with pytest.raises(NotYoursError):
        perform(Verb.WITHDRAW, curator, [make_track().pk])


@pytest.mark.parametrize("verb", [Verb.REJECT, Verb.ASK])
def test_it_has_to_be_said_why(curator, verb):
    with pytest.raises(NoNoteError):
        perform(verb, curator, [make_track(visibility=Visibility.SUBMITTED).pk], note=" ")


def test_metadata_of_many_and_back(curator):
    tracks = [make_track(title=f"Song {number}") for number in range(3)]
    act = perform(Verb.DESCRIBE, curator, [track.pk for track in tracks], arguments={"genres": ["Jazz"], "year": 1959})
    assert Track.objects.filter(genres__name="Jazz", year=1959).count() == 3
    take_back(act, curator)
    assert not Track.objects.filter(year=1959).exists()
    assert not Track.objects.filter(genres__name="Jazz").exists()


def test_the_trash_and_back():
    owner = make_user(Role.UPLOADER)
    track = make_track(owner)
    act = perform(Verb.TRASH, owner, [track.pk])
    assert not Track.objects.visible_to(owner).exists()
    with pytest.raises(NotYoursError):
        take_back(act, make_user(Role.CURATOR))
    take_back(act, owner)
    assert Track.objects.visible_to(owner).get() == track
    take_back(act, owner)
    assert Track.objects.visible_to(owner).get() == track


def test_what_comes_back_from_the_trash_needs_room():
    owner, administrator = make_user(Role.UPLOADER), make_user(Role.ADMIN)
    track = make_track(owner)
    act = perform(Verb.TRASH, owner, [track.pk])
    User.objects.filter(pk=owner.pk).update(quota_bytes=1)
    owner = User.objects.get(pk=owner.pk)
    assert "you may keep" in perform(Verb.RESTORE, owner, [track.pk]).changes.get().problem
    take_back(act, owner)
    assert "you may keep" in act.changes.get().problem
    assert not Track.objects.visible_to(owner).exists()
    assert perform(Verb.RESTORE, administrator, [track.pk]).changes.get().problem == ""
    assert Track.objects.visible_to(owner).get() == track


def test_what_there_was_no_room_for_is_taken_back_later():
    owner = make_user(Role.UPLOADER)
    tracks = [make_track(owner) for _ in range(2)]
    act = perform(Verb.TRASH, owner, [track.pk for track in tracks])

    def take_back_with(quota_bytes):
        User.objects.filter(pk=owner.pk).update(quota_bytes=quota_bytes)
        return take_back(act, User.objects.get(pk=owner.pk))

    assert take_back_with(1).undone_at is None
    assert acts.can_be_taken_back(act)
    assert ["you may keep" in change.problem for change in act.changes.all()] == [True, True]
    assert take_back_with(tracks[0].audio_file.size_bytes + 1).undone_by == owner
    assert Track.objects.visible_to(owner).count() == 1
    assert acts.can_be_taken_back(act)
    take_back_with(0)
    assert Track.objects.visible_to(owner).count() == 2
    assert not act.changes.exclude(problem="").exists()
    assert not acts.can_be_taken_back(act)


def test_what_is_partly_back_is_not_taken_back_again(curator):
    track = make_track(title="As it was")
    act = perform(Verb.DESCRIBE, curator, [track.pk], arguments={"title": "As it is", "year": 1959})
    perform(Verb.DESCRIBE, curator, [track.pk], arguments={"year": 1960})
    assert take_back(act, curator).undone_at
    assert act.changes.get().problem == SOME_CHANGED_SINCE
    assert Track.objects.filter(title="As it was", year=1960).exists()
    assert not acts.can_be_taken_back(act)


def test_what_was_never_done_does_not_keep_an_act_open(curator):
    act = perform(Verb.HIDE, curator, [make_track().pk])
    acts.do_to(act, [10**9], {})
    assert take_back(act, curator).undone_at
    assert act.changes.exclude(problem="").get().problem == GONE
    assert not acts.can_be_taken_back(act)


def test_a_decision_that_was_overruled_does_not_come_back(curator):
    track = make_track()
    first = perform(Verb.WITHDRAW, curator, [track.pk])
    overruled = perform(Verb.APPROVE, curator, [track.pk])
    last = perform(Verb.WITHDRAW, curator, [track.pk])
    take_back(first, curator)
    assert first.changes.get().problem == CHANGED_SINCE
    take_back(last, curator)
    take_back(overruled, curator)
    assert visibility_of(track) == Visibility.WITHDRAWN
    take_back(first, curator)
    assert visibility_of(track) == Visibility.PUBLISHED
    assert first.changes.get().problem == ""


def test_what_could_not_be_taken_back_still_overrules(curator):
    """Who makes a track private and submits it does not come past what a curator said then."""
    owner = make_user(Role.UPLOADER)
    track = make_track(owner)
    kept = perform(Verb.KEEP, owner, [track.pk])
    submitted = perform(Verb.SUBMIT, owner, [track.pk])
    asked = perform(Verb.ASK, curator, [track.pk], note="The end is cut off.")
    again = perform(Verb.SUBMIT, owner, [track.pk])
    take_back(asked, curator)
    assert asked.changes.get().problem == CHANGED_SINCE
    for act in (again, submitted, kept):
        take_back(act, owner)
    assert visibility_of(track) == Visibility.PRIVATE


@pytest.mark.parametrize("verb", [Verb.HIDE, Verb.PAIR])
def test_what_became_private_is_out_of_reach(curator, verb):
    track = make_track()
    act = perform(verb, curator, [track.pk], arguments={"other": make_track().pk, "says": PairSaying.UNLIKE})
    Track.objects.filter(pk=track.pk).update(visibility=Visibility.PRIVATE)
    take_back(act, curator)
    assert act.changes.get().problem == GONE
    assert PairRule.objects.exists() or not Track.objects.get(pk=track.pk).is_recommendable


def test_what_became_private_is_not_described_by_others(curator):
    track = make_track(title="As it was")
    act = perform(Verb.DESCRIBE, curator, [track.pk], arguments={"title": "As it is"})
    Track.objects.filter(pk=track.pk).update(visibility=Visibility.PRIVATE)
    take_back(act, curator)
    assert act.changes.get().problem == GONE
    assert Track.objects.get(pk=track.pk).title == "As it is"


def test_an_administrator_no_longer_takes_back_nothing_that_is_out_of_reach():
    person, track = make_user(Role.ADMIN), make_track()
    act = perform(Verb.TRASH, person, [track.pk])
    person.groups.set(make_user(Role.CURATOR).groups.all())
    take_back(act, User.objects.get(pk=person.pk))
    assert act.changes.get().problem == GONE
    assert Track.objects.get(pk=track.pk).is_deleting


def test_nothing_is_done_to_nothing(curator):
    with pytest.raises(NothingChosenError):
        perform(Verb.HIDE, curator, [])


def test_another_curator_takes_back_what_was_done_to_the_catalog(curator):
    track = make_track()
    act = perform(Verb.HIDE, curator, [track.pk])
    assert not Track.objects.recommendable().exists()
    take_back(act, make_user(Role.CURATOR))
    assert Track.objects.recommendable().get() == track
    assert act.changes.get().problem == ""


def test_only_administrators_delete_for_good(curator):
    track = make_track(curator)
    with pytest.raises(NotYoursError):
        perform(Verb.PURGE, curator, [track.pk])
    act = perform(Verb.PURGE, make_user(Role.ADMIN), [track.pk])
    assert not acts.can_be_taken_back(act)


def test_what_went_meanwhile_has_a_problem(curator):
    act = Act.objects.create(actor=curator, verb=Verb.WITHDRAW)
    acts.do_to(act, [10**9], {})
    assert act.changes.get().problem == GONE


def test_what_cannot_be_read_any_more_does_not_hold_up_the_others(curator):
    tracks = [make_track(), make_track()]
    act = perform(Verb.DESCRIBE, curator, [track.pk for track in tracks], arguments={"year": 1959})
    act.changes.filter(track_id=tracks[0].pk).update(after={})
    take_back(act, curator)
    assert list(Track.objects.filter(year=1959)) == [tracks[0]]
    assert act.changes.get(track_id=tracks[0].pk).problem == FAILED


def test_the_index_is_woken_once_for_all_that_goes(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as called:
        perform(Verb.PURGE, make_user(Role.ADMIN), [make_track().pk for _ in range(3)])
    assert len(called) == 1
