import pytest

from recommender.catalog.audio_files import path_of
from recommender.catalog.models import AudioFile, Track
from recommender.ingest.indexing import synchronise_index
from recommender.ingest.intake import receive_upload
from recommender.ingest.removal import finish_removals, remove_track
from recommender.similarity.index import get_index
from recommender.similarity.sync import collection_of, synchronise_space
from tests.people import make_embedding, make_track, make_user, unit_vector

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("milvus_server")]


def test_a_removed_track_is_hidden_at_once_and_then_gone_everywhere(space, send, song):
    owner = make_user()
    track = receive_upload(owner, send(song)).track
    track.analyses.all().delete()
    make_embedding(track, space, unit_vector(1))
    synchronise_space(space)
    remove_track(track)
    assert not Track.objects.visible_to(owner).exists()
    synchronise_index()
    assert get_index().count(collection_of(space)) == 0
    assert not Track.objects.exists()
    assert not AudioFile.objects.exists()
    assert not path_of(track.audio_file_id).exists()


def test_a_file_stays_while_somebody_else_has_it(space, send, song):
    mine = receive_upload(make_user(), send(song)).track
    theirs = receive_upload(make_user(), send(song)).track
    remove_track(mine)
    synchronise_index()
    assert list(Track.objects.all()) == [theirs]
    assert path_of(theirs.audio_file_id).exists()


def test_an_interrupted_removal_is_finished_later():
    track = make_track(is_deleting=True)
    path_of(track.audio_file_id).unlink(missing_ok=True)
    assert finish_removals() == 1
    assert finish_removals() == 0
    assert not Track.objects.exists()
