import pytest
from django.db import connection, transaction

from recommender.catalog.credits import credit_artists, set_genres
from recommender.catalog.models import (
    Analysis,
    AnalysisState,
    Artist,
    ArtistAlias,
    Genre,
    MapPoint,
    MapRegion,
    PoolRule,
    Release,
    Track,
    TrackTag,
    Visibility,
)
from recommender.catalog.revision import create_revision_triggers, drop_revision_triggers, read_revision
from recommender.listening.models import Opinion, Play, Verdict
from tests.people import make_space, make_track, make_user

ON_SQLITE = connection.vendor == "sqlite"


@pytest.mark.django_db
def test_what_a_transaction_has_changed_itself_no_revision_knows():
    assert read_revision() is None


@pytest.mark.django_db(transaction=True)
def test_each_change_of_what_is_counted_or_shown_makes_another_revision():
    track, space, region = make_track(), make_space(), {"number": 1, "name": "piano", "x": 1, "y": 1}
    row = Track.objects.filter(pk=track.pk)
    MapPoint.objects.create(track=track, space=space, x=1, y=1)
    Release.objects.create(title="Notes", artist=Artist.objects.create(name="Ada"))
    changes = [
        lambda: row.update(visibility=Visibility.WITHDRAWN),
        lambda: row.update(is_recommendable=False),
        lambda: row.update(year=1980),
        lambda: row.update(duration_seconds=1.0),
        lambda: set_genres(track, ["Jazz"]),
        lambda: Genre.objects.update(name="Folk"),
        lambda: Release.objects.update(year=1981),
        lambda: TrackTag.objects.create(track=track, name="calm", probability=0.5),
        lambda: credit_artists(track, ["Ada"]),
        lambda: Artist.objects.update(name="Adah"),
        lambda: ArtistAlias.objects.create(artist=Artist.objects.get(), name="Ada L."),
        lambda: Analysis.objects.create(track=track, space=space),
        lambda: Analysis.objects.update(state=AnalysisState.READY),
        lambda: MapPoint.objects.update(x=2),
        lambda: MapRegion.objects.create(space=space, **region),
        lambda: PoolRule.objects.create(kind="tag", tag="calm"),
        lambda: row.delete(),
    ]
    seen = [read_revision()]
    for change in changes:
        # Genres are held until they are given to the track.
        with transaction.atomic():
            change()
        seen.append(read_revision())
    assert all(seen)
    assert len(set(seen)) == len(changes) + 1


@pytest.mark.skipif(not ON_SQLITE, reason="PostgreSQL counts every commit")
@pytest.mark.django_db(transaction=True)
def test_nothing_else_does_and_neither_does_what_comes_to_nothing():
    track, listener = make_track(), make_user()
    Analysis.objects.create(track=track, space=make_space())
    before = read_revision()
    Play.objects.create(listener=listener, track=track, heard_seconds=40)
    Opinion.objects.create(listener=listener, track=track, verdict=Verdict.LIKE)
    Track.objects.update(isrc="x", visibility=track.visibility, is_recommendable=True)
    Analysis.objects.update(lease_owner="somebody")
    with transaction.atomic():
        track.delete()
        transaction.set_rollback(True)
    assert read_revision() == before


@pytest.mark.skipif(not ON_SQLITE, reason="only SQLite has a number")
@pytest.mark.django_db(transaction=True)
def test_without_triggers_there_is_no_revision():
    make_track()
    try:
        drop_revision_triggers()
        make_track()
        assert read_revision() is None
    finally:
        create_revision_triggers()
    before = read_revision()
    make_track()
    assert read_revision() not in (None, before)
