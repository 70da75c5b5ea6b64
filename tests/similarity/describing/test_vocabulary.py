import pytest
from django.utils.translation import override

from recommender.similarity.describing.vocabulary import name_word, vocabulary
from recommender.similarity.describing.words import read_description
from tests.german import speaking_german

GERMAN = {
    "calm, quiet, peaceful, tranquil": "ruhig, ruhige, ruhiges",
    "piano, pianos": "Klavier, Piano",
    "drums, drum, drumming, percussion": "Schlagzeug",
    "without, no, not, non": "ohne, kein",
    "and, or": "und, oder",
    "s, 's": "er, er-jahre",
    "b, c flat": "h, ces",
    "a sharp, b flat": "ais, b",
    "c sharp, d flat": "cis, des",
    "major": "dur",
    "minor": "moll",
}


@pytest.fixture
def german(tmp_path, settings):
    with speaking_german(tmp_path, settings, GERMAN):
        yield


def understood(text):
    return [("-" if term.is_unwanted else "") + str(term.value) for term in read_description(text).terms]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("ruhiges Klavier", ["calm", "piano"]),
        ("90er Klavier ohne Schlagzeug", ["1990", "piano", "-drums"]),
        ("80er-Jahre", ["1980"]),
        ("h-Moll, b-Moll, Cis Dur", ["23", "22", "1"]),
        ("calm piano without drums, 90s", ["calm", "piano", "-drums", "1990"]),
        ("b minor", ["23"]),
    ],
)
def test_descriptions_are_understood_in_the_language_of_the_page_and_in_english(german, text, terms):
    assert understood(text) == terms
    assert read_description(text).strange == ()


def test_a_language_is_understood_on_its_own_pages_only(german):
    with override("en"):
        assert understood("ruhiges Klavier, h-Moll") == []


def test_words_are_shown_in_the_language_of_the_page(german):
    assert [name_word(word) for word in ("calm", "piano", "jazz", "none of ours")] == [
        "ruhig",
        "Klavier",
        "jazz",
        "none of ours",
    ]
    with override("en"):
        assert name_word("calm") == "calm"


def test_every_key_and_decade_can_be_said():
    known = vocabulary()
    assert sorted(set(known.keys.values())) == list(range(24))
    assert sorted(known.decades.values()) == list(range(1920, 2010, 10))
