"""Why a track is recommended, in words."""

from collections.abc import Sequence

from recommender.similarity.explain import HIGH, Reason, ReasonKind
from recommender.web.sound_facts import name_key

_LEVELS = {ReasonKind.ENERGY: ("both calm", "both energetic"), ReasonKind.BRIGHTNESS: ("both dark", "both bright")}


def describe_reasons(reasons: Sequence[Reason]) -> list[str]:
    return [_describe(reason) for reason in reasons]


def _describe(reason: Reason) -> str:
    if reason.kind == ReasonKind.RECORDING:
        return "sounds like the same recording"
    if reason.kind == ReasonKind.WORDS:
        return "both " + ", ".join(str(word) for word in reason.values)
    if reason.kind == ReasonKind.TASTE:
        return "close to what you like" if float(reason.values[0]) > 0 else "close to what you passed over"
    first, second = (float(value) for value in reason.values)
    if reason.kind == ReasonKind.TEMPO:
        return _describe_tempi(first, second)
    if reason.kind == ReasonKind.KEY:
        if first == second:
            return f"both in {name_key(int(first))}"
        return f"{name_key(int(second))} goes with {name_key(int(first))}"
    calm, strong = _LEVELS[reason.kind]
    return strong if min(first, second) >= HIGH else calm


def _describe_tempi(first: float, second: float) -> str:
    if max(first, second) > 1.5 * min(first, second):
        return f"{second:.0f} BPM, {'twice' if second > first else 'half'} as fast"
    return f"both about {(first + second) / 2:.0f} BPM"
