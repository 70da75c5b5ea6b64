"""The artists desk: who is one although written twice, who is several although written as one, what they are called.

An artist is a name that tracks share. Curators change it where they may describe all its tracks that they know of;
tracks that others keep to themselves follow, and nobody is told of them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommender.accounts.models import User
from recommender.catalog.browsing import visible_artists
from recommender.catalog.models import Artist, ArtistAlias, Credit, Release, Track, TrackQuerySet
from recommender.catalog.names import fold_key
from recommender.curation import artist_names
from recommender.curation.acts import perform
from recommender.curation.errors import BadNameError, MergeRefusedError, NothingChosenError, NotYoursError
from recommender.curation.models import Act, Change, Verb
from recommender.ingest.text import make_readable

LONGEST_NAME: Final = 500
MOST_NAMES: Final = 50
MOST_MERGED: Final = 50


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What some artists have made, as far as somebody knows of it: `beyond` are the tracks that are not theirs to
    describe.
    """

    tracks: int
    releases: int
    beyond: int


def tracks_of(viewer: User, artists: Collection[Artist]) -> TrackQuerySet:
    """What the viewer knows of that is by them or on their releases."""
    credited = Credit.objects.filter(artist__in=artists).values("track")
    return Track.objects.visible_to(viewer).filter(Q(pk__in=credited) | Q(release__artist__in=artists))


def splittable(actor: User, artist: Artist) -> TrackQuerySet:
    """Those of its tracks that the actor may describe."""
    return tracks_of(actor, [artist]).filter(pk__in=Track.objects.describable_by(actor).values("pk"))


def measure_reach(viewer: User, artists: Collection[Artist]) -> Reach:
    tracks = tracks_of(viewer, artists)
    releases = Release.objects.filter(artist__in=artists, pk__in=tracks.values("release"))
    beyond = tracks.exclude(pk__in=Track.objects.describable_by(viewer).values("pk"))
    return Reach(tracks=tracks.count(), releases=releases.count(), beyond=beyond.count())


def merge_artists(actor: User, kept: Artist, others: Collection[Artist], note: str = "") -> Act:
    """Their tracks, releases, rules, names and addresses are those of `kept` then. Raises MergeRefusedError,
    NotYoursError; nothing is done then.
    """
    merged = [artist for artist in others if artist.pk != kept.pk]
    if not merged or len(merged) > MOST_MERGED:
        raise MergeRefusedError(_("Choose two artists or more that are one, and the one that stays."))
    _check_reach(actor, merged)
    with transaction.atomic():
        act = Act.objects.create(actor=actor, verb=Verb.JOIN, note=note)
        for old in merged:
            reach, label = measure_reach(actor, [old]), f"{old.name} → {kept.name}"
            before, after = artist_names.join(old, kept)
            counted = {"followed_tracks": reach.tracks, "followed_releases": reach.releases}
            Change.objects.create(act=act, label=label[:300], before=before, after={**after, **counted})
    return act


def split_artist(
    actor: User,
    artist: Artist,
    names: Sequence[str],
    *,
    track_ids: Collection[int] | None = None,
    album_artist: str = "",
    note: str = "",
) -> Act:
    """Credit these tracks to several artists, all that the actor may describe where none are given. `album_artist`
    makes the releases that were by it, else the first. Raises BadNameError, NotYoursError, NothingChosenError,
    TooManyError.
    """
    several = read_names(names)
    if len(several) < 2:
        raise BadNameError(_("Write two names or more, each on a line of its own."))
    ids = splittable(actor, artist).values_list("pk", flat=True) if track_ids is None else track_ids
    arguments = {"artist": artist.pk, "names": several, "album_artist": _choose(album_artist, several)}
    return perform(Verb.SPLIT, actor, list(ids), note=note, arguments=arguments)


def name_artist(actor: User, artist: Artist, name: str, aliases: Iterable[str], note: str = "") -> Act | None:
    """Give it a name, and other names. None when it has these. Raises BadNameError, NotYoursError."""
    wanted = read_names([name])
    if not wanted:
        raise BadNameError(_("A name has to be seen."))
    others = read_names(aliases)
    if len(others) > MOST_NAMES:
        raise BadNameError(_("An artist has at most %(most)d other names.") % {"most": MOST_NAMES})
    check_names(actor, artist, [*wanted, *others])
    with transaction.atomic():
        held = Artist.objects.select_for_update().get(pk=artist.pk)
        changed = artist_names.name_artist(held, wanted[0], others)
        return _write(actor, Verb.ALIAS, artist.name, changed, note) if changed else None


def rename_artist(actor: User, artist: Artist, name: str) -> Act | None:
    """Another name, and the other ones as they are. None, and raises, as `name_artist`."""
    return name_artist(actor, artist, name, artist.aliases.values_list("name", flat=True))


def check_names(actor: User, artist: Artist, names: Sequence[str]) -> None:
    """Who bears a name that the actor knows of has to be merged; of others nothing is told. Raises BadNameError,
    NotYoursError.
    """
    _check_reach(actor, [artist])
    keys = [fold_key(name) for name in names]
    others = visible_artists(actor).exclude(pk=artist.pk)
    if found := others.filter(name_key__in=keys).first():
        raise BadNameError(_("There is an artist called “%(name)s”. Merge the two instead.") % {"name": found.name})
    if alias := ArtistAlias.objects.filter(name_key__in=keys, artist__in=others).select_related("artist").first():
        told = {"name": alias.name, "artist": alias.artist.name}
        raise BadNameError(_("“%(name)s” is another name of “%(artist)s”.") % told)


def tell_apart(actor: User, artists: Collection[Artist]) -> Act | None:
    """Two are not one, or one is not several: that is not suggested again. None when it was said before."""
    names = sorted(artist.name for artist in artists)
    if not 1 <= len(names) <= 2:
        raise NothingChosenError(_("Say of two artists that they are different, or of one that it is one."))
    with transaction.atomic():
        said = artist_names.tell_apart(names)
        if said is None:
            return None
        verdict = artist_names.Apart.DIFFERENT if said.second_key else artist_names.Apart.ONE
        after = {"said": said.pk, "artist_ids": [artist.pk for artist in artists], "told_apart": verdict}
        return _write(actor, Verb.TELL_APART, " / ".join(names), ({}, after), "")


def read_names(names: Iterable[str]) -> list[str]:
    """Fit to be shown, each once."""
    return artist_names.once_each(make_readable(name, LONGEST_NAME) for name in names)


def _write(actor: User, verb: Verb, label: str, changed: tuple[Mapping[str, Any], Mapping[str, Any]], note: str) -> Act:
    act = Act.objects.create(actor=actor, verb=verb, note=note)
    Change.objects.create(act=act, label=label[:300], before=dict(changed[0]), after=dict(changed[1]))
    return act


def _check_reach(actor: User, artists: Collection[Artist]) -> None:
    beyond = measure_reach(actor, artists).beyond
    if beyond or not actor.is_curator:
        sentence = ngettext(
            "%(count)d track waits for review, or was withdrawn: it is not yours to describe. Nothing was done.",
            "%(count)d tracks wait for review, or were withdrawn: they are not yours to describe. Nothing was done.",
            beyond,
        )
        raise NotYoursError(sentence % {"count": beyond})


def _choose(name: str, names: Sequence[str]) -> str:
    return next((each for each in names if fold_key(each) == fold_key(name)), names[0])
