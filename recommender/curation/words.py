"""What was done, in whole sentences: other languages put them together in their own way."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy, ngettext_lazy

from recommender.curation.models import Verb

# Values are lazy; the mapping is from a count to a sentence: `TOLD[verb] % {"count": 3}`.
TOLD: Final[Mapping[Verb, Any]] = {
    Verb.APPROVE: ngettext_lazy("%(count)d track was approved.", "%(count)d tracks were approved.", "count"),
    Verb.REJECT: ngettext_lazy("%(count)d track was rejected.", "%(count)d tracks were rejected.", "count"),
    Verb.ASK: ngettext_lazy(
        "Changes to %(count)d track were asked for.", "Changes to %(count)d tracks were asked for.", "count"
    ),
    Verb.WITHDRAW: ngettext_lazy("%(count)d track was withdrawn.", "%(count)d tracks were withdrawn.", "count"),
    Verb.HIDE: ngettext_lazy(
        "%(count)d track is no longer recommended.", "%(count)d tracks are no longer recommended.", "count"
    ),
    Verb.RECOMMEND: ngettext_lazy(
        "%(count)d track is recommended again.", "%(count)d tracks are recommended again.", "count"
    ),
    Verb.DESCRIBE: ngettext_lazy("%(count)d track was described.", "%(count)d tracks were described.", "count"),
    Verb.DESCRIBE_OWN: ngettext_lazy(
        "%(count)d track was described by its owner.", "%(count)d tracks were described by their owner.", "count"
    ),
    Verb.ANALYSE: ngettext_lazy(
        "%(count)d track will be analysed again.", "%(count)d tracks will be analysed again.", "count"
    ),
    Verb.TRASH: ngettext_lazy("%(count)d track is in the trash.", "%(count)d tracks are in the trash.", "count"),
    Verb.RESTORE: ngettext_lazy("%(count)d track was restored.", "%(count)d tracks were restored.", "count"),
    Verb.SUBMIT: ngettext_lazy("%(count)d track waits for review.", "%(count)d tracks wait for review.", "count"),
    Verb.PUBLISH: ngettext_lazy("%(count)d track is published.", "%(count)d tracks are published.", "count"),
    Verb.KEEP: ngettext_lazy("%(count)d track is private.", "%(count)d tracks are private.", "count"),
    Verb.MERGE: ngettext_lazy("%(count)d track was merged.", "%(count)d tracks were merged.", "count"),
    Verb.JUDGE: ngettext_lazy("%(count)d track was judged.", "%(count)d tracks were judged.", "count"),
    Verb.PAIR: ngettext_lazy("A pair of tracks was ruled on.", "%(count)d pairs of tracks were ruled on.", "count"),
    Verb.POOL: ngettext_lazy("A rule was switched.", "%(count)d rules were switched.", "count"),
    Verb.SETTLE: ngettext_lazy("%(count)d report was dealt with.", "%(count)d reports were dealt with.", "count"),
    Verb.DISMISS: ngettext_lazy("%(count)d suggestion was declined.", "%(count)d suggestions were declined.", "count"),
    Verb.JOIN: ngettext_lazy(
        "%(count)d artist was merged into another one.", "%(count)d artists were merged into another one.", "count"
    ),
    Verb.SPLIT: ngettext_lazy(
        "An artist was split, on %(count)d track.", "An artist was split, on %(count)d tracks.", "count"
    ),
    Verb.ALIAS: ngettext_lazy("%(count)d artist was named anew.", "%(count)d artists were named anew.", "count"),
    Verb.TELL_APART: ngettext_lazy("%(count)d name was told apart.", "%(count)d names were told apart.", "count"),
    Verb.PURGE: ngettext_lazy(
        "%(count)d track is being deleted for good.", "%(count)d tracks are being deleted for good.", "count"
    ),
    Verb.PAUSE: gettext_lazy("The analysis of tracks was paused."),
    Verb.RESUME: gettext_lazy("The analysis of tracks goes on again."),
}
CHANGED: Final[Any] = ngettext_lazy("%(count)d track was changed.", "%(count)d tracks were changed.", "count")


def tell(verb: Verb, count: int) -> str:
    return str(TOLD.get(verb, CHANGED) % {"count": count})
