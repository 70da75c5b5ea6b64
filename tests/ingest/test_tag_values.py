import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.catalog.names import fold
from recommender.ingest import tag_values
from tests.ingest.tag_shapes import IDENTIFIER


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["A"], ("A",)),
        (["A; B;C"], ("A", "B", "C")),
        (["A\0B"], ("A", "B")),
        (["Simon & Garfunkel"], ("Simon & Garfunkel",)),
        (["Tyler, the Creator"], ("Tyler, the Creator",)),
        (["A feat. B"], ("A feat. B",)),
        (["Björk", "BJORK"], ("Björk",)),
        (["A & B", "A", "B"], ("A", "B")),
        (["Abba", "A"], ("Abba", "A")),
        ([" ;; ", "\x1f", "\u200b"], ()),
        (["\u00b4"], ("\u00b4",)),
        ([str(number) + "th" for number in range(99)], tuple(f"{number}th" for number in range(20))),
    ],
)
def test_artists(values, names):
    assert tag_values.read_names(values) == names


@pytest.mark.parametrize(
    ("value", "name"), [("VA", "Various Artists"), ("various artists", "Various Artists"), ("Vangelis", "Vangelis")]
)
def test_album_artists(value, name):
    assert tag_values.read_album_artist([value]) == name


@pytest.mark.parametrize(
    ("values", "genres"),
    [
        (["Rock"], ("Rock",)),
        (["17"], ("Rock",)),
        (["(17)"], ("Rock",)),
        (["(17)Rock"], ("Rock",)),
        (["(4)Eurodisco"], ("Eurodisco",)),
        (["(51)(39)"], ("Techno-Industrial", "Noise")),
        (["(RX)(CR)"], ("Remix", "Cover")),
        (["((Foo)"], ("(Foo)",)),
        (["139", "191"], ("Crossover", "Psybient")),
        (["255", "(200)", "9999999999"], ()),
        (["Folk, World, & Country"], ("Folk, World, & Country",)),
        (["Rock;Pop\0Jazz", "rock"], ("Rock", "Pop", "Jazz")),
        ([f"Genre {number}" for number in range(20)], tuple(f"Genre {number}" for number in range(8))),
    ],
)
def test_genres(values, genres):
    assert tag_values.read_genres(values) == genres


@pytest.mark.parametrize(
    ("value", "year"),
    [
        ("1999", 1999),
        ("1999-12-31T23:59:59", 1999),
        ("19991231", 1999),
        ("31.12.1999", 1999),
        ("9999-99-99", None),
        ("0000", None),
        ("123456", None),
        ("99", None),
        ("-1", None),
        ("", None),
        ("٢٠٠١", None),
    ],
)
def test_years(value, year):
    assert tag_values.read_year([value]) == year


@pytest.mark.parametrize(
    ("value", "number"),
    [("3", 3), ("03", 3), (" 3/12 ", 3), ("3/x", 3), ("-1/0", None), ("0", None), ("1e400", None), ("10000", None)],
)
def test_numbers(value, number):
    assert tag_values.read_number([value], 9999) == number


@pytest.mark.parametrize(
    ("value", "isrc"),
    [
        ("USRC17607839", "USRC17607839"),
        ("us-rc1-76-07839", "USRC17607839"),
        ("ISRC USRC17607839", "USRC17607839"),
        ("USRC1760783", ""),
        ("<script>1234", ""),
    ],
)
def test_isrc(value, isrc):
    assert tag_values.read_isrc([value]) == isrc


@pytest.mark.parametrize(
    ("replaygain", "r128", "gain"),
    [
        (["-7.25 dB"], [], -7.25),
        (["+3.5"], [], 3.5),
        (["NaN"], [], None),
        (["1e400 dB"], [], None),
        (["inf"], [], None),
        (["51.1 dB"], [], None),
        (["64.0 dB", "-6 dB"], [], -6.0),
        ([], ["-256"], 4.0),
        ([], ["99999"], None),
        (["-7 dB"], ["0"], -7.0),
        ([], [], None),
    ],
)
def test_gains(replaygain, r128, gain):
    assert tag_values.read_gain(replaygain, r128) == gain


def test_identifiers():
    values = [f"{IDENTIFIER.upper()}/{IDENTIFIER}", "../../etc/passwd", IDENTIFIER[:-1]]
    assert tag_values.read_musicbrainz_ids(values) == (IDENTIFIER, IDENTIFIER)


@given(st.lists(st.text(max_size=40) | st.text(alphabet="0123456789()/;.-+ dBRXCR", max_size=20), max_size=5))
def test_whatever_the_values_what_is_read_can_be_stored(values):
    for name in (*tag_values.read_names(values), *tag_values.read_genres(values)):
        name.encode()
        assert fold(name)
    year, number = tag_values.read_year(values), tag_values.read_number(values, 9999)
    gain = tag_values.read_gain(values, values)
    assert year is None or 1000 <= year <= 2100
    assert number is None or 1 <= number <= 9999
    assert gain is None or -51 <= gain <= 51
    assert len(tag_values.read_isrc(values)) in (0, 12)
