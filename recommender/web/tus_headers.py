"""The request headers of tus 1.0.0, read and checked."""

import base64
import binascii
import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.intake import display_path
from recommender.ingest.partial_uploads import CHECKSUMS, Announcement

LONGEST_METADATA = 7168
_KEY = re.compile(r"[!-+\--~]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def read_announcement(headers: Mapping[str, str]) -> Announcement:
    """Raises UploadRefusedError."""
    raw = headers.get("Upload-Metadata", "")
    metadata = read_metadata(raw)
    sha256 = metadata.get("sha256", b"").decode("ascii", "replace").lower()
    if sha256 and not _SHA256.fullmatch(sha256):
        raise _malformed("Upload-Metadata")
    return Announcement(
        file_name=display_path(metadata.get("filename", b"").decode("utf-8", "replace")),
        size_bytes=read_number(headers, "Upload-Length"),
        sha256=sha256,
        metadata=raw,
    )


def read_number(headers: Mapping[str, str], name: str) -> int:
    """Raises UploadRefusedError."""
    text = headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise _malformed(name)
    return int(text)


def read_metadata(text: str) -> dict[str, bytes]:
    """`key base64,key base64`; a value may be missing. Raises UploadRefusedError."""
    if len(text) > LONGEST_METADATA:
        raise _malformed("Upload-Metadata")
    pairs = [pair.strip(" ").partition(" ") for pair in text.split(",")] if text.strip() else []
    metadata = {key: _decode(value, "Upload-Metadata") for key, _, value in pairs}
    if len(metadata) < len(pairs) or not all(_KEY.fullmatch(key) for key in metadata):
        raise _malformed("Upload-Metadata")
    return metadata


def read_checksum(headers: Mapping[str, str]) -> tuple[str, str] | None:
    """Algorithm and Base64 of the sum, or None without one. Raises UploadRefusedError."""
    if "Upload-Checksum" not in headers:
        return None
    algorithm, _space, checksum = headers["Upload-Checksum"].partition(" ")
    if algorithm not in CHECKSUMS:
        sentence = _("A checksum is one of %(choices)s.") % {"choices": ", ".join(CHECKSUMS)}
        raise UploadRefusedError("checksum_algorithm", sentence, 400)
    _decode(checksum, "Upload-Checksum")
    return algorithm, checksum


def _decode(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _malformed(name) from None


def _malformed(name: str) -> UploadRefusedError:
    sentence = _("The header %(name)s is missing or cannot be read.") % {"name": name}
    return UploadRefusedError("bad_header", sentence, 400)
