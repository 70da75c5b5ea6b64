"""The trash: what is in it is hidden, comes back whole, and goes for good when its time is over."""

import datetime as dt

import pytest
from django.utils import timezone

from recommender.catalog.audio_files import path_of
from recommender.catalog.models import Track, TrashedTrack
from recommender.ingest.errors import UploadRefusedError
from recommender.ingest.indexing import synchronise_index
from recommender.ingest.intake import receive_upload
from recommender.ingest.removal import finish_removals, purge_track, restore_track, trash_track
from recommender.similarity.index import get_index
from recommender.similarity.sync import collection_of, synchronise_space
from tests.people import make_embedding, make_track, make_user, unit_vector

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("milvus_server")]


def end_the_time_of(track):
    TrashedTrack.objects.filter(track=track).update(purge_at=timezone.now() - dt.timedelta(seconds=1))


def test_what_is_in_the_trash_is_hidden_and_comes_back_whole(space, send, song):
    owner = make_user()
    track = receive_upload(owner, send(song)).track
    track.analyses.all().delete()
    make_embedding(track, space, unit_vector(1))
    synchronise_space(space)
    trash_track(track, owner)
    trash_track(track, owner)
    synchronise_index()
    assert not Track.objects.visible_to(owner).exists()
    assert path_of(track.audio_file_id).exists()
    assert restore_track(track)
    assert Track.objects.visible_to(owner).get() == track
    synchronise_index()
    assert get_index().count(collection_of(space)) == 1
    assert not restore_track(track)


def test_its_time_in_the_trash_ends(settings):
    kept, over = make_track(), make_track()
    for track in (kept, over):
        trash_track(track, None)
    end_the_time_of(over)
    assert not restore_track(over)
    assert finish_removals() == 1
    assert list(Track.objects.all()) == [kept]
    assert kept.trashed.purge_at - kept.trashed.at == settings.TRASH.kept_for


def test_what_is_purged_does_not_come_back():
    track = make_track()
    trash_track(track, None)
    purge_track(track)
    assert not restore_track(track)
    assert finish_removals() == 1


def test_the_same_file_brings_it_back(send, song):
    owner = make_user()
    track = receive_upload(owner, send(song)).track
    trash_track(track, owner)
    receipt = receive_upload(owner, send(song))
    assert (receipt.track, receipt.is_new) == (track, False)
    assert Track.objects.visible_to(owner).get() == track


def test_what_comes_back_needs_room(send, song):
    owner = make_user()
    track = receive_upload(owner, send(song)).track
    trash_track(track, owner)
    owner.quota_bytes = 1
    owner.save()
    with pytest.raises(UploadRefusedError, match="you may keep"):
        receive_upload(owner, send(song))
    assert TrashedTrack.objects.filter(track=track).exists()


def test_what_was_purged_is_not_brought_back_by_its_file(send, song):
    owner = make_user()
    track = receive_upload(owner, send(song)).track
    purge_track(track)
    with pytest.raises(UploadRefusedError, match="just being deleted"):
        receive_upload(owner, send(song))
