"""Neighbours with what re-ranking reads of them: three queries, whatever their number."""

import functools
import operator
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from django.db.models import Exists, F, OuterRef, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from recommender.catalog.joining import JoinedTexts
from recommender.catalog.models import (
    Credit,
    PairRule,
    PairSaying,
    PairVerdict,
    RecordingPair,
    Space,
    Track,
    TrackQuerySet,
)
from recommender.similarity.nearness.ranks import Shares, similarity_of
from recommender.similarity.nearness.sample import sample_of
from recommender.similarity.vectors import TrackIds, Vector, stack_vectors

# No track has this id: a seed that is none, such as a sound from outside or the middle of several tracks.
NO_TRACK: Final = 0
_TWIN: Final = "twin"
# More than anything else can make up for.
_AHEAD: Final = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class Seed:
    """What the listener starts from. `twin_ids` are tracks that are, or may be, the same recording; `unlike_ids` are
    not similar to it, curators say, and `together_ids` those that belong to it.
    """

    track_id: int
    audio_file: str
    vector: Vector
    duration_seconds: float
    twin_ids: frozenset[int]
    unlike_ids: frozenset[int] = frozenset()
    together_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate:
    """`cosine` as the vectors have it, `similarity` 0-1 as this catalog has it (`similarity.nearness.ranks`).

    `seen_by_seed` is the similarity by the cosine alone as the seed sees it, which no candidate of a smaller cosine
    exceeds. `moved` is what the listener's taste adds to the similarity or takes from it. `is_ruled`: it belongs to the
    seed, curators say. `versions` are those that were folded into this.
    """

    track_id: int
    cosine: float
    similarity: float
    seen_by_seed: float
    vector: Vector
    artist_ids: frozenset[int]
    release_id: int | None
    duration_seconds: float
    twin_ids: frozenset[int]
    moved: float = 0.0
    is_ruled: bool = False
    versions: tuple[int, ...] = ()

    @property
    def worth(self) -> float:
        """What candidates are ordered by; people read the similarity, which is about the sound alone."""
        return self.similarity + self.moved + _AHEAD * self.is_ruled


def sort_nearest(candidates: Iterable[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda each: (-each.is_ruled, -each.similarity, -each.cosine, each.track_id))


def stack(candidates: Sequence[Candidate]) -> Vector:
    """Their vectors, float32 (n, dimension), n >= 1."""
    return np.stack([candidate.vector for candidate in candidates])


def find_seed(track: Track) -> tuple[Space, Seed] | None:
    """With the active space. None where the track has no vector there."""
    stored = track.embeddings.filter(space__is_active=True).select_related("space")
    embedding = stored.annotate(is_paired=_is_paired("track")).first()
    if embedding is None:
        return None
    _, vectors = stack_vectors([(track.pk, embedding.vector)], embedding.space.dimension)
    if not len(vectors):
        return None
    paired = find_pairs([track.pk]) if embedding.is_paired else Pairs()
    return embedding.space, Seed(
        track_id=track.pk,
        audio_file=track.audio_file_id,
        vector=vectors[0],
        duration_seconds=track.duration_seconds or 0.0,
        twin_ids=paired.twin_ids,
        unlike_ids=paired.unlike_ids,
        together_ids=paired.together_ids,
    )


def gather(space: Space, seed: Seed, allowed: TrackQuerySet, track_ids: Collection[int]) -> list[Candidate]:
    """Those of `track_ids` that are among `allowed` and not the seed's own file, nearest first; before them those that
    belong to the seed. These may be far from it: who wants them names them as well.
    """
    rows = {row["pk"]: row for row in _facts(space, seed, allowed, track_ids)}
    ids, vectors = stack_vectors(((pk, row["embeddings__vector"]) for pk, row in rows.items()), space.dimension)
    if not len(ids):
        return []
    cosines = vectors @ seed.vector
    similarities, seen_by_seed = compare_with(space, seed, ids, vectors)
    twins = find_twins([pk for pk, row in rows.items() if row["is_paired"]])
    found = [
        Candidate(
            track_id=int(track_id),
            cosine=float(cosines[row]),
            similarity=float(similarities[row]),
            seen_by_seed=float(seen_by_seed[row]),
            vector=vectors[row],
            artist_ids=_read_ids(rows[int(track_id)]["artist_ids"]),
            release_id=rows[int(track_id)]["release_id"],
            duration_seconds=rows[int(track_id)]["duration_seconds"] or 0.0,
            twin_ids=twins[int(track_id)],
            is_ruled=int(track_id) in seed.together_ids,
        )
        for row, track_id in enumerate(ids)
    ]
    return sort_nearest(found)


def _facts(space: Space, seed: Seed, allowed: TrackQuerySet, track_ids: Collection[int]) -> Any:
    others = allowed.filter(pk__in=track_ids, embeddings__space=space).exclude(audio_file=seed.audio_file)
    credited = Credit.objects.filter(track=OuterRef("pk")).order_by().values(joined=Cast("artist", TextField()))
    facts = others.annotate(is_paired=_is_paired("pk"), artist_ids=JoinedTexts(credited))
    return facts.values("pk", "release_id", "duration_seconds", "embeddings__vector", "is_paired", "artist_ids")


def _read_ids(joined: str | None) -> frozenset[int]:
    return frozenset(int(number) for number in joined.split(",")) if joined else frozenset()


def compare_with(space: Space, seed: Seed, ids: TrackIds, vectors: Vector) -> tuple[Shares, Shares]:
    """How similar each is, and by the cosine alone as the seed sees it: (n,) and (n,)."""
    sample = sample_of(space)
    shares = sample.rank_from(seed.vector, seed.track_id, vectors, ids)
    return similarity_of(shares), similarity_of(sample.rank_by_cosine(seed.vector, seed.track_id, vectors))


def find_artists(track_ids: Collection[int]) -> Mapping[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for track_id, artist_id in Credit.objects.filter(track__in=track_ids).values_list("track_id", "artist_id"):
        found[track_id].add(artist_id)
    return _frozen(found)


def _is_paired(track: str) -> Combinable:
    """Whether the track of that column is in any pair, so that most pages need not ask which."""
    sides = [
        Exists(table.objects.filter(**{side: OuterRef(track)}))
        for table in (RecordingPair, PairRule)
        for side in ("first", "second")
    ]
    return functools.reduce(operator.or_, sides)


class Pairs(NamedTuple):
    """The other tracks that are paired with some: as the same recording, as not similar, and as belonging together."""

    twin_ids: frozenset[int] = frozenset()
    unlike_ids: frozenset[int] = frozenset()
    together_ids: frozenset[int] = frozenset()


def find_pairs(track_ids: Collection[int]) -> Pairs:
    """Of any of these tracks, in one query."""
    twins = RecordingPair.objects.exclude(verdict=PairVerdict.DIFFERENT).annotate(kind=Value(_TWIN))
    rules = PairRule.objects.annotate(kind=F("says"))
    found = [
        pairs.filter(**{f"{one}__in": track_ids}).values_list(other, "kind")
        for pairs in (twins, rules)
        for one, other in (("first", "second_id"), ("second", "first_id"))
    ]
    paired: dict[str, set[int]] = defaultdict(set)
    for other, kind in found[0].union(*found[1:]):
        paired[kind].add(other)
    return Pairs(*(frozenset(paired[kind]).difference(track_ids) for kind in (_TWIN, *PairSaying.values)))


def find_twins(track_ids: Collection[int]) -> Mapping[int, frozenset[int]]:
    """Tracks of one recording, as far as the comparison of fingerprints and the curators say so."""
    if not track_ids:
        return _frozen({})
    pairs = RecordingPair.objects.exclude(verdict=PairVerdict.DIFFERENT).values_list("first_id", "second_id")
    found: dict[int, set[int]] = defaultdict(set)
    for first, second in pairs.filter(first__in=track_ids).union(pairs.filter(second__in=track_ids)):
        found[first].add(second)
        found[second].add(first)
    return _frozen(found)


def _frozen(sets: Mapping[int, set[int]]) -> Mapping[int, frozenset[int]]:
    return defaultdict(frozenset, {key: frozenset(values) for key, values in sets.items()})
