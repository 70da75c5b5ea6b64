import io

import pytest

from recommender.operations.progress import show_progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_one_line_grows_into_a_full_bar():
    terminal = Terminal()
    report = show_progress(terminal, "Labels")
    for done in (0, 100, 2000):
        report(done, 2000)
    frames = terminal.getvalue().split("\r")
    assert frames[1] == "Labels [" + "." * 30 + "] 0 of 2,000"
    assert frames[2].startswith("Labels [#.")
    assert frames[3] == "Labels [" + "#" * 30 + "] 2,000 of 2,000\n"


def test_elsewhere_there_are_four_plain_lines_at_most():
    log = io.StringIO()
    report = show_progress(log, "Labels")
    for done in range(1, 1001):
        report(done, 1000)
    lines = [f"Labels: {done} of 1,000" for done in (250, 500, 750)]
    assert log.getvalue().splitlines() == [*lines, "Labels: 1,000 of 1,000"]


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_nothing_to_do_is_no_error(stream):
    show_progress(stream(), "Labels")(0, 0)
