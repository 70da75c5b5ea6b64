"""Resumable uploads to a running stack, from below: requests that may be cut anywhere."""

import base64
import contextlib
import hashlib
import socket
import struct
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.urls import reverse

from tests.stack import Answer, Browser

HEADERS = {"Tus-Resumable": "1.0.0", "Accept": "application/json"}
BYTES = {**HEADERS, "Content-Type": "application/offset+octet-stream"}


def make_wav(size: int, seed: int) -> bytes:
    """Noise of `size` bytes that says it is a WAV file."""
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", size - 8, b"WAVE", b"fmt ", 16, 1, 1, 16000, 32000, 2, 16, b"data", size - 44
    )
    return head + hashlib.shake_128(str(seed).encode()).digest(size - 44)


def begin(browser: Browser, content: bytes, name: str = "noise.wav") -> str:
    """The path of a new upload."""
    said = {"filename": name.encode(), "sha256": hashlib.sha256(content).hexdigest().encode()}
    metadata = ",".join(f"{key} {base64.b64encode(value).decode()}" for key, value in said.items())
    announced = {**HEADERS, "Upload-Length": str(len(content)), "Upload-Metadata": metadata}
    answer = browser.request("POST", reverse("tus_uploads"), b"", announced)
    assert answer.status == 201, answer.text
    return urlsplit(answer.headers["Location"]).path


def look(browser: Browser, path: str) -> Answer:
    answer = browser.request("HEAD", path, headers=HEADERS)
    assert answer.status == 200, answer.status
    return answer


def offset(browser: Browser, path: str) -> int:
    return int(look(browser, path).headers["Upload-Offset"])


def patch(browser: Browser, path: str, content: bytes, start: int) -> Answer:
    return browser.request("PATCH", path, content[start:], {**BYTES, "Upload-Offset": str(start)})


def go_on(browser: Browser, path: str, content: bytes) -> Answer:
    """Send the rest, as a client does that was cut off: what it had sent before may still be arriving."""
    for _ in range(10):
        answer = patch(browser, path, content, offset(browser, path))
        if answer.status not in (409, 423):
            break
    assert answer.status == 204, answer.text
    return answer


@contextlib.contextmanager
def open_patch(browser: Browser, path: str, start: int, length: int) -> Iterator[socket.socket]:
    """A connection that has announced `length` bytes from `start` on, and has sent none."""
    address = urlsplit(browser.address)
    cookies = {cookie.name: cookie.value or "" for cookie in browser.cookies}
    headers = {
        **BYTES,
        "Host": address.netloc,
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": cookies["csrftoken"],
        "Upload-Offset": str(start),
        "Content-Length": str(length),
    }
    lines = [f"PATCH {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    with socket.create_connection((address.hostname or "", address.port or 80), timeout=30) as connection:
        connection.sendall("\r\n".join(lines).encode())
        yield connection


def reset(connection: socket.socket) -> None:
    """Close it as a machine does that lost its power: with a reset, and nothing of what is under way."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
