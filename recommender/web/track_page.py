"""What the page of a track tells, beside its title and its artists."""

from dataclasses import dataclass

from django.db.models import Prefetch, prefetch_related_objects
from django.http import QueryDict

from recommender.catalog.models import AnalysisState, Credit, Genre, Track, TrackEdit, TrackTag, Visibility
from recommender.catalog.models.music import Viewer
from recommender.catalog.twins import possible_twins
from recommender.ingest.tagging.copies import takes_details
from recommender.similarity.moments import Passage
from recommender.similarity.passages import similar_to_passage
from recommender.similarity.recommend import SimilarTracks, Wish, similar_to
from recommender.web.asked_numbers import parse_whole
from recommender.web.narrowing import Narrowing, offer_narrowing
from recommender.web.sound_facts import Fact, Meter, describe_file, describe_sound, explain_rendition, measure_sound
from recommender.web.standing import Standing, describe_standing
from recommender.web.states import ShownState, show_state
from recommender.web.track_access import DescribedTrack

MOST_TAGS = 8
MOST_TWINS = 5


@dataclass(frozen=True, kw_only=True)
class TrackPage:
    """`rendition` says why the track cannot be played, if so; `saved` is the change the viewer has just made. `twins`,
    for those who may do something about it, are tracks that may be the same recording. `similar` is so to the `passage`
    where one is asked for. `said` is the viewer's verdict on the track. `takes_details`: copies of its file can be
    given tags that say what this page says.
    """

    shown: ShownState
    standing: Standing
    similar: SimilarTracks | None
    passage: Passage | None
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
    said: str
    narrowing: Narrowing
    takes_details: bool


def describe_track(
    found: DescribedTrack, viewer: Viewer, wish: Wish, passage: Passage | None = None, *, given: QueryDict
) -> TrackPage:
    """`given` is the address that wish and passage were read from."""
    track, rights = found.track, found.rights
    shown = show_state(track)
    similar = _find_similar(track, viewer, wish, passage, shown)
    prefetch_related_objects([track], Prefetch("credits", Credit.objects.select_related("artist")), "tags")
    may_judge = found.has_twins and rights.may_describe
    genres, tags = list(track.genres.order_by("name_key")), _choose_tags(track)
    return TrackPage(
        shown=shown,
        standing=describe_standing(track, viewer),
        similar=similar,
        passage=passage,
        wish=wish,
        may_edit=rights.may_edit,
        may_describe=rights.may_describe,
        visibility=str(Visibility(track.visibility).label)
        if rights.may_edit or getattr(viewer, "is_curator", False)
        else "",
        genres=genres,
        tags=tags,
        narrowing=offer_narrowing(track, genres, tags, given),
        sound=describe_sound(track),
        meters=measure_sound(track),
        file=describe_file(track),
        rendition=explain_rendition(track.audio_file),
        twins=list(possible_twins(track, viewer).only("title")[:MOST_TWINS]) if may_judge else [],
        saved=_find_saved(track, viewer, given.get("saved", "")),
        said=found.said,
        takes_details=takes_details(track.audio_file.suffix),
    )


def _find_similar(
    track: Track, viewer: Viewer, wish: Wish, passage: Passage | None, shown: ShownState
) -> SimilarTracks | None:
    """None where there is nothing to compare yet, or never. What is analysed again is compared as it was."""
    if shown.state != AnalysisState.READY and not shown.is_unfinished:
        return None
    found = similar_to_passage(track, viewer, passage, wish) if passage else similar_to(track, viewer, wish)
    return found if shown.state == AnalysisState.READY or found.recommendations else None


def _choose_tags(track: Track) -> list[TrackTag]:
    """All moods that people gave it, before what was heard."""
    tags = list(track.tags.all())
    return tags[: max(MOST_TAGS, sum(tag.is_given for tag in tags))]


def _find_saved(track: Track, viewer: Viewer, number: str) -> TrackEdit | None:
    edit_id = parse_whole(number)
    if edit_id is None or not viewer.is_authenticated:
        return None
    return track.edits.filter(pk=edit_id, editor=viewer, undone_at=None).first()
