"""What is to be done with each field, as people say it."""

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict

from recommender.catalog.editing import FIELDS
from recommender.curation.field_changes import FieldChange, How
from recommender.web.desk.bulk_form import CHOICES, BulkForm, check_value

VALUES = {"year": "1999", "track_number": "1", "disc_number": "1", "moods": "calm"}


def fill_in(query):
    return BulkForm(QueryDict(query))


def changes_of(query):
    form = fill_in(query)
    assert form.is_valid(), form.errors
    return form.changes()


def test_all_fields_are_there():
    assert set(CHOICES) == set(FIELDS)


@pytest.mark.parametrize(("name", "how"), [(name, how) for name, hows in CHOICES.items() for how in hows])
def test_everything_that_is_offered_can_be_said(name, how):
    value = VALUES.get(name, "some")
    assert changes_of(f"{name}_how={how}&{name}={value}").keys() == {name}


def test_values_are_those_of_the_form_of_one_track():
    changes = changes_of("artists_how=add&artists=Ann; Bo;&year_how=set&year=1999&moods_how=add&moods=sad&moods=calm")
    assert changes["artists"].value == ["Ann", "Bo"]
    assert (changes["year"].value, changes["moods"].value) == (1999, ["calm", "sad"])
    form = fill_in("year_how=set&year=99999&artists_how=set&artists=" + "x" * 501)
    assert set(form.errors) == {"year", "artists"}


def test_find_and_replace():
    assert changes_of("find= (live)&find_in=title") == {"title": FieldChange(how=How.REPLACE, find=" (live)")}
    changes = changes_of("find=a&put=b&find_in=genres&ignore_case=on")
    assert changes == {"genres": FieldChange(how=How.REPLACE, find="a", put="b", is_case_sensitive=False)}
    assert "find_in" in fill_in("find=a&find_in=title&title_how=capitalise").errors


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("", "__all__"),
        ("find_in=title&put=b", "__all__"),
        ("title_how=set", "title"),
        ("genres_how=add&genres=;", "genres"),
        ("moods_how=remove", "moods"),
        ("year=1999", "year"),
        ("year_how=add&year=1999", "year_how"),
        ("isrc_how=set&isrc=DEA123456789", "isrc_how"),
        ("moods_how=add&moods=boring", "moods"),
    ],
)
def test_what_makes_no_sense_is_told_where_it_stands(query, name):
    assert set(fill_in(query).errors) == {name}


def test_what_was_sent_can_be_sent_again():
    query = "genres_how=add&genres=Folk; Jazz&moods_how=set&moods=calm&moods=sad&find=a&find_in=title"
    again = "&".join(f"{name}={value}" for name, value in fill_in(query + "&csrf=1&year_how=leave").sent())
    assert changes_of(again) == changes_of(query)


@pytest.mark.parametrize(
    ("name", "value", "checked"),
    [
        ("title", "  Song \n live ", "Song live"),
        ("release", "", ""),
        ("year", None, None),
        ("track_number", 7, 7),
        ("isrc", "", ""),
        ("artists", ["Ann; Bo", "bo", " ", "Cy"], ["Ann", "Bo", "Cy"]),
        ("genres", [], []),
        ("moods", ["calm"], ["calm"]),
    ],
)
def test_what_each_track_would_say_is_checked(name, value, checked):
    assert check_value(name, value) == checked


@pytest.mark.parametrize(
    ("name", "value"),
    [("title", " "), ("title", "x" * 501), ("track_number", 10_000), ("artists", [str(n) for n in range(21)])],
)
def test_what_no_track_may_say_is_refused(name, value):
    with pytest.raises(ValidationError):
        check_value(name, value)
