"""Answering, closing and opening reports again: written down as an act, and taken back like all others."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from recommender.accounts.models import User
from recommender.curation.models import Act, Change, Report, Verb
from recommender.curation.sentences import CHANGED_SINCE

Values = Mapping[str, Any]


def settle(reports: Iterable[Report], curator: User, **said: Any) -> Act | None:
    """`said`: what `answer` and `is_open` become. None where nothing changes."""
    with transaction.atomic():
        changes = [change for report in reports if (change := _settle(report, curator, said))]
        if not changes:
            return None
        act = Act.objects.create(actor=curator, verb=Verb.SETTLE)
        for change in changes:
            change.act = act
        Change.objects.bulk_create(changes)
    return act


def unsettle(change: Change, curator: User) -> str:
    """A report as it was, unless somebody has dealt with it again since."""
    number = change.after["report"]
    later = Change.objects.since(change).filter(act__verb=Verb.SETTLE, after__report=number)
    before, after = ({name: said[name] for name in said if name != "report"} for said in (change.before, change.after))
    is_done = not later.exists() and _write(number, curator, before, after)
    return "" if is_done else CHANGED_SINCE


def _settle(report: Report, curator: User, said: Values) -> Change | None:
    before = {name: getattr(report, name) for name in said}
    if before == said or not _write(report.pk, curator, said, before):
        return None
    number = {"report": report.pk}
    return Change(track_id=report.track_id, label=report.label, before=number | before, after={**number, **said})


def _write(number: int, curator: User, said: Values, before: Values) -> bool:
    """Whether the report was as `before`, and may become so: nobody has two open reports of one track."""
    found = Report.objects.select_for_update().filter(pk=number, **before).first()
    if found is None or (said.get("is_open") and not found.is_open and _has_another(found)):
        return False
    return bool(Report.objects.filter(pk=number).update(**said, settled_by=curator, settled_at=timezone.now()))


def _has_another(report: Report) -> bool:
    same = Report.objects.filter(reporter=report.reporter_id, track_id=report.track_id, is_open=True)
    return report.reporter_id is not None and same.exists()
