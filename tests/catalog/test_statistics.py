import pytest
from django.db import connection

from recommender.catalog import statistics
from recommender.catalog.statistics import refresh_statistics
from tests.people import make_track, make_user

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL looks by itself"),
]


def test_sqlite_looks_at_its_tables_whenever_one_has_doubled(monkeypatch):
    monkeypatch.setattr(statistics, "_LEAST_ROWS", 3)
    owner = make_user()
    for _ in range(2):
        make_track(owner)
    assert not refresh_statistics()
    make_track(owner)
    assert refresh_statistics()
    for _ in range(2):
        make_track(owner)
    assert not refresh_statistics()
    make_track(owner)
    assert refresh_statistics()
    with connection.cursor() as cursor:
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE idx = 'track_by_title'")
        assert cursor.fetchone()[0].startswith("6 ")
