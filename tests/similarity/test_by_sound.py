import numpy as np
import pytest

from recommender.catalog.models import Embedding, Visibility
from recommender.similarity.by_sound import similar_to_sound
from recommender.similarity.errors import OtherSpaceError
from recommender.similarity.explain import Reason, ReasonKind
from recommender.similarity.recommend import Variety, Wish
from recommender.similarity.segments import Segments, keep_segments
from recommender.similarity.sync import synchronise_space
from tests.people import add_heard, at_cosine, make_space, make_user
from tests.sounds import make_sound

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("milvus_server")]

EVERYTHING = Wish(variety=Variety.RAW, without=frozenset({"keep_above_floor"}))


@pytest.fixture
def sound(space):
    return make_sound(signature=space.signature, vector=at_cosine(1.0))


def found(sound, viewer=None, wish=EVERYTHING):
    return similar_to_sound(sound, viewer or make_user(), wish).recommendations


def test_nearest_first(space, sound):
    far, near = add_heard(space, at_cosine(0.2)), add_heard(space, at_cosine(0.9))
    synchronise_space(space)
    answer = found(sound)
    assert [each.track for each in answer] == [near, far]
    assert [each.cosine for each in answer] == pytest.approx([0.9, 0.2], abs=1e-3)


def test_the_same_recording_comes_first_and_is_called_so(space, sound):
    """Of whatever length: a part of it, or all of it as another encoding."""
    same, near = add_heard(space, at_cosine(0.999), duration_seconds=5.0), add_heard(space, at_cosine(0.9))
    synchronise_space(space)
    for wish in (EVERYTHING, Wish()):
        first, second = found(sound, wish=wish)
        assert (first.track, second.track) == (same, near)
        assert first.reasons[0] == Reason(ReasonKind.RECORDING)
        assert ReasonKind.RECORDING not in [reason.kind for reason in second.reasons]


def test_what_was_measured_of_the_sound_gives_the_reasons(space, sound):
    track = add_heard(
        space, at_cosine(0.9), tempo_bpm=121, tempo_confidence=0.9, key=9, key_confidence=0.9, energy=0.75
    )
    track.tags.create(name="piano", probability=0.8)
    synchronise_space(space)
    (answer,) = found(sound)
    assert [reason.kind for reason in answer.reasons] == ["words", "tempo", "key", "energy"]
    assert answer.reasons[0].values == ("piano",)


def test_only_what_the_viewer_may_see(space, sound):
    owner = make_user()
    add_heard(space, at_cosine(0.9), visibility=Visibility.PRIVATE, owner=owner)
    synchronise_space(space)
    assert found(sound) == []
    assert len(found(sound, owner)) == 1


def test_an_empty_catalog_has_no_answer(space, sound):
    synchronise_space(space)
    answer = similar_to_sound(sound, make_user())
    assert (answer.recommendations, answer.is_floor_reached, answer.is_degraded) == ([], False, False)


def test_nothing_that_sounds_like_it_is_said(space, sound):
    for share in (0.1, 0.05, -0.2):
        add_heard(space, at_cosine(share))
    synchronise_space(space)
    answer = similar_to_sound(sound, make_user())
    assert (answer.recommendations, answer.is_floor_reached) == ([], True)


def test_vectors_of_two_spaces_never_meet(space, sound):
    make_space(is_active=False)
    with pytest.raises(OtherSpaceError):
        similar_to_sound(make_sound(signature="another", vector=at_cosine(1.0)), make_user())


def keep_passages(track, *shares):
    """One every five seconds."""
    starts = 5 * np.arange(len(shares), dtype=np.float32)
    keep_segments(
        Embedding.objects.get(track=track), Segments(starts=starts, vectors=np.stack([*map(at_cosine, shares)]))
    )


def test_what_lasts_is_compared_with_whole_tracks_and_shown_with_the_moment(space):
    known, unknown = add_heard(space, at_cosine(0.9)), add_heard(space, at_cosine(0.8))
    keep_passages(known, 0.1, 0.95)
    synchronise_space(space)
    lasting = make_sound(signature=space.signature, vector=at_cosine(1.0), duration_seconds=200.0)
    moments = {each.track: each.moment for each in found(lasting)}
    assert (moments[known].other_seconds, moments[unknown]) == (5.0, None)
    assert moments[known].cosine == pytest.approx(0.95, abs=0.01)


def test_a_short_sound_is_found_where_it_is_in_a_track_that_is_otherwise_different(space, sound):
    other, whole = add_heard(space, at_cosine(0.9)), add_heard(space, at_cosine(0.3))
    keep_passages(other, 0.8, 0.85)
    keep_passages(whole, 0.1, 0.2, 0.99)
    synchronise_space(space)
    first, second = found(sound)
    assert (first.track, second.track) == (whole, other)
    assert (first.moment.seed_seconds, first.moment.other_seconds) == (0.0, 10.0)
