"""What a curator judges a track by: what its file says of it, what it sounds like, and what is near it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.catalog.models import Track
from recommender.curation.doubts import Doubt, doubt_description, doubt_sound
from recommender.curation.review import Twin, find_near, find_twins, suggest_genres
from recommender.curation.suggestions import LEAST
from recommender.similarity.describing.vocabulary import name_word
from recommender.similarity.recommend import Recommendation, SimilarTracks
from recommender.similarity.voting import Vote, choose_voters, count_votes
from recommender.web.sound_facts import Fact, Meter, describe_file, describe_sound, measure_sound
from recommender.web.states import ShownState, show_state

MOST_WORDS: Final = 8


@dataclass(frozen=True, kw_only=True)
class Examined:
    """`faults` are of the sound, `gaps` of what is said about it. `genres` are those that several of the near tracks
    have, with how many do; `suggested`: those that a track without one may well have. `near` is None where nothing can
    be compared.
    """

    track: Track
    shown: ShownState
    faults: list[Doubt]
    gaps: list[Doubt]
    told: list[Fact]
    words: list[str]
    sound: list[Fact]
    meters: list[Meter]
    near: SimilarTracks | None
    genres: list[tuple[str, int]]
    suggested: list[str]
    twins: list[Twin]


def examine(track: Track, viewer: User) -> Examined:
    """A track that `viewer` may see. Needs `for_listing()`."""
    prefetch_related_objects([track], "tags", "genres")
    near = find_near(track, viewer)
    found = near.recommendations if near else []
    prefetch_related_objects([each.track for each in found], "genres")
    return Examined(
        track=track,
        shown=show_state(track),
        faults=doubt_sound(track),
        gaps=doubt_description(track),
        told=describe_tags(track),
        words=[name_word(tag.name) for tag in track.tags.all()[:MOST_WORDS]],
        sound=describe_sound(track),
        meters=measure_sound(track),
        near=near,
        genres=suggest_genres(found),
        suggested=[] if track.genres.all() else _suggest(found),
        twins=find_twins(track, viewer),
    )


def _suggest(near: Sequence[Recommendation]) -> list[str]:
    """As the page of suggestions does, by the few that are shown here anyhow."""
    said = {found.track.pk: frozenset(genre.name for genre in found.track.genres.all()) for found in near}
    similarities = {found.track.pk: found.similarity for found in near if said[found.track.pk]}
    alike = {found.track.pk: frozenset([found.track.release_id or f"track {found.track.pk}"]) for found in near}
    votes = [Vote(pk, similarities[pk], said[pk]) for pk in choose_voters(similarities, alike)]
    return [result.value for result in count_votes(votes) if result.confidence >= LEAST]


def describe_tags(track: Track) -> list[Fact]:
    """What the file says, also where that is nothing."""
    number = "/".join(str(part) for part in (track.disc_number, track.track_number) if part)
    year = track.year or (track.release.year if track.release else None)
    facts = (
        Fact(_("Title"), track.title),
        Fact(_("Artist"), track.artist_name if track.artist else ""),
        Fact(_("Release"), track.release.title if track.release else ""),
        Fact(_("Number"), number),
        Fact(_("Year"), str(year or "")),
        Fact(_("Genres"), ", ".join(genre.name for genre in track.genres.all())),
        Fact(_("File"), track.file_name),
    )
    return [*facts, *describe_file(track)]
