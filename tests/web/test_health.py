import socket
import threading

import pytest
from django.db import DatabaseError
from django.urls import reverse

from recommender.web import health
from tests.servers import choose_port


def test_livez_needs_nothing(client, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{choose_port()}/0"
    assert client.get(reverse("livez")).json() == {"status": "ok"}


@pytest.mark.django_db
@pytest.mark.usefixtures("redis_server", "milvus_server")
def test_readyz_with_everything_there(client):
    answer = client.get(reverse("readyz"))
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "parts": dict.fromkeys(("database", "redis", "index", "storage"), "ok")}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.usefixtures("milvus_server")
def test_readyz_names_what_is_missing_and_no_address(client, settings, tmp_path):
    settings.REDIS_URL = f"redis://:secret@127.0.0.1:{choose_port()}/0"
    settings.STORAGE = settings.STORAGE.__class__(home=tmp_path / "gone")
    answer = client.get(reverse("readyz"))
    assert answer.status_code == 503
    assert answer.json()["parts"] == {"database": "ok", "redis": "failed", "index": "ok", "storage": "failed"}
    for secret in ("secret", "127.0.0.1", str(tmp_path)):
        assert secret not in answer.content.decode()


@pytest.mark.django_db
def test_a_server_that_hangs_does_not_hang_readyz(settings):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        settings.REDIS_URL = f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"
        asking = threading.Thread(target=lambda: health._try("redis", health.check_redis))
        asking.start()
        asking.join(timeout=10)
        assert not asking.is_alive()


def test_a_database_that_is_gone_is_a_failed_part(client, monkeypatch):
    def gone():
        raise DatabaseError("password authentication failed for soundalike")

    monkeypatch.setattr(health, "CHECKS", {"database": gone})
    answer = client.get(reverse("readyz"))
    assert (answer.status_code, answer.json()["parts"]) == (503, {"database": "failed"})
    assert "password" not in answer.content.decode()
