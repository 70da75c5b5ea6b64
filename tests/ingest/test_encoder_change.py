"""A catalog moves from the shipped encoder to an installed one, with the real worker and index."""

import os

import pytest
from django.core.management import call_command

from embeddings.synthesis import synthesise, write_audio
from recommender.catalog.models import Analysis, AnalysisState, Embedding
from recommender.ingest import analysis as analysis_room
from recommender.ingest.analysis import analyse_track
from recommender.ingest.indexing import synchronise_index
from recommender.ingest.intake import receive_upload
from recommender.operations.spaces import prepare_space
from recommender.similarity.index import get_index
from recommender.similarity.recommend import similar_to
from recommender.similarity.spaces import active_space, chosen_space
from recommender.similarity.sync import alias_of
from tests.embeddings.encoders.published import musicnn_weights, write_onnx
from tests.people import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("milvus_server")]


@pytest.fixture(autouse=True, scope="module")
def _end_decoder():
    own = analysis_room._decoder(os.getpid())
    yield
    own.close()


@pytest.fixture
def _drop_collections():
    yield
    for space in (active_space(), chosen_space()):
        for collection in get_index().collections(f"{alias_of(space)}_"):
            get_index().drop(collection)


def analyse_waiting(space):
    for analysis in Analysis.objects.filter(space=space, state=AnalysisState.QUEUED):
        analyse_track(analysis.pk, f"message {analysis.pk}")
    synchronise_index()


@pytest.mark.usefixtures("encoder_home", "_drop_collections")
def test_the_catalog_moves_to_an_installed_encoder_without_a_gap(tmp_path, send):
    prepare_space(print)
    old, owner = active_space(), make_user()
    first, second = (
        receive_upload(
            owner,
            send(write_audio(tmp_path / f"{seed}", synthesise("rock", seed, 4), 16_000, container="wav").read_bytes()),
        ).track
        for seed in (1, 2)
    )
    analyse_waiting(old)
    graph = write_onnx(tmp_path / "graph.onnx", musicnn_weights())
    call_command("install_encoder", "musicnn", "--from", str(graph), "--activate")
    new = chosen_space()
    assert new != old == active_space()
    synchronise_index()
    assert active_space() == old
    assert [found.track for found in similar_to(first, owner).recommendations] == [second]
    analyse_waiting(new)
    assert active_space() == new
    assert {len(bytes(row.vector)) for row in Embedding.objects.filter(space=new)} == {new.dimension * 4}
    assert [found.track for found in similar_to(first, owner).recommendations] == [second]
    prepare_space(print)
    assert active_space() == new == chosen_space()
