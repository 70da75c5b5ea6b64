"""What people have seen in a preview, as one field of the form by which they agree to it: all tracks of the list in its
order, each with the mark of what is to become of it. Of 10,000 tracks that is about 90 kB.
"""

import base64
import binascii
import struct
import zlib
from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _

from recommender.web.refusals import BadAddressError

MOST_TRACKS: Final = 20_000
_ROW: Final = struct.Struct(">QI")
_LARGEST: Final = 2**63 - 1


def write_previewed(rows: Iterable[tuple[int, int]]) -> str:
    """Rows are the number of a track and a mark below 2**32."""
    packed = b"".join(_ROW.pack(track_id, mark) for track_id, mark in rows)
    return base64.urlsafe_b64encode(zlib.compress(packed)).decode()


def read_previewed(text: str) -> dict[int, int]:
    """The mark of each track, in their order. Raises BadAddressError."""
    try:
        packed = zlib.decompressobj().decompress(base64.urlsafe_b64decode(text), MOST_TRACKS * _ROW.size)
        found = dict(_ROW.iter_unpack(packed))
    except (binascii.Error, zlib.error, struct.error, ValueError) as error:
        raise BadAddressError(_("What you agree to cannot be read. Have it shown again.")) from error
    if not found or max(found) > _LARGEST:
        raise BadAddressError(_("What you agree to cannot be read. Have it shown again."))
    return found
