"""What is amiss in the catalog: of each kind how many tracks, and which."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Exists, F, Max, OuterRef, Q, Value
from django.db.models.functions import Length, Substr
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from recommender.accounts.models import User
from recommender.catalog.kept import Kept
from recommender.catalog.models import Analysis, AnalysisState, Track, TrackQuerySet
from recommender.curation.doubts import LEAST_MEASURED_SECONDS, LONG_SECONDS, LOUDEST_LUFS, SHORT_SECONDS, Doubt
from recommender.ingest.file_names import UNTITLED

UNCOMPARED: Final = "uncompared"
# By what ends an analysis without a vector, and so has a reason.
STATES: Final[Mapping[str, AnalysisState]] = {
    Doubt.FAILED: AnalysisState.FAILED,
    UNCOMPARED: AnalysisState.UNINDEXED,
}
OF_SOUND: Final = (*(Doubt.FAILED, UNCOMPARED, Doubt.SILENT, Doubt.TRUNCATED, Doubt.CLIPPED, Doubt.SHORT, Doubt.LONG),)
OF_DESCRIPTION: Final = (
    *(Doubt.NO_TITLE, Doubt.NO_ARTIST, Doubt.NO_RELEASE, Doubt.NO_YEAR, Doubt.NO_GENRE, Doubt.NO_COVER),
)
FLAWS: Final = (*OF_SOUND, *OF_DESCRIPTION)


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why so many tracks ended without a vector. `detail` is what a worker said of one of them."""

    reason: str
    detail: str
    count: int


def name_flaw(flaw: str) -> str | Promise:
    return gettext_lazy("not compared with others") if flaw == UNCOMPARED else Doubt(flaw).label


def count_flaws(viewer: User) -> Mapping[str, int]:
    """Of what `viewer` may know; counted anew only after a change of the catalog."""
    return _COUNTS.of(viewer, "flaws", lambda: _count(viewer))


def with_flaw(viewer: User, flaw: str, reason: str = "") -> TrackQuerySet:
    """The tracks of one of FLAWS that `viewer` may know of; for one reason, where that is given."""
    found = _prepare(Track.objects.visible_to(viewer))
    if reason and flaw in STATES:
        return found.filter(pk__in=_ended(STATES[flaw]).filter(reason=reason).values("track"))
    return found.filter(_conditions()[flaw])


def group_reasons(viewer: User, flaw: str) -> list[Reason]:
    """Of a flaw that has reasons (STATES), the most frequent first."""
    if flaw not in STATES:
        return []
    ended = _ended(STATES[flaw]).filter(Exists(Track.objects.visible_to(viewer).filter(pk=OuterRef("track"))))
    rows = ended.values("reason").annotate(count=Count("pk"), detail=Max("detail")).order_by("-count", "reason")
    return [Reason(**row) for row in rows]


def _count(viewer: User) -> Mapping[str, int]:
    prepared = _prepare(Track.objects.visible_to(viewer)).order_by()
    counted = {str(flaw): Count("pk", filter=condition) for flaw, condition in _conditions().items()}
    return prepared.aggregate(**counted)


def _prepare(tracks: TrackQuerySet) -> TrackQuerySet:
    """Adds the two parts of the name of the file that its title would divide it into."""
    length = Length("title")
    return tracks.alias(head=Substr("file_name", 1, length), tail=Substr("file_name", length + 1))


def _conditions() -> dict[str, Q]:
    """As `doubts` judges one track, for queries."""
    in_state = {flaw: Q(pk__in=_ended(state).values("track")) for flaw, state in STATES.items()}
    silent = Q(pk__in=_ended(AnalysisState.UNINDEXED).filter(reason="silent").values("track"))
    return {
        **in_state,
        Doubt.SILENT: silent
        | Q(Q(loudness_lufs=None, duration_seconds__gte=LEAST_MEASURED_SECONDS) & ~Q(waveform=b"")),
        Doubt.TRUNCATED: Q(is_truncated=True),
        Doubt.CLIPPED: Q(loudness_lufs__gt=LOUDEST_LUFS),
        Doubt.SHORT: Q(duration_seconds__lt=SHORT_SECONDS),
        Doubt.LONG: Q(duration_seconds__gt=LONG_SECONDS),
        **{gap: condition & Q(is_playable=True) for gap, condition in _gaps().items()},
    }


def _gaps() -> dict[str, Q]:
    """What is not said, of tracks whose tags were read."""
    return {
        Doubt.NO_TITLE: Q(title=UNTITLED) | Q(Q(artist=None) & _is_named_by_file()),
        Doubt.NO_ARTIST: Q(artist=None),
        Doubt.NO_RELEASE: Q(release=None),
        Doubt.NO_YEAR: Q(year=None, release__year=None),
        Doubt.NO_GENRE: Q(shelf__genres=""),
        Doubt.NO_COVER: Q(cover=None),
    }


def _is_named_by_file() -> Q:
    """The title is the whole name, or all of it but one ending."""
    is_ending = Q(tail__startswith=".") & ~Q(tail__regex=r"^\..*\.")
    return Q(head=F("title")) & (Q(tail=Value("")) | is_ending)


def _ended(state: AnalysisState) -> Any:
    return Analysis.objects.filter(space__is_active=True, state=state)


_COUNTS: Final[Kept[Mapping[str, int]]] = Kept(50)
