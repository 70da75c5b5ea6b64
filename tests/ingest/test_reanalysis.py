import pytest

from recommender.catalog.models import Analysis, AnalysisState, AudioFile, Embedding, Spectrogram
from recommender.ingest.reanalysis import queue_again
from tests.people import keep_parts, make_space, make_track, unit_vector

pytestmark = pytest.mark.django_db

ENDED = (AnalysisState.READY, AnalysisState.FAILED, AnalysisState.UNINDEXED)


@pytest.fixture
def analyses():
    """One track in each state, all of them measured but the one that is ready."""
    space, other = make_space(), make_space(is_active=False)
    made = {}
    for state in AnalysisState:
        track = make_track()
        Analysis.objects.create(track=track, space=other, state=AnalysisState.READY)
        made[state] = Analysis.objects.create(track=track, space=space, state=state, decoder_failures=2)
    unmeasured = made[AnalysisState.READY].track.audio_file_id
    AudioFile.objects.exclude(pk=unmeasured).update(audio_sha256="a" * 64)
    draw_all()
    return made


def draw_all():
    Spectrogram.objects.bulk_create(Spectrogram(audio_file=file, picture=b"") for file in AudioFile.objects.all())


def queued(analyses):
    return {state for state, made in analyses.items() if Analysis.objects.get(pk=made.pk).state == AnalysisState.QUEUED}


@pytest.mark.parametrize(
    ("choice", "again"),
    [("all", {*ENDED}), ("failed", {AnalysisState.FAILED}), ("unmeasured", {AnalysisState.READY})],
)
def test_what_has_ended_is_queued_again(choice, again, analyses):
    assert queue_again(choice) == len(again)
    assert queued(analyses) == again | {AnalysisState.QUEUED}
    assert not Analysis.objects.filter(pk__in=[analyses[state].pk for state in again], decoder_failures__gt=0).exists()


def test_other_spaces_and_what_is_being_deleted_stay(analyses):
    track = analyses[AnalysisState.READY].track
    track.is_deleting = True
    track.save()
    assert queue_again("all") == 2
    assert Analysis.objects.filter(state=AnalysisState.READY, space__is_active=False).count() == len(AnalysisState)


def test_tracks_whose_segments_are_unknown_count_as_unmeasured():
    space, other = make_space(), make_space(is_active=False)
    known, unknown, silent = (make_track() for _ in range(3))
    AudioFile.objects.update(audio_sha256="a" * 64)
    draw_all()
    for track in (known, unknown, silent):
        Analysis.objects.create(track=track, space=space, state=AnalysisState.READY)
    for track in (known, unknown):
        Embedding.objects.create(track=track, space=space, vector=unit_vector(1).tobytes())
        Embedding.objects.create(track=track, space=other, vector=unit_vector(1).tobytes())
    for within in (space, other):
        keep_parts(known.embeddings.get(space=within), [unit_vector(1)], step=5.0)
    keep_parts(unknown.embeddings.get(space=other), [unit_vector(1)], step=5.0)
    assert queue_again("unmeasured") == 1
    assert list(Analysis.objects.filter(state=AnalysisState.QUEUED).values_list("track", flat=True)) == [unknown.pk]


def test_tracks_of_which_there_is_no_picture_count_as_unmeasured():
    space, (drawn, undrawn) = make_space(), (make_track(), make_track())
    for track in (drawn, undrawn):
        Analysis.objects.create(track=track, space=space, state=AnalysisState.UNINDEXED)
    AudioFile.objects.update(audio_sha256="a" * 64)
    Spectrogram.objects.create(audio_file=drawn.audio_file, picture=b"")
    assert queue_again("unmeasured") == 1
    assert list(Analysis.objects.filter(state=AnalysisState.QUEUED).values_list("track", flat=True)) == [undrawn.pk]


def test_tracks_without_a_vector_of_the_chosen_encoder_are_analysed_for_it():
    active, chosen = make_space(), make_space(is_active=False)
    with_vector, without = make_track(), make_track()
    for space in (active, chosen):
        for track in (with_vector, without):
            Analysis.objects.create(track=track, space=space, state=AnalysisState.UNINDEXED)
    for track, space in ((with_vector, active), (with_vector, chosen), (without, active)):
        Embedding.objects.create(track=track, space=space, vector=unit_vector(1).tobytes())
    assert queue_again("missing") == 1
    queued = Analysis.objects.get(state=AnalysisState.QUEUED)
    assert (queued.track, queued.space) == (without, chosen)
