"""Artists who are one: looked at side by side, and merged."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from recommender.accounts.models import User
from recommender.catalog.browsing import visible_artists, visible_releases
from recommender.catalog.models import Artist, PoolRule, Track
from recommender.catalog.names import fold_key
from recommender.curation.artists import MOST_MERGED, Reach, measure_reach, merge_artists
from recommender.curation.errors import CurationError
from recommender.curation.models import Act
from recommender.web.asked_numbers import read_whole
from recommender.web.cards import ArtistCard, describe_artists
from recommender.web.desk.access import require_curator
from recommender.web.desk.artist import list_tracks
from recommender.web.desk.artists import read_artists
from recommender.web.desk.doing import read_note, refuse
from recommender.web.desk.telling import tell_act
from recommender.web.refusals import BadAddressError

LONGEST_NAME: Final = 500


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """`aliases` are its other names, `has_rule` that recommendations leave it out."""

    card: ArtistCard
    reach: Reach
    aliases: list[str]
    has_rule: bool
    is_suggested: bool


@dataclass(frozen=True, kw_only=True)
class MergePage:
    """`twins` are titles of releases that become one."""

    candidates: list[Candidate]
    twins: list[str]
    tracks: list[Track]
    total: int


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def merge(request: HttpRequest) -> HttpResponse:
    """GET shows `artist` and `artist`, or what is called `name`, side by side. POST merges them: `into`, `note`."""
    actor = require_curator(request)
    artists = read_artists(actor, request)
    if len(artists) > MOST_MERGED:
        raise BadAddressError(_("At most %(most)d artists are merged at a time.") % {"most": MOST_MERGED})
    if request.method == "POST":
        return _merge(request, actor, artists)
    if name := request.GET.get("name", "").replace("\0", "").strip()[:LONGEST_NAME]:
        return _add_named(request, actor, artists, name)
    return render(request, "desk/artist_merge.html", {"page": describe_merge(actor, artists)})


def describe_merge(viewer: User, artists: Sequence[Artist]) -> MergePage:
    cards = describe_artists(viewer, artists)
    suggested = max(cards, key=lambda card: (card.tracks, card.releases, -card.artist.pk)).artist
    others = [artist for artist in artists if artist != suggested]
    ruled = set(PoolRule.objects.filter(artist__in=artists, is_on=True).values_list("artist", flat=True))
    titles = list(visible_releases(viewer).filter(artist__in=artists).values_list("title_key", "title"))
    times = Counter(key for key, _title in titles)
    return MergePage(
        candidates=[
            Candidate(
                card=card,
                reach=measure_reach(viewer, [card.artist]),
                aliases=[alias.name for alias in card.artist.aliases.all()],
                has_rule=card.artist.pk in ruled,
                is_suggested=card.artist == suggested,
            )
            for card in cards
        ],
        twins=sorted({key: title for key, title in titles if times[key] > 1}.values()),
        tracks=list_tracks(viewer, others),
        total=measure_reach(viewer, others).tracks,
    )


def _merge(request: HttpRequest, actor: User, artists: Sequence[Artist]) -> HttpResponse:
    into = read_whole(_("number of an artist"), request.POST.get("into", ""))
    kept = next((artist for artist in artists if artist.pk == into), None)
    if kept is None:
        raise BadAddressError(_("The artist that stays is one of those that are merged."))
    try:
        act = merge_artists(actor, kept, artists, read_note(request))
    except CurationError as error:
        return refuse(request, error)
    _tell_merged(request, act, kept)
    return redirect("desk_artists")


def _add_named(request: HttpRequest, viewer: User, artists: Sequence[Artist], name: str) -> HttpResponse:
    visible, key = visible_artists(viewer), fold_key(name)
    found = visible.filter(name_key=key).first() or visible.filter(aliases__name_key=key).first()
    if found is None or found in artists:
        messages.error(request, _("There is no other artist called “%(name)s”.") % {"name": name})
        return redirect("desk_artist", artist_id=artists[0].pk)
    numbers = "&".join(f"artist={artist.pk}" for artist in (*artists, found))
    return redirect(f"{request.path}?{numbers}")


def _tell_merged(request: HttpRequest, act: Act, kept: Artist) -> None:
    count = act.changes.count()
    told = ngettext(
        "%(count)d artist was merged into “%(name)s”.", "%(count)d artists were merged into “%(name)s”.", count
    )
    tell_act(request, act, told=told % {"count": count, "name": kept.name})
