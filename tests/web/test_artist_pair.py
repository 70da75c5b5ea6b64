import numpy as np
import pytest
from django.urls import reverse

from recommender.accounts.models import Role
from recommender.catalog.credits import set_genres
from recommender.catalog.models import Artist, TrackTag, Visibility
from recommender.similarity.sync import synchronise_space
from tests.people import add_heard, make_embedding, make_track, make_user, unit_vector

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(space):
    """Ann and Bo, who sound alike, and Di, of whom nobody may know, among forty others."""
    owner = make_user()
    for number in range(40):
        make_embedding(make_track(owner), space, unit_vector(number))
    made = {name: Artist.objects.create(name=name) for name in ("Ann", "Bo & <i>", "Di")}
    for step in range(3):
        for shift, artist in enumerate(made.values()):
            vector = np.zeros(8, np.float32)
            vector[:2] = 1, 0.1 * step + 0.03 * shift
            hidden = {"visibility": Visibility.PRIVATE} if artist.name == "Di" else {}
            heard = {"tempo_bpm": 100.0 + step, "tempo_confidence": 0.9, "title": f"{artist.name} {step}"}
            track = add_heard(space, vector / np.linalg.norm(vector), owner=owner, **heard, **hidden)
            track.credits.create(artist=artist)
            set_genres(track, ["Jazz"])
            TrackTag.objects.create(track=track, name="calm", probability=0.9)
    return list(made.values())


def ask(client, first, second):
    return client.get(f"{reverse('artist_pair', args=[first.pk])}?with={getattr(second, 'pk', second)}")


def test_two_artists_side_by_side(pair, page_client):
    answer = ask(page_client, *pair[:2])
    page, text = answer.context["page"], answer.content.decode()
    assert [meter.label for meter in page.meters] == [
        "Among the tracks of Ann", "Between the two", "Among the tracks of Bo & <i>"
    ]  # fmt: skip
    assert min(meter.share for meter in page.meters) > 70
    assert f"{page.meters[1].share} of 100 similar" in page.told
    assert "Bo &amp; &lt;i&gt;" in text
    assert "Bo & <i>" not in text
    assert [len(chart.bars) for chart in page.charts] == [3, 3]
    assert len(page.nearest) == 5
    assert (">Jazz</a>" in text, ">calm</a>" in text, "100 to 102 BPM" in text) == (True, True, True)
    assert "mostly 100 to 102 BPM" in text


def test_it_takes_few_queries(pair, page_client, django_assert_max_num_queries):
    page_client.force_login(make_user(Role.LISTENER))
    ask(page_client, *pair[:2])
    with django_assert_max_num_queries(12):
        ask(page_client, *pair[:2])


def test_the_page_of_an_artist_leads_there(pair, space, page_client):
    synchronise_space(space)
    page = page_client.get(reverse("artist", args=[pair[0].pk])).content.decode()
    assert f'{reverse("artist_pair", args=[pair[0].pk])}?with={pair[1].pk}"' in page


@pytest.mark.parametrize(("other", "status"), [("", 400), ("x", 400), ("-1", 400), ("9" * 30, 400), ("999999", 404)])
def test_addresses_that_name_no_artist(pair, page_client, other, status):
    assert ask(page_client, pair[0], other).status_code == status


def test_one_artist_twice_is_refused(pair, page_client):
    answer = ask(page_client, pair[0], pair[0])
    assert answer.status_code == 400
    assert "Name two artists" in answer.content.decode()


def test_nobody_learns_of_an_artist_they_may_not_know_of(pair, page_client):
    assert ask(page_client, pair[0], pair[2]).status_code == 404
    assert ask(page_client, pair[2], pair[0]).status_code == 404


def test_where_nothing_was_listened_to(pair, page_client):
    quiet = Artist.objects.create(name="Quiet")
    make_track().credits.create(artist=quiet)
    assert "There is nothing to compare" in ask(page_client, pair[0], quiet).content.decode()
