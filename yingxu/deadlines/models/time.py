"""By when: the working calendar, the targets, the clocks measured with them, and requests for more time."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext, pgettext, pgettext_lazy

from yingxu.matters.models import Matter


class Step(models.TextChoices):
    """What a clock measures, from its name to the act that ends it (K1)."""

    REGISTRATION = "registration", pgettext_lazy("step", "Registration")
    FIRST_RESPONSE = "first_response", pgettext_lazy("step", "First response")
    TRIAGE = "triage", pgettext_lazy("step", "Triage")
    ACCEPTANCE = "acceptance", pgettext_lazy("step", "Acceptance")
    PLAN = "plan", pgettext_lazy("step", "Plan")
    PROGRESS = "progress", pgettext_lazy("step", "Progress update")
    HANDLING = "handling", pgettext_lazy("step", "Handling")
    REVIEW = "review", pgettext_lazy("step", "Review")
    FEEDBACK = "feedback", pgettext_lazy("step", "Feedback")
    CONFIRMATION = "confirmation", pgettext_lazy("step", "Customer's confirmation")
    FOLLOW_UP = "follow_up", pgettext_lazy("step", "Follow-up visit")
    WATCH_REVIEW = "watch_review", pgettext_lazy("step", "Watch-list review")
    MANAGEMENT = "management", pgettext_lazy("step", "Management's answer")
    CRISIS_UPDATE = "crisis_update", pgettext_lazy("step", "Word to customers in an emergency")
    BREACH_REPORT = "breach_report", pgettext_lazy("step", "Telling the authority of a data breach")
    BREACH_WORD = "breach_word", pgettext_lazy("step", "Telling the persons of a data breach")


SERVICE_STEPS = frozenset(
    {Step.REGISTRATION, Step.FIRST_RESPONSE, Step.TRIAGE, Step.REVIEW, Step.FEEDBACK, Step.CONFIRMATION,
     Step.FOLLOW_UP, Step.WATCH_REVIEW}
)  # fmt: skip


class Category(models.TextChoices):
    """Columns of the target table; "unset" is before triage."""

    UNSET = "unset", _("Before triage")
    URGENT = "urgent", pgettext_lazy("category", "Urgent")
    IMPORTANT = "important", pgettext_lazy("category", "Important")
    GENERAL = "general", pgettext_lazy("category", "General")
    POTENTIAL = "potential", pgettext_lazy("category", "Potential")


class Unit(models.TextChoices):
    MINUTES = "minutes", pgettext_lazy("unit", "minutes")
    HOURS = "hours", pgettext_lazy("unit", "hours")
    DAYS = "days", pgettext_lazy("unit", "days")


def span_words(amount: Decimal, unit: str, round_the_clock: bool) -> str:
    """30 min, 2 h, 3 working days, 3 days."""
    shown = {"n": f"{amount.normalize():f}"}
    if unit == Unit.MINUTES:
        return pgettext("time limit", "%(n)s min") % shown
    if unit == Unit.HOURS:
        return pgettext("time limit", "%(n)s h") % shown
    several = 1 if amount == 1 else 2
    if round_the_clock:
        return npgettext("time limit", "%(n)s day", "%(n)s days", several) % shown
    return npgettext("time limit", "%(n)s working day", "%(n)s working days", several) % shown


class Outcome(models.TextChoices):
    RUNNING = "running", pgettext_lazy("outcome of a clock", "Running")
    PAUSED = "paused", pgettext_lazy("outcome of a clock", "Paused")
    MET = "met", pgettext_lazy("outcome of a clock", "In time")
    BREACHED = "breached", pgettext_lazy("outcome of a clock", "Late")
    CANCELLED = "cancelled", pgettext_lazy("outcome of a clock", "No longer needed")


OPEN = (Outcome.RUNNING, Outcome.PAUSED)


class WorkCalendar(models.Model):
    """The company's one working calendar as it stands; every change leaves a CalendarVersion."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    zone = models.CharField(max_length=40)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_calendar")]


class DayWindow(models.Model):
    """From when to when is worked on a weekday (0 = Monday); an end of 00:00 is the end of the day."""

    calendar = models.ForeignKey(WorkCalendar, on_delete=models.CASCADE, related_name="windows")
    weekday = models.PositiveSmallIntegerField()
    start = models.TimeField()
    end = models.TimeField()

    class Meta:
        ordering = ["weekday", "start"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="weekday_known"),
            models.CheckConstraint(condition=Q(end__gt=F("start")) | Q(end="00:00"), name="window_ends_after"),
            models.UniqueConstraint(fields=["calendar", "weekday", "start"], name="one_window"),
        ]


class CalendarDay(models.Model):
    """A day unlike its weekday. The company's word stands above the official one."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Public holiday")
        MAKEUP = "makeup", _("Make-up working day")
        OFF = "off", _("Company day off")
        WORKING = "working", _("Company working day")

    class Source(models.TextChoices):
        OFFICIAL = "official", _("Official")
        COMPANY = "company", _("Company")

    calendar = models.ForeignKey(WorkCalendar, on_delete=models.CASCADE, related_name="days")
    date = models.DateField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    source = models.CharField(max_length=8, choices=Source.choices)
    name = models.CharField(max_length=40, blank=True)
    windows = models.JSONField(default=list)  # [["09:00", "12:00"]] of a company working day with its own hours

    class Meta:
        ordering = ["date", "-source"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "date", "source"], name="one_word_per_day"),
            models.CheckConstraint(
                condition=Q(source="official", kind__in=["holiday", "makeup"]) | Q(source="company", kind__in=["off", "working"]),
                name="kind_of_source",
            ),
        ]


class Version(models.Model):
    """A state of the settings, never changed; `tx` tells whether the transaction that reads it is still making it."""

    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    tx = models.BigIntegerField(db_default=RawSQL("pg_current_xact_id()::text::bigint", ()))

    class Meta:
        abstract = True


class CalendarVersion(Version):
    """The whole calendar as it was from `made_at` on: {zone, week: [[[from, to]]], days: [[date, kind, name, windows]]}."""

    content = models.JSONField()


class TargetVersion(Version):
    """The whole table of targets as it was from `made_at` on."""


class Target(models.Model):
    """How long a step may take for a category; a step without a row has no clock. A day is a working day, or 24 hours."""

    version = models.ForeignKey(TargetVersion, on_delete=models.CASCADE, related_name="targets")
    category = models.CharField(max_length=10, choices=Category.choices)
    step = models.CharField(max_length=14, choices=Step.choices)
    amount = models.DecimalField(max_digits=7, decimal_places=2)
    unit = models.CharField(max_length=8, choices=Unit.choices, default=Unit.HOURS)
    round_the_clock = models.BooleanField(default=False)
    warn_percent = models.PositiveSmallIntegerField(default=80)  # of the time used when we warn

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "category", "step"], name="one_target"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="target_above_nothing"),
            models.CheckConstraint(condition=Q(warn_percent__gte=1, warn_percent__lte=100), name="warn_percent_known"),
        ]

    @property
    def words(self) -> str:
        """30 min, 2 h, 3 working days, 3 days."""
        return span_words(self.amount, self.unit, self.round_the_clock)


class Clock(models.Model):
    """One measured step of a matter, derived from what happens to it.

    The allowance is `target_minutes` + `extended_minutes`, counted from `started_at` by the calendar version (or round the
    clock) without the pauses. `due_at` is empty while it is paused with time left. `look_at` is when the worker must look.
    """

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="clocks")
    step = models.CharField(max_length=14, choices=Step.choices)
    round = models.PositiveSmallIntegerField(default=1)
    category = models.CharField(max_length=10, choices=Category.choices)
    target_minutes = models.FloatField()
    extended_minutes = models.FloatField(db_default=0.0, default=0.0)
    warn_percent = models.PositiveSmallIntegerField()
    round_the_clock = models.BooleanField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    outcome = models.CharField(
        max_length=9, choices=Outcome.choices, default=Outcome.RUNNING, db_default=Outcome.RUNNING
    )
    pauses = models.JSONField(default=list, db_default=[])  # [[from, to or null]]
    paused_at = models.DateTimeField(null=True)
    paused_minutes = models.FloatField(default=0.0, db_default=0.0)
    remaining_minutes = models.FloatField(null=True)  # while paused
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+"
    )
    asked = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+"
    )  # who has to act, where that is neither the owner nor customer service
    elapsed_minutes = models.FloatField(null=True)
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    escalated = models.PositiveSmallIntegerField(default=0, db_default=0)  # how many rungs were told after the breach
    calendar_version = models.ForeignKey(CalendarVersion, db_index=False, on_delete=models.PROTECT, related_name="+")
    target_version = models.ForeignKey(
        TargetVersion, null=True, db_index=False, on_delete=models.PROTECT, related_name="+"
    )  # none: due on a date somebody chose
    look_at = models.GeneratedField(
        expression=Case(
            When(Q(outcome="running", warned_at=None), then=F("warn_at")),
            When(Q(outcome="running", breached_at=None), then=F("due_at")),
        ),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "step"], condition=Q(outcome__in=["running", "paused"]), name="one_open_clock"
            ),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="outcome_known"),
            models.CheckConstraint(
                condition=Q(outcome__in=["running", "paused"], stopped_at=None)
                | Q(outcome__in=["met", "breached", "cancelled"], stopped_at__isnull=False, elapsed_minutes__isnull=False),
                name="closed_clock_has_figures",
            ),
            models.CheckConstraint(condition=~Q(outcome="running", due_at=None), name="running_clock_is_due"),
            models.CheckConstraint(condition=Q(target_minutes__gt=0), name="clock_has_time"),
        ]
        indexes = [
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="clock_look_at"),
            BrinIndex(fields=["stopped_at"], autosummarize=True, name="clock_stopped_at"),  # figures by period
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.round}"

    @property
    def open(self) -> bool:
        return self.outcome in OPEN

    @property
    def allowance(self) -> float:
        """Minutes that may be used."""
        return self.target_minutes + self.extended_minutes

    @property
    def spans(self) -> list[tuple[datetime, datetime | None]]:
        """The pauses as moments."""
        return [(datetime.fromisoformat(a), datetime.fromisoformat(b) if b else None) for a, b in self.pauses]

    @spans.setter
    def spans(self, found: Sequence[tuple[datetime, datetime | None]]) -> None:
        self.pauses = [[a.isoformat(), b.isoformat() if b else None] for a, b in found]


class ExtensionRequest(models.Model):
    """More time asked for and decided; the old date and the new one are both kept."""

    class Decision(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="extension_requests")
    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="extension_requests")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    asked_minutes = models.FloatField()
    due_before = models.DateTimeField()
    due_asked = models.DateTimeField()
    decision = models.CharField(max_length=8, choices=Decision.choices, default=Decision.WAITING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)
    due_after = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["clock"], condition=Q(decision="waiting"), name="one_waiting_extension"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="extension_decided_by_another"
            ),
        ]
        indexes = [models.Index(fields=["asked_at"], condition=Q(decision="waiting"), name="waiting_extensions")]


class ClockMove(models.Model):
    """That an open clock got another due date without anybody working on it, and why; `by` is who caused it."""

    class Why(models.TextChoices):
        CALENDAR = "calendar", pgettext_lazy("why a date moved", "the working calendar was changed")
        TARGETS = "targets", pgettext_lazy("why a date moved", "the time limits were changed")
        CATEGORY = "category", pgettext_lazy("why a date moved", "the category was changed")
        EXTENSION = "extension", pgettext_lazy("why a date moved", "more time was granted")

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="clock_moves")
    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="moves")
    at = models.DateTimeField()
    was = models.DateTimeField(null=True)
    now = models.DateTimeField(null=True)  # none: no longer measured, or it rests
    why = models.CharField(max_length=9, choices=Why.choices)
    version = models.BigIntegerField(null=True)  # of the calendar or the targets
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["why", "version", "id"], name="moves_of_a_version")]
