"""Why a track is recommended, in words."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from recommender.similarity.describing.vocabulary import name_word
from recommender.similarity.explain import HIGH, Reason, ReasonKind
from recommender.web.sound_facts import name_key

_LEVELS = {
    ReasonKind.ENERGY: (gettext_noop("both calm"), gettext_noop("both energetic")),
    ReasonKind.BRIGHTNESS: (gettext_noop("both dark"), gettext_noop("both bright")),
}


def describe_reasons(reasons: Sequence[Reason]) -> list[str]:
    return [_describe(reason) for reason in reasons]


def _describe(reason: Reason) -> str:
    if reason.kind == ReasonKind.RECORDING:
        return _("sounds like the same recording")
    if reason.kind == ReasonKind.TOGETHER:
        return _("put together by a curator")
    if reason.kind == ReasonKind.WORDS:
        return _("both %(words)s") % {"words": ", ".join(name_word(str(word)) for word in reason.values)}
    if reason.kind == ReasonKind.TASTE:
        return _("close to what you like") if float(reason.values[0]) > 0 else _("close to what you passed over")
    first, second = (float(value) for value in reason.values)
    if reason.kind == ReasonKind.TEMPO:
        return _describe_tempi(first, second)
    if reason.kind == ReasonKind.KEY:
        if first == second:
            return _("both in %(key)s") % {"key": name_key(int(first))}
        return _("%(key)s goes with %(other)s") % {"key": name_key(int(second)), "other": name_key(int(first))}
    calm, strong = _LEVELS[reason.kind]
    return _(strong if min(first, second) >= HIGH else calm)


def _describe_tempi(first: float, second: float) -> str:
    if max(first, second) > 1.5 * min(first, second):
        sentence = _("%(tempo)d BPM, twice as fast") if second > first else _("%(tempo)d BPM, half as fast")
        return sentence % {"tempo": round(second)}
    return _("both about %(tempo)d BPM") % {"tempo": round((first + second) / 2)}
