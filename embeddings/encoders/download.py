"""Fetches one pinned file: over HTTPS only, no larger than announced, and kept only if it hashes to what was pinned."""

import hashlib
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit, urlunsplit

from embeddings.encoders.failures import as_encoder_error
from embeddings.errors import EncoderError

TIMEOUT_SECONDS: Final = 30.0
CHUNK_BYTES: Final = 1 << 16
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def download(
    address: str, target: Path, *, sha256: str, max_bytes: int, on_progress: Callable[[int], None] | None = None
) -> None:
    """Fetch ``address`` into ``target``, which appears only when it is whole and right.

    ``on_progress`` gets the bytes so far. Raises EncoderError when the address is not HTTPS (this machine excepted) or
    does not answer, and when the file is larger than ``max_bytes`` or hashes to something else.
    """
    check_address(address)
    partial = target.with_name(target.name + ".part")
    try:
        digest = _stream(address, partial, max_bytes, on_progress)
        if digest != sha256:
            raise EncoderError(f"What {public_part(address)} gave is another file: SHA-256 {digest}, expected {sha256}")
        partial.replace(target)
    except (OSError, HTTPException, ValueError) as error:
        raise EncoderError(f"{public_part(address)} cannot be fetched: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def check_address(address: str) -> None:
    """Raises EncoderError unless it is HTTPS, or HTTP on this machine, and holds no password."""
    with as_encoder_error("This is no address"):
        shown, parts = public_part(address), urlsplit(address)
        is_allowed = parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(address))
    if "@" in parts.netloc:
        raise EncoderError(f"The address {shown} holds a user or a password: leave them out")
    if not is_allowed:
        raise EncoderError(f"{shown} is not an HTTPS address")


def public_part(address: str) -> str:
    """Scheme, host and path: what else an address holds may be a secret. Raises ValueError for what is none."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _is_this_machine(address: str) -> bool:
    return urlsplit(address).hostname in LOOPBACK


class _CheckedRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        check_address(newurl)
        if _is_this_machine(newurl) and not _is_this_machine(req.full_url):
            raise EncoderError(f"{public_part(req.full_url)} leads to this machine itself")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _stream(address: str, target: Path, max_bytes: int, on_progress: Callable[[int], None] | None) -> str:
    # a proxy would look for this machine's own server elsewhere
    proxies = urllib.request.ProxyHandler({} if _is_this_machine(address) else None)
    opener = urllib.request.build_opener(_CheckedRedirects, proxies)
    digest, size = hashlib.sha256(), 0
    with opener.open(address, timeout=TIMEOUT_SECONDS) as answer, target.open("wb") as file:
        while chunk := answer.read(CHUNK_BYTES):
            size += len(chunk)
            if size > max_bytes:
                raise EncoderError(f"What {public_part(address)} gives is larger than {max_bytes:,} bytes")
            digest.update(chunk)
            file.write(chunk)
            if on_progress is not None:
                on_progress(size)
    return digest.hexdigest()
