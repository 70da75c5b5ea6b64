"""What has to be true before the programs start: tables, static files, words, a space to fill, somebody to sign in."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from recommender.accounts.first_admin import ensure_first_admin
from recommender.operations.catalogues import compile_catalogues_if_changed
from recommender.operations.errors import PreparationFailedError
from recommender.operations.spaces import prepare_space


def prepare(say: Callable[[str], None]) -> str | None:
    """Bring everything up to date, quickly where nothing changed; returns the first admin's password if one was made.

    Raises:
        PreparationFailedError: the database cannot be reached or migrated.
    """
    try:
        migrate_if_behind(say)
        collect_static_files_if_changed(say)
        compile_catalogues_if_changed(say)
        prepare_space(say)
        return ensure_first_admin(settings.ADMIN_NAME, settings.ADMIN_PASSWORD)
    except DatabaseError as error:
        raise PreparationFailedError(f"The database does not work: {error}") from error


def migrate_if_behind(say: Callable[[str], None]) -> None:
    executor = MigrationExecutor(connection)
    steps = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if steps:
        say(f"Migrating the database: {len(steps)} steps")
        call_command("migrate", interactive=False, verbosity=0)


def collect_static_files_if_changed(say: Callable[[str], None]) -> None:
    """Compress and name by content what browsers fetch, unless that was done for exactly these files."""
    stamp = settings.STORAGE.home / "run" / "static_files.sha256"
    wanted = hash_static_files()
    if settings.STATIC_ROOT.is_dir() and stamp.is_file() and stamp.read_text() == wanted:
        return
    say("Collecting static files")
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(wanted)


def hash_static_files() -> str:
    """Changes whenever a file, the way files are stored or Django does."""
    digest = hashlib.sha256(f"{django.__version__} {settings.STORAGES['staticfiles']}".encode())
    for finder in finders.get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
