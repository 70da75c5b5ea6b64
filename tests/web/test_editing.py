import pytest
from django.urls import reverse
from django.utils import translation

from recommender.accounts.models import Role
from recommender.catalog.credits import credit_artists, set_genres
from recommender.catalog.editing import edit_track, read_fields
from recommender.catalog.models import Track, TrackEdit, Visibility
from recommender.catalog.moods import MOODS
from recommender.web.metadata_form import MoodsField
from tests.people import make_track, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(page_client):
    user = make_user()
    page_client.force_login(user)
    return user


@pytest.fixture
def track(owner):
    made = make_track(owner, title="Song")
    credit_artists(made, ["Earth, Wind & Fire", "Bo"])
    set_genres(made, ["Funk"])
    return made


def fresh(track):
    return Track.objects.get(pk=track.pk)


def filled_in(client, track):
    """What a browser would send if nobody touched anything."""
    form = client.get(reverse("track_edit", args=[track.pk])).context["form"]
    shown = {field.html_name: field.value() for field in form}
    first = {field.html_initial_name: field.value() for field in form}
    return {name: "" if value is None else value for name, value in {**shown, **first}.items()}


def save(client, track, **changes):
    return client.post(reverse("track_edit", args=[track.pk]), {**filled_in(client, track), **changes})


def test_nothing_touched_is_nothing_changed(page_client, track):
    answer = save(page_client, track)
    assert answer.url == reverse("track", args=[track.pk])
    assert not TrackEdit.objects.exists()


def test_a_change_is_saved_and_can_be_undone_from_the_page_that_follows(page_client, track):
    answer = save(
        page_client, track, title="Better", artists="Ann; Bo", genres="Jazz;;  Free  Jazz; jazz", isrc="de-a12-34-56789"
    )
    assert read_fields(fresh(track)) | {"title": "Better", "isrc": "DEA123456789"} == read_fields(fresh(track))
    assert read_fields(fresh(track))["artists"] == ["Ann", "Bo"]
    assert read_fields(fresh(track))["genres"] == ["Free Jazz", "Jazz"]
    page = page_client.get(answer.url).content.decode()
    undo = reverse("edit_undo", args=[TrackEdit.objects.get().pk])
    assert "Saved." in page
    assert f'action="{undo}"' in page
    page = page_client.post(undo, follow=True).content.decode()
    assert "The change was undone." in page
    assert undo not in page
    assert fresh(track).title == "Song"
    assert read_fields(fresh(track))["artists"] == ["Earth, Wind & Fire", "Bo"]


def test_moods_are_ticked(page_client, track):
    page = page_client.get(reverse("track_edit", args=[track.pk])).content.decode()
    assert page.count('type="checkbox" name="moods"') == len(MOODS)
    save(page_client, track, moods=["sad", "calm"])
    assert read_fields(fresh(track))["moods"] == ["calm", "sad"]
    page = page_client.get(reverse("track_edit", args=[track.pk])).content.decode()
    assert "Moods: calm; sad" in page
    save(page_client, track, moods=["calm"])
    assert read_fields(fresh(track))["moods"] == ["calm"]
    answer = save(page_client, track, moods=["piano"])
    assert "piano is not one of the available choices" in answer.context["form"].errors["moods"][0]


def test_moods_are_understood_as_people_say_them():
    field = MoodsField()
    assert field.clean("Melancholy;  quiet ;calm;") == ["calm", "sad"]
    assert field.clean(["happy"]) == ["happy"]
    assert field.clean("") == field.clean([]) == field.clean(None) == []
    with translation.override("de"):
        assert field.clean("traurig") == ["sad"]


def test_the_history_is_told_on_the_page_that_edits(page_client, track, owner):
    edit_track(track, owner, {"title": "One", "genres": []})
    page = page_client.get(reverse("track_edit", args=[track.pk])).content.decode()
    assert "Title: <del>Song</del> One; Genres: <del>Funk</del> (nothing)" in page


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("two\r\nlines", "two lines"),
        ("\u202eexe.3pm", "exe.3pm"),
        ("👩‍🚀 émoji 🎵", "👩‍🚀 émoji 🎵"),
        ("  nul\0 and   space ", "nul and space"),
        ("x" * 500, "x" * 500),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_titles_are_made_readable(page_client, track, given, kept):
    save(page_client, track, title=given)
    assert fresh(track).title == kept


@pytest.mark.parametrize(
    ("field", "given", "sentence"),
    [
        ("title", "", "This field is required."),
        ("title", "\u202e\u200b", "This field is required."),
        ("title", "x" * 10_000, "at most 500 characters"),
        ("artists", "x" * 10_000, "A name has at most 500 characters."),
        ("genres", ";".join("abcdefghijklmnopqrstuvwxyz"), "At most 20 names, please."),
        ("genres", "g" * 101, "A name has at most 100 characters."),
        ("release", "x" * 501, "at most 500 characters"),
        ("year", "999", "greater than or equal to 1000"),
        ("year", "soon", "Enter a whole number."),
        ("track_number", "0", "greater than or equal to 1"),
        ("disc_number", "99999999999999999999", "less than or equal to 999"),
        ("isrc", "nonsense", "An ISRC has two letters"),
    ],
)
def test_what_cannot_be_is_told_by_the_field(page_client, track, field, given, sentence):
    answer = save(page_client, track, **{field: given})
    assert answer.status_code == 200
    assert any(sentence in error for error in answer.context["form"].errors[field])
    assert not TrackEdit.objects.exists()


def test_a_release_needs_somebody_who_made_it(page_client, owner):
    track = make_track(owner)
    answer = save(page_client, track, release="Album")
    assert answer.context["form"].errors["album_artist"] == ["A release needs an artist."]


def test_an_old_form_does_not_put_back_what_others_changed(page_client, track):
    old = filled_in(page_client, track)
    edit_track(track, make_user(Role.ADMIN), {"title": "By the admin", "genres": ["Soul"]})
    page_client.post(reverse("track_edit", args=[track.pk]), {**old, "year": "1975"})
    assert (fresh(track).title, fresh(track).year) == ("By the admin", 1975)
    assert read_fields(fresh(track))["genres"] == ["Soul"]


def test_undo_after_another_change_says_what_stays(page_client, track, owner):
    first = edit_track(track, owner, {"title": "One", "track_number": 3})
    edit_track(track, owner, {"track_number": 4})
    page = page_client.post(reverse("edit_undo", args=[first.pk]), follow=True).content.decode()
    assert "Changed again since, so it stays as it is: Track." in page
    assert (fresh(track).title, fresh(track).track_number) == ("Song", 4)


def test_only_the_listed_fields_can_be_posted(page_client, owner):
    track = make_track(owner, visibility=Visibility.PRIVATE)
    before = Track.objects.filter(pk=track.pk).values().get()
    listed = filled_in(page_client, track)
    others = {name: "1" for field in Track._meta.get_fields() for name in (field.name, f"{field.name}_id")}
    posted = {**others, "visibility": "published", "is_playable": "", **listed, "title": "New"}
    page_client.post(reverse("track_edit", args=[track.pk]), posted)
    changed = Track.objects.filter(pk=track.pk).values().get()
    assert {name for name in before if before[name] != changed[name]} == {"title", "title_key"}


def test_a_curator_describes_what_is_published_and_nobody_else_does(page_client, track):
    for role, status in ((Role.CURATOR, 302), (Role.LISTENER, 403), (Role.UPLOADER, 403)):
        page_client.force_login(make_user(role))
        answer = page_client.post(reverse("track_edit", args=[track.pk]), {"title": f"by {role.label}"})
        assert answer.status_code == status
    assert fresh(track).title == "by curator"


def test_an_undo_needs_the_right_to_edit(page_client, track, owner):
    edit = edit_track(track, owner, {"title": "One"})
    page_client.force_login(make_user())
    assert page_client.post(reverse("edit_undo", args=[edit.pk])).status_code == 403
    Track.objects.update(visibility=Visibility.PRIVATE)
    assert page_client.post(reverse("edit_undo", args=[edit.pk])).status_code == 404
    assert fresh(track).title == "One"
