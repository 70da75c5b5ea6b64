import numpy as np
import pytest

from recommender.catalog.models import Analysis, AnalysisState, Embedding, SegmentVectors, Track
from recommender.similarity.index import get_index
from recommender.similarity.sync import (
    alias_of,
    collection_of,
    rebuild,
    remove_vectors,
    segments_alias_of,
    segments_collection_of,
    synchronise_space,
)
from tests.people import keep_parts, make_embedding, make_space, make_track, unit_vector

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("milvus_server")]


def fill(space, count):
    tracks = [make_track() for _ in range(count)]
    for track in tracks:
        make_embedding(track, space, unit_vector(track.pk))
    return tracks


def fill_with_parts(space, *counts):
    """Tracks with so many segments each."""
    tracks = fill(space, len(counts))
    for track, count in zip(tracks, counts, strict=True):
        parts = [unit_vector(100 * track.pk + number) for number in range(count)]
        keep_parts(track.embeddings.get(), parts, step=5.0)
    return tracks


def nearest_by_part(space, track, number=0):
    answer = get_index().segment_neighbours(segments_alias_of(space), unit_vector(100 * track.pk + number)[None, :], 1)
    return answer[0][0].track_id if answer[0] else None


def nearest(space, track):
    answer = get_index().neighbours(alias_of(space), unit_vector(track.pk)[None, :], 1)[0]
    return answer[0].track_id if answer else None


def test_tracks_become_ready_when_they_find_themselves(space):
    tracks = fill(space, 5)
    assert synchronise_space(space) == 5
    assert set(Analysis.objects.values_list("state", flat=True)) == {AnalysisState.READY}
    assert [nearest(space, track) for track in tracks] == [track.pk for track in tracks]
    assert synchronise_space(space) == 0


def test_many_identical_recordings_all_become_ready(space):
    for _ in range(15):
        make_embedding(make_track(), space, unit_vector(1))
    assert synchronise_space(space) == 15


def test_a_wiped_index_is_filled_again_without_new_analysis(space):
    tracks = fill(space, 4)
    synchronise_space(space)
    get_index().drop(collection_of(space))
    assert synchronise_space(space) == 4
    assert [nearest(space, track) for track in tracks] == [track.pk for track in tracks]
    assert set(Analysis.objects.values_list("state", flat=True)) == {AnalysisState.READY}


def test_an_index_that_lost_rows_is_filled_again(space):
    tracks = fill(space, 4)
    synchronise_space(space)
    get_index().remove(collection_of(space), [tracks[0].pk])
    assert synchronise_space(space) == 4
    assert nearest(space, tracks[0]) == tracks[0].pk


def test_a_rebuild_leaves_one_collection_that_serves(space):
    fill(space, 3)
    synchronise_space(space)
    before = collection_of(space)
    rebuild(space)
    assert synchronise_space(space) == 3
    assert get_index().collections(f"{alias_of(space)}_") == [collection_of(space)] != [before]
    assert get_index().resolve(alias_of(space)) == collection_of(space)


def test_a_vector_in_sql_that_is_behind_is_replaced_in_the_index(space):
    (track,) = fill(space, 1)
    synchronise_space(space)
    Embedding.objects.update(vector=unit_vector(5000).astype("<f4").tobytes(), indexed_generation="")
    synchronise_space(space)
    found = get_index().neighbours(alias_of(space), unit_vector(5000)[None, :], 1)[0][0]
    assert (found.track_id, found.similarity) == (track.pk, pytest.approx(1, abs=1e-4))


def test_a_damaged_vector_holds_up_nobody_and_is_made_anew(space):
    tracks = fill(space, 3)
    Embedding.objects.filter(track=tracks[0]).update(vector=b"\x00" * 32)
    assert synchronise_space(space) == 2
    assert nearest(space, tracks[2]) == tracks[2].pk
    assert not Embedding.objects.filter(track=tracks[0]).exists()
    assert Analysis.objects.get(track=tracks[0]).state == AnalysisState.QUEUED


def test_an_interrupted_removal_does_not_make_the_index_anew(space):
    track, _ = fill(space, 2)
    synchronise_space(space)
    before = collection_of(space)
    Track.objects.filter(pk=track.pk).update(is_deleting=True)
    remove_vectors([track.pk])
    synchronise_space(space)
    space.refresh_from_db()
    assert collection_of(space) == before


def test_removed_vectors_leave_every_space(space):
    other = make_space(is_active=False)
    (track,) = fill(space, 1)
    make_embedding(track, other, unit_vector(track.pk))
    for each in (space, other):
        synchronise_space(each)
    remove_vectors([track.pk])
    assert [get_index().count(collection_of(each)) for each in (space, other)] == [0, 0]
    get_index().drop(collection_of(other))


def test_more_tracks_than_a_batch(space, monkeypatch):
    monkeypatch.setattr("recommender.similarity.sync.BATCH", 7)
    fill(space, 20)
    assert synchronise_space(space) == 20
    assert np.all([embedding.indexed_generation == space.generation for embedding in Embedding.objects.all()])


def test_segments_are_indexed_with_their_tracks_and_tracks_without_any_as_before(space):
    tracks = fill_with_parts(space, 3, 1, 20)
    fill(space, 1)
    assert synchronise_space(space) == 4
    assert get_index().present_segments(segments_collection_of(space), [track.pk for track in tracks]) == {
        track.pk: count for track, count in zip(tracks, (3, 1, 8), strict=True)
    }
    assert [nearest_by_part(space, track) for track in tracks[:2]] == [track.pk for track in tracks[:2]]
    assert set(Analysis.objects.values_list("state", flat=True)) == {AnalysisState.READY}
    assert synchronise_space(space) == 0


def test_a_catalog_without_segments_has_no_collection_of_them(space):
    fill(space, 2)
    synchronise_space(space)
    assert get_index().collections(segments_alias_of(space)) == []


def test_segments_that_come_later_are_added(space):
    (track,) = fill(space, 1)
    synchronise_space(space)
    keep_parts(track.embeddings.get(), [unit_vector(100 * track.pk)], step=5.0)
    Embedding.objects.update(indexed_generation="")
    before = collection_of(space)
    assert synchronise_space(space) == 1
    assert (nearest_by_part(space, track), collection_of(space)) == (track.pk, before)


@pytest.mark.parametrize("is_dropped", [True, False])
def test_lost_segments_are_written_again(space, is_dropped):
    tracks = fill_with_parts(space, 2, 12)
    synchronise_space(space)
    if is_dropped:
        get_index().drop(segments_collection_of(space))
    else:
        get_index().remove_segments(segments_collection_of(space), [tracks[0].pk])
    assert synchronise_space(space) == 2
    assert get_index().count(segments_collection_of(space)) == 10
    assert get_index().collections(f"{segments_alias_of(space)}_") == [segments_collection_of(space)]
    assert nearest_by_part(space, tracks[0]) == tracks[0].pk


def test_removed_tracks_leave_no_segments(space):
    first, second = fill_with_parts(space, 3, 4)
    synchronise_space(space)
    Track.objects.filter(pk=first.pk).update(is_deleting=True)
    remove_vectors([first.pk])
    assert get_index().present_segments(segments_collection_of(space), [first.pk, second.pk]) == {second.pk: 4}
    assert synchronise_space(space) == 0


def test_damaged_segments_are_thrown_away_and_hold_up_nobody(space):
    tracks = fill_with_parts(space, 2, 2)
    SegmentVectors.objects.filter(embedding__track=tracks[0]).update(vectors=b"\0" * 32)
    assert synchronise_space(space) == 2
    assert SegmentVectors.objects.count() == 1
    assert get_index().count(segments_collection_of(space)) == 2
