"""Artists are merged, split, named and told apart, by those who may, and all of it is taken back."""

import pytest

from recommender.accounts.models import Role
from recommender.catalog.credits import credit_artists, find_artist, find_release
from recommender.catalog.editing import edit_track, read_fields
from recommender.catalog.models import Artist, ArtistAlias, DistinctNames, MergedArtist, Track, Visibility
from recommender.curation.acts import take_back
from recommender.curation.artists import measure_reach, merge_artists, name_artist, split_artist, tell_apart
from recommender.curation.audit import hide_from
from recommender.curation.errors import BadNameError, MergeRefusedError, NothingChosenError, NotYoursError
from recommender.curation.models import Change, Verb
from recommender.curation.sentences import ARTIST_GONE, CHANGED_SINCE, NAME_TAKEN, SOME_CHANGED_SINCE, TAKE_BACK_FIRST
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator():
    return make_user(Role.CURATOR)


def make_credited(*names, **given):
    track = make_track(**given)
    credit_artists(track, names)
    return track


def names_of(track):
    return read_fields(Track.objects.get(pk=track.pk))["artists"]


def find(name):
    return Artist.objects.get(name=name)


def test_from_a_merge_to_its_undo(curator):
    tracks = [make_credited("The Beatles"), make_credited("Beatles"), make_credited("Beatles")]
    old = find("Beatles").pk
    act = merge_artists(curator, find("The Beatles"), [find("Beatles"), find("The Beatles")], "One band.")
    assert [names_of(track) for track in tracks] == [["The Beatles"]] * 3
    change = act.changes.get()
    assert (act.verb, act.note, change.label, change.track_id) == (
        Verb.JOIN,
        "One band.",
        "Beatles → The Beatles",
        None,
    )
    assert (change.after["followed_tracks"], change.after["followed_releases"]) == (2, 0)
    edit_track(tracks[1], tracks[1].owner, {"artists": ["Somebody"]})
    take_back(act, curator)
    assert names_of(tracks[1]) == ["Somebody"]
    assert (names_of(tracks[2]), find("Beatles").pk) == (["Beatles"], old)
    # What stays is listed.
    stayed = act.changes.get(track_id=tracks[1].pk)
    assert (stayed.problem, act.changes.get(track_id=None).problem) == (CHANGED_SINCE, SOME_CHANGED_SINCE)


def test_private_tracks_of_others_follow_and_nothing_is_told_of_them(curator):
    make_credited("The Beatles")
    make_credited("Beatles")
    hidden = make_credited("Beatles", visibility=Visibility.PRIVATE, title="A secret")
    assert measure_reach(curator, [find("Beatles")]).tracks == 1
    act = merge_artists(curator, find("The Beatles"), [find("Beatles")])
    assert names_of(hidden) == ["The Beatles"]
    assert act.changes.get().after["followed_tracks"] == 1
    edit_track(hidden, hidden.owner, {"artists": ["Mine"]})
    take_back(act, curator)
    assert names_of(hidden) == ["Mine"]
    assert list(act.changes.values_list("track_id", flat=True)) == [None]


@pytest.mark.parametrize("visibility", [Visibility.SUBMITTED, Visibility.WITHDRAWN])
def test_what_a_curator_may_not_describe_is_not_merged(curator, visibility):
    make_credited("The Beatles")
    make_credited("Beatles", visibility=visibility)
    with pytest.raises(NotYoursError):
        merge_artists(curator, find("The Beatles"), [find("Beatles")])
    with pytest.raises(NotYoursError):
        name_artist(curator, find("Beatles"), "Fab Four", [])
    assert find("Beatles")
    # The one that stays does not change; and an administrator may.
    merge_artists(curator, find("Beatles"), [find("The Beatles")])
    name_artist(make_user(Role.ADMIN), find("Beatles"), "Fab Four", [])


def test_nobody_else_does_so(curator):
    track = make_credited("Beatles")
    make_credited("The Beatles", owner=track.owner)
    with pytest.raises(NotYoursError):
        merge_artists(track.owner, find("The Beatles"), [find("Beatles")])
    with pytest.raises(MergeRefusedError):
        merge_artists(curator, find("Beatles"), [find("Beatles")])


def test_merges_are_taken_back_from_the_last_on(curator):
    tracks = [make_credited(name) for name in ("Ann", "Anna", "Anne")]
    first = merge_artists(curator, find("Anna"), [find("Ann")])
    second = merge_artists(curator, find("Anne"), [find("Anna")])
    assert set(MergedArtist.objects.values_list("kept__name", flat=True)) == {"Anne"}
    take_back(first, curator)
    assert first.changes.get().problem == TAKE_BACK_FIRST
    take_back(second, curator)
    assert [names_of(track) for track in tracks] == [["Anna"], ["Anna"], ["Anne"]]


def test_a_name_that_another_artist_has_by_now(curator):
    for name in ("Ann", "Anna", "Bo"):
        make_credited(name)
    act = merge_artists(curator, find("Anna"), [find("Ann")])
    ArtistAlias.objects.update(artist=find("Bo"))
    take_back(act, curator)
    assert act.changes.get().problem == NAME_TAKEN


def make_several(name="Ann & Bo feat. Cy"):
    """On a release of theirs, as a guest, and one that is not the curator's to describe."""
    whole = make_credited(name, title="whole")
    whole.release = find_release("Together", find_artist(name))
    whole.save()
    return [whole, make_credited("Di", name, "Bo"), make_credited(name, visibility=Visibility.SUBMITTED)]


def test_from_a_split_to_its_undo(curator):
    whole, guest, beyond = make_several()
    number, parts = find("Ann & Bo feat. Cy").pk, ["Ann", "Bo", "Cy"]
    act = split_artist(curator, find("Ann & Bo feat. Cy"), [*parts, " ann "], note="Three people.")
    assert names_of(whole) == parts
    assert names_of(guest) == ["Di", "Ann", "Bo", "Cy"]
    assert names_of(beyond) == ["Ann & Bo feat. Cy"]
    assert read_fields(Track.objects.get(pk=whole.pk))["album_artist"] == "Ann"
    take_back(act, curator)
    assert names_of(guest) == ["Di", "Ann & Bo feat. Cy", "Bo"]
    assert read_fields(Track.objects.get(pk=whole.pk))["album_artist"] == "Ann & Bo feat. Cy"
    assert find("Ann & Bo feat. Cy").pk == number
    assert not Artist.objects.filter(name="Cy").exists()


def test_a_split_of_chosen_tracks_by_an_administrator_keeps_the_address(curator):
    admin, tracks = make_user(Role.ADMIN), make_several()
    whole = find("Ann & Bo feat. Cy")
    ArtistAlias.objects.create(artist=find_artist("Robert"), name="Bo K.")
    act = split_artist(admin, whole, ["Ann", "Bo K."], track_ids=[tracks[0].pk], album_artist="bo k.")
    assert names_of(tracks[0]) == ["Ann", "Robert"]
    assert read_fields(Track.objects.get(pk=tracks[0].pk))["album_artist"] == "Robert"
    with pytest.raises(NotYoursError):
        split_artist(curator, whole, ["Ann", "Bo"], track_ids=[tracks[2].pk])
    rest = split_artist(admin, whole, ["Ann", "Bo"])
    assert not Artist.objects.filter(pk=whole.pk).exists()
    edit_track(tracks[0], tracks[0].owner, {"artists": ["Somebody"]})
    for each in (rest, act):
        take_back(each, admin)
    assert (names_of(tracks[0]), names_of(tracks[2])) == (["Somebody"], ["Ann & Bo feat. Cy"])
    assert find("Ann & Bo feat. Cy").pk == whole.pk


@pytest.mark.parametrize("names", [[], ["Ann"], ["Ann", " ANN "], ["", "\u202e"]])
def test_one_name_is_no_split(curator, names):
    make_several()
    with pytest.raises(BadNameError):
        split_artist(curator, find("Ann & Bo feat. Cy"), names)


def test_names_are_given_and_taken_back(curator):
    track = make_credited("Prince")
    prince = find("Prince")
    first = name_artist(curator, prince, "Prince", ["The Artist", "TAFKAP", "prince", "tafkap"])
    assert sorted(prince.aliases.values_list("name", flat=True)) == ["TAFKAP", "The Artist"]
    assert name_artist(curator, prince, "Prince", ["TAFKAP", "The Artist"]) is None
    second = name_artist(curator, prince, "The Artist", ["Prince", "TAFKAP"], "As he was called.")
    assert names_of(track) == ["The Artist"]
    assert find_artist("prince") == prince == find_artist("tafkap")
    third = name_artist(curator, find("The Artist"), "The Artist", ["Prince"])
    for act in (third, second):
        take_back(act, curator)
    assert (names_of(track), sorted(prince.aliases.values_list("name", flat=True))) == (
        ["Prince"],
        ["TAFKAP", "The Artist"],
    )
    take_back(first, curator)
    assert not ArtistAlias.objects.exists()


def test_names_that_were_changed_since_stay(curator):
    make_credited("Prince")
    first = name_artist(curator, find("Prince"), "The Artist", ["Prince"])
    name_artist(curator, find("The Artist"), "Symbol", ["Prince", "The Artist"])
    take_back(first, curator)
    assert (first.changes.get().problem, find("Symbol").aliases.count()) == (SOME_CHANGED_SINCE, 1)
    other = name_artist(curator, find("Symbol"), "Symbol", [])
    Artist.objects.all().delete()
    take_back(other, curator)
    assert other.changes.get().problem == ARTIST_GONE


def test_a_name_of_somebody_the_curator_knows_is_refused(curator):
    for name in ("Prince", "Bo"):
        make_credited(name)
    ArtistAlias.objects.create(artist=find("Bo"), name="Bo K.")
    for names in (("Bo", []), ("Prince", ["bo"]), ("Prince", ["Bo K."]), ("\u202e", []), ("", ["x"])):
        with pytest.raises(BadNameError):
            name_artist(curator, find("Prince"), *names)
    with pytest.raises(BadNameError):
        name_artist(curator, find("Prince"), "Prince", [f"name {number}" for number in range(51)])


def test_a_name_that_only_private_tracks_have_is_taken_without_a_word(curator):
    make_credited("Prince")
    hidden = make_credited("The Artist", visibility=Visibility.PRIVATE)
    number = find("The Artist").pk
    ArtistAlias.objects.create(artist=find("The Artist"), name="TAFKAP")
    act = name_artist(curator, find("Prince"), "Prince", ["The Artist", "TAFKAP"])
    assert names_of(hidden) == ["Prince"]
    change = act.changes.get()
    assert (change.before["aliases"], change.after["aliases"]) == ([], ["TAFKAP", "The Artist"])
    take_back(act, curator)
    assert (names_of(hidden), find("The Artist").pk) == (["The Artist"], number)
    assert find("The Artist").aliases.get().name == "TAFKAP"


def test_two_are_told_apart_for_good_and_back(curator):
    for name in ("Ann", "Anne", "Ann & Anne"):
        make_credited(name)
    act = tell_apart(curator, [find("Anne"), find("Ann")])
    assert tell_apart(curator, [find("Ann"), find("Anne")]) is None
    tell_apart(curator, [find("Ann & Anne")])
    assert set(DistinctNames.objects.values_list("first_key", "second_key")) == {("ann", "anne"), ("ann & anne", "")}
    take_back(act, curator)
    assert DistinctNames.objects.get().first_key == "ann & anne"
    with pytest.raises(NothingChosenError):
        tell_apart(curator, Artist.objects.all())


def test_of_artists_with_private_tracks_only_others_read_nothing(curator):
    admin = make_user(Role.ADMIN)
    for name, visibility in (("Ann", Visibility.PRIVATE), ("Anna", Visibility.PRIVATE), ("Anne", Visibility.PUBLISHED)):
        make_credited(name, visibility=visibility)
    acts = [
        merge_artists(admin, find("Anna"), [find("Ann")]),
        name_artist(admin, find("Anna"), "Anna B.", []),
        tell_apart(admin, [find("Anna B."), find("Anne")]),
        tell_apart(admin, [find("Anne")]),
    ]
    for reader, told in ((curator, ["", "", "", "Anne"]), (admin, ["Ann → Anna", "Anna", "Anna B. / Anne", "Anne"])):
        changes = list(Change.objects.filter(act__in=acts).select_related("act").order_by("pk"))
        hide_from(reader, changes)
        assert [change.label for change in changes] == told
