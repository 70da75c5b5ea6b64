"""Asking the web server whether everything it needs answers."""

import http.client
import json
from dataclasses import dataclass
from typing import Any

from recommender.operations.ports import LOOPBACK

# A web process loads the Milvus client for its first answer; asked again meanwhile, the other one would load it too.
ANSWER_SECONDS = 10.0


@dataclass(frozen=True)
class Readiness:
    """`waiting_for` says in words what is missing; empty when ready."""

    is_ready: bool
    waiting_for: str = ""


def ask_readiness(port: int, allowed_hosts: list[str]) -> Readiness:
    """One question to /readyz, under a host name that the settings allow."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/readyz", headers={"Host": _choose_host(allowed_hosts)})
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        return Readiness(is_ready=False, waiting_for="the web server")
    finally:
        connection.close()
    if answer.status == http.HTTPStatus.OK:
        return Readiness(is_ready=True)
    return Readiness(is_ready=False, waiting_for=_name_missing(body) or f"the web server (it answers {answer.status})")


def _choose_host(allowed_hosts: list[str]) -> str:
    named = [host.removeprefix(".") for host in allowed_hosts if host != "*"]
    return LOOPBACK if LOOPBACK in named or not named else named[0]


def _name_missing(body: bytes) -> str:
    """The parts that /readyz calls anything but ok."""
    try:
        parts: Any = json.loads(body)["parts"]
        return ", ".join(name for name, state in parts.items() if state != "ok")
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""
