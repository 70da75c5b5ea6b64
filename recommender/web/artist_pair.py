"""The page of two artists side by side: how near they sound, which of their tracks most, and what they share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommender.catalog.browsing import visible_artists
from recommender.catalog.models import Artist, Track
from recommender.catalog.models.music import Viewer
from recommender.catalog.shared import Shared, Tempos, find_shared
from recommender.similarity.artist_pair import Match, Pair, Side, compare_artists
from recommender.web.asked_numbers import read_whole
from recommender.web.desk.charts import Chart, draw_bars
from recommender.web.refusals import BadAddressError
from recommender.web.sound_facts import Fact, Meter
from recommender.web.templatetags.music import percent


@dataclass(frozen=True)
class NearPair:
    first: Track
    second: Track
    similarity: float


@dataclass(frozen=True, kw_only=True)
class PairPage:
    """`told` says in a sentence what the meters show."""

    meters: list[Meter]
    told: str
    charts: list[Chart]
    nearest: list[NearPair]
    shared: Shared
    tempos: list[Fact]


@require_safe
def artist_pair(request: HttpRequest, artist_id: int) -> HttpResponse:
    first, second = find_two(request.user, artist_id, request.GET)
    page = describe_pair(request.user, first, second)
    return render(request, "artist_pair.html", {"first": first, "second": second, "page": page})


def find_two(viewer: Viewer, artist_id: int, given: QueryDict) -> tuple[Artist, Artist]:
    """Raises Http404 for artists the viewer may not know of, BadAddressError where no other one is named."""
    known = visible_artists(viewer)
    first = known.filter(pk=artist_id).first()
    if first is None:
        raise Http404
    other_id = read_whole(_("number of an artist"), given.get("with", ""))
    if other_id == artist_id:
        raise BadAddressError(_("Name two artists, and not one of them twice."))
    second = known.filter(pk=other_id).first()
    if second is None:
        raise Http404
    return first, second


def describe_pair(viewer: Viewer, first: Artist, second: Artist) -> PairPage | None:
    """None where there is nothing to compare."""
    pair = compare_artists(first, second, viewer)
    if pair is None:
        return None
    tracks = _load(viewer, pair)
    shared = find_shared(pair.first.track_ids, pair.second.track_ids)
    return PairPage(
        meters=_measure(first, second, pair),
        told=_tell(first, second, pair),
        charts=[
            _draw(artist, other, side, tracks)
            for artist, other, side in ((first, second, pair.first), (second, first, pair.second))
            # A single bar shows nothing.
            if len(side.track_ids) > 1
        ],
        nearest=_pair_up(pair.nearest, tracks),
        shared=shared,
        tempos=[
            Fact(artist.name, _write_tempos(tempos))
            for artist, tempos in zip((first, second), shared.tempos, strict=True)
            if tempos
        ],
    )


def _load(viewer: Viewer, pair: Pair) -> Mapping[int, Track]:
    """All that were compared: their titles stand beside the bars."""
    ids = [*pair.first.track_ids, *pair.second.track_ids]
    return Track.objects.visible_to(viewer).recommendable().for_listing().in_bulk(ids)


def _measure(first: Artist, second: Artist, pair: Pair) -> list[Meter]:
    rows = (
        (_("Among the tracks of %(artist)s") % {"artist": first.name}, pair.first.within),
        (_("Between the two"), pair.between),
        (_("Among the tracks of %(artist)s") % {"artist": second.name}, pair.second.within),
    )
    return [Meter(label, percent(share)) for label, share in rows if share is not None]


def _tell(first: Artist, second: Artist, pair: Pair) -> str:
    told = _("On the mean, the nearest track of the other artist is %(between)d of 100 similar.")
    sentences = [told % {"between": percent(pair.between)}]
    for artist, side in ((first, pair.first), (second, pair.second)):
        if side.within is not None:
            told = _("Among the tracks of %(artist)s alone it is %(within)d of 100.")
            sentences.append(told % {"artist": artist.name, "within": percent(side.within)})
    return " ".join(sentences)


def _draw(artist: Artist, other: Artist, side: Side, tracks: Mapping[int, Track]) -> Chart:
    names = {"artist": artist.name, "other": other.name}
    bars = [
        (tracks[pk].title, percent(reached))
        for pk, reached in zip(side.track_ids, side.reached, strict=True)
        if pk in tracks
    ]
    told = _("How near the nearest track of %(other)s is to each of %(artist)s, of 100.") % names
    return draw_bars(_("From %(artist)s to %(other)s") % names, told, bars, most=100)


def _pair_up(matches: Sequence[Match], tracks: Mapping[int, Track]) -> list[NearPair]:
    return [
        NearPair(tracks[match.first], tracks[match.second], match.similarity)
        for match in matches
        if match.first in tracks and match.second in tracks
    ]


def _write_tempos(tempos: Tempos) -> str:
    slow, fast = tempos
    if slow == fast:
        return _("about %(tempo)d BPM") % {"tempo": slow}
    return _("mostly %(slow)d to %(fast)d BPM") % {"slow": slow, "fast": fast}
