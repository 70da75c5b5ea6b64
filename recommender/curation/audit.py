"""What was done, for those who may know of it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet

from recommender.accounts.models import Role, User
from recommender.catalog.browsing import visible_artists
from recommender.catalog.models import Artist, RecordingPair, Track, TrackQuerySet, Visibility
from recommender.curation.deeds import DEEDS
from recommender.curation.models import Act, Change, Job
from recommender.curation.sentences import BACK_IN_PART


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Which acts are looked for: what is empty narrows nothing. Those at `since` are meant, those at `until` not."""

    actor: int | None = None
    verb: str = ""
    track: int | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


def acts_seen_by(viewer: User) -> QuerySet[Act]:
    """One's own; for curators what was done to the catalog; for administrators all."""
    acts = Act.objects.select_related("actor", "undone_by")
    if viewer.is_administrator:
        return acts
    of_curators = [verb for verb, deed in DEEDS.items() if deed.least == Role.CURATOR]
    own = Q(actor=viewer)
    return acts.filter(own | Q(verb__in=of_curators) if viewer.is_curator else own)


def find_acts(viewer: User, wish: Wish) -> QuerySet[Act]:
    """Those that changed something, or may still."""
    changed, worked_on = Change.objects.filter(act=OuterRef("pk")), Job.objects.filter(act=OuterRef("pk"))
    acts = acts_seen_by(viewer).filter(Exists(changed) | Exists(worked_on))
    if wish.actor is not None:
        acts = acts.filter(actor=wish.actor)
    if wish.verb:
        acts = acts.filter(verb=wish.verb)
    if wish.track is not None:
        acts = _done_to(wish.track, acts, viewer)
    if wish.since is not None:
        acts = acts.filter(at__gte=wish.since)
    return acts if wish.until is None else acts.filter(at__lt=wish.until)


def with_counts(acts: QuerySet[Act]) -> QuerySet[Act]:
    """Adds `total`, `done` and `stuck`, how many changes there are, of them those that were done, and those that could
    not be taken back; `failed`, those with a problem; `first`, the first; and what jobs there are without their ids.
    """
    jobs = Prefetch("jobs", Job.objects.defer("ids", "arguments"))
    is_well, is_nothing = Q(changes__problem=""), Q(changes__after={})
    is_back = Q(changes__problem__in=("", *BACK_IN_PART))
    counted = acts.annotate(
        total=Count("changes"),
        done=Count("changes", filter=is_well | ~is_nothing),
        failed=Count("changes", filter=~is_well),
        stuck=Count("changes", filter=~is_back & ~is_nothing),
        first=Min("changes__pk"),
    )
    return counted.prefetch_related(jobs)


def actors_of(acts: QuerySet[Act]) -> QuerySet[User]:
    return User.objects.filter(pk__in=acts.order_by().values("actor")).order_by("username")


def hide_from(viewer: User, changes: Sequence[Change]) -> None:
    """Take out of these what is said of tracks the viewer may not know of: `label` is empty then, and so are the rest.

    Who did something knows what it was done to, and what is about neither tracks nor artists is for all to see. What is
    in the trash is judged as if it were not. Changes come with their act.
    """
    if viewer.is_administrator:
        return
    _hide_artists(viewer, [each for each in changes if "artist_ids" in each.after and each.track_id is None])
    of_others = [change for change in changes if change.track_id is not None and change.act.actor_id != viewer.pk]
    known = set(_known_to(viewer).filter(pk__in=[change.track_id for change in of_others]).values_list("pk", flat=True))
    for change in of_others:
        if change.track_id not in known:
            change.label, change.before, change.after = "", {}, {}
    _hide_judged(viewer, [change for change in of_others if "other_tracks" in change.after])


def _hide_artists(viewer: User, changes: Sequence[Change]) -> None:
    """Where one of them has but tracks that others keep to themselves."""
    of_others = [change for change in changes if change.act.actor_id != viewer.pk]
    if not of_others:
        return
    named = Artist.objects.filter(pk__in={pk for change in of_others for pk in change.after["artist_ids"]})
    hidden = set(named.exclude(pk__in=visible_artists(viewer).values("pk")).values_list("pk", flat=True))
    for change in of_others:
        if not hidden.isdisjoint(change.after["artist_ids"]):
            change.label, change.before, change.after = "", {}, {}


def _hide_judged(viewer: User, changes: Sequence[Change]) -> None:
    """The names of those that a track was judged together with."""
    if not changes:
        return
    pairs = {change.pk: {pair["pk"] for pair in change.before["pairs"]} for change in changes}
    judged = RecordingPair.objects.filter(
        pk__in=set().union(*pairs.values()), second__in=_known_to(viewer).values("pk")
    )
    known = set(judged.values_list("pk", flat=True))
    for change in changes:
        if not pairs[change.pk] <= known:
            change.after = {name: value for name, value in change.after.items() if name != "other_tracks"}


def _done_to(track_id: int, acts: QuerySet[Act], viewer: User) -> QuerySet[Act]:
    """That anything was done to a track tells that it is there."""
    found = acts.filter(pk__in=Change.objects.filter(track_id=track_id).values("act"))
    is_known = viewer.is_administrator or _known_to(viewer).filter(pk=track_id).exists()
    return found if is_known else found.filter(actor=viewer)


def _known_to(viewer: User) -> TrackQuerySet:
    may_know = Q(owner=viewer)
    if viewer.is_curator:
        may_know |= ~Q(visibility=Visibility.PRIVATE)
    return Track.objects.filter(may_know)
