"""Whether others hear a track: what its owner is told about that, and what they may do about it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.catalog.models import Track, Visibility
from recommender.catalog.models.music import Viewer
from recommender.curation.models import Act, Verb
from recommender.curation.reports import find_led_by_reports, find_unrecommended
from recommender.curation.review import find_decisions
from recommender.curation.showing import must_submit


@dataclass(frozen=True, kw_only=True)
class Standing:
    """`sentence` is empty where everybody may hear the track and nothing has to be said of it. `is_bad`: its owner may
    want to do something about it. `deeds` are verbs for `desk_do` with what their buttons say. `may_review`: it waits,
    and the viewer may decide.
    """

    sentence: str
    is_bad: bool
    deeds: list[tuple[str, str]]
    may_review: bool


def describe_standing(track: Track, viewer: Viewer) -> Standing:
    return describe_standings([track], viewer)[0]


def describe_standings(tracks: Sequence[Track], viewer: Viewer) -> list[Standing]:
    """In four queries at most, whatever their number. Whoever sees a track that others do not may know why, but not who
    asked for it.
    """
    hidden = [track.pk for track in tracks if track.visibility in (Visibility.PRIVATE, Visibility.WITHDRAWN)]
    left_out = [track.pk for track in tracks if _is_left_out(track, viewer)]
    decisions = find_decisions(hidden) if hidden else {}
    decisions |= find_unrecommended(left_out) if left_out else {}
    withdrawn = [act for act in decisions.values() if act.verb == Verb.WITHDRAW]
    reported = find_led_by_reports(withdrawn) if withdrawn else set()
    return [_describe(track, viewer, decisions.get(track.pk), reported) for track in tracks]


def _describe(track: Track, viewer: Viewer, decided: Act | None, reported: Collection[int]) -> Standing:
    """`reported` are acts that a report led to."""
    is_waiting = track.visibility == Visibility.SUBMITTED
    told, is_bad = _explain(track, decided, is_reported=decided is not None and decided.pk in reported)
    is_own = isinstance(viewer, User) and track.owner_id == viewer.pk and viewer.is_uploader
    return Standing(
        sentence=told,
        is_bad=is_bad,
        deeds=_offer_deeds(track, viewer) if is_own and isinstance(viewer, User) else [],
        may_review=is_waiting and getattr(viewer, "is_curator", False),
    )


def _explain(track: Track, decided: Act | None, *, is_reported: bool) -> tuple[str, bool]:
    """The sentence, and whether it is bad news."""
    verb, note = (Verb(decided.verb), decided.note) if decided else (None, "")
    if track.visibility == Visibility.PUBLISHED:
        return (_explain_left_out(note), True) if decided else ("", False)
    if track.visibility == Visibility.SUBMITTED:
        return _("Waiting for review: others hear it once a curator has."), False
    if verb == Verb.ASK and track.visibility == Visibility.PRIVATE:
        return _("Changes are asked for: %(note)s") % {"note": note}, True
    if track.visibility == Visibility.PRIVATE:
        return _("Private: only you and administrators see it."), False
    if verb == Verb.REJECT:
        return _("Rejected: %(note)s") % {"note": note}, True
    return _explain_withdrawal(note, is_reported=is_reported), True


def _is_left_out(track: Track, viewer: Viewer) -> bool:
    """Only who uploaded it is told."""
    is_own = isinstance(viewer, User) and track.owner_id == viewer.pk
    return is_own and track.visibility == Visibility.PUBLISHED and not track.is_recommendable


def _explain_left_out(note: str) -> str:
    told = _("Not recommended because of a report, but found and played as before: %(note)s")
    return told % {"note": note} if note else _("Not recommended because of a report, but found and played as before.")


def _explain_withdrawal(note: str, *, is_reported: bool) -> str:
    if is_reported:
        return _("Hidden because of a report: %(note)s") % {"note": note} if note else _("Hidden because of a report.")
    return _("Withdrawn by a curator: %(note)s") % {"note": note} if note else _("Withdrawn by a curator.")


def _offer_deeds(track: Track, owner: User) -> list[tuple[str, str]]:
    showing = (Verb.SUBMIT.value, _("Submit for review")) if must_submit(owner) else (Verb.PUBLISH.value, _("Publish"))
    keeping = (Verb.KEEP.value, _("Make private"))
    offers = {
        Visibility.PRIVATE: [showing],
        Visibility.SUBMITTED: [keeping] if must_submit(owner) else [showing, keeping],
        Visibility.PUBLISHED: [keeping],
    }
    return offers.get(Visibility(track.visibility), [])
