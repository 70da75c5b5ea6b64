"""What is done to artists, and how it is taken back: two that are one, one that is several, what one is called, and
that two names are not the same.

The row of a change keeps under `artists` the numbers of those it names: who may not know of them does not read it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from recommender.accounts.models import User
from recommender.catalog.artist_moves import Moved, find_obstacle, move_artist, move_back, revive_artist
from recommender.catalog.credits import Mentions, drop_unused
from recommender.catalog.editing import Value, edit_track, read_fields
from recommender.catalog.models import Artist, ArtistAlias, DistinctNames, Track
from recommender.catalog.names import fold_key
from recommender.curation.describing import undo_description
from recommender.curation.models import Change
from recommender.curation.sentences import (
    ARTIST_GONE,
    CHANGED_SINCE,
    NAME_TAKEN,
    SOME_CHANGED_SINCE,
    TAKE_BACK_FIRST,
)

Values = dict[str, Any]


class Apart(TextChoices):
    """What is said of two names, or of one that might be several artists."""

    DIFFERENT = "different", _("different artists")
    ONE = "one", _("one artist")


MOST_LISTED: Final = 1_000


def join(old: Artist, kept: Artist) -> tuple[Values, Values]:
    """Merge `old` into `kept`. What the change says before and after, without counts of what followed."""
    row = {"artist": old.name}
    moved = move_artist(old, kept)
    return row, {"artist": kept.name, "artist_ids": [moved["artist"]["pk"], kept.pk], "moved": moved}


def unjoin(change: Change, actor: User) -> str:
    """Tracks that stay are listed beside it, as far as whoever merged knows of them."""
    return _unmove(change, [change.after["moved"]])


def split(track: Track, actor: User, arguments: Mapping[str, Any]) -> tuple[Values, Values] | None:
    """Arguments: the id of the `artist` that is several, their `names`, in order, and the `album_artist` of releases
    that were by it. None where the track is not by it any more.
    """
    artist = Artist.objects.filter(pk=arguments["artist"]).first()
    if artist is None:
        return None
    row = {name: getattr(artist, name) for name in ("pk", "name", "musicbrainz_id")}
    wanted: dict[str, Value] = {"artists": _replace(read_fields(track)["artists"], artist, arguments["names"])}
    if track.release and track.release.artist_id == artist.pk:
        wanted["album_artist"] = arguments["album_artist"]
    edit = edit_track(track, actor, wanted)
    return None if edit is None else (edit.before, {**edit.after, "edit": edit.pk, "split": row})


def undo_split(change: Change, actor: User) -> str:
    """The artist is back under its old address."""
    row = change.after["split"]
    if not ArtistAlias.objects.filter(name_key=fold_key(row["name"])).exists():
        revive_artist(row)
    problem = undo_description(change, actor)
    drop_unused(Mentions(artists=frozenset({row["pk"]}), releases=frozenset(), genres=frozenset()))
    return problem


def name_artist(artist: Artist, name: str, aliases: Sequence[str]) -> tuple[Values, Values] | None:
    """Give it this name and these other names, and no others. Who bears one of them becomes part of it. None where that
    is so already.
    """
    before = read_names(artist)
    keys = {fold_key(each): each for each in aliases if fold_key(each) != fold_key(name)}
    others = Artist.objects.filter(name_key__in=[fold_key(name), *keys]).exclude(pk=artist.pk)
    taken = ArtistAlias.objects.filter(Q(artist__in=others) | Q(name_key__in=[fold_key(name), *keys]))
    taken = taken.exclude(artist=artist)
    lost = list(taken.values_list("artist", "name"))
    ArtistAlias.objects.filter(pk__in=list(taken.values_list("pk", flat=True))).delete()
    moved = [move_artist(other, artist) for other in others]
    artist.aliases.exclude(name_key__in=keys).delete()
    _rename(artist, name)
    _add_aliases(artist, keys)
    after = read_names(artist)
    if before == after:
        return None
    return before, {**after, "artist_ids": [artist.pk], "moved": moved, "lost": lost}


def undo_names(change: Change, actor: User) -> str:
    artist = Artist.objects.select_for_update().filter(pk=change.after["artist_ids"][0]).first()
    if artist is None:
        return ARTIST_GONE
    before, after = ({**said, "keys": set(map(fold_key, said["aliases"]))} for said in (change.before, change.after))
    artist.aliases.filter(name_key__in=after["keys"] - before["keys"]).delete()
    stayed = before["name"] != after["name"] and not _name_again(artist, after["name"], before["name"])
    wanted = {fold_key(name): name for name in before["aliases"] if fold_key(name) not in after["keys"]}
    free = {key: name for key, name in wanted.items() if not _is_taken(key)}
    _add_aliases(artist, free)
    problem = _unmove(change, change.after["moved"])
    for other in Artist.objects.filter(pk__in=[pk for pk, _name in change.after["lost"]]):
        lost = {fold_key(name): name for pk, name in change.after["lost"] if pk == other.pk}
        _add_aliases(other, {key: name for key, name in lost.items() if not _is_taken(key)})
    return problem or (SOME_CHANGED_SINCE if stayed or len(free) < len(wanted) else "")


def read_names(artist: Artist) -> Values:
    return {"name": artist.name, "aliases": list(artist.aliases.order_by("name_key").values_list("name", flat=True))}


def tell_apart(names: Sequence[str]) -> DistinctNames | None:
    """Two names are not one artist, or one is not several; None where that is known."""
    first, *rest = sorted(map(fold_key, names))
    said, is_new = DistinctNames.objects.get_or_create(first_key=first, second_key=rest[0] if rest else "")
    return said if is_new else None


def forget_difference(change: Change, actor: User) -> str:
    return "" if DistinctNames.objects.filter(pk=change.after["said"]).delete()[0] else CHANGED_SINCE


def _unmove(change: Change, all_moved: Sequence[Moved]) -> str:
    for moved in all_moved:
        if not Artist.objects.filter(pk=moved["kept"]).exists():
            return TAKE_BACK_FIRST
        if find_obstacle(moved):
            return NAME_TAKEN
    stayed = [pk for moved in reversed(all_moved) for pk in move_back(moved, since=change.act.at)]
    known = Track.objects.visible_to(change.act.actor) if change.act.actor else Track.objects.none()
    listed = known.filter(pk__in=stayed[:MOST_LISTED])
    Change.objects.bulk_create(
        Change(act=change.act, track_id=track.pk, label=track.title[:300], problem=CHANGED_SINCE) for track in listed
    )
    return SOME_CHANGED_SINCE if stayed else ""


def _replace(credited: Value, artist: Artist, names: Sequence[str]) -> list[str]:
    listed = credited if isinstance(credited, list) else []
    replaced = [each for name in listed for each in (names if fold_key(name) == artist.name_key else [name])]
    return once_each(replaced)


def once_each(names: Iterable[str]) -> list[str]:
    """However they are written; without those that fold to nothing."""
    by_key: dict[str, str] = {}
    for name in names:
        by_key.setdefault(fold_key(name), name)
    by_key.pop("", None)
    return list(by_key.values())


def _rename(artist: Artist, name: str) -> None:
    artist.name = name
    artist.save(update_fields=["name", "name_key"])


def _name_again(artist: Artist, now: str, name: str) -> bool:
    """Whether it had the name of `now`, and has that of before again."""
    is_free = artist.name_key == fold_key(name) or not _is_taken(fold_key(name))
    if artist.name != now or not is_free:
        return False
    _rename(artist, name)
    return True


def _add_aliases(artist: Artist, names: Mapping[str, str]) -> None:
    """By their keys. Those it has are spelt anew."""
    for key, name in names.items():
        ArtistAlias.objects.update_or_create(name_key=key, defaults={"artist": artist, "name": name})


def _is_taken(key: str) -> bool:
    return Artist.objects.filter(name_key=key).exists() or ArtistAlias.objects.filter(name_key=key).exists()
