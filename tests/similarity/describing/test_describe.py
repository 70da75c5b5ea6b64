import pytest

from recommender.catalog.models import Genre, TrackTag, Visibility
from recommender.listening.feedback import give_opinion
from recommender.listening.models import Verdict
from recommender.similarity.describing.describe import find_described
from recommender.similarity.errors import BadWishError
from recommender.similarity.explain import ReasonKind
from tests.people import add_heard, make_embedding, make_space, make_track, make_user, unit_vector

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def add(owner):
    def add_track(tags=(), genres=(), **given):
        track = make_track(owner, **given)
        TrackTag.objects.bulk_create(
            TrackTag(track=track, name=name, probability=share) for name, share in dict(tags).items()
        )
        track.genres.set([Genre.objects.get_or_create(name=name)[0] for name in genres])
        return track

    return add_track


def found(text, viewer=None):
    return [fitting.track for fitting in find_described(text, viewer or make_user()).found]


def test_words_and_levels_together(add):
    calm_piano = add({"piano": 0.5}, energy=0.2)
    add({"piano": 0.9}, energy=0.8)
    add(energy=0.1)
    assert found("calm piano") == [calm_piano]
    answer = find_described("calm piano", make_user())
    assert [term.said for term in answer.found[0].has] == ["calm", "piano"]
    assert answer.found[0].lacks == []
    assert answer.is_floor_reached


def test_more_of_a_word_comes_first(add):
    some, much, none = add({"sad": 0.06}), add({"sad": 0.2}), add({"happy": 0.9})
    assert found("melancholic") == [much, some]
    assert none not in found("melancholic")


def test_paces(add):
    slow, medium, fast = (add(tempo_bpm=bpm, tempo_confidence=0.9) for bpm in (70, 105, 150))
    add(tempo_bpm=70, tempo_confidence=0.2)
    for text, track in (("slow", slow), ("mid tempo", medium), ("fast", fast)):
        assert found(text) == [track]


def test_brightness_energy_keys_and_decades(add):
    track = add(energy=0.8, brightness=0.2, key=21, key_confidence=0.9, year=1994)
    add(energy=0.5, brightness=0.5, key=21, key_confidence=0.1, year=2004)
    for text in ("powerful", "dark", "a minor", "90s", "dark 90s in a minor"):
        assert found(text) == [track]
    for text in ("calm", "bright", "a major", "80s"):
        assert found(text) == []


def test_what_is_unwanted_is_left_out(add):
    plain = add({"guitar": 0.3})
    add({"guitar": 0.9, "drums": 0.4})
    assert found("guitar without drums") == [plain]
    only = find_described("without drums", make_user())
    assert (only.found, only.has_wanted) == ([], False)


def test_probabilities_of_many_tracks_are_spread_by_place(add):
    tracks = [add({"piano": 0.01 * number**2}) for number in range(1, 21)]
    fits = {fitting.track: fitting.fit for fitting in find_described("piano", make_user()).found}
    assert list(fits) == tracks[::-1]
    assert fits[tracks[-1]] == 1
    assert fits[tracks[9]] == pytest.approx(0.8, abs=0.01)


def test_genres_of_files_count_in_full(add):
    told, heard, both_words = add(genres=["Rock"]), add({"rock": 0.5}), add(genres=["Bossa Nova"])
    assert found("rock")[:2] in ([told, heard], [heard, told])
    assert found("bossa nova") == [both_words]


def test_most_of_several_is_enough_if_it_holds_well(add):
    nearly = add({"piano": 0.9}, energy=0.05, year=1985)
    answer = find_described("calm piano 90s", make_user())
    assert [fitting.track for fitting in answer.found] == [nearly]
    assert [term.said for term in answer.found[0].lacks] == ["90s"]


def test_only_what_the_viewer_may_see(add, owner):
    hidden = add({"piano": 0.5}, genres=["Secret"], visibility=Visibility.PRIVATE)
    add({"piano": 0.5}, is_recommendable=False)
    assert found("piano") == []
    assert found("piano", owner) == [hidden]
    assert find_described("secret", make_user()).strange == ("secret",)
    assert found("secret", owner) == [hidden]


def test_what_is_not_understood_is_said(add):
    add({"piano": 0.5})
    answer = find_described("piano zzz", make_user())
    assert (len(answer.found), answer.strange) == (1, ("zzz",))
    assert find_described("zzz", make_user()).terms == ()


def test_the_taste_of_the_listener_orders_them_and_leaves_out(add, owner):
    space, listener = make_space(), make_user()
    best, second, third = (add({"piano": share}) for share in (0.9, 0.6, 0.3))
    for number, track in enumerate((best, second, third)):
        make_embedding(track, space, unit_vector(number))
    add({"piano": 0.1})
    assert found("piano", listener)[:3] == [best, second, third]
    give_opinion(listener, second, Verdict.LIKE)
    give_opinion(listener, third, Verdict.DISLIKE)
    give_opinion(listener, best, Verdict.DISLIKE)
    answer = find_described("piano", listener)
    assert [fitting.track for fitting in answer.found][:2] == [second, best]
    assert third not in [fitting.track for fitting in answer.found]
    assert answer.passed_over == 1
    assert answer.found[0].reasons[0].kind == ReasonKind.TASTE
    assert found("piano")[:3] == [best, second, third]


@pytest.mark.parametrize("limit", [0, -1, 10**9])
def test_limits_out_of_range(limit):
    with pytest.raises(BadWishError, match="1 to 100"):
        find_described("piano", make_user(), limit)


def test_a_description_takes_few_queries(add, django_assert_max_num_queries):
    add({"piano": 0.5, "drums": 0.1}, genres=["Rock"], energy=0.1, brightness=0.1, tempo_bpm=60, year=1991)
    viewer = make_user()
    give_opinion(viewer, add_heard(make_space(), unit_vector(1)), Verdict.LIKE)
    text = "slow calm dark piano rock 90s in a minor without drums"
    with django_assert_max_num_queries(10):
        find_described(text, viewer)
