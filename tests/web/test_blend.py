import pytest
from django.urls import reverse

from recommender.catalog.models import AnalysisState, Visibility
from tests.people import make_track

pytestmark = pytest.mark.django_db


def ask(client, query):
    return client.get(reverse("blend") + query)


def test_a_blend_grows_by_plain_links(page_client, tracks):
    a, b, c, d, e = tracks
    page = ask(page_client, f"?like={a.pk}&like={b.pk}").context["page"]
    assert [seed.track for seed in page.likes] == [a, b]
    assert {offer.track for offer in page.offers} == {c, d}
    grown = ask(page_client, page.offers[0].accept).context["page"]
    assert [seed.track for seed in grown.likes] == [a, b, page.offers[0].track]
    turned = ask(page_client, grown.offers[0].reject).context["page"]
    assert [seed.track for seed in turned.unlikes] == [grown.offers[0].track]
    assert [seed.track for seed in ask(page_client, turned.likes[0].without).context["page"].likes] == [
        b,
        page.offers[0].track,
    ]
    assert [seed.track for seed in ask(page_client, turned.unlikes[0].turned).context["page"].unlikes] == []
    assert e not in {offer.track for offer in page.offers}


def test_reasons_name_the_seed_that_supports_most(page_client, tracks):
    text = ask(page_client, f"?like={tracks[0].pk}&like={tracks[1].pk}").content.decode()
    assert "Most like Track" in text
    assert f'data-play="{tracks[2].pk}"' in text


def test_weights_are_in_the_address(page_client, tracks):
    page = ask(page_client, f"?like={tracks[0].pk}:2&like={tracks[1].pk}").context["page"]
    assert [seed.weight for seed in page.likes] == [2, 1]
    assert page.likes[0].more == f"?like={tracks[0].pk}:4&like={tracks[1].pk}"
    assert page.likes[0].less == f"?like={tracks[0].pk}&like={tracks[1].pk}"
    assert ask(page_client, f"?like={tracks[0].pk}:8").context["page"].likes[0].more == ""
    assert page.hidden == [("like", f"{tracks[0].pk}:2"), ("like", str(tracks[1].pk))]


def test_tracks_are_added_by_searching(page_client, tracks):
    page = ask(page_client, f"?like={tracks[0].pk}&find=Track").context["page"]
    assert tracks[0] not in {offer.track for offer in page.searched}
    assert f"?like={tracks[0].pk}&like={tracks[4].pk}" in {offer.accept for offer in page.searched}
    assert "Choose a track to begin with" in ask(page_client, "").content.decode()
    assert "Nothing else is called" in ask(page_client, "?find=zzzz").content.decode()


def test_unknown_and_private_tracks_are_not_found(page_client, tracks):
    private = make_track(visibility=Visibility.PRIVATE)
    for track_id in (private.pk, 10**9, 0):
        for kind in ("like", "unlike"):
            assert ask(page_client, f"?like={tracks[0].pk}&{kind}={track_id}").status_code == 404


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?like=x", "whole number"),
        ("?like=", "whole number"),
        ("?like={0}:NaN", "weight is a number from 0.1 to 10"),
        ("?like={0}:0", "weight is a number from 0.1 to 10"),
        ("?like={0}:1e9", "weight is a number from 0.1 to 10"),
        ("?like={0}:", "weight is a number from 0.1 to 10"),
        ("?like={0}&unlike={0}", "twice"),
        ("?like={0}&like={0}", "twice"),
        ("?" + "like={0}&" * 50, "at most 20"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(query, sentence, page_client, tracks):
    answer = ask(page_client, query.format(tracks[0].pk))
    assert answer.status_code == 400
    assert sentence in answer.content.decode()


def test_only_unlikes_are_no_blend_yet(page_client, tracks):
    page = ask(page_client, f"?unlike={tracks[0].pk}")
    assert page.context["page"].blend is None
    assert "Choose a track to begin with" in page.content.decode()


def test_what_was_not_listened_to_is_said(page_client, space):
    assert "listened to yet" in ask(page_client, f"?like={make_track().pk}").content.decode()


def test_the_page_of_a_track_leads_on(page_client, tracks):
    address = reverse("track", args=[tracks[0].pk])
    assert "Start a blend" in page_client.get(address).content.decode()
    tracks[0].analyses.update(state=AnalysisState.FAILED)
    assert "Start a blend" not in page_client.get(address).content.decode()
