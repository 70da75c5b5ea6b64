"""How far a long command is: a bar on a terminal, plain lines otherwise."""

from collections.abc import Callable
from typing import Final, TextIO

WIDTH: Final = 30
LINES_PER_STAGE: Final = 4


def show_progress(stream: TextIO, stage: str) -> Callable[[int, int], None]:
    """A callback for (done, total) that shows ``stage`` on ``stream``; the call with done = total ends it.

    Without a terminal there are four lines a stage at most, so that a log stays readable.
    """
    shown = 0

    def draw_bar(done: int, total: int) -> None:
        filled = WIDTH * done // max(total, 1)
        stream.write(f"\r{stage} [{'#' * filled}{'.' * (WIDTH - filled)}] {done:,} of {total:,}")
        if done >= total:
            stream.write("\n")
        stream.flush()

    def write_line(done: int, total: int) -> None:
        nonlocal shown
        reached = LINES_PER_STAGE * done // max(total, 1)
        if reached > shown:
            shown = reached
            stream.write(f"{stage}: {done:,} of {total:,}\n")
            stream.flush()

    return draw_bar if stream.isatty() else write_line
