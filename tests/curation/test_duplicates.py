"""Groups of possible duplicates: found, judged, merged, and all of it taken back."""

import pytest

from recommender.accounts.models import Role
from recommender.catalog.merged import find_kept
from recommender.catalog.models import (
    Artist,
    AudioFile,
    Evidence,
    MergedTrack,
    PairRule,
    PairVerdict,
    RecordingPair,
    Track,
    Visibility,
)
from recommender.curation.acts import do_to, perform, take_back
from recommender.curation.duplicates import (
    find_group,
    find_groups,
    find_starts,
    judge,
    merge_as_suggested,
    merge_tracks,
)
from recommender.curation.errors import MergeRefusedError, NotYoursError
from recommender.curation.models import Act, Verb
from recommender.curation.sentences import CHANGED_SINCE, GONE, KEPT_IS_GONE, NOT_GIVEN_UP
from recommender.ingest.removal import purge_track, restore_track
from recommender.listening.feedback import give_opinion
from recommender.listening.models import Opinion, Play, Verdict
from recommender.listening.playlists import create_playlist, tracks_of
from recommender.similarity.candidates import find_twins
from recommender.similarity.recommend import Wish, similar_to
from recommender.similarity.sync import synchronise_space
from tests.people import add_heard, at_cosine, make_cover, make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator():
    return make_user(Role.CURATOR)


@pytest.fixture
def admin():
    return make_user(Role.ADMIN)


def pair(first, second, **given):
    first, second = sorted((first, second), key=lambda track: track.pk)
    return RecordingPair.objects.create(
        first=first, second=second, **{"evidence": Evidence.FINGERPRINT, "score": 0.95, **given}
    )


@pytest.fixture
def trio(curator):
    """Three versions, connected by two pairs: the second starts 5 s later than the first, the third 1 s before it."""
    tracks = [make_track(curator, title=f"Version {number}") for number in range(3)]
    AudioFile.objects.filter(pk=tracks[1].audio_file_id).update(codec="flac")
    pair(tracks[0], tracks[1], offset_seconds=5.0)
    pair(tracks[1], tracks[2], offset_seconds=-1.0)
    return tracks


def numbers(groups):
    return [group.track_ids for group in groups]


def is_hidden(track):
    return Track.objects.get(pk=track.pk).is_deleting


def test_groups_are_connected_pairs(curator, trio):
    alone = pair(make_track(), make_track())
    hidden = make_track(visibility=Visibility.PRIVATE)
    pair(hidden, make_track())
    pair(trio[0], make_track(), verdict=PairVerdict.DIFFERENT)
    ids = tuple(track.pk for track in trio)
    assert numbers(find_groups(curator, PairVerdict.PROPOSED)) == [(alone.first_id, alone.second_id), ids]
    assert find_group(curator, trio[2].pk).number == trio[0].pk
    assert find_group(curator, hidden.pk) is None
    assert find_starts(find_group(curator, trio[0].pk)) == dict(zip(ids, (0.0, 5.0, 4.0), strict=True))


def test_one_long_chain_is_one_group(curator):
    tracks = [make_track(curator) for _ in range(6)]
    for one, other in ((0, 1), (2, 3), (4, 5), (3, 4), (1, 5)):
        pair(tracks[one], tracks[other])
    assert numbers(find_groups(curator, PairVerdict.PROPOSED)) == [tuple(track.pk for track in tracks)]


def test_a_judgement_and_back(curator, trio):
    group = find_group(curator, trio[0].pk)
    act = judge(curator, group.pairs, PairVerdict.DIFFERENT)
    assert not find_groups(curator, PairVerdict.PROPOSED)
    assert len(find_groups(curator, PairVerdict.DIFFERENT)) == 2
    assert set(RecordingPair.objects.values_list("decided_by", flat=True)) == {curator.pk}
    assert not find_twins([trio[0].pk])[trio[0].pk]
    take_back(act, make_user(Role.CURATOR))
    assert numbers(find_groups(curator, PairVerdict.PROPOSED)) == [group.track_ids]
    assert find_twins([trio[0].pk])[trio[0].pk] == {trio[1].pk}
    assert set(RecordingPair.objects.values_list("decided_by", "decided_at")) == {(None, None)}


def test_the_same_recording_is_split_again(curator, trio):
    group = find_group(curator, trio[0].pk)
    judge(curator, group.pairs, PairVerdict.SAME)
    assert numbers(find_groups(curator, PairVerdict.SAME)) == [group.track_ids]
    act = judge(curator, find_group(curator, trio[0].pk).pairs, PairVerdict.PROPOSED)
    assert numbers(find_groups(curator, PairVerdict.PROPOSED)) == [group.track_ids]
    take_back(act, curator)
    assert {pair.decided_by for pair in RecordingPair.objects.all()} == {curator}


def test_what_was_judged_again_since_stays(curator, trio):
    pairs = find_group(curator, trio[0].pk).pairs
    act = judge(curator, pairs, PairVerdict.SAME)
    judge(curator, pairs[:1], PairVerdict.DIFFERENT)
    take_back(act, curator)
    assert set(RecordingPair.objects.values_list("verdict", flat=True)) == {"different", "proposed"}


def test_nor_is_what_was_judged_to_and_fro_taken_back(curator, trio):
    pairs = find_group(curator, trio[0].pk).pairs
    act = judge(curator, pairs, PairVerdict.SAME)
    for verdict in (PairVerdict.PROPOSED, PairVerdict.SAME):
        judge(make_user(Role.CURATOR), pairs[:1], verdict)
    take_back(act, curator)
    assert set(RecordingPair.objects.values_list("verdict", flat=True)) == {"same", "proposed"}


def test_a_merge_gives_everything_to_the_kept_track(curator, trio):
    first, kept, last = trio
    listener, admirer = make_user(Role.LISTENER), make_user(Role.LISTENER)
    for track in trio:
        Play.objects.create(listener=listener, track=track, heard_seconds=50)
        give_opinion(listener, track, Verdict.DISLIKE if track == last else Verdict.LIKE)
    give_opinion(admirer, first, Verdict.LIKE)
    playlist = create_playlist(listener, "Evening", [first.pk, last.pk, make_track().pk])
    before = (list(Opinion.objects.order_by("track", "listener").values()), tracks_of(playlist, listener))
    act = merge_tracks(curator, kept.pk, [track.pk for track in trio])
    assert [is_hidden(track) for track in trio] == [True, False, True]
    assert Play.objects.filter(track=kept).count() == 3
    said = Opinion.objects.filter(track=kept).values_list("listener", "verdict")
    assert set(said) == {(listener.pk, "dislike"), (admirer.pk, "like")}
    assert not Opinion.objects.exclude(track=kept).exists()
    assert tracks_of(playlist, listener)[0] == kept.pk
    assert len(tracks_of(playlist, listener)) == 2
    assert find_kept([first.pk, last.pk], listener) == {first.pk: kept.pk, last.pk: kept.pk}
    assert not find_groups(curator, PairVerdict.PROPOSED)
    take_back(act, curator)
    assert [is_hidden(track) for track in trio] == [False, False, False]
    assert Play.objects.filter(track=kept).count() == 1
    assert (list(Opinion.objects.order_by("track", "listener").values()), tracks_of(playlist, listener)) == before
    assert not MergedTrack.objects.exists()
    assert numbers(find_groups(curator, PairVerdict.PROPOSED)) == [tuple(track.pk for track in trio)]
    assert not act.changes.exclude(problem="").exists()


def test_metadata_are_chosen_field_by_field(curator, trio):
    first, kept, last = trio
    Track.objects.filter(pk=first.pk).update(title="Harbour Lights", year=1999, cover=make_cover())
    first.credits.create(artist=Artist.objects.create(name="Ada"))
    taken = {"title": first.pk, "artists": first.pk, "year": first.pk, "cover": first.pk}
    act = merge_tracks(curator, kept.pk, [first.pk, last.pk], taken=taken)
    now = Track.objects.get(pk=kept.pk)
    assert (now.title, now.year, now.artist_name) == ("Harbour Lights", 1999, "Ada")
    assert now.cover_id == Track.objects.get(pk=first.pk).cover_id
    take_back(act, curator)
    now = Track.objects.get(pk=kept.pk)
    assert (now.title, now.year, now.cover_id, now.credits.count()) == ("Version 1", None, None, 0)


def test_as_suggested_the_kept_track_takes_what_it_lacks(curator, trio):
    first, kept, last = trio
    Track.objects.filter(pk=first.pk).update(year=1999, cover=make_cover())
    Track.objects.filter(pk=last.pk).update(year=2001, isrc="DEA010000001")
    _act, best = merge_as_suggested(curator, find_group(curator, first.pk))
    assert best == kept
    now = Track.objects.get(pk=kept.pk)
    assert (now.title, now.year, now.isrc, now.has_cover) == ("Version 1", 1999, "DEA010000001", True)
    assert [is_hidden(track) for track in trio] == [True, False, True]


def test_whoever_could_hear_one_can_hear_the_kept_one(curator, trio):
    Track.objects.filter(pk=trio[1].pk).update(visibility=Visibility.PRIVATE)
    act = merge_tracks(curator, trio[1].pk, [trio[0].pk])
    assert Track.objects.get(pk=trio[1].pk).visibility == Visibility.PUBLISHED
    take_back(act, curator)
    assert Track.objects.get(pk=trio[1].pk).visibility == Visibility.PRIVATE


def test_nobody_gives_up_what_is_somebody_elses(curator, admin, trio):
    other = make_track(title="Theirs")
    pair(trio[0], other)
    with pytest.raises(MergeRefusedError):
        merge_tracks(curator, trio[0].pk, [other.pk])
    with pytest.raises(MergeRefusedError):
        merge_tracks(make_user(Role.LISTENER), trio[0].pk, [trio[1].pk])
    assert not Act.objects.exists()
    merge_tracks(curator, other.pk, [trio[0].pk])
    assert is_hidden(trio[0])
    act = merge_tracks(admin, trio[1].pk, [other.pk])
    assert is_hidden(other)
    with pytest.raises(NotYoursError):
        take_back(act, curator)


def test_somebodys_private_track_is_not_published_for_anothers_sake(admin):
    theirs, mine = make_track(visibility=Visibility.PRIVATE), make_track(admin)
    pair(theirs, mine)
    with pytest.raises(MergeRefusedError):
        merge_tracks(admin, theirs.pk, [mine.pk])


def test_what_is_in_no_group_is_not_merged(curator, trio):
    stranger = make_track(curator)
    for others in ([stranger.pk], [trio[0].pk, stranger.pk], [], [trio[1].pk]):
        with pytest.raises(MergeRefusedError):
            merge_tracks(curator, trio[1].pk, others)
    assert not any(map(is_hidden, trio))


def test_addresses_lead_on_and_survive_the_purge(admin, curator, trio):
    first, middle, last = trio
    merge_tracks(curator, middle.pk, [first.pk])
    act = merge_tracks(curator, last.pk, [middle.pk])
    assert find_kept([first.pk, middle.pk], admin) == {first.pk: last.pk, middle.pk: last.pk}
    take_back(act, curator)
    assert find_kept([first.pk, middle.pk], admin) == {first.pk: middle.pk}
    purge_track(first)
    Track.objects.filter(pk=first.pk).delete()
    assert find_kept([first.pk], admin) == {first.pk: middle.pk}
    Track.objects.filter(pk=middle.pk).update(visibility=Visibility.PRIVATE)
    assert find_kept([first.pk], make_user(Role.LISTENER)) == {}


def test_after_the_purge_there_is_no_way_back(curator, trio):
    act = merge_tracks(curator, trio[1].pk, [trio[0].pk])
    Track.objects.filter(pk=trio[0].pk).delete()
    take_back(act, curator)
    assert act.changes.get().problem == GONE
    assert MergedTrack.objects.exists()


def test_two_merges_are_taken_back_in_any_order(curator, trio):
    first, middle, last = trio
    listener = make_user(Role.LISTENER)
    Play.objects.create(listener=listener, track=first, heard_seconds=50)
    Track.objects.filter(pk=first.pk).update(year=1999)
    acts = [merge_tracks(curator, middle.pk, [first.pk], taken={"year": first.pk})]
    acts.append(merge_tracks(curator, last.pk, [middle.pk]))
    for act in acts:
        take_back(act, curator)
    assert not any(map(is_hidden, trio))
    assert Play.objects.get().track == first
    assert Track.objects.get(pk=middle.pk).year is None
    assert not MergedTrack.objects.exists()


def test_what_was_merged_once_more_is_not_brought_back(curator, trio):
    first, middle, last = trio
    act = merge_tracks(curator, middle.pk, [first.pk])
    restore_track(first)
    pair(first, last)
    again = merge_tracks(curator, last.pk, [first.pk])
    take_back(act, curator)
    assert act.changes.get().problem == CHANGED_SINCE
    assert is_hidden(first)
    assert find_kept([first.pk], curator) == {first.pk: last.pk}
    take_back(again, curator)
    assert not is_hidden(first)


def test_nothing_is_merged_into_what_went_meanwhile(curator, trio):
    first, kept, last = trio
    act = Act.objects.create(actor=curator, verb=Verb.MERGE)
    purge_track(kept)
    Track.objects.filter(pk=last.pk).update(owner=make_user())
    do_to(act, [first.pk, kept.pk], {"kept": kept.pk})
    do_to(act, [last.pk], {"kept": first.pk})
    assert [change.problem for change in act.changes.all()] == [KEPT_IS_GONE, GONE, NOT_GIVEN_UP]
    assert not is_hidden(first)
    assert not MergedTrack.objects.exists()


def test_each_into_the_other_and_back(curator, trio):
    first, kept, _last = trio
    acts = [merge_tracks(curator, kept.pk, [first.pk])]
    restore_track(first)
    acts.append(merge_tracks(curator, first.pk, [kept.pk]))
    assert find_kept([first.pk, kept.pk], curator) == {kept.pk: first.pk}
    for act in acts[::-1]:
        take_back(act, curator)
        assert act.changes.get().problem == ""
    assert not MergedTrack.objects.exists()


def test_what_is_out_of_reach_by_now_is_left_alone(curator, trio):
    theirs = make_track(title="Theirs")
    pair(trio[0], theirs)
    judged = judge(curator, find_group(curator, theirs.pk).pairs, PairVerdict.SAME)
    Track.objects.filter(pk=trio[0].pk).update(year=1999)
    merged = merge_tracks(curator, theirs.pk, [trio[0].pk], taken={"year": trio[0].pk})
    Track.objects.filter(pk=theirs.pk).update(visibility=Visibility.PRIVATE)
    for act in (merged, judged):
        take_back(act, curator)
    assert merged.changes.get(track_id=theirs.pk).problem == GONE
    assert Track.objects.get(pk=theirs.pk).year == 1999
    assert not is_hidden(trio[0])
    assert RecordingPair.objects.get(second=theirs).verdict == PairVerdict.SAME


def test_a_decision_about_the_kept_track_that_was_overruled_stays_so(curator, trio):
    Track.objects.filter(pk=trio[1].pk).update(visibility=Visibility.SUBMITTED)
    act = merge_tracks(curator, trio[1].pk, [trio[0].pk])
    for verb in (Verb.WITHDRAW, Verb.APPROVE):
        perform(verb, curator, [trio[1].pk])
    take_back(act, curator)
    assert Track.objects.get(pk=trio[1].pk).visibility == Visibility.PUBLISHED


def test_what_its_owner_brought_back_themselves_gets_the_rest_back(curator, trio):
    Play.objects.create(listener=curator, track=trio[0], heard_seconds=50)
    act = merge_tracks(curator, trio[1].pk, [trio[0].pk])
    restore_track(trio[0])
    take_back(act, curator)
    assert Play.objects.get().track == trio[0]
    assert act.changes.get().problem == ""


def test_pairs_of_the_merged_track_are_pairs_of_the_kept_one(curator, trio):
    first, middle, last = trio
    other = make_track()
    PairRule.objects.create(first=middle, second=other, made_by=curator)
    act = merge_tracks(curator, first.pk, [middle.pk])
    made = RecordingPair.objects.get(first=first, second=last)
    assert (made.offset_seconds, made.verdict) == (4.0, PairVerdict.PROPOSED)
    assert find_twins([first.pk])[first.pk] >= {last.pk}
    assert PairRule.objects.filter(first=first, second=other).exists()
    take_back(act, curator)
    assert RecordingPair.objects.count() == 2
    assert PairRule.objects.get().first == middle


def test_recommendations_follow_verdicts_and_merges_at_once(admin, space):
    seed = add_heard(space, at_cosine(1.0))
    # Two versions that do not sound quite alike, and others to be compared with.
    one, other = (
        add_heard(space, at_cosine(0.97 - axis / 100, axis), duration_seconds=100.0 * axis) for axis in (1, 2)
    )
    for axis in range(3, 8):
        add_heard(space, at_cosine(0.1, axis))
    synchronise_space(space)

    def found():
        listed = similar_to(seed, admin, Wish()).recommendations
        return [each.track.pk for each in listed if each.track.pk in (one.pk, other.pk)]

    assert found() == [one.pk, other.pk]
    pair = RecordingPair.objects.create(first=one, second=other, evidence=Evidence.FINGERPRINT, score=0.95)
    assert found() == [one.pk]
    judge(admin, [pair], PairVerdict.DIFFERENT)
    assert found() == [one.pk, other.pk]
    judge(admin, [pair], PairVerdict.SAME)
    assert found() == [one.pk]
    act = merge_tracks(admin, other.pk, [one.pk])
    assert found() == [other.pk]
    take_back(act, admin)
    assert found() == [one.pk]
