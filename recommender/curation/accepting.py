"""What is suggested, accepted one by one or all that is sure, or dismissed for good: acts like any other."""

from collections.abc import Collection, Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.curation.acts import perform
from recommender.curation.describing import OF_EACH, SEEN
from recommender.curation.models import Act, Verb
from recommender.curation.suggestions import SUGGESTED, Kind, find_candidates, name_values

# Values as `suggestions.Proposal` has them, by the track they are of.
Chosen = Mapping[int, Collection[str]]


def accept(curator: User, kind: Kind, chosen: Chosen, was: Chosen) -> Act:
    """Say of each track what was `chosen` for it, in place of what it `was` when the curator saw it: whatever says
    something else by now stays as it is. Raises NotYoursError, NothingChosenError.
    """
    names = name_values(curator, kind, {value for values in (*chosen.values(), *was.values()) for value in values})
    said, seen = (
        {pk: sorted(names[value] for value in values if value in names) for pk, values in side.items()}
        for side in (chosen, was)
    )
    known = {pk: values for pk, values in said.items() if values}
    arguments = {
        OF_EACH: {str(pk): {kind.field: values} for pk, values in known.items()},
        SEEN: {str(pk): {kind.field: seen.get(pk, [])} for pk in known},
    }
    return perform(Verb.DESCRIBE, curator, known, note=_("Suggested by what sounds like it."), arguments=arguments)


def accept_all(curator: User, kind: Kind, least: float) -> Act:
    """Whatever is suggested for any candidate with at least so much confidence. Each batch of a job finds out its own.

    Raises NothingChosenError where there are no candidates, TooManyError, IndexUnavailableError.
    """
    asked = {"kind": kind, "least": least, "until": timezone.now().isoformat()}
    note = _("Suggested by what sounds like it, with a confidence of %(least)d%% or more.")
    track_ids = list(find_candidates(curator, kind).order_by().values_list("pk", flat=True))
    given = {SUGGESTED: asked}
    return perform(Verb.DESCRIBE, curator, track_ids, note=note % {"least": round(100 * least)}, arguments=given)


def dismiss(curator: User, kind: Kind, track_ids: Collection[int]) -> Act:
    """Suggest nothing of this kind for these tracks again. Raises NotYoursError, NothingChosenError."""
    return perform(Verb.DISMISS, curator, track_ids, arguments={"field": kind.field})
