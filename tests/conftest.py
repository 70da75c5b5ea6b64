"""The servers and settings that tests of all rooms share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings

from embeddings.encoders import use_folder
from recommender.conf import Storage
from recommender.operations.milvus_server import milvus_command, milvus_uri
from recommender.operations.redis_server import find_redis_server, redis_command, redis_url
from tests.servers import run_server
from tests.stack import Stack, run_stack
from tests.surroundings import HOME, MILVUS_PORT, REDIS_PORT

django.setup()
if settings.STORAGE.home != HOME.resolve():
    raise pytest.UsageError(f"Django was set up on {settings.STORAGE.home} already: unset DJANGO_SETTINGS_MODULE.")


# Only now may tables be imported.
from django.apps import apps  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.db.models.signals import post_migrate  # noqa: E402

from recommender.accounts.models import Role  # noqa: E402
from recommender.catalog.models import Space  # noqa: E402
from recommender.operations.catalogues import compile_catalogues_if_changed  # noqa: E402
from recommender.similarity.index import get_index  # noqa: E402
from recommender.similarity.sync import alias_of, segments_alias_of  # noqa: E402
from tests.people import make_space  # noqa: E402

# Before anything is said in another language: Django reads its catalogues once.
compile_catalogues_if_changed(print)


def _restore_roles(**_given: object) -> None:
    """Tests with real transactions empty the tables afterwards, the groups of the migration included."""
    for role in Role:
        Group.objects.get_or_create(name=role.label)


post_migrate.connect(_restore_roles, sender=apps.get_app_config("auth"))


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """A real Redis at settings.REDIS_URL, started as `up` does; its URL."""
    folder = HOME / "redis"
    folder.mkdir(exist_ok=True)
    with run_server(redis_command(find_redis_server(), folder, REDIS_PORT), REDIS_PORT, HOME / "redis.log"):
        yield redis_url(REDIS_PORT)


@pytest.fixture(scope="session")
def milvus_server() -> Iterator[str]:
    """A real Milvus Lite server at settings.MILVUS.uri, started as `up` does; its URI."""
    with run_server(milvus_command(HOME / "milvus", MILVUS_PORT), MILVUS_PORT, HOME / "milvus.log"):
        yield milvus_uri(MILVUS_PORT)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One whole running Soundalike, by the real `manage.py up`. Leave it ready, with every program running."""
    with run_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture
def uncollected(settings: Any) -> None:
    """Static files under their own names, so that pages can be made without collecting them. See test_static_files."""
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def space(db: None, milvus_server: str) -> Iterator[Space]:
    """An active space of 8 dimensions whose collections go with the test."""
    made = make_space()
    yield made
    for alias in (alias_of(made), segments_alias_of(made)):
        for collection in get_index().collections(f"{alias}_"):
            get_index().drop(collection)


@pytest.fixture
def encoder_home(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A folder of installed encoders of the test's own."""

    class OtherEncoders(Storage):
        encoders = tmp_path / "encoders"

    settings.STORAGE = OtherEncoders(home=settings.STORAGE.home)
    before = use_folder(settings.STORAGE.encoders)
    yield settings.STORAGE.encoders
    use_folder(before)
