import datetime as dt

import pytest

from recommender.accounts.models import Role
from recommender.catalog.models import Genre, Track, Visibility
from recommender.curation.pictures import FASTEST, SLOWEST, TEMPO_STEP, count_pictures
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator():
    return make_user(Role.CURATOR)


def test_tempos_fall_into_steps(curator):
    for tempo in (30, 41, 119.9, 120, 127, 129.9, 215, 400):
        make_track(tempo_bpm=tempo, tempo_confidence=0.9)
    make_track(tempo_bpm=124, tempo_confidence=0.1)
    make_track(tempo_bpm=124, tempo_confidence=0.9, visibility=Visibility.PRIVATE)
    tempos = dict(count_pictures(curator).tempos)
    assert {start: count for start, count in tempos.items() if count} == {40: 2, 110: 1, 120: 3, 210: 2}
    assert list(tempos) == list(range(SLOWEST, FASTEST, TEMPO_STEP))


def test_keys_and_genres_are_counted(curator):
    rock, jazz = Genre.objects.create(name="Rock"), Genre.objects.create(name="Jazz")
    for key, genres in ((0, [rock]), (0, [rock, jazz]), (14, [])):
        make_track(key=key, key_confidence=0.9).genres.add(*genres)
    found = count_pictures(curator)
    assert (found.keys[0], found.keys[14], sum(found.keys)) == (2, 1, 3)
    assert found.genres == [(rock.pk, "Rock", 2), (jazz.pk, "Jazz", 1)]


def test_growth_goes_on_through_months_in_which_nothing_came(curator):
    assert count_pictures(curator).growth == []
    for year, month in ((2025, 11), (2025, 11), (2026, 2)):
        track = make_track()
        Track.objects.filter(pk=track.pk).update(added_at=dt.datetime(year, month, 28, 23, tzinfo=dt.UTC))
    growth = count_pictures(curator).growth
    assert growth[-4:] == [
        (dt.date(2025, 11, 1), 2),
        (dt.date(2025, 12, 1), 2),
        (dt.date(2026, 1, 1), 2),
        (dt.date(2026, 2, 1), 3),
    ]
    assert (len(growth), growth[0]) == (12, (dt.date(2025, 3, 1), 0))
    Track.objects.filter(pk=track.pk).update(added_at=dt.datetime(2035, 1, 1, tzinfo=dt.UTC))
    assert [count for _month, count in count_pictures(curator).growth] == [2] * 59 + [3]
