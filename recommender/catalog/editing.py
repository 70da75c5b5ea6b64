"""Changes that people make to what is said of a track. Each is written down, so that it can be taken back.

Fields are read and written as plain values: names instead of rows, lists for artists, genres and moods, None for an
unknown number. What comes in is text fit to be shown and numbers within bounds; the forms see to that.
"""

from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from recommender.accounts.models import User
from recommender.catalog.credits import (
    credit_artists,
    drop_unused,
    find_artist,
    find_release,
    mentions_of,
    set_genres,
)
from recommender.catalog.models import Artist, Credit, Genre, Release, Track, TrackEdit, TrackTag
from recommender.catalog.moods import set_moods
from recommender.catalog.names import fold, fold_key

Value = str | int | None | list[str]

PLAIN_FIELDS = ("title", "track_number", "disc_number", "year", "isrc")
FIELDS = (*PLAIN_FIELDS, "artists", "release", "album_artist", "genres", "moods")
# What these hold are names that tracks share: whoever spells one anew does so for all.
SHARED_FIELDS = ("artists", "release", "album_artist", "genres")


class ChangedMeanwhileError(Exception):
    """What is to be changed is not what whoever changes it has seen."""


def read_fields(track: Track) -> dict[str, Value]:
    """What `track` says now, in every field that may be edited."""
    return read_fields_of([track])[track.pk]


def read_fields_of(tracks: Collection[Track]) -> dict[int, dict[str, Value]]:
    """The same of many, by id, in three queries. They come with `artist` and `release__artist`."""
    ids = [track.pk for track in tracks]
    credited = Credit.objects.filter(track__in=ids).order_by("position").values_list("track", "artist__name")
    genres = Track.genres.through.objects.filter(track__in=ids).order_by("genre__name_key")
    moods = TrackTag.objects.filter(track__in=ids, is_given=True).order_by("name").values_list("track", "name")
    names = [_gather(found) for found in (credited, genres.values_list("track", "genre__name"), moods)]
    return {track.pk: _read(track, *(of_each.get(track.pk, []) for of_each in names)) for track in tracks}


def _read(track: Track, credited: list[str], genres: list[str], moods: list[str]) -> dict[str, Value]:
    main = [track.artist.name] if track.artist else []
    return {
        **{name: getattr(track, name) for name in PLAIN_FIELDS},
        "artists": credited or main,
        "release": track.release.title if track.release else "",
        "album_artist": track.release.artist.name if track.release else "",
        "genres": genres,
        "moods": moods,
    }


def _gather(named: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    by_track: dict[int, list[str]] = {}
    for track, name in named:
        by_track.setdefault(track, []).append(name)
    return by_track


@transaction.atomic
def edit_track(
    track: Track, editor: User, changes: Mapping[str, Value], *, seen: Mapping[str, Value] | None = None
) -> TrackEdit | None:
    """Write those of `changes` that are of FIELDS and differ from what is there; None when nothing does.

    A release without an album artist is by the first artist of the track; where there is none, there is no release.
    `seen`: what some of the fields said when the changes were made up; where one that is to be written says something
    else by now, nothing is written. Raises ChangedMeanwhileError then.
    """
    held = _lock(track)
    now = read_fields(held)
    asked = {name: changes[name] for name in FIELDS if name in changes and changes[name] != now[name]}
    known = {name: value for name, value in (seen or {}).items() if name in changes}
    if any(not is_same(name, known[name], now[name]) for name in asked if name in known):
        raise ChangedMeanwhileError
    # What another of the same changes has spelt anew already is part of what this one does.
    before = {**now, **{name: value for name, value in known.items() if is_same(name, value, now[name])}}
    if asked:
        _write(held, editor, now, asked)
        # Names may have found an artist, a release or a genre that is spelt otherwise: what counts is what is there.
        now = read_fields(_lock(track))
    changed = [name for name in FIELDS if now[name] != before[name]]
    if not changed:
        return None
    return TrackEdit.objects.create(track=held, editor=editor, before=_pick(before, changed), after=_pick(now, changed))


@transaction.atomic
def undo_edit(edit: TrackEdit, editor: User) -> list[str]:
    """Put back what `edit` changed, unless that was changed again since: the names of such fields, which stay.

    Nothing happens when it was undone already. What is back anyhow, such as a name that was spelt on all its tracks as
    before, is no field that stays.
    """
    held = _lock(edit.track)
    is_open = TrackEdit.objects.filter(pk=edit.pk, undone_at=None)
    if not is_open.exists():
        return []
    now = read_fields(held)
    untouched = [name for name in edit.after if now[name] == edit.after[name]]
    back = [name for name in edit.after if now[name] == edit.before[name]]
    if untouched or back:
        is_open.update(undone_at=timezone.now())
    if untouched:
        _write(held, editor, now, _pick(edit.before, untouched))
    return [name for name in edit.after if name not in untouched and name not in back]


def is_same(name: str, one: Value, other: Value) -> bool:
    """However names are spelt."""
    if name not in SHARED_FIELDS or one == other:
        return one == other
    return [fold(each) for each in _listed(one)] == [fold(each) for each in _listed(other)]


def _listed(value: Value) -> list[str]:
    return value if isinstance(value, list) else [str(value)]


def _lock(track: Track) -> Track:
    return Track.objects.select_for_update(of=("self",)).select_related("artist", "release__artist").get(pk=track.pk)


def _pick(values: Mapping[str, Value], names: list[str]) -> dict[str, Value]:
    return {name: values[name] for name in names}


def _write(track: Track, editor: User, before: Mapping[str, Value], asked: Mapping[str, Value]) -> None:
    wanted: dict[str, Value] = {**before, **asked}
    mentions = mentions_of([track])
    plain = [name for name in PLAIN_FIELDS if name in asked]
    for name in plain:
        setattr(track, name, asked[name])
    if plain:
        track.save(update_fields=[*plain, "title_key"])
    if "artists" in asked:
        _set_artists(track, editor, _names(wanted["artists"]))
    if "release" in asked or "album_artist" in asked:
        _set_release(track, wanted)
        _respell_release(track, editor, asked)
    if "genres" in asked:
        _set_genres(track, editor, _names(wanted["genres"]))
    if "moods" in asked:
        set_moods(track, _names(wanted["moods"]))
    drop_unused(mentions)


def _set_artists(track: Track, editor: User, names: list[str]) -> None:
    credit_artists(track, names)
    for name in names:
        _respell_artist(find_artist(name), name, editor)


def _set_release(track: Track, wanted: Mapping[str, Value]) -> None:
    title, by = str(wanted["release"]), str(wanted["album_artist"] or next(iter(_names(wanted["artists"])), ""))
    track.release = find_release(title, find_artist(by), year=track.year) if title and by else None
    track.save(update_fields=["release"])


def _respell_release(track: Track, editor: User, asked: Mapping[str, Value]) -> None:
    """Only names that were given: the others may have just been spelt anew as names of something else."""
    if track.release is None:
        return
    if asked.get("release"):
        _respell(track.release, "title", str(asked["release"]), Q(release=track.release), editor)
    if asked.get("album_artist"):
        _respell_artist(track.release.artist, str(asked["album_artist"]), editor)


def _set_genres(track: Track, editor: User, names: list[str]) -> None:
    set_genres(track, names)
    spelt = {fold(name): name for name in names}
    for genre in track.genres.all():
        _respell(genre, "name", spelt[genre.name_key], Q(pk__in=genre.tracks.values("pk")), editor)


def _respell_artist(artist: Artist, name: str, editor: User) -> None:
    """Not where it is another of its names: that was given to it, and finds it."""
    if fold_key(name) != artist.name_key:
        return
    credited, released = Credit.objects.filter(artist=artist), Release.objects.filter(artist=artist)
    meant = Q(pk__in=credited.values("track")) | Q(release__in=released)
    _respell(artist, "name", name, meant, editor)


def _respell(named: Artist | Release | Genre, field: str, name: str, meant: Q, editor: User) -> None:
    """Take over how `editor` spells the same name, if all tracks it stands on are theirs to edit."""
    if getattr(named, field) == name:
        return
    others = Track.objects.filter(meant, is_deleting=False).exclude(pk__in=Track.objects.describable_by(editor))
    if not others.exists():
        setattr(named, field, name)
        named.save(update_fields=[field])


def _names(value: Value) -> list[str]:
    return value if isinstance(value, list) else []
