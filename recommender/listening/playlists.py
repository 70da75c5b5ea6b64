"""Playlists: made, named, shared, filled, put in order and taken away.

Every change of entries holds the row of the playlist, so that two at once follow each other and none undoes another.
Places are named by entries, not by numbers: "before that one" is still right after somebody else moved something.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from django.db import transaction
from django.db.models import Case, Count, F, Max, Q, QuerySet, Sum, When
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.catalog.models import Track, TrackQuerySet
from recommender.catalog.models.music import Viewer
from recommender.listening.errors import EntryMissingError, PlaylistError, PlaylistLimitError
from recommender.listening.models import Playlist, PlaylistEntry, PlaylistRefusal, Sharing
from recommender.listening.playlist_files import MOST_LISTED, clean

MOST_PLAYLISTS: Final = 1_000
MOST_ENTRIES: Final = MOST_LISTED
LONGEST_NAME: Final = 200
_BATCH: Final = 1_000


def create_playlist(
    owner: User, name: str, track_ids: Sequence[int] = (), *, description: str = "", visibility: str = Sharing.PRIVATE
) -> Playlist:
    """The caller has checked that the owner may know of these tracks. Raises PlaylistError."""
    named = clean_name(name)
    with transaction.atomic():
        if Playlist.objects.filter(owner=owner).count() >= MOST_PLAYLISTS:
            sentence = _("One person may have %(most)s playlists. Delete one of yours first.")
            raise PlaylistLimitError(sentence % {"most": number_format(MOST_PLAYLISTS, force_grouping=True)})
        made = Playlist.objects.create(owner=owner, name=named, description=description, visibility=visibility)
        add_tracks(made, track_ids)
    return made


def describe_playlist(playlist: Playlist, *, name: str, description: str, visibility: str) -> None:
    """Raises PlaylistError."""
    with _changing(playlist) as held:
        held.name, held.description, held.visibility = clean_name(name), description, Sharing(visibility)
        held.save(update_fields=["name", "description", "visibility"])


def clean_name(text: str) -> str:
    """On one line, cut where it is too long. Raises PlaylistError."""
    name = clean(text)[:LONGEST_NAME].strip()
    if not name:
        raise PlaylistError(_("A playlist needs a name."))
    return name


def delete_playlist(playlist: Playlist) -> None:
    playlist.delete()


def add_tracks(playlist: Playlist, track_ids: Sequence[int]) -> None:
    """At the end, in this order; the same track may be there several times. Raises PlaylistLimitError."""
    with _changing(playlist) as held:
        there = held.entries.aggregate(count=Count("pk"), last=Max("position"))
        if there["count"] + len(track_ids) > MOST_ENTRIES:
            sentence = _("A playlist holds at most %(most)s tracks. “%(name)s” would have more.")
            most = number_format(MOST_ENTRIES, force_grouping=True)
            raise PlaylistLimitError(sentence % {"most": most, "name": held.name})
        first = 0 if there["last"] is None else there["last"] + 1
        entries = (
            PlaylistEntry(playlist=held, track_id=pk, position=place) for place, pk in enumerate(track_ids, first)
        )
        PlaylistEntry.objects.bulk_create(entries, batch_size=_BATCH)
        held.refusals.filter(track__in=held.entries.values("track")).delete()


def remove_entry(playlist: Playlist, entry_id: int) -> None:
    """Raises EntryMissingError."""
    with _changing(playlist) as held:
        _find_entry(held, entry_id).delete()


def move_entry(playlist: Playlist, entry_id: int, *, before: int | None = None, after: int | None = None) -> None:
    """Put the entry beside that one; to the very beginning where none is named. Raises EntryMissingError."""
    with _changing(playlist) as held:
        entry = _find_entry(held, entry_id)
        if after is not None:
            _put_after(entry, _find_entry(held, after))
        else:
            _put_before(entry, _find_entry(held, before) if before else held.entries.in_order()[0])


def step_entry(playlist: Playlist, entry_id: int, viewer: Viewer, *, is_up: bool) -> None:
    """One place up or down among those that `viewer` sees, if there is one. Raises EntryMissingError."""
    with _changing(playlist) as held:
        entry = _find_entry(held, entry_id)
        other = _beside(entry, is_up=is_up, among=held.entries.visible_to(viewer))
        if other is not None:
            _shift(entry, other.position)


def refuse_track(playlist: Playlist, track: Track) -> None:
    """`track` is not suggested for this playlist again."""
    PlaylistRefusal.objects.get_or_create(playlist=playlist, track=track)


def forget_refusals(playlist: Playlist) -> None:
    playlist.refusals.all().delete()


def tracks_of(playlist: Playlist, viewer: Viewer) -> list[int]:
    """The ids of its tracks in order, as often as they are there, as far as `viewer` may know of them."""
    return list(playlist.entries.visible_to(viewer).in_order().values_list("track", flat=True))


def settled_tracks(playlist: Playlist) -> TrackQuerySet:
    """What is in the playlist or was refused for it, whoever may know of it."""
    inside = PlaylistEntry.objects.filter(playlist=playlist).values("track")
    refused = PlaylistRefusal.objects.filter(playlist=playlist).values("track")
    return Track.objects.filter(Q(pk__in=inside) | Q(pk__in=refused))


def measure_playlists(playlists: Iterable[Playlist], viewer: Viewer) -> dict[int, tuple[int, float]]:
    """For each that is not empty to `viewer`: how many tracks, and how many seconds of music."""
    entries = PlaylistEntry.objects.filter(playlist__in=list(playlists)).visible_to(viewer)
    rows = (
        entries.order_by().values_list("playlist").annotate(count=Count("pk"), seconds=Sum("track__duration_seconds"))
    )
    return {pk: (count, seconds or 0.0) for pk, count, seconds in rows}


@contextmanager
def _changing(playlist: Playlist) -> Iterator[Playlist]:
    """The playlist as it is now, held until all is done. Raises EntryMissingError when it is gone."""
    with transaction.atomic():
        held = Playlist.objects.select_for_update().filter(pk=playlist.pk).first()
        if held is None:
            raise EntryMissingError(_("This playlist was deleted meanwhile."))
        yield held
        Playlist.objects.filter(pk=held.pk).update(changed_at=timezone.now())


def _find_entry(playlist: Playlist, entry_id: int) -> PlaylistEntry:
    """Raises EntryMissingError."""
    found = playlist.entries.filter(pk=entry_id).first()
    if found is None:
        raise EntryMissingError(_("This track is no longer in the playlist."))
    return found


def _beside(entry: PlaylistEntry, *, is_up: bool, among: QuerySet[PlaylistEntry] | None = None) -> PlaylistEntry | None:
    """The next one up or down."""
    entries = entry.playlist.entries.all() if among is None else among
    if is_up:
        return entries.filter(position__lt=entry.position).order_by("-position").first()
    return entries.filter(position__gt=entry.position).order_by("position").first()


def _put_before(entry: PlaylistEntry, other: PlaylistEntry) -> None:
    target = other if entry.position > other.position else _beside(other, is_up=True)
    if target is not None and entry.pk != other.pk:
        _shift(entry, target.position)


def _put_after(entry: PlaylistEntry, other: PlaylistEntry) -> None:
    target = other if entry.position < other.position else _beside(other, is_up=False)
    if target is not None and entry.pk != other.pk:
        _shift(entry, target.position)


def _shift(entry: PlaylistEntry, place: int) -> None:
    """Put `entry` at `place` and all between one further, in one statement: nothing ever stands twice at a place."""
    low, high = sorted((entry.position, place))
    step = 1 if place < entry.position else -1
    between = PlaylistEntry.objects.filter(playlist=entry.playlist_id, position__gte=low, position__lte=high)
    between.update(position=Case(When(pk=entry.pk, then=place), default=F("position") + step))
