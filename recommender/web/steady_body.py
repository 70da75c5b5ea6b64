"""Bodies of requests that stop coming, or hardly come.

A thread of the web server serves one request at a time, so that a few senders of ten bytes a second would keep
everybody else out. What has arrived of such a body can still be read; after it, reading raises BodyBrokenOffError. What
nobody read is taken in before the answer goes out, since a sender that is cut off may never see it, but not for long.
"""

import contextlib
import socket
from collections.abc import Callable, Iterator
from threading import Timer
from typing import Any, Protocol

from django.utils.translation import gettext as _

from recommender.web.refusals import RefusalError

# A connection that brings nothing for so long counts as dead.
SILENCE_SECONDS = 5.0
# What is asked for at once has to come at this speed or faster, after so long a start.
SLOWEST_BYTES_PER_SECOND = 4096
START_SECONDS = 10.0

# What nobody wants to read is waited for so long.
REST_SECONDS = 5.0
_BLOCK_BYTES = 64 * 1024

Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


class BodyBrokenOffError(RefusalError):
    """The request ends before its body does."""

    code = "broken_off"


class Body(Protocol):
    def read(self, size: int, /) -> bytes: ...
    def readline(self, size: int, /) -> bytes: ...


class SteadyBody:
    """`wsgi.input` for a body of known size from a connection that may be given up."""

    def __init__(self, body: Body, size_bytes: int, connection: socket.socket | None) -> None:
        self._body, self._missing, self._connection = body, size_bytes, connection

    def read(self, size: int = -1, /) -> bytes:
        return self._take(self._body.read, size)

    def readline(self, size: int = -1, /) -> bytes:
        return self._take(self._body.readline, size)

    def finish(self) -> None:
        """Take in what nobody read, or end it."""
        if not self._missing:
            return
        timer = self._start_timer(REST_SECONDS)
        try:
            while self._missing:
                self.read(_BLOCK_BYTES)
        except BodyBrokenOffError:
            self._give_up()
        finally:
            timer.cancel()

    def _take(self, read: Callable[[int], bytes], size: int) -> bytes:
        size = self._missing if size < 0 else min(size, self._missing)
        try:
            with self._hold_to_pace(size):
                taken = read(size)
        except OSError:
            taken = self._take_rest(read, size)
        if size and not taken:
            raise BodyBrokenOffError(_("The connection broke off before everything had arrived."))
        self._missing -= len(taken)
        return taken

    def _take_rest(self, read: Callable[[int], bytes], size: int) -> bytes:
        """What the web server holds of a connection that ended in the middle of a block."""
        self._give_up()
        with contextlib.suppress(OSError):
            return read(size)
        return b""

    @contextlib.contextmanager
    def _hold_to_pace(self, size: int) -> Iterator[None]:
        if not self._connection:
            yield
            return
        self._connection.settimeout(SILENCE_SECONDS)
        # The timeout begins anew with every byte; only another thread can end the reading of a block.
        timer = self._start_timer(START_SECONDS + size / SLOWEST_BYTES_PER_SECOND)
        try:
            yield
        finally:
            timer.cancel()
            self._connection.settimeout(None)

    def _start_timer(self, seconds: float) -> Timer:
        timer = Timer(seconds, self._give_up)
        timer.daemon = True
        timer.start()
        return timer

    def _give_up(self) -> None:
        with contextlib.suppress(OSError):
            if self._connection:
                self._connection.shutdown(socket.SHUT_RD)


def hold_bodies_to_pace(application: Application) -> Application:
    """The same WSGI application, for bodies of announced size."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        announced = str(environ.get("CONTENT_LENGTH") or "")
        if not (announced.isascii() and announced.isdigit() and int(announced)):
            return application(environ, start_response)
        body = SteadyBody(environ["wsgi.input"], int(announced), environ.get("gunicorn.socket"))
        answer = application({**environ, "wsgi.input": body}, start_response)
        body.finish()
        return answer

    return serve
