import pytest

from recommender.catalog.moods import set_moods
from recommender.ingest.findings import Findings, keep_findings
from tests.people import make_track

pytestmark = pytest.mark.django_db


def hear(track, **tags):
    unmeasured = {"descriptors": None, "source": None, "fingerprint": None, "picture": b""}
    keep_findings(track, Findings(duration_seconds=60.0, is_truncated=False, tags=tags, **unmeasured))
    return {tag.name: (tag.probability, tag.is_given, tag.heard) for tag in track.tags.all()}


def test_words_that_people_gave_stay_when_a_track_is_heard_again():
    track = make_track()
    assert hear(track, sad=0.4, blues=0.9) == {"blues": (0.9, False, None), "sad": (0.4, False, None)}
    set_moods(track, ["sad", "calm"])
    said = {"calm": (1, True, None), "jazz": (0.8, False, None)}
    assert hear(track, sad=0.6, jazz=0.8) == said | {"sad": (1, True, 0.6)}
    assert hear(track, jazz=0.8) == said | {"sad": (1, True, None)}
