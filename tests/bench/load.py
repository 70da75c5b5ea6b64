"""Requests at a fixed rate, whether or not earlier ones were answered, and what the server says of them."""

import time
import urllib.request
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

# Server and client log a request in this form: method, path with query, status, milliseconds.
LOG_FORMAT = "%(m)s %(U)s?%(q)s %(s)s %(M)s"
_MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Request:
    """`name` is what it is counted as."""

    name: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)


def send_steadily(address: str, requests: Sequence[Request], rate: float) -> dict[str, list[float]]:
    """By name the milliseconds from when each was due to the whole answer."""
    took, began = defaultdict(list), time.monotonic() + 0.2

    def send(request: Request, due: float) -> None:
        asked = urllib.request.Request(address + request.path, headers={"Accept-Encoding": "gzip", **request.headers})
        with urllib.request.urlopen(asked, timeout=60) as answer:
            answer.read()
        took[request.name].append(1000 * (time.monotonic() - due))

    with ThreadPoolExecutor(_MOST_AT_ONCE) as pool:
        sent = []
        for place, request in enumerate(requests):
            due = began + place / rate
            time.sleep(max(0.0, due - time.monotonic()))
            sent.append(pool.submit(send, request, due))
        for each in sent:
            each.result()
    return took


def read_server_times(log: str, requests: Sequence[Request]) -> dict[str, list[float]]:
    """By name the milliseconds that gunicorn counted."""
    names = {request.path if "?" in request.path else f"{request.path}?": request.name for request in requests}
    times = defaultdict(list)
    for line in log.splitlines():
        if line.startswith("GET /"):
            _, path, _, milliseconds = line.split(" ")
            if path in names:
                times[names[path]].append(float(milliseconds))
    return times


def describe_times(times: Sequence[float]) -> str:
    """The 50th and the 99th percentile."""
    return " ".join(f"{value:5.0f}" for value in np.quantile(times, [0.5, 0.99]))
