import pytest

from recommender.catalog.models import Artist, Evidence, RecordingPair, Release, Track, Visibility
from recommender.similarity.sync import synchronise_space
from recommender.similarity.voting import VOTES, Vote, choose_voters, count_votes, find_votes
from tests.people import add_heard, at_cosine, make_user, unit_vector


def votes_of(*said):
    return [
        Vote(number, similarity, frozenset(values.split())) for number, (similarity, values) in enumerate(said, start=1)
    ]


def test_votes_weigh_as_much_as_they_are_similar():
    found = count_votes(votes_of((0.6, "jazz"), (0.9, "rock pop"), (0.8, "rock")))
    assert [(each.value, each.speakers) for each in found] == [("rock", (2, 3)), ("pop", (2,)), ("jazz", (1,))]
    assert [each.confidence for each in found] == pytest.approx([1.7 / 3.3, 0.9 / 3.3, 0.6 / 3.3])
    assert count_votes([]) == []


def test_few_are_no_majority_however_sure_they_are():
    sureness = [count_votes(votes_of(*[(0.9, "rock")] * number))[0].confidence for number in (1, 2, 10)]
    assert sureness[0] < 0.5 < sureness[1] < 0.7 < sureness[2] == 0.9


def test_what_is_alike_votes_once_and_what_is_far_never():
    alike = {1: frozenset("a"), 2: frozenset("ab"), 3: frozenset("b"), 4: frozenset("c"), 5: frozenset("d")}
    assert choose_voters({1: 0.8, 2: 0.9, 3: 0.7, 4: 0.6, 5: 0.2}, alike) == [2, 4]
    many = dict.fromkeys(range(30), 0.9)
    assert choose_voters(many, {number: frozenset([number]) for number in many}) == list(range(VOTES))


@pytest.mark.django_db
def test_the_nearest_vote_of_whom_something_is_said(space):
    seed = add_heard(space, at_cosine(1.0))
    release = Release.objects.create(title="Album", artist=Artist.objects.create(name="Ann"))
    near, other = add_heard(space, at_cosine(0.97)), add_heard(space, at_cosine(0.95, 2))
    on_release = [add_heard(space, at_cosine(0.96, axis), release=release) for axis in (3, 4)]
    twin = add_heard(space, at_cosine(0.94, 5))
    RecordingPair.objects.create(first=near, second=twin, score=1, evidence=Evidence.FINGERPRINT)
    hidden = add_heard(space, at_cosine(0.98, 6), visibility=Visibility.PRIVATE)
    silent, far = add_heard(space, at_cosine(0.99, 2)), add_heard(space, at_cosine(-0.5))
    for number in range(20):
        add_heard(space, -abs(unit_vector(number)))
    synchronise_space(space)
    speaking = {track.pk: ["x"] for track in (seed, near, other, *on_release, twin, hidden, far)}
    allowed = Track.objects.visible_to(make_user())
    found = find_votes(
        space, [seed.pk, silent.pk, 999_999], allowed, lambda ids: {pk: speaking[pk] for pk in ids if pk in speaking}
    )
    nearest, of_release, last = (vote.track_id for vote in found[seed.pk])
    assert (nearest, last, of_release in {track.pk for track in on_release}) == (near.pk, other.pk, True)
    assert all(1 > vote.similarity > 0.54 and vote.values == {"x"} for vote in found[seed.pk])
    assert seed.pk in [vote.track_id for vote in found[silent.pk]]
    assert set(found) == {seed.pk, silent.pk}


@pytest.mark.django_db
def test_what_has_no_vector_is_not_asked_about(space):
    assert find_votes(space, [7], Track.objects.all(), lambda ids: {}) == {}
