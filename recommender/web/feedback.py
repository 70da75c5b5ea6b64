"""What people say of tracks: the small buttons beside them, and the page where all of it is seen and taken back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from recommender.accounts.models import User
from recommender.catalog.models import PairSaying, Track
from recommender.curation.acts import perform
from recommender.curation.models import Verb
from recommender.listening.errors import TooManyError
from recommender.listening.feedback import (
    Kind,
    give_opinion,
    say_unlike,
    take_back_opinion,
    take_back_unlike,
)
from recommender.listening.models import Opinion, Play, Unlikeness, Verdict
from recommender.web.answers import find_way_back, problem, wants_json
from recommender.web.asked_numbers import parse_whole
from recommender.web.paging import Asked, Order, cut_page, link_to, load_rows
from recommender.web.refusals import BadAddressError
from recommender.web.track_access import find_visible

PAGE_SIZE: Final = 50
NEWEST_FIRST: Final = Order(is_descending=True)
LABELS: Final = {
    Kind.LIKE: gettext_noop("Liked"),
    Kind.DISLIKE: gettext_noop("Disliked"),
    Kind.UNLIKE: gettext_noop("Not similar"),
    Kind.SKIP: gettext_noop("Skipped"),
}

Said = Opinion | Unlikeness | Play


@dataclass(frozen=True, kw_only=True)
class Row:
    """Something said: `track` and `seed` are None where they are no longer for the listener to see."""

    pk: int
    track: Track | None
    seed: Track | None


@dataclass(frozen=True, kw_only=True)
class FeedbackPage:
    kind: Kind
    kinds: list[tuple[Kind, str]]
    rows: list[Row]
    before: str
    after: str


# What a curator says of two tracks: what is kept of it, and how it is told.
_RULINGS: Final[Mapping[str, tuple[str, str]]] = {
    "unlike": (PairSaying.UNLIKE, gettext_noop("“%(title)s” and “%(seed)s” are not similar, for everybody.")),
    "together": (PairSaying.TOGETHER, gettext_noop("“%(title)s” and “%(seed)s” belong together, for everybody.")),
    "alike": ("", gettext_noop("“%(title)s” and “%(seed)s” may be recommended from each other again.")),
}


@require_POST
def say(request: HttpRequest, track_id: int) -> HttpResponse:
    """`say` is one of the keys of _SAYINGS; "unlike" and "alike" want a `seed`."""
    track = find_visible(request.user, track_id)
    if not isinstance(request.user, User):
        raise PermissionDenied(_("Sign in to say what you think of a track."))
    saying = _SAYINGS.get(request.POST.get("say", ""))
    if saying is None:
        raise BadAddressError(_("What is said of a track is one of: %(choices)s.") % {"choices": ", ".join(_SAYINGS)})
    try:
        return _answer(request, track, saying(request, request.user, track))
    except TooManyError as error:
        if wants_json(request):
            return problem("too_many", str(error), 429)
        messages.error(request, str(error))
        return redirect(find_way_back(request, reverse("track", args=[track.pk])))


@require_POST
def rule(request: HttpRequest, track_id: int) -> HttpResponse:
    """A curator says of this track and `seed`, for everybody: `unlike` or `together`; `alike` takes either back."""
    track = find_visible(request.user, track_id)
    if not (isinstance(request.user, User) and request.user.is_curator):
        raise PermissionDenied(_("Only curators say what holds for everybody."))
    seed, said = _find_seed(request, track), request.POST.get("say", "")
    if said not in _RULINGS:
        choices = {"choices": ", ".join(_RULINGS)}
        raise BadAddressError(_("What is said of two tracks is one of: %(choices)s.") % choices)
    says, told = _RULINGS[said]
    perform(Verb.PAIR, request.user, [seed.pk], arguments={"other": track.pk, "says": says})
    link = format_html(' <a href="{}">{}</a>', reverse("desk_rules"), _("All such rules"))
    return _answer(request, track, format_html("{}{}", _(told) % _name(track, seed), link))


@require_safe
@login_required
def feedback(request: HttpRequest) -> HttpResponse:
    return render(request, "feedback.html", {"page": list_feedback(cast(User, request.user), request.GET)})


@require_POST
def undo(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Take back what the listener said or did. A skip is forgotten as if the track had not been started."""
    if not isinstance(request.user, User):
        raise PermissionDenied(_("Sign in to change what you said."))
    if kind not in list(Kind):
        raise Http404
    get_object_or_404(_rows_of(request.user, Kind(kind)), pk=pk).delete()
    if wants_json(request):
        return HttpResponse(status=204)
    messages.success(request, _("Taken back."))
    return redirect(reverse("feedback") + link_to({}, kind=kind))


def list_feedback(listener: User, asked: Asked) -> FeedbackPage:
    """The newest of one kind. Raises BadAddressError."""
    given = asked.get("kind", Kind.LIKE)
    if given not in list(Kind):
        raise BadAddressError(_("The kind of feedback is one of: %(choices)s.") % {"choices": ", ".join(Kind)})
    cut = cut_page(_rows_of(listener, Kind(given)), NEWEST_FIRST, asked, size=PAGE_SIZE)
    ids = {pk for said in cut.rows for pk in (said.track_id, getattr(said, "seed_id", None)) if pk}
    seen = {track.pk: track for track in load_rows(Track.objects.visible_to(listener).for_listing(), list(ids))}
    return FeedbackPage(
        kind=Kind(given),
        kinds=[(kind, _(label)) for kind, label in LABELS.items()],
        rows=[_describe(said, seen) for said in cut.rows],
        before=link_to({"kind": given}, before=cut.before) if cut.before else "",
        after=link_to({"kind": given}, after=cut.after) if cut.after else "",
    )


def _describe(said: Said, seen: Mapping[int, Track]) -> Row:
    seed_id = said.seed_id if isinstance(said, Unlikeness) else 0
    return Row(pk=said.pk, track=seen.get(said.track_id), seed=seen.get(seed_id))


def _rows_of(listener: User, kind: Kind) -> QuerySet[Said]:
    """What is listed is what counts."""
    if kind == Kind.SKIP:
        return Play.objects.counting_skips(listener)
    if kind == Kind.UNLIKE:
        return Unlikeness.objects.filter(listener=listener)
    return Opinion.objects.filter(listener=listener, verdict=kind.value)


def _find_seed(request: HttpRequest, track: Track) -> Track:
    """Raises BadAddressError, Http404."""
    seed_id = parse_whole(request.POST.get("seed", ""))
    if seed_id is None:
        raise BadAddressError(_("Say which track this one is compared with."))
    if seed_id == track.pk:
        raise BadAddressError(_("A track is always similar to itself."))
    return find_visible(request.user, seed_id)


def _answer(request: HttpRequest, track: Track, told: str) -> HttpResponse:
    if wants_json(request):
        return HttpResponse(status=204)
    messages.success(request, told)
    return redirect(find_way_back(request, reverse("track", args=[track.pk])))


def _like(request: HttpRequest, listener: User, track: Track) -> str:
    give_opinion(listener, track, Verdict.LIKE)
    return _tell(
        _("You like “%(title)s”: music close to it comes a little earlier.") % {"title": track.title}, Kind.LIKE
    )


def _dislike(request: HttpRequest, listener: User, track: Track) -> str:
    give_opinion(listener, track, Verdict.DISLIKE)
    return _tell(
        _("“%(title)s” and music close to it come later or not at all.") % {"title": track.title}, Kind.DISLIKE
    )


def _neither(request: HttpRequest, listener: User, track: Track) -> str:
    take_back_opinion(listener, track)
    return _("What you said of “%(title)s” is taken back.") % {"title": track.title}


def _unlike(request: HttpRequest, listener: User, track: Track) -> str:
    seed = _find_seed(request, track)
    say_unlike(listener, seed, track)
    return _tell(_("“%(title)s” is no longer recommended to you from “%(seed)s”.") % _name(track, seed), Kind.UNLIKE)


def _alike(request: HttpRequest, listener: User, track: Track) -> str:
    seed = _find_seed(request, track)
    take_back_unlike(listener, seed, track)
    return _("“%(title)s” may be recommended to you from “%(seed)s” again.") % _name(track, seed)


def _name(track: Track, seed: Track) -> dict[str, str]:
    return {"title": track.title, "seed": seed.title}


def _tell(sentence: str, kind: Kind) -> str:
    """With the way to take it back."""
    address = reverse("feedback") + link_to({}, kind=kind)
    return format_html('{} <a href="{}">{}</a>', sentence, address, _("Your feedback"))


_SAYINGS: Final[Mapping[str, Callable[[HttpRequest, User, Track], str]]] = {
    "like": _like,
    "dislike": _dislike,
    "neither": _neither,
    "unlike": _unlike,
    "alike": _alike,
}
