import pytest
from django.db import connection, transaction

from recommender.catalog.models import Genre
from recommender.similarity.map import changes
from recommender.similarity.map.changes import read_stamp


@pytest.mark.django_db
def test_what_a_transaction_has_changed_itself_no_stamp_knows():
    assert read_stamp() is None


@pytest.mark.django_db(transaction=True)
def test_the_stamp_is_the_same_until_somebody_commits():
    before = read_stamp()
    assert before
    assert read_stamp() == before
    Genre.objects.filter(name="nobody's").update(name="x")
    Genre.objects.create(name="Folk", name_key="folk")
    after = read_stamp()
    assert after not in (None, before)
    with transaction.atomic():
        assert read_stamp() is None
        Genre.objects.all().delete()
        transaction.set_rollback(True)
    connection.close()
    assert Genre.objects.exists()
    # PostgreSQL numbers transactions that come to nothing as well.
    assert connection.vendor == "postgresql" or read_stamp() == after


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite counts for each connection")
@pytest.mark.django_db(transaction=True)
def test_whoever_begins_to_count_anew_tells_no_stamp_of_before():
    changes._watch.cache_clear()
    before = read_stamp()
    changes._watch.cache_clear()
    assert read_stamp() not in (None, before)
