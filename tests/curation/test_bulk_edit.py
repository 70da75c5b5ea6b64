"""One change to many tracks: what it comes to is known before it is done, and nothing else is done then."""

import pytest
from django.core.exceptions import ValidationError

from recommender.accounts.models import Role
from recommender.catalog.editing import edit_track, read_fields
from recommender.catalog.models import Track, Visibility
from recommender.curation import acts
from recommender.curation.acts import take_back
from recommender.curation.bulk_edit import find_describable, perform_edit, plan_edit
from recommender.curation.errors import NotYoursError
from recommender.curation.field_changes import FieldChange, How
from recommender.curation.jobs import run_job
from recommender.curation.models import Verb
from recommender.curation.sentences import CHANGED_MEANWHILE
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator():
    return make_user(Role.CURATOR)


def make_described(title="Song", owner=None, **changes):
    track = make_track(owner, title=title)
    edit_track(track, track.owner, {"artists": ["Ann"], "release": "Album", "genres": ["Folk"], **changes})
    return track


def accept(name, value):
    if value == "refused":
        raise ValidationError("Not this.")
    return value


def plan(actor, tracks, **changes):
    return plan_edit(actor, [track.pk for track in tracks], changes, accept)


def set_to(value):
    return FieldChange(how=How.SET, value=value)


def test_what_would_change_of_each_in_their_order(curator, django_assert_max_num_queries):
    tracks = [make_described(title, year=year) for title, year in (("C", 1999), ("A", 2001), ("B", None))]
    with django_assert_max_num_queries(8):
        plans = plan(
            curator,
            tracks,
            year=set_to(1999),
            genres=FieldChange(how=How.ADD, value=["Art"]),
            track_number=FieldChange(how=How.NUMBER, value=1),
        )
    assert [each.track_id for each in plans] == [track.pk for track in tracks]
    assert plans[0].wanted == {"genres": ["Art", "Folk"], "track_number": 1}
    assert plans[1].wanted == {"genres": ["Art", "Folk"], "track_number": 2, "year": 1999}
    assert not Track.objects.filter(genres__name="Art").exists()


def test_what_is_so_already_has_no_mark(curator):
    same, other = make_described(year=1999), make_described()
    plans = plan(curator, [same, other], year=set_to(1999))
    assert [bool(each.wanted) for each in plans] == [False, True]
    assert plans[0].mark == 0 < plans[1].mark < 2**32


def test_what_cannot_be_written_is_told_for_each_field(curator):
    track = make_described()
    (found,) = plan(curator, [track], title=set_to("refused"), year=set_to(1999))
    assert (found.wanted, found.problems) == ({"year": 1999}, (("title", "Not this."),))


def test_a_release_and_its_artist_belong_together(curator):
    nobodys, anns = make_track(title="Nobody's"), make_described()
    loose, ours = plan(curator, [nobodys, anns], release=set_to("Best of"))
    assert (loose.wanted, loose.problems) == ({}, (("release", "A release needs an artist."),))
    assert (ours.wanted, ours.problems) == ({"release": "Best of"}, ())
    loose, ours = plan(curator, [nobodys, anns], album_artist=set_to("Various"))
    assert (loose.wanted, loose.problems) == ({}, (("album_artist", "It is on no release."),))
    assert ours.wanted == {"album_artist": "Various"}
    cleared = plan(curator, [anns], release=FieldChange(how=How.CLEAR))[0]
    assert cleared.wanted == {"release": "", "album_artist": ""}


def test_what_is_planned_is_what_comes_of_it(curator):
    """An artist is spelt anew on the release, too, and a name that others use stays as it is."""
    tracks = [make_described(artists=["bjork", "Cy"], genres=["pop"]) for _ in range(2)]
    make_described("Private", genres=["pop"])
    Track.objects.filter(title="Private").update(visibility=Visibility.PRIVATE)
    changes = {"artists": FieldChange(how=How.REPLACE, find="bjork", put="Björk"), "genres": set_to(["Pop"])}
    plans = plan_edit(curator, [track.pk for track in tracks], changes, accept)
    assert plans[0].wanted == {"artists": ["Björk", "Cy"], "album_artist": "Björk"}
    assert [name for name, _why in plans[0].problems] == ["genres"]
    act = perform_edit(curator, {each.track_id: each.mark for each in plans}, changes, accept)
    for each, track in zip(plans, tracks, strict=True):
        assert read_fields(Track.objects.get(pk=track.pk)) == {**each.said, **each.wanted}
    assert act.changes.filter(problem="").count() == 2
    take_back(act, curator)
    assert [read_fields(Track.objects.get(pk=track.pk)) for track in tracks] == [each.said for each in plans]
    assert not act.changes.exclude(problem="").exists()


def test_only_what_was_seen_is_done(curator):
    """One is described by somebody else before it is agreed to, one between that and the job."""
    tracks = [make_described(f"Song {number}", year=1970) for number in range(4)]
    changes = {"year": set_to(1999)}
    previewed = {each.track_id: each.mark for each in plan(curator, tracks, **changes)}
    previewed[tracks[3].pk] = 0
    edit_track(tracks[0], curator, {"year": 1971})
    act = perform_edit(curator, previewed, changes, accept, note="As on the sleeve")
    assert list(Track.objects.order_by("pk").values_list("year", flat=True)) == [1971, 1999, 1999, 1970]
    assert act.changes.get(track_id=tracks[0].pk).problem == CHANGED_MEANWHILE
    assert (act.verb, act.note) == (Verb.DESCRIBE, "As on the sleeve")
    assert not act.changes.filter(track_id=tracks[3].pk).exists()


def test_many_become_a_job_that_looks_again(curator, monkeypatch):
    monkeypatch.setattr(acts, "AT_ONCE", 1)
    tracks = [make_described(f"Song {number}", year=1970) for number in range(3)]
    changes = {"title": FieldChange(how=How.REPLACE, find="Song", put="Lied")}
    previewed = {each.track_id: each.mark for each in plan(curator, tracks, **changes)}
    act = perform_edit(curator, previewed, changes, accept)
    edit_track(tracks[1], curator, {"title": "Mine"})
    run_job(act.jobs.get().pk)
    assert list(Track.objects.order_by("pk").values_list("title", flat=True)) == ["Lied 0", "Mine", "Lied 2"]
    assert act.changes.get(track_id=tracks[1].pk).problem == CHANGED_MEANWHILE


def test_uploaders_describe_their_own(curator):
    owner = make_user()
    own, other = make_described(owner=owner), make_described()
    assert find_describable(owner, [own.pk, other.pk]) == {own.pk}
    changes = {"year": set_to(1999)}
    marks = {each.track_id: each.mark for each in plan(owner, [own, other], **changes)}
    with pytest.raises(NotYoursError):
        perform_edit(owner, marks, changes, accept)
    act = perform_edit(owner, {own.pk: marks[own.pk]}, changes, accept)
    assert act.verb == Verb.DESCRIBE_OWN
    assert list(Track.objects.filter(year=1999)) == [own]
    with pytest.raises(NotYoursError):
        take_back(act, curator)
