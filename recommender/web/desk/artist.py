"""One artist at the desk: its names, whether it is several, and what it has made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from recommender.accounts.models import User
from recommender.catalog.browsing import visible_artists
from recommender.catalog.models import Artist, ArtistAlias, Track
from recommender.catalog.names import fold_key
from recommender.curation.artists import (
    MOST_NAMES,
    Reach,
    measure_reach,
    name_artist,
    read_names,
    split_artist,
    splittable,
    tracks_of,
)
from recommender.curation.errors import CurationError
from recommender.curation.likeness import split_name
from recommender.curation.models import Act
from recommender.web.asked_tracks import read_track_ids
from recommender.web.cards import ArtistCard, describe_artists
from recommender.web.desk.access import require_curator
from recommender.web.desk.doing import read_note, refuse
from recommender.web.desk.telling import tell_act
from recommender.web.paging import load_rows
from recommender.web.refusals import BadAddressError

SHOWN: Final = 60
MOST_TICKED: Final = 200
LONGEST_TEXT: Final = 30_000


@dataclass(frozen=True, kw_only=True)
class ArtistPage:
    """`parts` are the names that its name may consist of."""

    card: ArtistCard
    reach: Reach
    aliases: list[str]
    parts: list[str]
    tracks: list[Track]


@dataclass(frozen=True, kw_only=True)
class SplitPage:
    """`parts` are names with the artist that is called so, if there is one. `has_releases`: some are by it."""

    card: ArtistCard
    reach: Reach
    names: list[str]
    parts: list[tuple[str, ArtistCard | None]]
    tracks: list[Track]
    total: int
    has_releases: bool


@require_safe
@login_required
def artist(request: HttpRequest, artist_id: int) -> HttpResponse:
    viewer = require_curator(request)
    found = get_object_or_404(visible_artists(viewer), pk=artist_id)
    return render(request, "desk/artist.html", {"page": describe_artist(viewer, found)})


@require_POST
def names(request: HttpRequest, artist_id: int) -> HttpResponse:
    """`name`; `aliases`, each on a line of its own; `keep` for the old name as one of them; `note`."""
    actor = require_curator(request)
    found = get_object_or_404(visible_artists(actor), pk=artist_id)
    aliases = [*_read_lines(request.POST.get("aliases", "")), *([found.name] if request.POST.get("keep") else [])]
    try:
        act = name_artist(actor, found, request.POST.get("name", ""), aliases, read_note(request))
    except CurationError as error:
        return refuse(request, error)
    _tell_named(request, act)
    return redirect("desk_artist", artist_id=artist_id)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def split(request: HttpRequest, artist_id: int) -> HttpResponse:
    """GET shows what would come of `names`, each on a line of its own. POST does so: `which` is all or ticked, with
    `track` again and again; `album_artist` and `note`.
    """
    actor = require_curator(request)
    found = get_object_or_404(visible_artists(actor), pk=artist_id)
    if request.method != "POST":
        return render(request, "desk/artist_split.html", {"page": describe_split(actor, found, request.GET)})
    try:
        act = _split(actor, found, request)
    except CurationError as error:
        return refuse(request, error)
    tell_act(request, act)
    is_there = visible_artists(actor).filter(pk=artist_id).exists()
    return redirect("desk_artist", artist_id=artist_id) if is_there else redirect("desk_artists")


def describe_artist(viewer: User, artist: Artist) -> ArtistPage:
    parts = split_name(artist.name)
    return ArtistPage(
        card=describe_artists(viewer, [artist])[0],
        reach=measure_reach(viewer, [artist]),
        aliases=list(artist.aliases.values_list("name", flat=True)),
        parts=parts if len(parts) > 1 else [],
        tracks=list_tracks(viewer, [artist]),
    )


def describe_split(viewer: User, artist: Artist, given: QueryDict) -> SplitPage:
    wanted = read_names(_read_lines(given.get("names", "")))[:MOST_NAMES] or split_name(artist.name)
    described = splittable(viewer, artist)
    return SplitPage(
        card=describe_artists(viewer, [artist])[0],
        reach=measure_reach(viewer, [artist]),
        names=wanted,
        parts=_find_parts(viewer, wanted),
        tracks=list(described.for_listing().order_by("release", "title_key", "pk")[:MOST_TICKED]),
        total=described.count(),
        has_releases=described.filter(release__artist=artist).exists(),
    )


def list_tracks(viewer: User, artists: Sequence[Artist]) -> list[Track]:
    """The first of them, release by release."""
    return list(tracks_of(viewer, artists).for_listing().order_by("release__title_key", "title_key", "pk")[:SHOWN])


def _find_parts(viewer: User, wanted: Sequence[str]) -> list[tuple[str, ArtistCard | None]]:
    """As they will be found by name, or by another name of theirs."""
    keys = [fold_key(name) for name in wanted]
    visible = visible_artists(viewer)
    aliases = ArtistAlias.objects.filter(name_key__in=keys, artist__in=visible).values_list("name_key", "artist")
    by_key = {**dict(aliases), **dict(visible.filter(name_key__in=keys).values_list("name_key", "pk"))}
    cards = {card.artist.pk: card for card in describe_artists(viewer, load_rows(visible, list(by_key.values())))}
    return [(name, cards.get(by_key.get(fold_key(name), 0))) for name in wanted]


def _split(actor: User, artist: Artist, request: HttpRequest) -> Act:
    """Raises BadAddressError, CurationError."""
    given = request.POST
    which = given.get("which", "")
    if which not in ("all", "ticked"):
        raise BadAddressError(_("What is split is one of: %(choices)s.") % {"choices": "all, ticked"})
    ids = read_track_ids(given) if which == "ticked" else None
    wanted, album_artist = _read_lines(given.get("names", "")), given.get("album_artist", "")
    if len(wanted) > MOST_NAMES:
        raise BadAddressError(_("An artist is split into %(most)d at most.") % {"most": MOST_NAMES})
    note = read_note(request)
    return split_artist(actor, artist, wanted, track_ids=ids, album_artist=album_artist, note=note)


def _tell_named(request: HttpRequest, act: Act | None) -> None:
    if act is None:
        messages.info(request, _("Nothing was changed: it is so already."))
    else:
        tell_act(request, act, told=_("The names are changed. Whoever is credited by one of them is this artist."))


def _read_lines(text: str) -> list[str]:
    """Raises BadAddressError."""
    if len(text) > LONGEST_TEXT:
        raise BadAddressError(_("That is too long."))
    return [line for line in text.replace("\0", "").splitlines() if line.strip()]
