import configparser
import shlex

import pytest

from recommender.operations.plan import Plan
from recommender.operations.programs import Program
from recommender.operations.supervisor_configuration import choose_socket, quote_word, write_configuration


def read(tmp_path, *programs):
    plan = Plan(home=tmp_path, web_port=1, redis_port=2, milvus_port=3, analysis_processes=1)
    plan.make_folders()
    path = write_configuration(plan, programs, tmp_path / "socket")
    # As supervisord reads it.
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";", "#"), strict=False)
    parser.read(path)
    return parser, path


@pytest.mark.parametrize(
    "word", ["plain", "a b", "a ;b", "a #b", "50%", "%h", "it's", 'say "so"', "back\\slash", "", "é ö"]
)
def test_every_word_of_a_command_arrives_as_it_was(tmp_path, word):
    parser, _ = read(tmp_path, Program(name="one", command=("run", word, "end")))
    command = parser["program:one"]["command"]
    assert shlex.split(command % {}) == ["run", word, "end"]


def test_all_programs_are_in_one_group(tmp_path):
    parser, _ = read(tmp_path, *(Program(name=name, command=("run",)) for name in ("one", "two", "three")))
    assert parser["group:soundalike"]["programs"] == "one,two,three"


def test_output_may_go_to_a_file_of_its_own(tmp_path):
    parser, _ = read(tmp_path, Program(name="web", command=("run",), separate_output="access"))
    assert parser["program:web"]["stdout_logfile"] == "../logs/access.log"
    assert parser["program:web"]["stderr_logfile"] == "../logs/web.log"


def test_a_stop_takes_less_than_ten_seconds(tmp_path):
    parser, _ = read(tmp_path, Program(name="one", command=("run",)))
    assert parser.getint("program:one", "stopwaitsecs") <= 7


def test_nobody_else_may_read_it(tmp_path):
    _, path = read(tmp_path)
    assert path.stat().st_mode & 0o077 == 0


def test_the_socket_lies_in_the_run_folder_unless_its_path_is_too_long(tmp_path):
    assert quote_word("") == "''"
    deep = tmp_path / ("deep" * 30)
    socket = choose_socket(deep)
    try:
        assert deep not in socket.parents
        assert len(str(socket)) < 90
        assert socket.parent.stat().st_mode & 0o077 == 0
    finally:
        socket.parent.rmdir()
