"""Changes that people make to what is said of a track. Each is written down, so that it can be taken back.

Fields are read and written as plain values: names instead of rows, lists for artists and genres, None for an unknown
number. What comes in is text fit to be shown and numbers within bounds; the forms see to that.
"""

from collections.abc import Mapping

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
from recommender.catalog.models import Artist, Credit, Genre, Release, Track, TrackEdit
from recommender.catalog.names import fold

Value = str | int | None | list[str]

PLAIN_FIELDS = ("title", "track_number", "disc_number", "year", "isrc")
FIELDS = (*PLAIN_FIELDS, "artists", "release", "album_artist", "genres")


def read_fields(track: Track) -> dict[str, Value]:
    """What `track` says now, in every field that may be edited."""
    credited = [credit.artist.name for credit in track.credits.select_related("artist")]
    main = [track.artist.name] if track.artist else []
    return {
        **{name: getattr(track, name) for name in PLAIN_FIELDS},
        "artists": credited or main,
        "release": track.release.title if track.release else "",
        "album_artist": track.release.artist.name if track.release else "",
        "genres": list(track.genres.order_by("name_key").values_list("name", flat=True)),
    }


@transaction.atomic
def edit_track(track: Track, editor: User, changes: Mapping[str, Value]) -> TrackEdit | None:
    """Write those of `changes` that are of FIELDS and differ from what is there; None when nothing does.

    A release without an album artist is by the first artist of the track; where there is none, there is no release.
    """
    held = _lock(track)
    before = read_fields(held)
    asked = {name: changes[name] for name in FIELDS if name in changes and changes[name] != before[name]}
    if not asked:
        return None
    _write(held, editor, before, asked)
    # Names may have found an artist, a release or a genre that is spelt otherwise: what counts is what is there now.
    after = read_fields(_lock(track))
    changed = [name for name in FIELDS if after[name] != before[name]]
    if not changed:
        return None
    return TrackEdit.objects.create(
        track=held, editor=editor, before={name: before[name] for name in changed}, after=_pick(after, changed)
    )


@transaction.atomic
def undo_edit(edit: TrackEdit, editor: User) -> list[str]:
    """Put back what `edit` changed, unless that was changed again since: the names of such fields, which stay.

    Nothing happens when it was undone already.
    """
    held = _lock(edit.track)
    is_open = TrackEdit.objects.filter(pk=edit.pk, undone_at=None)
    if not is_open.exists():
        return []
    now = read_fields(held)
    untouched = [name for name in edit.after if now[name] == edit.after[name]]
    if untouched:
        is_open.update(undone_at=timezone.now())
        _write(held, editor, now, _pick(edit.before, untouched))
    return [name for name in edit.after if name not in untouched]


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
