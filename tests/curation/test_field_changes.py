"""What can be done with a field, whatever it says."""

import pytest

from recommender.curation.field_changes import FieldChange, How, change_field


@pytest.mark.parametrize(
    ("name", "change", "said", "then"),
    [
        ("title", FieldChange(how=How.LEAVE), "Song", "Song"),
        ("title", FieldChange(how=How.SET, value="New"), "Song", "New"),
        ("year", FieldChange(how=How.CLEAR), 1999, None),
        ("release", FieldChange(how=How.CLEAR), "Album", ""),
        ("genres", FieldChange(how=How.CLEAR), ["Folk"], []),
        ("genres", FieldChange(how=How.ADD, value=["Folk", "Jazz"]), ["folk", "Rock"], ["Folk", "Rock", "Jazz"]),
        ("genres", FieldChange(how=How.REMOVE, value=["FOLK"]), ["Folk", "Rock"], ["Rock"]),
        ("artists", FieldChange(how=How.REMOVE, value=["Björk"]), ["Ann", "bjork"], ["Ann"]),
        ("track_number", FieldChange(how=How.NUMBER, value=5), None, 7),
        ("title", FieldChange(how=How.CAPITALISE), "THE lIVING room", "The Living Room"),
        ("artists", FieldChange(how=How.CAPITALISE), ["ann b", "CY"], ["Ann B", "Cy"]),
        ("title", FieldChange(how=How.REPLACE, find="(.*)", put=r"\1"), "Song (.*)", r"Song \1"),
        ("title", FieldChange(how=How.REPLACE, find="live", put=""), "Live live", "Live "),
        ("title", FieldChange(how=How.REPLACE, find="live", put="", is_case_sensitive=False), "Live live", " "),
        ("artists", FieldChange(how=How.REPLACE, find=" & ", put="; "), ["Ann & Bo", "Cy"], ["Ann; Bo", "Cy"]),
        ("release", FieldChange(how=How.REPLACE, find="a", put="b"), "", ""),
    ],
)
def test_what_a_field_says_then(name, change, said, then):
    assert change_field(name, change, said, 2) == then
