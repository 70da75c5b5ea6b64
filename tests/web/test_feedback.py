import numpy as np
import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.models import PairRule, Visibility
from recommender.listening import feedback
from recommender.listening.models import Opinion, Play, Unlikeness
from recommender.similarity.sync import synchronise_space
from tests.people import make_embedding, make_track, make_user, unit_vector

pytestmark = pytest.mark.django_db


def say(client, track, said, name="track_feedback", headers=None, **body):
    return client.post(reverse(name, args=[track.pk]), {"say": said, **body}, headers=headers)


def page_of(client, name, *args, **query):
    return client.get(reverse(name, args=args), query).content.decode()


def test_a_like_and_its_end(page_client, listener):
    track = make_track(title="Song & dance")
    answer = say(page_client, track, "like", back="/?q=x")
    assert answer.url == "/?q=x"
    page = page_of(page_client, "track", track.pk)
    assert 'aria-pressed="true"' in page
    assert "You like “Song &amp; dance”" in page
    assert f'<a href="{reverse("feedback")}?kind=like">Your feedback</a>' in page
    say(page_client, track, "dislike")
    assert Opinion.objects.get().verdict == "dislike"
    say(page_client, track, "neither")
    assert not Opinion.objects.exists()


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", "", "\\\\x"]
)
def test_the_way_back_stays_here(page_client, listener, back):
    track = make_track()
    assert say(page_client, track, "like", back=back).url == reverse("track", args=[track.pk])


def test_not_similar_is_said_of_two(page_client, listener):
    seed, track = make_track(), make_track()
    assert say(page_client, track, "unlike", seed=seed.pk).status_code == 302
    found = Unlikeness.objects.get()
    assert (found.listener, found.seed, found.track) == (listener, seed, track)
    say(page_client, track, "alike", seed=seed.pk)
    assert not Unlikeness.objects.exists()


def test_nonsense_is_refused_and_hidden_seeds_are_not_found(page_client, listener):
    track, hidden = make_track(), make_track(visibility=Visibility.PRIVATE)
    for said, seed in (("", ""), ("love", ""), ("unlike", ""), ("unlike", "x"), ("unlike", "9" * 30), ("unlike", "-1")):
        assert say(page_client, track, said, seed=seed).status_code == 400
    assert say(page_client, track, "unlike", seed=track.pk).status_code == 400
    assert say(page_client, track, "unlike", seed=hidden.pk).status_code == 404
    assert not Unlikeness.objects.exists()


def test_too_much_in_an_hour_is_refused(page_client, listener, monkeypatch):
    monkeypatch.setattr(feedback, "MOST_UNLIKE_AN_HOUR", 0)
    seed, track = make_track(), make_track()
    assert say(page_client, track, "unlike", seed=seed.pk).url == reverse("track", args=[track.pk])
    assert "Go on later." in page_of(page_client, "library")
    as_script = say(page_client, track, "unlike", seed=seed.pk, headers={"Accept": "application/json"})
    assert (as_script.status_code, as_script.json()["code"]) == (429, "too_many")


def test_what_curators_say_holds_for_everybody(page_client):
    page_client.force_login(make_user(Role.CURATOR))
    seed, track = make_track(), make_track()
    for _ in range(2):
        assert say(page_client, track, "unlike", "track_rule", seed=seed.pk).status_code == 302
    rule = PairRule.objects.get()
    assert (rule.first, rule.second) == (seed, track)
    assert reverse("desk_rules") in page_of(page_client, "track", track.pk)
    assert say(page_client, track, "like", "track_rule", seed=seed.pk).status_code == 400
    say(page_client, seed, "alike", "track_rule", seed=track.pk)
    assert not PairRule.objects.exists()


def test_all_of_it_is_seen_and_taken_back(page_client, listener):
    seed = make_track(title="The seed")
    made = {kind: make_track(title=f"The {kind} one") for kind in ("like", "dislike", "unlike", "skip")}
    for kind in ("like", "dislike", "unlike"):
        say(page_client, made[kind], kind, seed=seed.pk)
    Play.objects.create(listener=listener, track=made["skip"], heard_seconds=3.0, is_skipped=True)
    page_of(page_client, "library")  # which shows what was said
    for kind, track in made.items():
        page = page_of(page_client, "feedback", kind=kind)
        assert [other for other in made.values() if f'title="{other.title}"' in page] == [track]
        assert ("The seed" in page) is (kind == "unlike")
        row = page.split(f"/feedback/{kind}/")[1].split("/")[0]
        undone = page_client.post(reverse("feedback_undo", args=[kind, row]))
        assert undone.url == f"/feedback/?kind={kind}"
        assert track.title not in page_of(page_client, "feedback", kind=kind)
    assert not Opinion.objects.exists()
    assert not Unlikeness.objects.exists()
    assert not Play.objects.exists()


def test_nobody_takes_back_what_others_said(page_client, listener):
    other = Opinion.objects.create(listener=make_user(), track=make_track(), verdict="like")
    for kind in ("like", "dislike", "unlike", "skip", "nothing"):
        assert page_client.post(reverse("feedback_undo", args=[kind, other.pk])).status_code == 404
    assert Opinion.objects.exists()


def test_what_is_hidden_now_is_named_no_more_but_can_be_taken_back(page_client, listener):
    hidden = make_track(title="Secret", visibility=Visibility.PRIVATE)
    Opinion.objects.create(listener=listener, track=hidden, verdict="like")
    page = page_of(page_client, "feedback")
    assert "Secret" not in page
    assert "A track that is no longer here" in page
    assert "Undo" in page


def test_the_page_says_when_there_is_nothing_and_refuses_other_kinds(page_client, listener):
    for kind in ("like", "dislike", "unlike", "skip"):
        assert 'class="panel"' in page_of(page_client, "feedback", kind=kind)
    assert page_client.get(reverse("feedback"), {"kind": "love"}).status_code == 400


def test_long_lists_have_pages(page_client, listener, django_assert_max_num_queries):
    for _ in range(52):
        Opinion.objects.create(listener=listener, track=make_track(), verdict="like")
    with django_assert_max_num_queries(9):
        page = page_of(page_client, "feedback")
    assert page.count(">Undo<") == 50
    assert "kind=like&amp;after=" in page


@pytest.fixture
def pair(space):
    """A track and one that sounds like it, among others that do not."""
    titles = ("The seed", "The near one")
    made = [make_track(title=title, duration_seconds=60.0 + len(title)) for title in titles]
    for number, track in enumerate(made):
        vector = unit_vector(1) + 0.05 * number * unit_vector(2)
        make_embedding(track, space, vector / np.linalg.norm(vector))
    for number in range(3, 13):
        make_embedding(make_track(), space, unit_vector(number))
    synchronise_space(space)
    return made


def listed(client, seed):
    """The list of what is similar to a track, as far as it is told."""
    return page_of(client, "track", seed.pk).partition('id="similar-title"')[2]


def test_rows_have_buttons_for_those_who_are_signed_in(page_client, pair):
    seed, near = pair
    buttons, rule = reverse("track_feedback", args=[near.pk]), reverse("track_rule", args=[near.pk])
    assert "The near one" in listed(page_client, seed)
    assert buttons not in listed(page_client, seed)
    page_client.force_login(make_user(Role.LISTENER))
    assert buttons in listed(page_client, seed)
    assert rule not in listed(page_client, seed)
    page_client.force_login(make_user(Role.CURATOR))
    assert rule in listed(page_client, seed)


def test_a_pair_that_is_not_similar_is_gone_for_whom_it_concerns(page_client, pair, listener):
    seed, near = pair
    say(page_client, near, "unlike", seed=seed.pk)
    page = listed(page_client, seed)
    assert "The near one" not in page
    assert "1 left out because of" in page
    assert "The seed" in listed(page_client, near)
    page_client.force_login(make_user(Role.CURATOR))
    assert "The near one" in listed(page_client, seed)
    say(page_client, near, "unlike", "track_rule", seed=seed.pk)
    page_of(page_client, "library")  # which shows what was said
    page_client.logout()
    assert "The near one" not in listed(page_client, seed)
    assert "The seed" not in listed(page_client, near)
