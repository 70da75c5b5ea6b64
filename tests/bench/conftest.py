import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.bench.load import LOG_FORMAT
from tests.servers import choose_port, run_server
from tests.stack import ROOT


@pytest.fixture
def web_server(transactional_db, milvus_server, redis_server, tmp_path, monkeypatch) -> Iterator[tuple[str, Path]]:
    """gunicorn as `up` starts it, on the database of the test; its address and its log."""
    database = connection.settings_dict["NAME"]
    surroundings = {"SOUNDALIKE_HOME": str(settings.STORAGE.home), "DATABASE_URL": f"sqlite:///{database}"}
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"], cwd=ROOT, check=True, env={**os.environ}
    )
    port, log = choose_port(), tmp_path / "web.log"
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "recommender/operations/web_server.py"]
    told = ["--bind", f"127.0.0.1:{port}", "--access-logformat", LOG_FORMAT]
    with run_server(["env", "-C", str(ROOT), *gunicorn, *told, "recommender.wsgi"], port, log):
        yield f"http://127.0.0.1:{port}", log
