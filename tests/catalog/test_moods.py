import pytest

from recommender.catalog.editing import edit_track, read_fields, undo_edit
from recommender.catalog.models import Shelf, Track, TrackTag
from recommender.catalog.moods import MOODS, set_moods
from recommender.similarity.describing.vocabulary import name_word, vocabulary
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def track():
    made = make_track()
    TrackTag.objects.create(track=made, name="sad", probability=0.2)
    TrackTag.objects.create(track=made, name="piano", probability=0.9)
    return made


def words_of(track):
    return {tag.name: (tag.probability, tag.is_given, tag.heard) for tag in Track.objects.get(pk=track.pk).tags.all()}


def test_what_is_said_comes_before_what_was_heard_and_leaves_it_there(track):
    set_moods(track, ["sad", "calm"])
    assert words_of(track) == {"calm": (1, True, None), "sad": (1, True, 0.2), "piano": (0.9, False, None)}
    assert list(words_of(track)) == ["calm", "sad", "piano"]
    assert Shelf.objects.get(track=track).tags == "calm\npiano\nsad"
    set_moods(track, ["calm"])
    assert words_of(track) == {"calm": (1, True, None), "piano": (0.9, False, None), "sad": (0.2, False, None)}
    set_moods(track, [])
    assert set(words_of(track)) == {"piano", "sad"}


def test_moods_are_a_field_that_can_be_edited_and_undone(track):
    owner = make_user()
    edit = edit_track(track, owner, {"moods": ["sad", "calm"]})
    assert (edit.before, edit.after) == ({"moods": []}, {"moods": ["calm", "sad"]})
    assert edit_track(track, owner, {"moods": ["sad", "calm"]}) is None
    assert undo_edit(edit, owner) == []
    assert read_fields(Track.objects.get(pk=track.pk))["moods"] == []
    assert words_of(track)["sad"] == (0.2, False, None)


def test_only_moods_are_said(track):
    with pytest.raises(ValueError, match="no moods: piano"):
        set_moods(track, ["piano"])


def test_every_mood_is_understood_in_descriptions():
    known = vocabulary()
    for mood in MOODS:
        assert mood in {*known.words.values(), *known.levels.values()}
        assert name_word(mood)
