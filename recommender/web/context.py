"""What every page needs to know about the site and the one who looks at it."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from recommender.conf import Uploads
from recommender.web.desk.tabs import Tab, find_tabs
from recommender.web.theme import Theme, read_theme


@dataclass(frozen=True, kw_only=True)
class Place:
    """Somewhere the menu leads. `around` are the addresses that belong to it."""

    name: str
    label: Promise
    around: frozenset[str] = frozenset()
    is_personal: bool = False

    @property
    def link(self) -> str:
        return reverse(self.name)


PLACES: Final = (
    Place(name="home", label=pgettext_lazy("menu", "Home")),
    Place(
        name="library",
        label=pgettext_lazy("menu", "Library"),
        around=frozenset(
            {
                "track",
                "track_edit",
                "track_delete",
                "track_report",
                "artists",
                "artist",
                "releases",
                "release",
                "genres",
            }
        ),
    ),
    Place(
        name="playlists",
        label=pgettext_lazy("menu", "Playlists"),
        around=frozenset(
            {
                "playlist",
                "playlist_edit",
                "playlist_delete",
                "playlist_suggestions",
                "track_playlists",
                "liked",
                "history",
                "feedback",
                "reports",
            }
        ),
        is_personal=True,
    ),
    Place(name="map", label=pgettext_lazy("menu", "Map"), around=frozenset({"map_region"})),
    Place(
        name="discover",
        label=pgettext_lazy("menu", "Discover"),
        around=frozenset({"radio", "blend", "describe", "ask", "ask_answer", "path", "missing", "for_you"}),
    ),
)


@dataclass(frozen=True)
class Site:
    """Evaluated as a template asks for it, so that pages which show no menu cost no query."""

    request: HttpRequest

    @property
    def places(self) -> list[tuple[Place, str]]:
        """Where the menu leads, each with its `aria-current`: empty where the viewer is not."""
        is_known = bool(getattr(self._user, "is_authenticated", False))
        here = self.request.resolver_match
        name = here.url_name or "" if here else ""
        return [(place, _mark(place, name)) for place in PLACES if is_known or not place.is_personal]

    @property
    def theme(self) -> Theme:
        return read_theme(self.request)

    @property
    def themes(self) -> list[Theme]:
        return list(Theme)

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Code and own name of each; who looks for one need not know the others."""
        return list(settings.LANGUAGES)

    @property
    def can_upload(self) -> bool:
        return bool(getattr(self._user, "is_uploader", False))

    @property
    def can_curate(self) -> bool:
        return bool(getattr(self._user, "is_curator", False))

    @property
    def trash_days(self) -> int:
        return int(settings.TRASH.kept_for.days)

    @property
    def desk_tabs(self) -> list[Tab]:
        return find_tabs(self.request)

    @property
    def is_signup_open(self) -> bool:
        return bool(settings.ACCESS.open_signup)

    @property
    def upload_limits(self) -> Uploads:
        return settings.UPLOADS

    @property
    def _user(self) -> object:
        return getattr(self.request, "user", None)


def site(request: HttpRequest) -> dict[str, Site]:
    return {"site": Site(request)}


def _mark(place: Place, here: str) -> str:
    if here == place.name:
        return "page"
    return "true" if here in place.around else ""
