import pytest

from recommender.curation.models import Verb
from recommender.curation.words import TOLD, tell

# What is done to the workers is done to no tracks.
OF_TRACKS = sorted(set(TOLD) - {Verb.PAUSE, Verb.RESUME})


@pytest.mark.parametrize("verb", OF_TRACKS)
def test_one_and_many_have_sentences(verb):
    assert tell(verb, 1) != tell(verb, 2).replace("2", "1")
    assert "1234" in tell(verb, 1234)


def test_every_verb_has_a_sentence_of_its_own():
    assert set(TOLD) == set(Verb)
