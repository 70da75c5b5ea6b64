"""Whether others hear a track: what its owner is told about that, and what they may do about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.catalog.models import Track, Visibility
from recommender.catalog.models.music import Viewer
from recommender.curation.deeds import must_submit
from recommender.curation.models import Act, Verb
from recommender.curation.review import find_decisions


@dataclass(frozen=True, kw_only=True)
class Standing:
    """`sentence` is empty where everybody may hear the track. `deeds` are verbs for `desk_do` with what their buttons say.
    `is_bad`: its owner may want to do something about it. `may_review`: it waits, and the viewer may decide.
    """

    sentence: str
    is_bad: bool
    deeds: list[tuple[str, str]]
    may_review: bool


def describe_standing(track: Track, viewer: Viewer) -> Standing:
    return describe_standings([track], viewer)[0]


def describe_standings(tracks: Sequence[Track], viewer: Viewer) -> list[Standing]:
    """In one query at most, whatever their number. Whoever sees a track that others do not may know why."""
    hidden = [track.pk for track in tracks if track.visibility in (Visibility.PRIVATE, Visibility.WITHDRAWN)]
    decisions = find_decisions(hidden) if hidden else {}
    return [_describe(track, viewer, decisions.get(track.pk)) for track in tracks]


def _describe(track: Track, viewer: Viewer, decided: Act | None) -> Standing:
    is_waiting = track.visibility == Visibility.SUBMITTED
    told, is_bad = _explain(track, decided)
    is_own = isinstance(viewer, User) and track.owner_id == viewer.pk and viewer.is_uploader
    return Standing(
        sentence=told,
        is_bad=is_bad,
        deeds=_offer_deeds(track, viewer) if is_own and isinstance(viewer, User) else [],
        may_review=is_waiting and getattr(viewer, "is_curator", False),
    )


def _explain(track: Track, decided: Act | None) -> tuple[str, bool]:
    """The sentence, and whether it is bad news."""
    verb, note = (Verb(decided.verb), decided.note) if decided else (None, "")
    if track.visibility == Visibility.PUBLISHED:
        return "", False
    if track.visibility == Visibility.SUBMITTED:
        return _("Waiting for review: others hear it once a curator has."), False
    if verb == Verb.ASK and track.visibility == Visibility.PRIVATE:
        return _("Changes are asked for: %(note)s") % {"note": note}, True
    if track.visibility == Visibility.PRIVATE:
        return _("Private: only you and administrators see it."), False
    if verb == Verb.REJECT:
        return _("Rejected: %(note)s") % {"note": note}, True
    return (_("Withdrawn by a curator: %(note)s") % {"note": note} if note else _("Withdrawn by a curator.")), True


def _offer_deeds(track: Track, owner: User) -> list[tuple[str, str]]:
    showing = (Verb.SUBMIT.value, _("Submit for review")) if must_submit(owner) else (Verb.PUBLISH.value, _("Publish"))
    keeping = (Verb.KEEP.value, _("Make private"))
    offers = {
        Visibility.PRIVATE: [showing],
        Visibility.SUBMITTED: [keeping] if must_submit(owner) else [showing, keeping],
        Visibility.PUBLISHED: [keeping],
    }
    return offers.get(Visibility(track.visibility), [])
