"""Pages speak the language that was chosen, else that of the browser; what machines read is the same in all of them."""

from html.parser import HTMLParser
from typing import ClassVar

import pytest
from django.urls import reverse
from django.utils import translation

from recommender.accounts.models import Role
from recommender.catalog.editing import edit_track
from recommender.catalog.models import Track
from recommender.similarity.describing.words import read_description
from recommender.web import pages
from recommender.web.describe import list_examples
from recommender.web.languages import address_of_words, version_of
from tests.people import keep_parts, make_user, unit_vector

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english_again():
    with translation.override("en"):
        yield


def choose(client, language, came_from="http://testserver/discover/"):
    return client.post(reverse("set_language"), {"language": language}, headers={"Referer": came_from})


def test_pages_speak_english_unless_the_browser_asks_for_german(page_client):
    page = page_client.get(reverse("sign_in"))
    assert '<html lang="en" dir="ltr"' in page.content.decode()
    assert "/words/" not in page.content.decode()
    page = page_client.get(reverse("sign_in"), headers={"Accept-Language": "de-AT, en;q=0.5"})
    assert '<html lang="de" dir="ltr"' in page.content.decode()
    assert page["Content-Language"] == "de"
    assert {"Cookie", "Accept-Language"} <= {each.strip() for each in page["Vary"].split(",")}


def test_what_is_chosen_holds_from_then_on(page_client):
    answer = choose(page_client, "de")
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/discover/")
    assert answer.cookies["language"]["httponly"]
    page = page_client.get(reverse("sign_in"), headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="de"' in page
    assert 'value="de" lang="de" aria-pressed="true">Deutsch</button>' in page
    assert f'<script defer src="{reverse("words", args=["de", version_of("de")])}">' in page


@pytest.mark.parametrize("nonsense", ["", "xx", "de\0", "x" * 5000])
def test_nonsense_changes_nothing(page_client, nonsense):
    assert choose(page_client, nonsense).status_code == 302
    assert '<html lang="en"' in page_client.get(reverse("sign_in")).content.decode()


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "", "http://testserver/language"])
def test_nobody_is_led_elsewhere_or_to_where_there_is_no_page(page_client, elsewhere):
    assert choose(page_client, "de", elsewhere)["Location"] == reverse("home")


def test_scripts_need_no_page(client):
    assert client.post(reverse("set_language"), {"language": "de"}).status_code == 302
    assert client.get(reverse("set_language")).status_code == 405


def test_error_pages_speak_it_too(spoken_german, monkeypatch):
    page = spoken_german.get("/nothing/").content.decode()
    assert '<html lang="de"' in page
    assert "Hier ist nichts" in page

    def broken(*_arguments):
        raise RuntimeError

    monkeypatch.setattr(pages, "browse", broken)
    spoken_german.raise_request_exception = False
    page = spoken_german.get(reverse("library")).content.decode()
    assert '<html lang="de"' in page
    assert "/words/de-" in page


def test_a_language_that_is_read_from_the_right(page_client, settings):
    settings.LANGUAGES = [("en", "English"), ("ar", "العربية")]
    page = page_client.get(reverse("sign_in"), headers={"Accept-Language": "ar"}).content.decode()
    assert '<html lang="ar" dir="rtl"' in page


def test_scripts_get_their_words_and_keep_them(client):
    address = reverse("words", args=["de", version_of("de")])
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Cookie" not in answer["Vary"]
    assert answer["Content-Encoding"] == "gzip"
    assert client.get(reverse("words", args=["de", "older"]))["Cache-Control"] == "no-cache"
    assert "Versuch es gleich noch einmal" in client.get(address).content.decode()


@pytest.mark.parametrize("language", ["xx", "fr", "en-us", "DE", "d\0"])
def test_nobody_has_words_of_other_languages(client, language):
    assert client.get(f"/words/{language}-none.js").status_code == 404


def test_without_a_catalogue_there_is_english(page_client, settings, tmp_path):
    settings.LOCALE_PATHS = [tmp_path]
    with translation.override("de"):
        assert address_of_words() == reverse("words", args=["de", "none"])
    assert page_client.get(reverse("words", args=["de", "none"])).status_code == 200


def test_sound_and_pictures_are_the_same_in_all_languages(spoken_german):
    answer = spoken_german.get(reverse("placeholder_cover", args=[3]))
    assert "Content-Language" not in answer
    assert "Accept-Language" not in answer.get("Vary", "")


class Machines(HTMLParser):
    """Gathers what machines read of a page: addresses, numbers, names; not the words for people."""

    NAMES: ClassVar = {"href", "src", "action", "formaction", "id", "for", "name", "type", "datetime"}
    NUMBERS: ClassVar = {"min", "max", "step", "size", "maxlength", "aria-valuenow", "aria-valuemin", "aria-valuemax"}
    SHAPES: ClassVar = {"style", "width", "height", "viewbox", "points", "d", "x", "y", "r", "transform"}
    READ: ClassVar = NAMES | NUMBERS | SHAPES
    # Attributes of data that scripts show to people.
    WORDS: ClassVar = {"data-question", "data-consequence", "data-yes-label", "data-max-text", "data-of-tracks"}

    def __init__(self) -> None:
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        # What is typed into a field may be words: the name that a playlist could have.
        is_prose = given.get("type", "text") in ("text", "search") and tag == "input"
        is_own = given.get("name") == "csrfmiddlewaretoken" or given.get("src", "").startswith("/words/")
        for name, value in {} if is_own else given.items():
            # What examples look for are words.
            if name == "href" and "?words=" in value:
                continue
            is_data = name.startswith("data-") and name not in self.WORDS
            if is_data or name in self.READ or (name == "value" and not is_prose):
                self.found.append((tag, name, value))


def read_by_machines(client, address, language):
    client.cookies["language"] = language
    page = client.get(address)
    assert page.status_code == 200, address
    parser = Machines()
    parser.feed(page.content.decode())
    assert parser.found[0] == ("html", "data-theme", "system")
    return parser.found


@pytest.fixture
def places(tracks, page_client):
    """Addresses of all kinds of pages of a catalog whose numbers are not whole, for somebody who may do everything."""
    named = {"release": "Album", "genres": ["Folk"], "year": 1999}
    measured = {"loudness_lufs": -9.53, "replaygain_db": -3.25, "tempo_bpm": 127.6, "tempo_confidence": 0.9}
    heard = {"energy": 0.725, "brightness": 0.4, "key": 21, "key_confidence": 0.8}
    for number, track in enumerate(tracks):
        Track.objects.filter(pk=track.pk).update(duration_seconds=61.7 + 1000.3 * number, **measured, **heard)
        keep_parts(track.embeddings.get(), [unit_vector(seed) for seed in range(4)], step=1.5)
        edit_track(track, track.owner, {"artists": [f"Ann {number}"], **named})
    one, two = tracks[0].pk, tracks[1].pk
    page_client.force_login(make_user(Role.ADMIN))
    page_client.post(reverse("track_feedback", args=[one]), {"say": "like"})
    page_client.post(reverse("track_play", args=[two]), {"heard_seconds": "30.5"})
    playlist = page_client.post(reverse("playlists"), {"name": "Evening", "track": f"{one},{two}"})["Location"]
    plain = (
        *("home", "library", "artists", "releases", "genres", "map", "discover", "upload", "ask", "describe", "blend"),
        *("path", "radio", "missing", "for_you", "feedback", "liked", "history", "playlists"),
    )
    desk = ("", "review", "duplicates", "acts", "health", "quality", "quality_reach", "reports", "rules")
    of_track = ("track", "track_edit", "track_delete", "track_playlists")
    return [
        *(reverse(name) for name in (*plain, "trash", "reports")),
        *(reverse(f"desk_{name}" if name else "desk") for name in desk),
        *(reverse(name, args=[one]) for name in of_track),
        *(playlist, f"{playlist}edit", f"{playlist}delete", f"{playlist}suggestions"),
        *(reverse(name, args=[getattr(Track.objects.get(pk=one), f"{name}_id")]) for name in ("artist", "release")),
        f"{reverse('library')}?view=list&sort=longest",
        f"{reverse('track', args=[one])}?from=2.5&to=8.25&strictness=0.25",
        f"{reverse('track', args=[one])}?t=1.5",
        f"{reverse('blend')}?like={one}&like={two}",
        f"{reverse('path')}?from={one}&to={two}",
        f"{reverse('radio')}?from={one}",
        f"{reverse('describe')}?words=fast+folk",
    ]


def test_what_machines_read_is_the_same_in_every_language(places, page_client):
    for address in places:
        read = {language: read_by_machines(page_client, address, language) for language in ("en", "de")}
        assert read["en"] == read["de"], address


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_examples_of_descriptions_are_understood(language):
    with translation.override(language):
        read = [read_description(example) for example in list_examples()]
    assert [each.strange for each in read] == [()] * len(read)
    assert [len(each.terms) for each in read] == [2, 2, 3, 3]


def test_a_closed_house_speaks_every_language_at_its_door(page_client, settings):
    settings.ACCESS = type(settings.ACCESS)(open_signup=False, require_sign_in=True)
    assert page_client.get(reverse("words", args=["de", "none"])).status_code == 200
    assert choose(page_client, "de")["Location"] == "http://testserver/discover/"
    assert "Anmelden" in page_client.get(reverse("sign_in")).content.decode()
