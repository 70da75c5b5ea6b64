import random
from collections import Counter

import pytest
from django.contrib.auth.models import AnonymousUser

from recommender.accounts.models import Role
from recommender.catalog import facets
from recommender.catalog.credits import set_genres
from recommender.catalog.facets import Selection, count_states, select_tracks
from recommender.catalog.models import Analysis, AnalysisState, Genre, Track, TrackTag, Visibility
from tests.people import make_audio_file, make_space, make_track, make_user

pytestmark = pytest.mark.django_db

FACTS = {
    "decade": lambda track: track.year - track.year % 10 if track.year else None,
    "tempo": lambda track: pace_of(track.tempo_bpm),
    "key": lambda track: track.key,
    "format": lambda track: track.audio_file.suffix.lstrip("."),
}


def pace_of(tempo):
    if tempo is None:
        return None
    return "slow" if tempo < 90 else "medium" if tempo < 120 else "fast" if tempo < 150 else "rapid"


def values_of(track, name):
    if name == "genre":
        return {genre.pk for genre in track.genres.all()}
    if name == "tag":
        return {tag.name for tag in track.tags.all()}
    return {FACTS[name](track)} - {None}


def make_library(owner, other, count=40):
    rng = random.Random(2)
    for _ in range(count):
        file = make_audio_file()
        file.suffix = rng.choice([".mp3", ".flac"])
        file.save()
        track = make_track(
            rng.choice([owner, other]),
            audio_file=file,
            visibility=rng.choice([Visibility.PUBLISHED, Visibility.PUBLISHED, Visibility.PRIVATE]),
            is_playable=rng.random() < 0.8,
            year=rng.choice([None, 1989, 1990, 1999, 2000]),
            tempo_bpm=rng.choice([None, 60.0, 90.0, 119.9, 150.0]),
            tempo_confidence=0.9,
            key=rng.choice([0, 9, 21]),
            key_confidence=0.9,
        )
        set_genres(track, rng.sample(["Jazz", "Rock", "Folk"], rng.randint(0, 2)))
        for name in rng.sample(["piano", "calm", "loud"], rng.randint(0, 2)):
            TrackTag.objects.create(track=track, name=name, probability=0.9)


def by_hand(tracks, chosen, name):
    """The counts of a facet, its own filter left out, one track after another."""
    others = {other: values for other, values in chosen.items() if other != name}
    kept = [track for track in tracks if all(values_of(track, other) & wanted for other, wanted in others.items())]
    return Counter(value for track in kept for value in values_of(track, name))


CHOSEN = [
    {},
    {"decade": {1990}},
    {"decade": {1980, 1990}, "tempo": {"slow", "rapid"}},
    {"genre": {"Jazz"}, "tag": {"piano", "calm"}},
    {"genre": {"Jazz", "Rock"}, "key": {21}, "format": {"flac"}},
    {"decade": {1700}, "key": {0}},
]


@pytest.mark.parametrize("few", [0, 2_000])
@pytest.mark.parametrize("chosen", CHOSEN, ids=range(len(CHOSEN)))
def test_counts_and_tracks_are_those_that_one_counts_by_hand(chosen, few, monkeypatch):
    monkeypatch.setattr(facets, "_FEW", few)
    owner, other = make_user(), make_user()
    make_library(owner, other)
    ids = dict(Genre.objects.values_list("name", "pk"))
    chosen = {name: frozenset(ids.get(value, value) for value in values) for name, values in chosen.items()}
    for viewer, is_mine in ((AnonymousUser(), False), (owner, False), (owner, True), (make_user(Role.ADMIN), False)):
        selection = Selection(viewer=viewer, chosen=chosen, is_mine=is_mine)
        seen = Track.objects.visible_to(viewer).select_related("audio_file").prefetch_related("genres", "tags")
        tracks = list(seen.filter(owner=owner) if is_mine else seen.playable())
        expected = {t.pk for t in tracks if all(values_of(t, name) & wanted for name, wanted in chosen.items())}
        assert selection.counts.total == len(expected)
        assert {track.pk for track in select_tracks(selection)} == expected
        for name in (*FACTS, "genre", "tag"):
            assert selection.counts.by_facet[name] == by_hand(tracks, chosen, name), name


def test_guesses_are_not_counted():
    make_track(tempo_bpm=100.0, tempo_confidence=0.2, key=3, key_confidence=0.1)
    counts = Selection(viewer=AnonymousUser()).counts
    assert (counts.total, counts.by_facet["tempo"], counts.by_facet["key"]) == (1, {}, {})


def test_what_a_search_found_is_narrowed_like_everything_else():
    tracks = [make_track(year=1990 + number) for number in range(3)]
    selection = Selection(viewer=AnonymousUser(), ids=(tracks[0].pk, tracks[2].pk))
    assert (selection.counts.total, selection.counts.by_facet["decade"]) == (2, {1990: 2})
    assert list(select_tracks(selection).order_by("pk")) == [tracks[0], tracks[2]]
    assert list(select_tracks(Selection(viewer=AnonymousUser(), ids=()))) == []


def test_states_of_own_tracks_and_those_not_met_yet():
    owner, space, old = make_user(), make_space(), make_space(is_active=False)
    states = [AnalysisState.READY, AnalysisState.READY, AnalysisState.INDEXING, AnalysisState.FAILED, None]
    for state in states:
        track = make_track(owner, is_playable=state in (AnalysisState.READY, AnalysisState.INDEXING))
        Analysis.objects.create(track=track, space=old, state=AnalysisState.READY)
        if state:
            Analysis.objects.create(track=track, space=space, state=state)
    make_track()
    expected = Counter({"ready": 2, "analysing": 2, "failed": 1})
    for chosen in ({}, {"state": frozenset({"failed"})}, {"state": frozenset({"analysing", "failed"})}):
        selection = Selection(viewer=owner, is_mine=True, chosen=chosen)
        assert count_states(selection) == expected
        wanted = chosen.get("state", frozenset(expected))
        searched = Selection(
            viewer=owner, is_mine=True, chosen=chosen, ids=tuple(owner.tracks.values_list("pk", flat=True))
        )
        assert (count_states(searched), searched.counts.total) == (expected, selection.counts.total)
        assert selection.counts.total == len(select_tracks(selection)) == sum(expected[state] for state in wanted)
