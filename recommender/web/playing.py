"""What the player has to know of tracks: where their sound is, what they are called, how loud they are."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import HttpRequest, JsonResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from recommender.accounts.models import User
from recommender.catalog.merged import find_kept_artist, follow_merges
from recommender.catalog.models import Credit, Track, TrackQuerySet
from recommender.catalog.models.music import Viewer
from recommender.listening.feedback import opinions_of
from recommender.listening.models import Verdict
from recommender.web.asked_numbers import read_whole
from recommender.web.cards import IN_ORDER
from recommender.web.paging import load_rows
from recommender.web.refusals import BadAddressError
from recommender.web.templatetags.music import cover_url, format_name, gain_db

MOST_TRACKS: Final = 200


@require_safe
def track_sound(request: HttpRequest) -> JsonResponse:
    """A JSON list of `describe_sounds`: those that `track` names, else those of `release` or `artist`, in their order.

    What the viewer may not know of, and what cannot be played, is left out.
    """
    return JsonResponse(describe_sounds(request.user, find_sounds(request.user, request.GET)), safe=False)


def find_sounds(viewer: Viewer, asked: QueryDict) -> list[Track]:
    """At most MOST_TRACKS, in two queries. Raises BadAddressError."""
    ids = [read_whole("track", text) for text in asked.getlist("track")]
    if len(ids) > MOST_TRACKS:
        raise BadAddressError(_("At most %(most)d tracks can be asked for at a time.") % {"most": MOST_TRACKS})
    heard = playable_tracks(viewer)
    if ids:
        return _load_asked(heard, list(dict.fromkeys(ids)), viewer)
    if text := asked.get("release"):
        return list(heard.filter(release=read_whole("release", text)).order_by(*IN_ORDER)[:MOST_TRACKS])
    if text := asked.get("artist"):
        asked_for = read_whole("artist", text)
        artist = find_kept_artist(asked_for, viewer) or asked_for
        credited = Credit.objects.filter(artist=artist).order_by().values("track")
        made = Track.objects.filter(release__artist=artist).order_by().values("pk")
        return list(heard.filter(pk__in=credited.union(made)).order_by("release_id", *IN_ORDER)[:MOST_TRACKS])
    return []


def _load_asked(heard: TrackQuerySet, ids: list[int], viewer: Viewer) -> list[Track]:
    found = load_rows(heard, ids)
    if len(found) == len(ids):
        return found
    # A player may have kept what was merged since.
    return load_rows(heard, list(dict.fromkeys(follow_merges(ids, viewer))))


def playable_tracks(viewer: Viewer) -> TrackQuerySet:
    """What the viewer can hear, with all that `describe_sounds` reads."""
    listed = Track.objects.visible_to(viewer).playable().select_related("artist", "audio_file").defer("waveform")
    return listed.prefetch_related("credits__artist")


def describe_sounds(
    viewer: Viewer, tracks: Sequence[Track], *, said: Mapping[int, str] | None = None
) -> list[dict[str, Any]]:
    """For the player, as `parts/play_button.html` says it. `gain` in dB; `liked` is null for who cannot say so. `said`:
    the viewer's verdicts, by track, where they are known already.
    """
    is_known = isinstance(viewer, User)
    if said is None:
        said = opinions_of(viewer, [track.pk for track in tracks]) if isinstance(viewer, User) and tracks else {}
    return [
        {
            "id": track.pk,
            "title": track.title,
            "artist": track.artist_name,
            "page": reverse("track", args=[track.pk]),
            "src": reverse("track_audio", args=[track.pk]),
            "cover": cover_url(track),
            "format": format_name(track),
            "duration": track.duration_seconds,
            "gain": gain_db(track),
            "download": reverse("track_download", args=[track.pk]) if is_known else None,
            "liked": said.get(track.pk) == Verdict.LIKE if is_known else None,
        }
        for track in tracks
    ]
