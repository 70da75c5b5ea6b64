"""`manage.py map`."""

from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from recommender.catalog.models import Embedding, MapPoint, MapRegion
from tests.people import make_embedding, make_space, make_track, make_user

pytestmark = pytest.mark.django_db


def run(*arguments):
    out = StringIO()
    call_command("map", *arguments, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def tracks():
    owner, space = make_user(), make_space()
    made = [make_track(owner) for _ in range(4)]
    for number, track in enumerate(made):
        make_embedding(track, space, np.eye(8, dtype=np.float32)[number // 2])
    Embedding.objects.update(indexed_generation=space.generation)
    return made


def test_a_map_is_drawn_where_there_is_none_and_left_alone_where_there_is(tracks, capsys):
    assert run() == ["The map has 4 tracks in 2 regions.", "  Region 1", "  Region 2"]
    assert "Laying out: 1 of 1" in capsys.readouterr().err
    before = set(MapRegion.objects.values_list("pk", flat=True))
    run()
    assert set(MapRegion.objects.values_list("pk", flat=True)) == before


def test_anew_names_regions_by_the_words_of_now(tracks):
    run()
    for number, track in enumerate(tracks):
        track.tags.create(name=f"word {number // 2}", probability=0.5)
    assert sorted(run("--anew")[1:]) == ["  word 0", "  word 1"]
    assert MapPoint.objects.count() == 4


def test_without_a_space_it_says_what_to_do():
    with pytest.raises(CommandError, match="prepare"):
        run()
