import pytest

from recommender.catalog.audio_files import COVER_SIDES, cover_path_of, path_of, rendition_path_of
from recommender.catalog.merged import lead_on
from recommender.catalog.models import Artist, AudioFile, Cover, Genre, MergedTrack, Release, Track, Visibility
from recommender.ingest.indexing import synchronise_index
from recommender.ingest.intake import receive_upload
from recommender.ingest.removal import finish_removals, purge_track
from recommender.ingest.tags import FileTags, apply_tags
from recommender.similarity.index import get_index
from recommender.similarity.sync import collection_of, synchronise_space
from tests.people import make_cover, make_embedding, make_track, make_user, unit_vector

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("milvus_server")]


def test_a_removed_track_is_hidden_at_once_and_then_gone_everywhere(space, send, song):
    owner = make_user()
    track = receive_upload(owner, send(song)).track
    track.analyses.all().delete()
    make_embedding(track, space, unit_vector(1))
    synchronise_space(space)
    purge_track(track)
    assert not Track.objects.visible_to(owner).exists()
    synchronise_index()
    assert get_index().count(collection_of(space)) == 0
    assert not Track.objects.exists()
    assert not AudioFile.objects.exists()
    assert not path_of(track.audio_file_id).exists()


def test_a_file_stays_while_somebody_else_has_it(space, send, song):
    mine = receive_upload(make_user(), send(song)).track
    theirs = receive_upload(make_user(), send(song)).track
    purge_track(mine)
    synchronise_index()
    assert list(Track.objects.all()) == [theirs]
    assert path_of(theirs.audio_file_id).exists()


def test_an_interrupted_removal_is_finished_later():
    track = make_track(is_deleting=True)
    path_of(track.audio_file_id).unlink(missing_ok=True)
    assert finish_removals() == 1
    assert finish_removals() == 0
    assert not Track.objects.exists()


def test_only_the_address_of_what_everybody_could_hear_leads_on():
    kept, heard = make_track(), make_track(is_deleting=True)
    hidden = make_track(is_deleting=True, visibility=Visibility.PRIVATE)
    for track in (heard, hidden):
        lead_on(track.pk, kept.pk)
    finish_removals()
    assert list(MergedTrack.objects.values_list("old_id", flat=True)) == [heard.pk]


def make_described(**given):
    track = make_track(cover=make_cover(), **given)
    apply_tags(track, FileTags(artists=("Artist", "Guest"), album_artist="Band", release="Release", genres=("Jazz",)))
    return track


def test_what_only_a_track_referred_to_goes_with_it():
    first, last = make_described(), make_described()
    covers = [cover_path_of(last.cover_id, side) for side in COVER_SIDES]
    rendition = rendition_path_of(last.audio_file_id)
    rendition.parent.mkdir(parents=True)
    rendition.touch()
    purge_track(first)
    assert finish_removals() == 1
    assert (Artist.objects.count(), Release.objects.count(), Genre.objects.count(), Cover.objects.count()) == (
        3,
        1,
        1,
        1,
    )
    assert all(cover.exists() for cover in covers)
    purge_track(last)
    assert finish_removals() == 1
    assert not any(rows.objects.exists() for rows in (Artist, Release, Genre, Cover, AudioFile))
    assert not any(file.exists() for file in (*covers, rendition))
