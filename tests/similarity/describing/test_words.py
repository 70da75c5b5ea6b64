import pytest

from recommender.ingest.words import WORDS
from recommender.similarity.describing.vocabulary import SPOKEN
from recommender.similarity.describing.words import TermKind, list_phrases, read_description


def understood(text, genres=()):
    return [("-" if term.is_unwanted else "") + str(term.value) for term in read_description(text, genres).terms]


def test_all_words_of_tracks_can_be_said_and_no_others():
    assert SPOKEN.keys() == WORDS.keys()
    assert all(ways.split(", ")[0] == word for word, ways in SPOKEN.items())


def test_nothing_is_said_in_one_way_for_two_words():
    said = [name.lower() for ways in SPOKEN.values() for name in ways.split(", ")]
    assert len(said) == len(set(said))


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("calm piano", ["calm", "piano"]),
        ("Fast ELECTRONIC", ["fast", "electronic"]),
        ("sad 90s guitar without drums", ["sad", "1990", "guitar", "-drums"]),
        ("acoustic guitar", ["acoustic guitar"]),
        ("something slow with female vocals", ["slow", "female voice"]),
        ("rock, no drums or bass, bright", ["rock", "-drums", "-bass", "bright"]),
        ("not very happy, piano", ["-happy", "piano"]),
        ("1980's synths", ["1980", "synthesizer"]),
        ("eighties, 20s, 2010s", ["1980", "2020", "2010"]),
        ("in A minor", ["21"]),
        ("c# major, Bb minor, F♯ minor, e flat major", ["1", "22", "18", "3"]),
        ("hip-hop r&b rhythm and blues", ["hip hop", "R&B"]),
        ("piano piano pianos", ["piano"]),
    ],
)
def test_what_is_understood(text, terms):
    assert understood(text) == terms
    assert read_description(text).strange == ()


def test_what_is_not_understood_is_named_once():
    found = read_description("calm bagpipes for my bagpipes, minor")
    assert [term.value for term in found.terms] == ["calm"]
    assert found.strange == ("bagpipes", "my", "minor")


def test_genres_of_the_catalog():
    assert understood("slow bossa nova", {"bossa nova"}) == ["slow", "bossa nova"]
    assert "bossa nova" in list_phrases("slow Bossa NOVA")
    found = read_description("ambient", {"ambient"}).terms
    assert [term.kind for term in found] == [TermKind.WORD]


@pytest.mark.parametrize("text", ["", " ", "\0", ",,,", "🎹" * 100, "without", "a" * 10_000, "\ud800", "'" * 50])
def test_nonsense_is_understood_as_nothing(text):
    assert read_description(text).terms == ()


def test_long_texts_are_cut():
    assert len(list_phrases("calm " * 1000)) <= 3
    assert len(read_description(" ".join(f"word{number}" for number in range(200))).strange) <= 16
