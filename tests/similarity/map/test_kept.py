import pytest
from django.contrib.auth.models import AnonymousUser

from recommender.accounts.models import Role, User
from recommender.catalog.models import MapPoint, MapRegion, Track, Visibility
from recommender.similarity.map import kept
from recommender.similarity.map.kept import Keeper
from tests.people import make_space, make_track, make_user

pytestmark = pytest.mark.django_db(transaction=True)
EVERYBODY = AnonymousUser()


@pytest.fixture
def keeper():
    return Keeper()


@pytest.fixture
def drawn():
    """A space with the points of a published and of a private track, and their owner."""
    space, owner = make_space(), make_user()
    MapRegion.objects.create(space=space, number=1, name="piano", x=1, y=1)
    for visibility in (Visibility.PUBLISHED, Visibility.PRIVATE):
        track = make_track(owner, visibility=visibility)
        track.tags.create(name="piano", probability=0.5)
        MapPoint.objects.create(track=track, space=space, x=1, y=1, region=1)
    return space, owner


def test_until_something_changes_nothing_is_read(drawn, keeper, django_assert_num_queries):
    space, _ = drawn
    first = keeper.map_of(space, EVERYBODY)
    regions = keeper.regions_of(space)
    # Each asks for the revision of the catalog and for nothing else.
    with django_assert_num_queries(2):
        assert keeper.map_of(space, EVERYBODY) is first
        assert keeper.regions_of(space) is regions
    assert [region.name for region in regions] == ["piano"]


def test_what_is_withdrawn_is_gone_at_the_next_question(drawn, keeper):
    space, owner = drawn
    before = keeper.map_of(space, EVERYBODY)
    keeper.regions_of(space)
    Track.objects.filter(visibility=Visibility.PUBLISHED).update(visibility=Visibility.WITHDRAWN)
    after = keeper.map_of(space, EVERYBODY)
    assert len(after.points.track_ids) == 0
    assert after.digest != before.digest
    assert [region.name for region in keeper.regions_of(space)] == ["Region 1"]
    assert len(keeper.map_of(space, owner).points.track_ids) == 2


def test_viewers_who_see_the_same_share_it_and_no_others(drawn, keeper):
    space, owner = drawn
    everybody, listener = keeper.map_of(space, EVERYBODY), keeper.map_of(space, make_user(Role.LISTENER))
    assert listener is keeper.map_of(space, EVERYBODY)
    assert listener.digest == everybody.digest
    assert len(keeper.map_of(space, owner).points.track_ids) == 2
    assert len(keeper.map_of(space, EVERYBODY).points.track_ids) == 1


def test_who_lost_a_role_while_they_asked_does_not_keep_what_it_showed(drawn, keeper):
    space, _ = drawn
    Track.objects.filter(visibility=Visibility.PRIVATE).update(visibility=Visibility.SUBMITTED)
    curator = make_user(Role.CURATOR)
    assert curator.is_curator
    curator.groups.clear()
    # The question began before that.
    assert len(keeper.map_of(space, curator).points.track_ids) == 2
    assert len(keeper.map_of(space, User.objects.get(pk=curator.pk)).points.track_ids) == 1


def test_no_more_maps_are_kept_than_fit(drawn, keeper, monkeypatch):
    monkeypatch.setattr(kept, "MOST_MAPS", 1)
    space, owner = drawn
    first = keeper.map_of(space, EVERYBODY)
    keeper.map_of(space, owner)
    again = keeper.map_of(space, EVERYBODY)
    assert again is not first
    assert again.digest == first.digest
