"""Tables as people bring them: whichever program wrote them."""

import json

import pytest

from recommender.curation import table_reading
from recommender.curation.errors import TableFileError
from recommender.curation.table_reading import Row, look_at, read_rows


@pytest.fixture
def read(tmp_path):
    def read_content(content):
        path = tmp_path / "table"
        path.write_bytes(content)
        return list(read_rows(look_at(path)))

    return read_content


@pytest.fixture
def refusal(read):
    def why(content):
        with pytest.raises(TableFileError) as caught:
            read(content)
        return str(caught.value)

    return why


TEXT = "id,title\r\n7,Jóga\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(read, encoding, delimiter):
    content = TEXT.replace(",", delimiter).encode(encoding)
    assert read(content) == [Row(2, {"id": "7", "title": "Jóga"})]


def test_only_old_windows_is_a_guess(tmp_path):
    path = tmp_path / "table.csv"
    for encoding, is_guessed in (("cp1252", True), ("utf-8", False), ("utf-16", False)):
        path.write_bytes(TEXT.encode(encoding))
        assert look_at(path).is_guessed is is_guessed


def test_rows_are_counted_as_spreadsheets_do(read):
    content = b'\nid,title,genres\n\n7,"two\nlines",\n,,\n8\n9,\'=x,"a; b",,\n10,a,b,c\n'
    assert read(content) == [
        Row(4, {"id": "7", "title": "two\nlines", "genres": ""}),
        Row(6, {"id": "8"}),
        Row(7, {"id": "9", "title": "=x", "genres": "a; b"}),
        Row(8, problem="This row has more cells than there are columns."),
    ]


def test_names_of_columns_are_read_kindly(read):
    assert read(b"ID;Track  Number;\n1;2;\n") == [Row(2, {"id": "1", "track_number": "2"})]


OBJECTS = [{"id": 7, "title": "Jóga", "year": 1997}, {"id": 8, "artists": ["A; B"], "title": None}]
ROWS = [
    Row(1, {"id": "7", "title": "Jóga", "year": "1997"}),
    Row(2, {"id": "8", "artists": ["A; B"], "title": ""}),
]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(OBJECTS),
        json.dumps(OBJECTS, indent=1, ensure_ascii=False),
        "\n".join(json.dumps(each) for each in OBJECTS),
        "\ufeff" + json.dumps(OBJECTS),
    ],
)
def test_json_and_lines_of_it(read, monkeypatch, content):
    monkeypatch.setattr(table_reading, "_PIECE", 16)
    assert read(content.encode()) == ROWS


def test_what_is_no_text_becomes_text(read):
    content = rb'[{"id": 7, "title": "a\ud800b\u0000c", "\udfff": ["\ud800"]}]'
    assert read(content) == [Row(1, {"id": "7", "title": "a?bc", "?": ["?"]})]


def test_what_is_no_cell_is_none(read):
    assert read(b'[{"id": true, "title": {}, "genres": [1], "year": 1.0}]') == [
        Row(1, {"id": None, "title": None, "genres": None, "year": "1.0"})
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "This file is empty."),
        (b" \n", "This file is empty."),
        (b"PK\x03\x04rest", "This is a workbook."),
        (b"id,title\n7,a\x00b\n", "no text"),
        (TEXT.encode("utf-16-le"), "no text"),
        (b"\xff\xfeidx", "no text"),
        (b"id,title\n\x81\n", "no text"),
        (b"title,artist\nA,B\n", "one of them has to be “id” or “sha256”"),
        (b"id,title,Title\n1,a,b\n", "The column “title” is there twice."),
        (b'id,title\n7,"open\n', "Row 2 cannot be read"),
        (b'id,title\n7,"' + b"x" * 140_000 + b'"\n', "Row 2 cannot be read"),
        (b'[{"id": 7}, {"id": ', "damaged"),
        (b'[{"id": 7} nonsense]', "damaged"),
        (b"[7, 8]", "a list of objects"),
        (b'{"a":' * 5_000, "damaged"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(refusal, content, why):
    assert why in refusal(content)


def test_there_is_an_end_to_rows(refusal, monkeypatch):
    monkeypatch.setattr(table_reading, "MOST_ROWS", 2)
    assert refusal(b"id\n1\n2\n3\n") == "A table may have at most 2 rows."
