import numpy as np
import pytest

from recommender.accounts.models import Role
from recommender.catalog.models import Evidence, PairRule, PairSaying, RecordingPair, Track, Visibility
from recommender.similarity import passages
from recommender.similarity.filters import Filters
from recommender.similarity.index import get_index
from recommender.similarity.moments import Passage
from recommender.similarity.nearness import held
from recommender.similarity.nearness.segment_sample import segment_sample_of
from recommender.similarity.passages import similar_to_passage
from recommender.similarity.recommend import Variety, Wish, similar_to
from recommender.similarity.sync import segments_collection_of, synchronise_space
from tests.people import at_cosine, keep_parts, make_embedding, make_track, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("milvus_server")]

NEAREST = Wish(variety=Variety.RAW, without=frozenset({"keep_above_floor"}))
# What the seed plays from its tenth second on.
CHORUS = Passage(from_seconds=10, to_seconds=19, duration_seconds=60)


def part(number, share=1.0):
    """A unit vector at cosine `share` to the first axis, else along another one."""
    return at_cosine(share, number)


def add(space, parts, **given):
    """A track whose vector is the mean of its parts, one every five seconds."""
    track = make_track(**given)
    mean = np.mean(parts, axis=0)
    embedding = make_embedding(track, space, (mean / np.linalg.norm(mean)).astype(np.float32))
    keep_parts(embedding, parts, step=5.0)
    return track


@pytest.fixture
def seed(space):
    """Middles at 5, 10, 15, ... seconds: the third and fourth part are the chorus."""
    verse, chorus = part(1, 0), part(1, 1)
    return add(space, [verse, verse, chorus, chorus, *[verse] * 8])


def find(seed, viewer=None, wish=NEAREST):
    return similar_to_passage(seed, viewer or make_user(), CHORUS, wish)


def tracks_of(answer):
    return [found.track for found in answer.recommendations]


def test_tracks_come_by_the_moment_that_is_nearest_to_the_passage(space, seed):
    whole = add(space, [part(2, 0.7)] * 4)
    once = add(space, [part(3, 0)] * 9 + [part(4, 0.95)])
    far = add(space, [part(5, 0.1)] * 3)
    synchronise_space(space)
    answer = find(seed)
    assert tracks_of(answer) == [once, whole, far]
    moment = answer.recommendations[0].moment
    assert (moment.seed_seconds, moment.other_seconds) == (10, 45)
    assert moment.cosine == pytest.approx(0.95, abs=2e-3)
    shares = [found.similarity for found in answer.recommendations]
    assert 1 > shares[0] > shares[1] > shares[2] >= 0


def test_what_belongs_to_the_track_does_not_belong_to_its_passages(space, seed):
    near, without_moments = add(space, [part(2, 0.7)] * 4), make_track()
    make_embedding(without_moments, space, part(3, 0.1))
    PairRule.objects.create(first=seed, second=without_moments, says=PairSaying.TOGETHER)
    synchronise_space(space)
    assert tracks_of(find(seed)) == [near]


def test_a_whole_track_is_shown_with_its_best_moment(space, seed):
    other, older = add(space, [part(2, 0), part(2, 0.9)]), make_track()
    make_embedding(older, space, part(2, 0.2))
    synchronise_space(space)
    found = {each.track: each.moment for each in similar_to(seed, make_user(), NEAREST).recommendations}
    assert (found[other].seed_seconds, found[other].other_seconds) == (10, 5)
    assert found[older] is None


def test_only_what_the_viewer_may_see_and_never_the_same_recording(space, seed):
    public = add(space, [part(2, 0.5)])
    private = add(space, [part(2, 0.9)], visibility=Visibility.PRIVATE)
    twin = add(space, [part(2, 0.8)])
    add(space, [part(2, 1.0)], audio_file=seed.audio_file)
    RecordingPair.objects.create(
        first=min(seed, twin, key=lambda track: track.pk),
        second=max(seed, twin, key=lambda track: track.pk),
        evidence=Evidence.FINGERPRINT,
        score=0.9,
    )
    synchronise_space(space)
    assert tracks_of(find(seed, make_user(Role.LISTENER))) == [public]
    assert tracks_of(find(seed, private.owner)) == [private, public]
    Track.objects.filter(pk=public.pk).update(is_recommendable=False)
    assert tracks_of(find(seed, make_user(Role.LISTENER))) == []


def test_filters_and_limits_hold_and_the_floor_is_said(space, seed):
    for number in range(4):
        add(space, [part(2, 0.9 - number / 100)], year=1990)
    late = add(space, [part(3, 0.05)], year=2020)
    synchronise_space(space)
    assert tracks_of(find(seed, wish=Wish(filters=Filters(year=(2000, None)), without=NEAREST.without))) == [late]
    shaped = find(seed, wish=Wish(limit=20))
    assert late not in tracks_of(shaped)
    assert shaped.is_floor_reached


def test_of_many_that_filters_leave_those_that_are_nearest_as_a_whole_are_compared(space, seed, monkeypatch):
    monkeypatch.setattr(passages, "_MOST_COMPARED", 2)
    made = [add(space, [part(2, share)], year=1990) for share in (0.2, 0.3, 0.9, 0.8)]
    synchronise_space(space)
    assert tracks_of(find(seed, wish=Wish(filters=Filters(year=(1990, 1990)), without=NEAREST.without))) == made[2:]


def test_without_segments_there_is_nothing_to_compare_and_without_index_it_is_said(space, seed):
    older = make_track()
    make_embedding(older, space, part(2, 0.9))
    assert find(seed).is_degraded
    synchronise_space(space)
    assert tracks_of(find(seed)) == []
    assert (tracks_of(find(older)), find(older).is_degraded) == ([], False)
    get_index().drop(segments_collection_of(space))
    assert find(seed).is_degraded


def test_ranks_are_counted_among_moments_of_other_tracks(space, seed, monkeypatch):
    monkeypatch.setattr(held, "CHECKED_EVERY_SECONDS", 0.0)
    others = [add(space, [part(2, share), part(3, 0)]) for share in (0.9, 0.2)]
    synchronise_space(space)
    sample = segment_sample_of(space)
    assert set(sample.track_ids.tolist()) == {seed.pk, *(track.pk for track in others)}
    cosines = dict(
        zip(sample.track_ids.tolist(), sample.cosines(part(1)[None, :], np.array([seed.pk]))[0], strict=True)
    )
    assert cosines[seed.pk] == -np.inf
    assert [cosines[track.pk] for track in others] == pytest.approx([0.9, 0.2], abs=2e-3)
    assert segment_sample_of(space) is sample
    add(space, [part(2, 0.5)])
    synchronise_space(space)
    assert len(segment_sample_of(space).track_ids) == 4
