"""Where old addresses lead, and which pairs are repeated for the kept track."""

import pytest
from django.utils import timezone

from recommender.catalog.merged import follow_merges, lead_back, lead_on
from recommender.catalog.models import Evidence, MergedTrack, PairVerdict, RecordingPair, Visibility
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


def test_lists_of_ids_follow_in_their_order():
    viewer, old, kept = make_user(), make_track(is_deleting=True), make_track()
    lead_on(old.pk, kept.pk)
    assert follow_merges([7_000, old.pk, kept.pk], viewer) == [7_000, kept.pk, kept.pk]
    kept.visibility = Visibility.PRIVATE
    kept.save(update_fields=["visibility"])
    assert follow_merges([old.pk], viewer) == [old.pk]


@pytest.mark.parametrize("is_kept_first", [True, False])
def test_offsets_are_those_of_the_kept_track(is_kept_first):
    """`old` begins 5 s after `kept`, and `other` 1 s before `old`: 4 s after `kept`."""
    tracks = [make_track() for _ in range(3)]
    kept, old, other = tracks if is_kept_first else tracks[::-1]
    for one, after, seconds in ((kept, old, 5.0), (old, other, -1.0)):
        first, second, offset = (one, after, seconds) if one.pk < after.pk else (after, one, -seconds)
        found = {"evidence": Evidence.FINGERPRINT, "score": 0.9, "offset_seconds": offset}
        RecordingPair.objects.create(first=first, second=second, **found)
    done = lead_on(old.pk, kept.pk)
    made = RecordingPair.objects.get(pk__in=done["recording_pairs"])
    assert {made.first, made.second} == {kept, other}
    assert made.offset_seconds == (4.0 if is_kept_first else -4.0)
    lead_back(done, old.pk, [kept.pk], since=timezone.now())
    assert RecordingPair.objects.count() == 2
    assert not MergedTrack.objects.exists()


def test_what_was_judged_of_a_repeated_pair_stays():
    kept, old, other = (make_track() for _ in range(3))
    RecordingPair.objects.create(first=old, second=other, evidence=Evidence.FINGERPRINT, score=0.9)
    since, done = timezone.now(), lead_on(old.pk, kept.pk)
    judged = RecordingPair.objects.filter(pk__in=done["recording_pairs"])
    judged.update(verdict=PairVerdict.DIFFERENT, decided_at=timezone.now())
    lead_back(done, old.pk, [kept.pk], since=since)
    assert judged.exists()
