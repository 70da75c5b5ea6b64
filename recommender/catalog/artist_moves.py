"""One artist becomes part of another: all that refers to it follows, its name and its address lead on. And back.

What moved is kept as plain values, and numbers of rows. Call these inside a transaction.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery

from recommender.catalog.models import Artist, ArtistAlias, Credit, MergedArtist, PoolRule, Release, Track, TrackEdit
from recommender.catalog.names import fold_key

Moved = dict[str, Any]

_BATCH: Final = 5_000


def move_artist(old: Artist, kept: Artist) -> Moved:
    """`old` is gone then. What `move_back` needs."""
    list(Artist.objects.select_for_update().filter(pk__in=(old.pk, kept.pk)).order_by("pk"))
    number = old.pk
    moved: Moved = {
        "artist": {"pk": number, "name": old.name, "musicbrainz_id": old.musicbrainz_id},
        "kept": kept.pk,
        "filled": _fill(kept, {"musicbrainz_id": old.musicbrainz_id}),
        "aliases": _move(ArtistAlias.objects.filter(artist=old), artist=kept),
        "addresses": _move(MergedArtist.objects.filter(kept=old), kept=kept),
        "rules": _move(PoolRule.objects.filter(artist=old), artist=kept),
    }
    # Before the tracks are there, whose search documents are written with it.
    ArtistAlias.objects.create(artist=kept, name=old.name)
    moved |= _move_credits(old, kept)
    moved |= _move_releases(old, kept)
    old.delete()
    MergedArtist.objects.update_or_create(old_id=number, defaults={"kept": kept})
    return moved


def move_back(moved: Mapping[str, Any], *, since: dt.datetime) -> list[int]:
    """What was moved at `since`, as far as it is still there: ids of tracks that stay, because somebody has said since
    whose they are. Asks for an artist that was kept, and for a name that `find_obstacle` finds free.
    """
    kept = Artist.objects.select_for_update().get(pk=moved["kept"])
    old = _revive(moved["artist"], kept)
    _unfill(Artist.objects.filter(pk=kept.pk), moved["filled"])
    ArtistAlias.objects.filter(pk__in=moved["aliases"], artist=kept).update(artist=old)
    MergedArtist.objects.filter(old_id=moved["artist"]["pk"]).delete()
    MergedArtist.objects.filter(pk__in=moved["addresses"], kept=kept).update(kept=old)
    PoolRule.objects.filter(pk__in=moved["rules"], artist=kept).update(artist=old)
    _return_releases(moved, old, kept, since)
    return _return_credits(moved, old, kept, since)


def find_obstacle(moved: Mapping[str, Any]) -> str:
    """The name that an artist would have to have again, and another one has by now; empty when there is none."""
    name = moved["artist"]["name"]
    key = fold_key(name)
    is_kept = Artist.objects.filter(name_key=key, pk=moved["kept"]).exists()
    is_alias = ArtistAlias.objects.filter(name_key=key).exclude(artist=moved["kept"]).exists()
    return name if is_kept or is_alias else ""


def revive_artist(row: Mapping[str, Any]) -> Artist:
    """The artist of this name, made with its old number where there is none any more."""
    return Artist.objects.filter(name_key=fold_key(row["name"])).first() or Artist.objects.create(**row)


def _revive(row: Mapping[str, Any], kept: Artist) -> Artist:
    ArtistAlias.objects.filter(name_key=fold_key(row["name"]), artist=kept).delete()
    return revive_artist(row)


def _move(rows: QuerySet[Any], **target: Any) -> list[int]:
    ids = list(rows.values_list("pk", flat=True))
    rows.update(**target)
    return ids


def _fill(row: Artist | Release, known: Mapping[str, Any]) -> dict[str, Any]:
    """What `row` lacks of what is known; it is said of it then."""
    lacking = {name: value for name, value in known.items() if value and not getattr(row, name)}
    if lacking:
        type(row)._default_manager.filter(pk=row.pk).update(**lacking)
    return lacking


def _unfill(rows: QuerySet[Any], filled: Mapping[str, Any]) -> None:
    for name, value in filled.items():
        rows.filter(**{name: value}).update(**{name: None if isinstance(value, int) else ""})


def _move_credits(old: Artist, kept: Artist) -> Moved:
    """A track that is credited to both is credited once, at the first of the two places."""
    places = dict(Credit.objects.filter(artist=kept, track__credits__artist=old).values_list("track", "position"))
    doubles = []
    for credit in Credit.objects.filter(artist=old, track__in=places):
        doubles.append([credit.track_id, credit.position, places[credit.track_id]])
        place = min(credit.position, places[credit.track_id])
        Credit.objects.filter(artist=kept, track=credit.track_id).update(position=place)
        credit.delete()
    loose = Track.objects.filter(artist=old).exclude(credits__artist__in=(old, kept))
    moved = {"doubles": doubles, "loose": list(loose.values_list("pk", flat=True))}
    moved["tracks"] = list(old.credits.values_list("track_id", flat=True))
    old.credits.update(artist=kept)
    old.tracks.update(artist=kept)
    return moved


def _return_credits(moved: Mapping[str, Any], old: Artist, kept: Artist, since: dt.datetime) -> list[int]:
    stay: list[int] = []
    for part in _batches(moved["tracks"]):
        theirs = Credit.objects.filter(artist=old, track__in=part).values("track")
        found = _untouched(part, since, "artists").filter(credits__artist=kept).exclude(pk__in=theirs)
        back = set(found.values_list("pk", flat=True))
        Credit.objects.filter(track__in=back, artist=kept).update(artist=old)
        stay += _still_there(set(part) - back)
        _set_main(back)
    for track_id, place, other in moved["doubles"]:
        stay += _split_double(track_id, (place, other), old, kept, since)
    for part in _batches(moved["loose"]):
        _untouched(part, since, "artists").filter(artist=kept).exclude(credits__artist=kept).update(artist=old)
    return stay


def _split_double(track_id: int, places: tuple[int, int], old: Artist, kept: Artist, since: dt.datetime) -> list[int]:
    one = Credit.objects.filter(track__in=_untouched([track_id], since, "artists"), artist=kept, position=min(places))
    if not one.exists() or Credit.objects.filter(track=track_id, artist=old).exists():
        return _still_there({track_id})
    one.update(position=places[1])
    Credit.objects.create(track_id=track_id, artist=old, position=places[0])
    _set_main({track_id})
    return []


def _set_main(track_ids: Collection[int]) -> None:
    first = Credit.objects.filter(track=OuterRef("pk")).order_by("position").values("artist")[:1]
    Track.objects.filter(pk__in=track_ids).update(artist=Subquery(first))


def _move_releases(old: Artist, kept: Artist) -> Moved:
    """Of two of the same title only that of `kept` remains."""
    theirs = {release.title_key: release for release in kept.releases.all()}
    twins = [
        _join_release(release, theirs[release.title_key])
        for release in old.releases.all()
        if release.title_key in theirs
    ]
    return {"twins": twins, "releases": _move(Release.objects.filter(artist=old), artist=kept)}


def _join_release(one: Release, other: Release) -> Moved:
    row = {name: getattr(one, name) for name in ("pk", "title", "year", "musicbrainz_id")}
    moved = {
        "release": row,
        "into": other.pk,
        "filled": _fill(other, {name: row[name] for name in ("year", "musicbrainz_id")}),
        "tracks": _move(Track.objects.filter(release=one), release=other),
        "rules": _move(PoolRule.objects.filter(release=one), release=other),
    }
    one.delete()
    return moved


def _return_releases(moved: Mapping[str, Any], old: Artist, kept: Artist, since: dt.datetime) -> None:
    known = list(Release.objects.filter(artist=old).values_list("title_key", flat=True))
    Release.objects.filter(pk__in=moved["releases"], artist=kept).exclude(title_key__in=known).update(artist=old)
    for twin in moved["twins"]:
        _split_release(twin, old, since)


def _split_release(twin: Mapping[str, Any], old: Artist, since: dt.datetime) -> None:
    parts = list(_batches(twin["tracks"]))
    touched = ("release", "album_artist")
    back = [pk for part in parts for pk in _untouched(part, since, *touched).values_list("pk", flat=True)]
    rules = PoolRule.objects.filter(pk__in=twin["rules"], release=twin["into"])
    if not (back or rules.exists()):
        return
    same = Release.objects.filter(artist=old, title_key=fold_key(twin["release"]["title"])).first()
    release = same or Release.objects.create(artist=old, **twin["release"])
    for part in _batches(back):
        Track.objects.filter(pk__in=part, release=twin["into"]).update(release=release)
    rules.update(release=release)
    _unfill(Release.objects.filter(pk=twin["into"]), twin["filled"])


def _untouched(track_ids: Sequence[int], since: dt.datetime, *fields: str) -> QuerySet[Track]:
    """Those of which nobody has said anything else since in these fields."""
    said = Q(*(("after__has_key", name) for name in fields), _connector=Q.OR)
    edited = TrackEdit.objects.filter(said, track__in=track_ids, made_at__gt=since, undone_at=None)
    return Track.objects.filter(pk__in=track_ids).exclude(pk__in=edited.values("track"))


def _still_there(track_ids: Collection[int]) -> list[int]:
    return sorted(Track.objects.filter(pk__in=track_ids).values_list("pk", flat=True))


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))
