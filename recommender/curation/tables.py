"""What is said of tracks, brought back as a table: compared first, kept as a draft, and done once its owner says so."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from recommender.accounts.models import User
from recommender.curation.acts import MOST_IN_QUERY, perform
from recommender.curation.describing import OF_EACH, SEEN, describable
from recommender.curation.errors import NotYoursError, TableFileError
from recommender.curation.models import Act, Draft, Verb
from recommender.curation.table_comparing import MOST_CHANGES, Fields, Findings, compare_rows
from recommender.curation.table_reading import Row, TableFile, look_at, read_rows
from recommender.curation.table_writing import BATCH

KEPT: Final = dt.timedelta(days=1)
MOST_DRAFTS: Final = 5


class Applied(NamedTuple):
    """`lost`: how many tracks are out of reach by now, and were left out."""

    act: Act
    lost: int


def draft_table(owner: User, path: Path, file_name: str, fields: Fields) -> Draft:
    """What this file would change. Nothing is changed yet. Raises TableFileError."""
    table, findings = look_at(path), Findings()
    for rows in _part(read_rows(table)):
        compare_rows(rows, owner, fields, findings)
    if not findings.rows:
        raise TableFileError(_("This file has no row below the names of its columns."))
    with transaction.atomic():
        draft = _keep(owner, file_name, table, findings)
        kept = Draft.objects.filter(owner=owner).order_by("-pk").values_list("pk", flat=True)[:MOST_DRAFTS]
        Draft.objects.filter(owner=owner).exclude(pk__in=list(kept)).delete()
    return draft


def apply_draft(draft: Draft, actor: User) -> Applied:
    """Have done what it says, as one act. What was changed since it was made is left as it is, and the act says so.

    Raises NotYoursError where none of its tracks is in reach any more, or the draft is gone; CurationError.
    """
    by_track = {change["track"]: change for change in draft.changes}
    ids = _keep_describable(actor, sorted(by_track))
    if not ids:
        raise NotYoursError(_("None of these tracks is yours to describe any more. Nothing was done."))
    arguments = {
        OF_EACH: {str(pk): by_track[pk]["wanted"] for pk in ids},
        SEEN: {str(pk): by_track[pk]["seen"] for pk in ids},
    }
    # What uploaders say of their own is no business of the curators.
    verb = Verb.DESCRIBE if actor.is_curator else Verb.DESCRIBE_OWN
    with transaction.atomic():
        if not Draft.objects.filter(pk=draft.pk).delete()[0]:
            raise NotYoursError(_("This was done already, or discarded."))
        act = perform(verb, actor, ids, note=draft.file_name, arguments=arguments)
    return Applied(act, len(by_track) - len(ids))


def drop_old_drafts() -> None:
    Draft.objects.filter(made_at__lt=timezone.now() - KEPT).delete()


def _part(rows: Iterator[Row]) -> Iterator[Sequence[Row]]:
    while part := list(islice(rows, BATCH)):
        yield part


def _keep(owner: User, file_name: str, table: TableFile, findings: Findings) -> Draft:
    return Draft.objects.create(
        owner=owner,
        file_name=file_name,
        row_count=findings.rows,
        same_count=findings.same,
        change_count=len(findings.changes),
        problem_count=findings.wrong,
        changes=findings.changes,
        problems=findings.problems,
        remarks=list(_remark(table, findings)),
    )


def _remark(table: TableFile, findings: Findings) -> Iterator[str]:
    if table.is_guessed:
        yield _("The file is not in UTF-8 and was read as Windows-1252: look at the accented letters below.")
    if findings.unknown:
        named = ", ".join(_("“%(text)s”") % {"text": name} for name in findings.unknown)
        yield _("Columns that are not known here were left out: %(names)s.") % {"names": named}
    if findings.changing > MOST_CHANGES:
        counts = {
            "most": number_format(MOST_CHANGES, force_grouping=True),
            "all": number_format(findings.changing, force_grouping=True),
        }
        yield _("It would change %(all)s tracks. These are the first %(most)s: bring it again for the others.") % counts


def _keep_describable(actor: User, ids: Sequence[int]) -> list[int]:
    parts: Iterable[Sequence[int]] = (ids[start : start + MOST_IN_QUERY] for start in range(0, len(ids), MOST_IN_QUERY))
    return [pk for part in parts for pk in describable(actor).filter(pk__in=part).values_list("pk", flat=True)]
