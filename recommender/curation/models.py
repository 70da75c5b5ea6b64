"""What curators did: acts with what each changed, and the jobs that do one thing to many tracks. What listeners
reported to them. What a file would change, before anybody says so.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommender.accounts.models import User
from recommender.curation.sentences import BACK_IN_PART

# A worker that runs a job says so after each batch; who was silent for so long is gone.
SILENCE: Final = dt.timedelta(minutes=2)


class Verb(models.TextChoices):
    """What can be done. `curation.deeds` says what each does to a track, `curation.acts` how it is taken back."""

    APPROVE = "approve", _("approved")
    REJECT = "reject", _("rejected")
    ASK = "ask", _("asked for changes")
    WITHDRAW = "withdraw", _("withdrawn")
    HIDE = "hide", _("hidden from recommendations")
    RECOMMEND = "recommend", _("recommended again")
    DESCRIBE = "describe", _("described anew")
    DESCRIBE_OWN = "describe_own", _("described anew what is theirs")
    ANALYSE = "analyse", _("analysed again")
    TRASH = "trash", _("moved to the trash")
    RESTORE = "restore", _("restored")
    PURGE = "purge", _("deleted for good")
    MERGE = "merge", _("merged")
    JUDGE = "judge", _("judged as one recording or not")
    SUBMIT = "submit", _("submitted for review")
    PUBLISH = "publish", _("published")
    PAIR = "pair", _("ruled about two tracks")
    POOL = "pool", _("switched a rule")
    KEEP = "keep", _("made private")
    PAUSE = "pause", _("paused the analysis")
    RESUME = "resume", _("resumed the analysis")
    SETTLE = "settle", _("dealt with reports")
    DISMISS = "dismiss", _("declined a suggestion")
    JOIN = "join", _("merged artists")
    SPLIT = "split", _("split an artist")
    ALIAS = "alias", _("named an artist")
    TELL_APART = "tell_apart", _("told artists apart")


class Act(models.Model):
    """One thing a curator did, to one track or to many. It is taken back as a whole: where nothing of it could be, it
    stays open; where something could not, that can be tried again.
    """

    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="acts")
    verb = models.CharField(max_length=20, choices=Verb)
    note = models.TextField(blank=True, max_length=2000)
    at = models.DateTimeField(default=timezone.now)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["verb", "-id"], name="act_by_verb")]

    def __str__(self) -> str:
        return f"{self.verb} by {self.actor_id} at {self.at:%Y-%m-%d %H:%M}"


_IS_NOTHING: Final = models.Q(after={})
_IS_STUCK: Final = ~models.Q(problem__in=("", *BACK_IN_PART)) & ~_IS_NOTHING


class ChangeQuerySet(models.QuerySet["Change"]):
    def done(self) -> ChangeQuerySet:
        """Also what was taken back since. What could not be done in the first place has a problem and no `after`."""
        return self.filter(models.Q(problem="") | ~_IS_NOTHING)

    def stuck(self) -> ChangeQuerySet:
        """What was to be taken back and could not be."""
        return self.filter(_IS_STUCK)

    def standing(self) -> ChangeQuerySet:
        """What was done and was not taken back: also for want of a way back."""
        return self.filter(models.Q(act__undone_at=None) | _IS_STUCK).done()

    def since(self, change: Change) -> ChangeQuerySet:
        """What was done to the same track after `change`, and stands."""
        return self.filter(track_id=change.track_id, pk__gt=change.pk).standing()


class Change(models.Model):
    """What an act changed of one track, as plain values before and after. `label` says what it was, should it be gone.
    Without a track it is about something else, such as a rule.

    `problem`: why it was not done, or could not be taken back; empty when all went well.
    """

    act = models.ForeignKey(Act, on_delete=models.CASCADE, related_name="changes")
    track_id = models.BigIntegerField(null=True, db_index=True)
    label = models.CharField(max_length=300)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    problem = models.CharField(max_length=300, blank=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.track_id}: {self.before} -> {self.after}"


class JobState(models.TextChoices):
    """WAITING -> RUNNING -> DONE | CANCELLED. A job that lost its worker is run on from where it was."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")


class JobQuerySet(models.QuerySet["Job"]):
    def unfinished(self) -> JobQuerySet:
        return self.filter(state__in=(JobState.WAITING, JobState.RUNNING))

    def cancel(self) -> int:
        """What is done stays done, and can be taken back. Taking back goes to its end: nothing takes up its rest."""
        return self.unfinished().filter(is_undoing=False).update(state=JobState.CANCELLED, ended_at=timezone.now())

    def abandoned(self) -> JobQuerySet:
        return self.unfinished().filter(seen_at__lt=timezone.now() - SILENCE)


class Job(models.Model):
    """An act on many tracks, or taking one back, done in batches by a worker.

    `ids` are those of tracks, or of changes to take back; `done` of them were dealt with. What came of it is in the
    changes of the act: those with a problem could not be done.
    """

    act = models.ForeignKey(Act, on_delete=models.CASCADE, related_name="jobs")
    is_undoing = models.BooleanField(default=False)
    arguments = models.JSONField(default=dict)
    ids = models.JSONField()
    state = models.CharField(max_length=10, choices=JobState, default=JobState.WAITING)
    done = models.PositiveIntegerField(default=0)
    seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "seen_at"], name="job_unfinished")]

    def __str__(self) -> str:
        return f"{self.act.verb}: {self.done} of {self.total}"

    @property
    def total(self) -> int:
        return len(self.ids)

    @property
    def is_over(self) -> bool:
        return self.state in (JobState.DONE, JobState.CANCELLED)


class Draft(models.Model):
    """What a file would change, until its owner has that done or discards it, or `tables.KEPT` has passed.

    `changes`: `{"track", "row", "seen", "wanted"}` of each track that would change, the last two by field of
    `catalog.editing`. `problems`: what is left out of it, `[row, column, sentence]`, the first of `problem_count`.
    `remarks` are sentences about the whole. What is told is in the language of the owner: nobody else reads it.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="drafts")
    file_name = models.CharField(max_length=255)
    made_at = models.DateTimeField(default=timezone.now, db_index=True)
    row_count = models.PositiveIntegerField()
    same_count = models.PositiveIntegerField()
    change_count = models.PositiveIntegerField()
    problem_count = models.PositiveIntegerField()
    changes = models.JSONField()
    problems = models.JSONField()
    remarks = models.JSONField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.file_name}: {self.change_count} changes"


class ReportReason(models.TextChoices):
    RIGHTS = "rights", _("Rights: it should not be here")
    TAGS = "tags", _("Wrong title, artist or other details")
    OFFENSIVE = "offensive", _("Offensive")
    BROKEN = "broken", _("Does not play, or not as it should")
    OTHER = "other", _("Something else")


class Report(models.Model):
    """What somebody says is wrong with a track, until a curator closes it. `label` and `owner` say what
    it was and whose, should it be gone.

    `said_at` is later than `made_at` where it was amended. `answer` is for the reporter; `settled_by` dealt with it
    last. `led_to`: the act by which the track was hidden because of it.
    """

    track_id = models.BigIntegerField()
    label = models.CharField(max_length=300)
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reporter = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="reports")
    reason = models.CharField(max_length=10, choices=ReportReason)
    text = models.TextField(max_length=1000)
    made_at = models.DateTimeField(default=timezone.now)
    said_at = models.DateTimeField(default=timezone.now)
    is_open = models.BooleanField(default=True)
    answer = models.TextField(blank=True, max_length=2000)
    settled_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    settled_at = models.DateTimeField(null=True)
    led_to = models.ForeignKey(Act, null=True, on_delete=models.SET_NULL, related_name="reports")

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["track_id", "id"], name="report_by_track"),
            models.Index(fields=["is_open", "id"], name="report_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["reporter", "track_id"], condition=models.Q(is_open=True), name="one_open_report_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reason} of {self.track_id} by {self.reporter_id}"

    @property
    def is_amended(self) -> bool:
        return self.said_at != self.made_at
