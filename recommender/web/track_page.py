"""What the page of a track tells, beside its title and its artists."""

from dataclasses import dataclass

from recommender.catalog.models import AnalysisState, Genre, Track, TrackEdit, TrackTag, Visibility
from recommender.catalog.models.music import Viewer
from recommender.catalog.twins import possible_twins
from recommender.similarity.recommend import SimilarTracks, Wish, similar_to
from recommender.web.sound_facts import Fact, Meter, describe_file, describe_sound, explain_rendition, measure_sound
from recommender.web.states import ShownState, show_state
from recommender.web.track_access import find_rights

MOST_TAGS = 8
MOST_TWINS = 5


@dataclass(frozen=True, kw_only=True)
class TrackPage:
    """`rendition` says why the track cannot be played, if so; `saved` is the change the viewer has just made. `twins`,
    for those who may do something about it, are tracks that may be the same recording.
    """

    shown: ShownState
    similar: SimilarTracks | None
    wish: Wish
    may_edit: bool
    may_describe: bool
    visibility: str
    genres: list[Genre]
    tags: list[TrackTag]
    sound: list[Fact]
    meters: list[Meter]
    file: list[Fact]
    rendition: str
    saved: TrackEdit | None
    twins: list[Track]


def describe_track(track: Track, viewer: Viewer, wish: Wish, saved: str = "") -> TrackPage:
    shown = show_state(track)
    rights = find_rights(viewer, track)
    return TrackPage(
        shown=shown,
        similar=similar_to(track, viewer, wish) if shown.state == AnalysisState.READY else None,
        wish=wish,
        may_edit=rights.may_edit,
        may_describe=rights.may_describe,
        visibility=Visibility(track.visibility).label
        if rights.may_edit or getattr(viewer, "is_curator", False)
        else "",
        genres=list(track.genres.order_by("name_key")),
        tags=list(track.tags.all()[:MOST_TAGS]),
        sound=describe_sound(track),
        meters=measure_sound(track),
        file=describe_file(track),
        rendition=explain_rendition(track.audio_file),
        twins=list(possible_twins(track, viewer).only("title")[:MOST_TWINS]) if rights.may_describe else [],
        saved=_find_saved(track, viewer, saved),
    )


def _find_saved(track: Track, viewer: Viewer, number: str) -> TrackEdit | None:
    if not (viewer.is_authenticated and number.isascii() and number.isdigit() and len(number) < 19):
        return None
    return track.edits.filter(pk=int(number), editor=viewer, undone_at=None).first()
