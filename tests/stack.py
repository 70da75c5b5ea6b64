"""A whole running Soundalike, started by the real `manage.py up`, for tests that follow a song through all of it."""

import contextlib
import http.cookiejar
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from django.urls import reverse

from recommender.operations.supervisor import Control
from recommender.operations.supervisord import end_with_parent
from tests.servers import choose_port

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 90
ADMIN_NAME, ADMIN_PASSWORD = "admin", "a-password-for-tests"


def wait_until(ask: Callable[[], Any], seconds: float = 30, every: float = 0.1) -> Any:
    """The first true answer.

    Raises:
        TimeoutError: none in time.
    """
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"still {answer!r} after {seconds} s")
        time.sleep(every)
    return answer


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Browser:
    """An HTTP session: keeps cookies, sends the CSRF token, follows redirects, and answers errors like pages."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        request = urllib.request.Request(self.address + path, body, dict(headers or {}), method=method)
        request.add_header("Referer", self.address)
        for cookie in self.cookies:
            if cookie.name == "csrftoken" and cookie.value:
                request.add_header("X-CSRFToken", cookie.value)
        try:
            with self._opener.open(request, timeout=30) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as answer:
            with answer:
                return Answer(answer.code, answer.headers, answer.read())

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, headers=headers)

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
        return self.request("POST", path, urllib.parse.urlencode(fields).encode(), headers)

    def upload(self, path: str, name: str, content: bytes, *, field_name: str = "file") -> Answer:
        """One file, as a form sends it."""
        boundary = uuid.uuid4().hex
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field_name}"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        return self.request("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def sign_in(self, name: str, password: str) -> Answer:
        page = reverse("sign_in")
        self.get(page)
        return self.post(page, {"username": name, "password": password})


@dataclass
class Stack:
    """`process` is `manage.py up` itself; the programs are its grandchildren."""

    home: Path
    process: subprocess.Popen[bytes]
    wanted_port: int
    output: Path
    admin_name: str = ADMIN_NAME
    admin_password: str = ADMIN_PASSWORD
    ready_after_seconds: float = field(default=0, compare=False)

    @property
    def address(self) -> str:
        """Where `up` says it is: the wanted port may have been taken. Empty before it is ready."""
        told = re.search(r"is ready: (http://\S+)", self.said)
        return told[1] if told else ""

    @property
    def said(self) -> str:
        """What `up` printed so far."""
        return self.output.read_text()

    @property
    def control(self) -> Control:
        """A fresh one each time: a connection to a supervisord that was restarted would be stale."""
        written = (self.home / "run" / "supervisord.conf").read_text()
        socket = re.search(r"^file = (.+)$", written, re.MULTILINE)
        assert socket is not None
        return Control(Path(socket[1]))

    def pids(self) -> dict[str, int]:
        """Process id by program name; 0 where none runs."""
        return {state.name: state.pid for state in self.control.list_programs()}

    def pool_pids(self, program: str) -> list[int]:
        """The child processes of a program: what does the work in a worker."""
        main = self.pids()[program]
        return [int(pid) for pid in Path(f"/proc/{main}/task/{main}/children").read_text().split()]

    def stop_program(self, name: str) -> None:
        self.control.stop_program(name)

    def start_program(self, name: str) -> None:
        self.control.start_program(name)

    def kill(self, name: str, number: int = signal.SIGKILL) -> int:
        """Signal a program's main process; returns its id. What was killed is started again by itself."""
        pid = self.pids()[name]
        os.kill(pid, number)
        return pid

    def is_ready(self) -> bool:
        try:
            return Browser(self.address).get("/readyz").status == 200
        except OSError:
            return False

    def wait_until_ready(self) -> None:
        """Until `up` itself says so.

        Raises:
            RuntimeError: it ended, or it takes too long.
        """
        began = time.monotonic()
        while not self.address:
            if self.process.poll() is not None or time.monotonic() - began > READY_SECONDS:
                logs = "".join(f"\n== {log.name}\n{log.read_text()[-1500:]}" for log in self.home.glob("logs/*.log"))
                raise RuntimeError(f"up does not get ready. It said:\n{self.said}\n{logs}")
            time.sleep(0.1)
        self.ready_after_seconds = time.monotonic() - began

    def open_browser(self, *, signed_in: bool = True) -> Browser:
        browser = Browser(self.address)
        if signed_in:
            browser.sign_in(self.admin_name, self.admin_password)
        return browser

    def stop(self, number: int = signal.SIGTERM, seconds: float = 20) -> float:
        """Signal `up` and wait for its end; how long that took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(seconds)
        return time.monotonic() - began


def start_up(home: Path, environment: Mapping[str, str] | None = None) -> Stack:
    """`manage.py up` on this home, not yet ready."""
    port = choose_port()
    surroundings = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "MILVUS_URI")}
    surroundings |= {
        "SOUNDALIKE_HOME": str(home),
        "SOUNDALIKE_PORT": str(port),
        "SOUNDALIKE_ADMIN_PASSWORD": ADMIN_PASSWORD,
        "SOUNDALIKE_ANALYSIS_PROCESSES": "1",
        **(environment or {}),
    }
    home.mkdir(parents=True, exist_ok=True)
    output = home / f"up-{port}.log"
    with output.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            preexec_fn=partial(end_with_parent, os.getpid()),
        )
    return Stack(home=home, process=process, wanted_port=port, output=output)


@contextlib.contextmanager
def run_stack(home: Path, environment: Mapping[str, str] | None = None) -> Iterator[Stack]:
    """A ready stack; it ends with the context, whatever happened in it."""
    stack = start_up(home, environment)
    try:
        stack.wait_until_ready()
        yield stack
    finally:
        if stack.process.poll() is None:
            stack.stop()


def find_processes(home: Path) -> list[str]:
    """Command lines of all processes that have to do with this home, `up` and its programs alike."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and str(home).encode() in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return [line for line in found if line]
