import pytest

from recommender.web.asked_numbers import parse_whole, read_ids, read_number, read_whole
from recommender.web.refusals import BadAddressError

NO_WHOLE = ["", "x", "-1", "1.5", "NaN", "٣", "9" * 19, "9" * 30, "1e3", " 1", "0x1"]


@pytest.mark.parametrize("text", NO_WHOLE)
def test_what_is_no_whole_number(text):
    assert parse_whole(text) is None
    with pytest.raises(BadAddressError, match="The count is a whole number"):
        read_whole("count", text)


def test_whole_numbers_up_to_the_largest_that_can_be_stored():
    assert [read_whole("count", text) for text in ("0", "007", str(2**63 - 1))] == [0, 7, 2**63 - 1]


def test_ids_with_commas_between_them():
    assert read_ids("played", "", most=5) == []
    assert read_ids("played", "3,1,2", most=2) == [1, 2]
    for text in ("1,", ",", "1,x", "1;2", "1," + "9" * 30):
        with pytest.raises(BadAddressError, match="numbers of tracks with commas"):
            read_ids("played", text, most=5)


def test_numbers_are_finite_and_within_their_bounds():
    assert read_number("weight", "2.5") == 2.5
    for text in ("", "x", "nan", "inf", "-inf", "1e999"):
        with pytest.raises(BadAddressError, match=r"The weight is a number\.$"):
            read_number("weight", text)
    for text in ("0", "11", "nan"):
        with pytest.raises(BadAddressError, match=r"The weight is a number from 0\.1 to 10\.$"):
            read_number("weight", text, least=0.1, largest=10)
