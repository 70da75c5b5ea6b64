import http.server
import json
import threading

import pytest

from recommender.operations.readiness import ask_readiness
from tests.servers import choose_port


@pytest.fixture
def web():
    """A server that answers what `answer` says and keeps the Host it was asked under."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = server.answer
            server.host = self.headers["Host"]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_ready(web):
    web.answer = (200, b"{}")
    assert ask_readiness(web.server_port, ["127.0.0.1"]).is_ready


def test_what_is_missing_is_named(web):
    web.answer = (503, json.dumps({"parts": {"database": "ok", "redis": "failed", "index": "failed"}}).encode())
    assert ask_readiness(web.server_port, ["127.0.0.1"]).waiting_for == "redis, index"


@pytest.mark.parametrize("body", [b"", b"<h1>oh</h1>", b"[]", b"{}", b'{"parts": 3}', b"\xff"])
def test_any_other_answer_is_told_by_its_number(web, body):
    web.answer = (500, body)
    assert "500" in ask_readiness(web.server_port, ["127.0.0.1"]).waiting_for


def test_nobody_there():
    assert ask_readiness(choose_port(), ["127.0.0.1"]).waiting_for == "the web server"


@pytest.mark.parametrize(
    ("allowed", "asked"),
    [
        (["localhost", "127.0.0.1"], "127.0.0.1"),
        (["music.example"], "music.example"),
        ([".music.example"], "music.example"),
        (["*"], "127.0.0.1"),
    ],
)
def test_it_asks_under_a_name_that_is_allowed(web, allowed, asked):
    web.answer = (200, b"{}")
    ask_readiness(web.server_port, allowed)
    assert web.host == asked
