"""The manifest, and the split that must leak nothing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embeddings.recordings import LabelledTrack, group_families, held_out_names, read_manifest

COLUMNS = "path,track,artist,release,genre,set,duration_seconds"


def make_track(name: str, **labels: str | float) -> LabelledTrack:
    return replace(LabelledTrack(name, Path(name), "", "", "", ""), **labels)


def family_names(tracks: list[LabelledTrack]) -> set[frozenset[str]]:
    return {frozenset(track.name for track in family) for family in group_families(tracks)}


def test_manifest_is_read_with_its_set_and_duration(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text(f"{COLUMNS}\na.wav,A,X,,rock,jars,61.5\nb.wav,B,,Album,,jars,\n")
    first, second = read_manifest(tmp_path / "m.csv")
    assert (first.release, first.collection, first.duration_seconds) == ("jars", "jars", 61.5)
    assert (second.release, second.collection, second.duration_seconds) == ("Album", "jars", 0.0)
    assert first.path == tmp_path / "a.wav"


def test_manifest_without_its_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("path,title\na.wav,A\n")
    with pytest.raises(ValueError, match="artist, genre, release"):
        read_manifest(tmp_path / "m.csv")


@pytest.mark.parametrize("label", ["artist", "release", "collection"])
def test_a_shared_label_links_and_an_empty_one_does_not(label: str) -> None:
    tracks = [make_track("a", **{label: "Same"}), make_track("b", **{label: "same"}), make_track("c"), make_track("d")]
    assert family_names(tracks) == {frozenset("ab"), frozenset("c"), frozenset("d")}


def test_labels_of_two_kinds_are_not_confused() -> None:
    assert len(group_families([make_track("a", artist="Jars"), make_track("b", collection="Jars")])) == 2


def test_one_title_of_one_length_is_one_recording() -> None:
    first = make_track("a", title="Clouds Calling", duration_seconds=217.3)
    again = make_track("b", title="clouds-calling", duration_seconds=217.0)
    longer = make_track("c", title="Clouds Calling", duration_seconds=260.0)
    unknown = make_track("d", title="Clouds Calling")
    untitled = [make_track(name, duration_seconds=217.3) for name in "ef"]
    assert family_names([first, again, longer, unknown, *untitled]) == {frozenset("ab"), *map(frozenset, "cdef")}


def test_families_join_through_a_third_track_in_any_order() -> None:
    chain = [
        make_track("a", artist="X"),
        make_track("b", artist="X", release="R"),
        make_track("c", release="R", collection="S"),
        make_track("d", collection="S", title="T", duration_seconds=60),
        make_track("e", title="T", duration_seconds=61),
        make_track("f", artist="Y"),
    ]
    for seed in range(5):
        shuffled = [chain[row] for row in np.random.default_rng(seed).permutation(len(chain))]
        assert family_names(shuffled) == {frozenset("abcde"), frozenset("f")}


def make_collection() -> list[LabelledTrack]:
    """Twenty artists of one to nine tracks, some of whom share a release."""
    rng = np.random.default_rng(3)
    return [
        make_track(f"{artist}/{number}", artist=f"artist {artist}", release=f"release {artist // 2}" if number else "")
        for artist in range(20)
        for number in range(int(rng.integers(1, 10)))
    ]


def test_split_cuts_no_family_and_is_the_same_again() -> None:
    tracks = make_collection()
    chosen = held_out_names(tracks)
    assert chosen == held_out_names(list(reversed(tracks)))
    assert 0.3 * len(tracks) <= len(chosen) <= 0.45 * len(tracks)
    for family in group_families(tracks):
        assert len({track.name in chosen for track in family}) == 1


def test_split_has_the_share_asked_for() -> None:
    tracks = [make_track(str(number), artist=str(number)) for number in range(100)]
    assert len(held_out_names(tracks)) == 30
    assert len(held_out_names(tracks, share=0.1)) == 10
    assert not held_out_names([make_track(name, collection="all") for name in "abc"])
