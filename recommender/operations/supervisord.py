"""The process that keeps the programs: supervisord, taught to leave nothing behind.

Run by file name with `python -P`, so that it loads neither Django nor Celery. Arguments: the configuration, and the
process id of the `up` that starts it. It adds three things to supervisord:

- it ends when `up` is gone, and the programs end when it is gone, however they went (Linux only);
- what a program leaves in its process group when it dies ends too, before the program is started again;
- it keeps the lock it inherits from `up` open, so that no second `up` starts while programs are still ending.
"""

import contextlib
import ctypes
import os
import signal
import sys

from supervisor.options import ServerOptions
from supervisor.supervisord import go

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def end_with_parent(parent: int) -> None:
    """Ask the kernel for SIGTERM when the parent dies, and end at once when it has died already."""
    if not sys.platform.startswith("linux"):
        return
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


class TidyOptions(ServerOptions):  # type: ignore[misc]
    """supervisord reaches the operating system through this class; each method below is one of its calls."""

    keeper = os.getpid()

    def fork(self) -> int:
        """A new child still has supervisord's own handlers, which would swallow a stop that comes right now."""
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        try:
            return int(super().fork())
        finally:
            if os.getpid() == self.keeper:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def setpgrp(self) -> None:
        """Called in the new child, before it becomes the program."""
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        super().setpgrp()
        end_with_parent(self.keeper)

    def waitpid(self) -> tuple[int | None, int | None]:
        """Called when a child may have died. It led a process group of the same number."""
        pid, status = super().waitpid()
        if pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        return pid, status

    def cleanup_fds(self) -> None:
        """Called at start, to close files of an earlier round: one of them would be the lock."""


def main(configuration: str, parent: int) -> None:
    end_with_parent(parent)
    options = TidyOptions()
    options.realize(["--configuration", configuration, "--nodaemon"])
    options.first, options.test = True, False
    go(options)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
