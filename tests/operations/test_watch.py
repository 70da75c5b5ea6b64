import pytest

from recommender.operations.supervisor import ProgramState
from recommender.operations.watch import ProgramWatch, read_last_lines


@pytest.fixture
def said():
    return []


@pytest.fixture
def watch(tmp_path, said):
    return ProgramWatch(tmp_path, said.append)


def state(started_at, name="RUNNING"):
    return [ProgramState("web", name, 1, started_at)]


def test_a_program_that_keeps_running_is_not_mentioned(watch, said):
    for _ in range(3):
        watch.look(state(100))
    assert said == []


def test_the_first_start_is_not_mentioned(watch, said):
    watch.look(state(0, "STOPPED"))
    watch.look(state(0, "STOPPED"))
    assert said == []


def test_a_restart_is_said_once(watch, said):
    for started_at in (100, 200, 200):
        watch.look(state(started_at))
    assert said == ["web ended and was started again"]


def test_a_program_that_keeps_ending_shows_its_log(watch, said, tmp_path):
    (tmp_path / "web.log").write_text("one\ntwo\n")
    for started_at in (100, 200, 300, 400):
        watch.look(state(started_at, "BACKOFF"))
    assert said[2].startswith("web keeps ending")
    assert said[3:] == ["  one", "  two"]


def test_stopping_on_purpose_is_not_dying(watch, said):
    watch.look(state(100))
    watch.look(state(100, "STOPPED"))
    watch.look(state(200))
    assert said == ["web was stopped", "web was started"]


def test_only_the_end_of_a_log_is_shown(tmp_path):
    log = tmp_path / "log"
    log.write_text("\n".join(str(number) for number in range(100_000)))
    assert read_last_lines(log, 2) == ["99998", "99999"]


def test_a_log_that_is_not_there_has_no_lines(tmp_path):
    assert read_last_lines(tmp_path / "log", 2) == []
