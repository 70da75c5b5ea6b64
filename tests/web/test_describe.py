import pytest
from django.urls import reverse

from recommender.catalog.models import TrackTag, Visibility
from recommender.listening.feedback import give_opinion
from recommender.listening.models import Verdict
from recommender.similarity.describing.words import Term, TermKind
from recommender.web.describe import EXAMPLES, is_description, name_term
from tests.people import make_embedding, make_space, make_track, unit_vector

pytestmark = pytest.mark.django_db


@pytest.fixture
def track():
    made = make_track(title="Nocturne", energy=0.1)
    TrackTag.objects.create(track=made, name="piano", probability=0.9)
    return made


def ask(client, text):
    return client.get(reverse("describe"), {"words": text}).content.decode()


def test_what_fits_is_listed_with_what_it_has(page_client, track):
    text = ask(page_client, "calm piano zzz")
    for expected in ("Nocturne", "calm · piano", "Not understood, and left out: zzz", f'data-play="{track.pk}"'):
        assert expected in text


def test_what_is_lacking_is_said(page_client, track):
    assert "less so: 1990s" in ask(page_client, "calm piano 90s")


def test_sentences_for_what_finds_nothing(page_client, track):
    assert "Nothing here sounds like that" in ask(page_client, "loud violin")
    assert "None of these words" in ask(page_client, "zzz")
    assert "Say also what it should sound like" in ask(page_client, "without piano")
    for example in EXAMPLES:
        assert example in ask(page_client, " ")
        assert is_description(example)


def test_what_the_listener_said_before_is_told(page_client, listener, track):
    space, other = make_space(), make_track(title="Etude")
    TrackTag.objects.create(track=other, name="piano", probability=0.1)
    for number, (said_of, verdict) in enumerate(((track, Verdict.LIKE), (other, Verdict.DISLIKE))):
        make_embedding(said_of, space, unit_vector(number))
        give_opinion(listener, said_of, verdict)
    answer = ask(page_client, "piano")
    assert "Etude" not in answer
    assert "1 left out because of" in answer
    assert "piano · close to what you like" in answer


def test_private_tracks_are_not_found(page_client, track):
    track.visibility = Visibility.PRIVATE
    track.save()
    assert "Nocturne" not in ask(page_client, "piano")


@pytest.mark.parametrize("text", ["\0", "a" * 10_000, "\ud800x", "<script>", "%00", "p\u00edano"])
def test_any_text_is_answered(text, page_client):
    assert page_client.get(reverse("describe"), {"words": text.encode("utf-8", "replace")}).status_code == 200


def test_the_library_offers_to_read_a_search_as_a_description(page_client, track):
    address = reverse("library")
    assert "Describe it in words: calm piano" in page_client.get(address, {"q": "calm piano"}).content.decode()
    assert "Describe it in words:" not in page_client.get(address, {"q": "nocturne"}).content.decode()
    assert "Describe it in words:" not in page_client.get(address).content.decode()


def test_terms_have_names():
    named = {
        (TermKind.KEY, 21): "A minor",
        (TermKind.DECADE, 1990): "1990s",
        (TermKind.PACE, "medium"): "medium tempo",
        (TermKind.PACE, "fast"): "fast",
        (TermKind.WORD, "piano"): "piano",
    }
    for (kind, value), name in named.items():
        assert name_term(Term(kind, value, "said")) == name
