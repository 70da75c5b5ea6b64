"""What was seen, in one field of a form."""

import base64
import zlib

import pytest

from recommender.web.desk.previewed import MOST_TRACKS, read_previewed, write_previewed
from recommender.web.refusals import BadAddressError


def test_there_and_back_in_the_same_order():
    rows = {7: 2**32 - 1, 3: 0, 2**63 - 1: 5}
    assert list(read_previewed(write_previewed(rows.items())).items()) == list(rows.items())


def pack(packed):
    return base64.urlsafe_b64encode(zlib.compress(packed)).decode()


@pytest.mark.parametrize(
    "text", ["", "nonsense", "é", pack(b""), pack(b"cut off"), pack(b"\xff" * 12), pack(bytes(10**7))[:-9], "A" * 999]
)
def test_nonsense_is_refused(text):
    with pytest.raises(BadAddressError):
        read_previewed(text)


def test_no_more_is_unpacked_than_can_be_meant():
    rows = ((number, 1) for number in range(MOST_TRACKS + 500))
    assert len(read_previewed(write_previewed(rows))) == MOST_TRACKS
