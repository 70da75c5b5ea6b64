"""One group of possible duplicates: to be heard at the same moment, and compared line by line."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Prefetch, prefetch_related_objects
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from recommender.accounts.models import User
from recommender.catalog.models import Evidence, Genre, PairVerdict, RecordingPair, Track
from recommender.curation.best_file import Best, Merit, choose_best, find_better, rank_files
from recommender.curation.duplicates import (
    COVER,
    Group,
    count_plays,
    find_groups,
    find_mergeable,
    find_starts,
)
from recommender.web.metadata_form import label_fields, show_list
from recommender.web.paging import load_rows
from recommender.web.sound_facts import describe_channels
from recommender.web.templatetags.music import duration, thousands

# Side by side. What is more has its turn when these are merged.
MOST_COMPARED: Final = 9


@dataclass(frozen=True, kw_only=True)
class Column:
    """`key` plays it. It begins at `starts` seconds of the recording; `loudness` in LUFS, empty where unknown."""

    track: Track
    key: int
    starts: str
    loudness: str
    can_go: bool
    is_best: bool


@dataclass(frozen=True, kw_only=True)
class Cell:
    text: str
    track_id: int
    is_better: bool = False
    is_taken: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """`name` is that of a field where its values differ and one can be chosen."""

    label: str
    cells: list[Cell]
    name: str = ""
    is_cover: bool = False


@dataclass(frozen=True, kw_only=True)
class GroupPage:
    """`waiting` is how many other groups are to be judged. `is_stuck`: nothing here is the viewer's to give up."""

    group: Group
    columns: list[Column]
    more: int
    best: Best
    why: list[str]
    said: list[Row]
    measured: list[Row]
    pairs: list[tuple[RecordingPair, Track, Track, str]]
    is_stuck: bool
    waiting: int


def describe_group(viewer: User, group: Group) -> GroupPage:
    """In the same number of queries, however many tracks."""
    listed = Track.objects.visible_to(viewer).for_listing().select_related("owner", "release__artist")
    found = load_rows(listed, list(group.track_ids))
    plays, starts = count_plays(group.track_ids), find_starts(group)
    best = choose_best(found, plays)
    tracks = rank_files(found, plays)[:MOST_COMPARED]
    prefetch_related_objects(tracks, Prefetch("genres", Genre.objects.order_by("name_key")), "tags")
    by_id = {track.pk: track for track in tracks}
    shown = [pair for pair in group.pairs if pair.first_id in by_id and pair.second_id in by_id]
    may_choose = Track.objects.describable_by(viewer).filter(pk=best.track.pk).exists()
    columns = _make_columns(viewer, tracks, starts)
    return GroupPage(
        group=group,
        columns=columns,
        more=len(found) - len(tracks),
        best=best,
        why=list(dict.fromkeys(map(explain_pair, shown))),
        said=_compare_words(tracks, can_choose=may_choose),
        measured=_compare_files(tracks, plays, starts),
        pairs=[(pair, by_id[pair.first_id], by_id[pair.second_id], explain_pair(pair)) for pair in shown],
        is_stuck=not any(column.can_go for column in columns[1:]),
        waiting=sum(other.number != group.number for other in find_groups(viewer, PairVerdict.PROPOSED)),
    )


def _make_columns(viewer: User, tracks: Sequence[Track], starts: Mapping[int, float]) -> list[Column]:
    """The first is the best."""
    mergeable = find_mergeable(viewer, [track.pk for track in tracks])
    return [
        Column(
            track=track,
            key=key,
            starts=f"{starts[track.pk]:.3f}",
            loudness="" if track.loudness_lufs is None else f"{track.loudness_lufs:.2f}",
            can_go=track.pk in mergeable,
            is_best=key == 1,
        )
        for key, track in enumerate(tracks, 1)
    ]


def explain_pair(pair: RecordingPair) -> str:
    """Why the two may be one recording."""
    evidence = str(Evidence(pair.evidence).label)
    if pair.evidence != Evidence.FINGERPRINT:
        return evidence
    told = {"evidence": evidence, "share": number_format(f"{100 * pair.score:.1f}")}
    return _("%(evidence)s: %(share)s%% alike") % told


_SAID: Final[Mapping[str, Callable[[Track], str]]] = {
    "title": lambda track: track.title,
    "artists": lambda track: "; ".join(credit.artist.name for credit in track.credits.all()),
    "release": lambda track: track.release.title if track.release else "",
    "album_artist": lambda track: track.release.artist.name if track.release else "",
    "genres": lambda track: "; ".join(genre.name for genre in track.genres.all()),
    "moods": lambda track: show_list("moods", [tag.name for tag in track.tags.all() if tag.is_given]),
    "year": lambda track: str(track.year or ""),
    "track_number": lambda track: str(track.track_number or ""),
    "disc_number": lambda track: str(track.disc_number or ""),
    "isrc": lambda track: track.isrc,
    COVER: lambda track: track.cover_id or "",
}


def _compare_words(tracks: Sequence[Track], *, can_choose: bool) -> list[Row]:
    """What is said of them; the first is to be kept, and takes from the others what it lacks."""
    rows = []
    for name, read in _SAID.items():
        values = [(track.pk, read(track)) for track in tracks]
        if not any(value for _pk, value in values):
            continue
        taken = next(pk for pk, value in values if value)
        differs = can_choose and len({value for _pk, value in values}) > 1
        cells = [Cell(text=value, track_id=pk, is_taken=pk == taken) for pk, value in values]
        rows.append(Row(label=_name_field(name), cells=cells, name=name if differs else "", is_cover=name == COVER))
    return rows


def _name_field(name: str) -> str:
    return _("Cover") if name == COVER else label_fields([name])


_MEASURED: Final[Iterable[tuple[Promise, Callable[[Track], str], Merit | None]]] = (
    (gettext_lazy("Format"), lambda track: track.audio_file.codec or track.audio_file.suffix, Merit.LOSSLESS),
    (gettext_lazy("Bit rate"), lambda track: _write_rate(track.audio_file.bit_rate), Merit.BIT_RATE),
    (gettext_lazy("Sampling rate"), lambda track: _write_hertz(track.audio_file.rate_hz), Merit.RATE),
    (gettext_lazy("Channels"), lambda track: _write_channels(track.audio_file.channels), Merit.CHANNELS),
    (pgettext_lazy("of a track", "Length"), lambda track: duration(track.duration_seconds), Merit.LENGTH),
    (gettext_lazy("End of the file"), lambda track: _("missing") if track.is_truncated else _("there"), Merit.WHOLE),
    (gettext_lazy("Loudness"), lambda track: _write_loudness(track.loudness_lufs), None),
    (gettext_lazy("Size"), lambda track: filesizeformat(track.audio_file.size_bytes), None),
    (gettext_lazy("Owner"), lambda track: track.owner.get_username(), None),
    (gettext_lazy("Visible"), lambda track: str(track.get_visibility_display()), None),
    (gettext_lazy("Added"), lambda track: date_format(track.added_at, "SHORT_DATE_FORMAT"), None),
)


def _compare_files(tracks: Sequence[Track], plays: Mapping[int, int], starts: Mapping[int, float]) -> list[Row]:
    rows = [
        _measure(str(label), [(track, read(track)) for track in tracks], merit, plays)
        for label, read, merit in _MEASURED
    ]
    first = min(starts.values())
    begins = [(track, _write_start(starts[track.pk] - first)) for track in tracks]
    played = [(track, thousands(plays.get(track.pk, 0))) for track in tracks]
    rows[5:5] = [_measure(_("Begins"), begins, None, plays)]
    return [*rows, _measure(_("Plays"), played, Merit.PLAYS, plays)]


def _measure(label: str, told: Sequence[tuple[Track, str]], merit: Merit | None, plays: Mapping[int, int]) -> Row:
    better = find_better(merit, [track for track, _text in told], plays) if merit else frozenset()
    return Row(
        label=label, cells=[Cell(text=text, track_id=track.pk, is_better=track.pk in better) for track, text in told]
    )


def _write_rate(bits_a_second: int) -> str:
    return _("%(rate)d kb/s") % {"rate": round(bits_a_second / 1000)} if bits_a_second else ""


def _write_hertz(hertz: int) -> str:
    return _("%(rate)s kHz") % {"rate": number_format(f"{hertz / 1000:g}")} if hertz else ""


def _write_channels(count: int) -> str:
    return describe_channels(count) if count else ""


def _write_loudness(lufs: float | None) -> str:
    return "" if lufs is None else f"{number_format(f'{lufs:.1f}')} LUFS".replace("-", "\N{MINUS SIGN}")


def _write_start(seconds: float) -> str:
    if seconds < 0.1:
        return _("at the start")
    return _("%(seconds)s s later") % {"seconds": number_format(f"{seconds:.1f}")}
