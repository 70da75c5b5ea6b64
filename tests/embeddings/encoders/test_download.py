"""Over a real connection to a server of the test's own."""

import hashlib
import io
import threading
import urllib.request
from collections.abc import Iterator
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from embeddings.encoders.download import _CheckedRedirects, check_address, download, public_part
from embeddings.errors import EncoderError

CONTENT = bytes(range(256)) * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/elsewhere":
            self._answer(302, b"", Location="http://example.org/file")
        elif self.path == "/moved":
            self._answer(302, b"", Location="/file")
        elif self.path == "/short":
            self.send_response(200)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT[:1000])
        else:
            self._answer(200 if self.path == "/file" else 404, CONTENT if self.path == "/file" else b"")

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ["/file", "/moved"])
def test_a_file_arrives_whole(server: str, tmp_path: Path, path: str) -> None:
    seen: list[int] = []
    download(server + path, tmp_path / "f", sha256=SHA256, max_bytes=len(CONTENT), on_progress=seen.append)
    assert (tmp_path / "f").read_bytes() == CONTENT
    assert seen == sorted(seen)
    assert seen[-1] == len(CONTENT)


@pytest.mark.parametrize(
    ("path", "sha256", "max_bytes", "complaint"),
    [
        ("/file", "0" * 64, 10**6, "another file"),
        ("/file", SHA256, len(CONTENT) - 1, "larger than"),
        ("/absent", SHA256, 10**6, "404"),
        ("/elsewhere", SHA256, 10**6, "not an HTTPS address"),
        ("/short", SHA256, 10**6, "another file|cannot be fetched"),
    ],
)
def test_nothing_is_left_of_what_is_wrong(
    server: str, tmp_path: Path, path: str, sha256: str, max_bytes: int, complaint: str
) -> None:
    (tmp_path / "f").write_bytes(b"of before")
    with pytest.raises(EncoderError, match=complaint):
        download(server + path, tmp_path / "f", sha256=sha256, max_bytes=max_bytes)
    assert [path.name for path in tmp_path.iterdir()] == ["f"]
    assert (tmp_path / "f").read_bytes() == b"of before"


def test_nobody_answers(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="cannot be fetched"):
        download("http://127.0.0.1:9/file", tmp_path / "f", sha256=SHA256, max_bytes=1)


@pytest.mark.parametrize("address", ["http://example.org/x", "ftp://example.org/x", "file:///etc/passwd", "x", ""])
def test_only_https_leaves_this_machine(address: str) -> None:
    with pytest.raises(EncoderError, match="HTTPS"):
        check_address(address)


@pytest.mark.parametrize("address", ["https://example.org/x", "http://localhost:8000/x", "http://[::1]/x"])
def test_https_and_this_machine_are_allowed(address: str) -> None:
    check_address(address)


def redirect(source: str, target: str) -> urllib.request.Request | None:
    request = urllib.request.Request(source)
    return _CheckedRedirects().redirect_request(request, io.BytesIO(), 302, "", HTTPMessage(), target)


@pytest.mark.parametrize("target", ["http://127.0.0.1:6379/", "http://localhost/x", "https://[::1]/x"])
def test_nobody_else_leads_to_this_machine(target: str) -> None:
    with pytest.raises(EncoderError, match="leads to this machine"):
        redirect("https://example.org/x", target)
    assert redirect("http://127.0.0.1:8000/x", target) is not None


@pytest.mark.parametrize("address", ["https://me:secret@example.org/x?token=secret", "https://secret@example.org/x"])
def test_passwords_are_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(EncoderError, match=r"https://example\.org/x holds a user") as caught:
        check_address(address)
    assert "secret" not in str(caught.value)


def test_secrets_of_an_address_are_not_repeated(tmp_path: Path) -> None:
    assert public_part("https://example.org:8000/a/b.pth?token=secret#x") == "https://example.org:8000/a/b.pth"
    with pytest.raises(EncoderError) as caught:
        download("http://127.0.0.1:9/file?secret", tmp_path / "f", sha256=SHA256, max_bytes=1)
    assert "secret" not in str(caught.value)


def test_what_is_no_address(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="no address"):
        download("https://[", tmp_path / "f", sha256=SHA256, max_bytes=1)
