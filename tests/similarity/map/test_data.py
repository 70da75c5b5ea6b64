import numpy as np
import pytest
from django.contrib.auth.models import AnonymousUser

from recommender.accounts.models import Role
from recommender.catalog.models import MapPoint, MapRegion, Visibility
from recommender.similarity.map.data import count_regions, read_points, tracks_in_region
from tests.people import make_space, make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def space():
    made = make_space()
    MapRegion.objects.bulk_create(
        MapRegion(space=made, number=number, name=f"region {number}", x=number, y=number) for number in (1, 2, 3)
    )
    return made


@pytest.fixture
def add(space, owner):
    def add_point(region, x=0, y=0, **given):
        track = make_track(owner, **given)
        MapPoint.objects.create(track=track, space=given.get("space", space), x=x, y=y, region=region)
        return track

    return add_point


def counted(space, viewer):
    return [*count_regions(read_points(space, viewer)).items()]


def test_points_are_parallel_arrays_by_track(space, add):
    first, second = add(1, 65_535, 7), add(255, 0, 65_535)
    MapPoint.objects.create(track=first, space=make_space(is_active=False), x=9, y=9, region=9)
    points = read_points(space, AnonymousUser())
    assert points.track_ids.tolist() == [first.pk, second.pk]
    assert (points.x.tolist(), points.y.tolist(), points.regions.tolist()) == ([65_535, 0], [7, 65_535], [1, 255])
    assert [each.dtype for each in (points.track_ids, points.x, points.regions)] == [np.uint32, np.uint16, np.uint8]


def test_an_empty_map_has_no_points(space):
    assert len(read_points(space, AnonymousUser()).track_ids) == 0
    assert counted(space, AnonymousUser()) == []


def test_everybody_sees_their_own_part_of_the_map(space, add, owner):
    published, private = add(1), add(2, visibility=Visibility.PRIVATE)
    add(3, is_recommendable=False)
    add(3, is_playable=False)
    add(3, is_deleting=True)
    submitted = add(1, visibility=Visibility.SUBMITTED)
    seen = {
        "anonymous": (AnonymousUser(), [published], [(1, 1)]),
        "listener": (make_user(Role.LISTENER), [published], [(1, 1)]),
        "curator": (make_user(Role.CURATOR), [published, submitted], [(1, 2)]),
        "owner": (owner, [published, private, submitted], [(1, 2), (2, 1)]),
    }
    for name, (viewer, tracks, regions) in seen.items():
        assert sorted(read_points(space, viewer).track_ids.tolist()) == [track.pk for track in tracks], name
        assert counted(space, viewer) == regions, name
    hidden = MapRegion.objects.get(number=2)
    assert not tracks_in_region(hidden, AnonymousUser()).exists()
    assert list(tracks_in_region(hidden, owner)) == [private]
