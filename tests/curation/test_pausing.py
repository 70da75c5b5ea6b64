import pytest

from recommender.accounts.models import Role
from recommender.catalog.models import Pause
from recommender.curation.acts import may_take_back, take_back
from recommender.curation.models import Verb
from recommender.curation.pausing import pause, resume
from tests.people import make_user

pytestmark = pytest.mark.django_db


def test_it_is_written_down_and_taken_back():
    admin, other = make_user(Role.ADMIN), make_user(Role.ADMIN)
    paused = pause(admin)
    assert (paused.verb, Pause.objects.get().by) == (Verb.PAUSE, admin)
    assert pause(other) is None
    assert not may_take_back(paused, make_user(Role.CURATOR))
    resumed = resume(other)
    assert not Pause.objects.exists()
    assert resume(other) is None
    take_back(resumed, admin)
    assert Pause.objects.get().by == admin
    # That it was paused at first is nothing to take back twice.
    take_back(paused, admin)
    assert not Pause.objects.exists()


def test_what_is_so_already_is_no_success():
    admin = make_user(Role.ADMIN)
    paused = pause(admin)
    resume(admin)
    take_back(paused, admin)
    assert paused.changes.get().problem
