"""What listeners report: made once per person and track, read by curators, and what was done about it."""

import datetime as dt
import math
from collections.abc import Collection
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import ngettext

from recommender.accounts.models import User
from recommender.catalog.models import Track, Visibility
from recommender.curation.acts import label_of, perform
from recommender.curation.models import Act, Change, Report, Verb
from recommender.ingest.errors import TooOftenError

# A person may report so many tracks within the window. To amend a report is none of them.
MOST: Final = 10
WINDOW: Final = dt.timedelta(hours=1)


def report_track(track: Track, reporter: User, reason: str, text: str) -> Report:
    """A report that is still open is amended. Raises TooOftenError."""
    now = timezone.now()
    said = {"reason": reason, "text": text, "label": label_of(track), "said_at": now}
    with transaction.atomic():
        # Held, so that two requests at the same moment are counted one after the other.
        User.objects.select_for_update().get(pk=reporter.pk)
        if not find_open(reporter, track.pk).update(**said):
            _check_rate(reporter, now)
            Report.objects.create(track_id=track.pk, owner_id=track.owner_id, reporter=reporter, made_at=now, **said)
        return find_open(reporter, track.pk).get()


def find_open(reporter: User, track_id: int) -> QuerySet[Report]:
    """One at most."""
    return Report.objects.filter(reporter=reporter, track_id=track_id, is_open=True)


def reports_known_to(curator: User) -> QuerySet[Report]:
    """Also of tracks that are gone or in the trash. What an owner has made private since is theirs alone."""
    reports = Report.objects.all()
    if curator.is_administrator:
        return reports
    private = Track.objects.filter(pk=OuterRef("track_id"), visibility=Visibility.PRIVATE).exclude(owner=curator)
    return reports.filter(~Exists(private))


def last_of_each_track(reports: QuerySet[Report], *, is_open: bool) -> QuerySet[Report]:
    """Of all that are open, or of all that are not."""
    later = Report.objects.filter(track_id=OuterRef("track_id"), is_open=is_open, pk__gt=OuterRef("pk"))
    return reports.filter(~Exists(later), is_open=is_open)


def act_on_reported(track_id: int, verb: Verb, curator: User, note: str) -> Act:
    """As `acts.perform`, with the open reports as the reason for it."""
    with transaction.atomic():
        act = perform(verb, curator, [track_id], note=note)
        if act.changes.filter(problem="").exists():
            Report.objects.filter(track_id=track_id, is_open=True).update(led_to=act)
    return act


def find_led_by_reports(acts: Collection[Act]) -> set[int]:
    """Which of these acts were done because of a report."""
    return set(Report.objects.filter(led_to__in=acts).values_list("led_to", flat=True).order_by())


def find_unrecommended(track_ids: Collection[int]) -> dict[int, Act]:
    """By track what keeps it out of recommendations because of a report."""
    said = Change.objects.filter(track_id__in=track_ids, act__verb__in=(Verb.HIDE, Verb.RECOMMEND)).standing()
    decided = said.order_by("pk").select_related("act")
    last = {change.track_id: change.act for change in decided if change.track_id is not None}
    reported = find_led_by_reports(last.values()) if last else set()
    return {number: act for number, act in last.items() if act.pk in reported}


def _check_rate(reporter: User, now: dt.datetime) -> None:
    lately = Report.objects.filter(reporter=reporter, made_at__gt=now - WINDOW).order_by("made_at")
    made = list(lately.values_list("made_at", flat=True))
    if len(made) < MOST:
        return
    wait = math.ceil((made[-MOST] + WINDOW - now).total_seconds())
    minutes = math.ceil(wait / 60)
    sentence = ngettext(
        "You have reported %(count)d tracks within an hour. Try again in %(minutes)d minute.",
        "You have reported %(count)d tracks within an hour. Try again in %(minutes)d minutes.",
        minutes,
    )
    raise TooOftenError(sentence % {"count": MOST, "minutes": minutes}, wait)
