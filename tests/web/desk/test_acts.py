"""The audit, as it is read."""

import pytest
from django.urls import reverse
from django.utils import timezone

from recommender.accounts.models import Role
from recommender.catalog.models import Track, Visibility
from recommender.curation.acts import perform, take_back
from recommender.curation.models import Act, Verb
from recommender.web.desk import acts
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db
ACTS = "/desk/acts/"


def page_of(act):
    return reverse("desk_act", args=[act.pk])


def test_who_did_what_when_and_why(read, curator):
    tracks = [make_track(title="The first"), make_track(title="The second")]
    act = perform(Verb.WITHDRAW, curator, [track.pk for track in tracks], note="The label wrote to us.")
    page = read(ACTS)
    for shown in ("2 tracks were withdrawn.", "The first and 1 other", "“The label wrote to us.”", curator.username):
        assert shown in page
    page = read(page_of(act))
    assert "Visible: <del>published</del> → withdrawn" in page
    assert f'href="{reverse("track", args=[tracks[1].pk])}">The second</a>' in page
    assert f'href="{reverse("desk_undo", args=[act.pk])}">Undo</a>' in page


def test_a_new_description_is_read_field_by_field(read, curator):
    track = make_track(title="Befor")
    changes = {"title": "Before", "genres": ["Folk", "Jazz"], "year": 1959}
    page = read(page_of(perform(Verb.DESCRIBE, curator, [track.pk], arguments=changes)))
    for shown in ("Title: <del>Befor</del> → Before", "Genres: Folk; Jazz", "Year: 1959"):
        assert shown in page


def test_what_stays_as_it_is_says_why(page_client, read, curator):
    tracks = [make_track(title="One"), make_track(title="Other")]
    act = perform(Verb.HIDE, curator, [track.pk for track in tracks])
    Track.objects.filter(pk=tracks[0].pk).update(is_recommendable=True)
    undo = reverse("desk_undo", args=[act.pk])
    assert "Take this back?" in read(undo)
    page = page_client.post(undo, follow=True)
    assert page.redirect_chain == [(page_of(act), 302)]
    shown = page.content.decode()
    for told in ("Taken back.", "1 track stays as it is.", f"Taken back by {curator}", "changed again since"):
        assert told in shown
    assert ">Try again</a>" in shown
    problems = read(page_of(act), only="problems")
    assert "One" in problems
    assert ">Other<" not in problems


def test_what_could_not_be_taken_back_stays_open_and_says_why(page_client, read, curator):
    track = make_track(title="One")
    act = perform(Verb.HIDE, curator, [track.pk])
    Track.objects.filter(pk=track.pk).update(is_recommendable=True)
    undo = reverse("desk_undo", args=[act.pk])
    told = "1 track stays as it is. This was changed again since, and stays as it is."
    assert page_client.post(undo, headers={"Accept": "application/json"}).json()["told"] == told
    shown = page_client.post(undo, follow=True).content.decode()
    assert told in shown
    assert "Taken back" not in shown
    assert "1 track is no longer recommended." in shown
    assert f'href="{undo}">Undo</a>' in read(page_of(act))


def test_the_list_is_narrowed(read, curator):
    track = make_track()
    perform(Verb.HIDE, curator, [track.pk])
    other = make_user(Role.CURATOR)
    perform(Verb.WITHDRAW, other, [make_track().pk])
    today = f"{timezone.now():%Y-%m-%d}"
    hidden, withdrawn = "1 track is no longer recommended.", "1 track was withdrawn."
    queries = [
        {"who": curator.pk},
        {"verb": "hide"},
        {"track": track.pk},
        {"verb": "hide", "since": today, "until": today},
    ]
    for query in queries:
        page = read(ACTS, **query)
        assert hidden in page
        assert withdrawn not in page
    assert "Nothing of that kind was done." in read(ACTS, until="2001-01-01")


@pytest.mark.parametrize(
    "query", [{"who": "anna"}, {"verb": "eat"}, {"track": "-1"}, {"since": "today"}, {"until": "9999-12-31"}]
)
def test_nonsense_is_refused(read, curator, query):
    read(ACTS, status=400, **query)


def test_pages_follow_each_other(read, curator, monkeypatch):
    monkeypatch.setattr(acts, "PAGE_SIZE", 2)
    tracks = [make_track(title=f"Number {number}") for number in range(3)]
    act = perform(Verb.HIDE, curator, [track.pk for track in tracks])
    for track in tracks[:2]:
        perform(Verb.RECOMMEND, curator, [track.pk])
    newest = read(ACTS)
    assert "Older" in newest
    assert "3 tracks are no longer" not in newest
    assert "3 tracks are no longer" in read(ACTS, after=Act.objects.all()[1].pk)
    last = act.changes.all()[1].pk
    assert "Number 2" in read(page_of(act), after=last)


def test_what_one_did_oneself_everybody_sees(page_client, read):
    owner = make_user()
    page_client.force_login(owner)
    assert "Nothing was done here yet." in read(ACTS)
    act = perform(Verb.TRASH, owner, [make_track(owner, title="My own").pk])
    assert "My own" in read(ACTS)
    assert "In the trash: <del>no</del> → yes" in read(page_of(act))
    page_client.force_login(make_user())
    read(page_of(act), status=404)
    read(reverse("desk_undo", args=[act.pk]), status=404)


def test_what_is_not_for_others_to_take_back_is_not(page_client, read):
    curator = make_user(Role.CURATOR)
    act = perform(Verb.TRASH, curator, [make_track(curator).pk])
    curator.groups.clear()
    page_client.force_login(curator)
    assert "Undo" not in read(page_of(act))
    page = page_client.post(reverse("desk_undo", args=[act.pk]), {"next": ACTS}, follow=True).content.decode()
    assert "Only who did this, or an administrator, takes it back." in page


def test_what_is_private_is_not_named(read, curator):
    act = perform(
        Verb.ASK, make_user(Role.CURATOR), [make_track(title="Secret", visibility="submitted").pk], note="Cut off."
    )
    assert "Secret" not in read(ACTS)
    page = read(page_of(act))
    assert "Secret" not in page
    assert str(Visibility.PRIVATE.label) not in page.split("A track that is not here any more", 1)[1][:60]


def test_the_pages_cost_few_queries(page_client, curator, django_assert_max_num_queries):
    for _ in range(4):
        act = perform(Verb.HIDE, curator, [make_track().pk, make_track().pk])
        take_back(act, curator)
    for address in (ACTS, page_of(act), "/desk/"):
        with django_assert_max_num_queries(20):
            page_client.get(address)
