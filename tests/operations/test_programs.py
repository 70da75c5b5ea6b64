import runpy

import pytest

from recommender.operations.plan import Plan
from recommender.operations.programs import list_programs


def make_plan(home, **changes):
    ports = {"web_port": 8000, "redis_port": 6390, "milvus_port": 19540, "analysis_processes": 3}
    return Plan(home=home, **(ports | changes))


@pytest.fixture
def programs(tmp_path):
    return {program.name: program for program in list_programs(make_plan(tmp_path))}


def test_there_is_one_of_each(programs):
    workers = ["worker-analysis", "worker-index", "worker-interactive", "worker-background"]
    assert list(programs) == ["redis", "milvus", "web", *workers, "beat"]


def test_only_the_analysis_worker_has_several_processes(programs):
    def processes(name):
        command = programs[name].command
        return command[command.index("--concurrency") + 1]

    assert processes("worker-analysis") == "3"
    assert {processes(f"worker-{queue}") for queue in ("index", "interactive", "background")} == {"1"}


def test_workers_compute_with_one_thread(programs):
    assert programs["worker-analysis"].environment["OMP_NUM_THREADS"] == "1"


def test_pages_compute_with_one_thread(programs):
    """Two cores that look after workers as well made a page seven times slower when two threads multiplied in it."""
    config = programs["web"].command[programs["web"].command.index("--config") + 1]
    assert "OPENBLAS_NUM_THREADS=1" in runpy.run_path(config)["raw_env"]


def test_servers_that_run_elsewhere_are_not_started(tmp_path):
    names = [program.name for program in list_programs(make_plan(tmp_path, redis_port=None, milvus_port=None))]
    assert not {"redis", "milvus"} & {*names}


def test_everything_that_listens_listens_on_loopback(programs):
    for name in ("redis", "milvus", "web"):
        assert any("127.0.0.1" in word for word in programs[name].command)
        assert not any("0.0.0.0" in word for word in programs[name].command)
