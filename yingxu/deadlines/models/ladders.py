"""Who is told when a step stays late or an alarm unanswered: ladders, their rungs, and each way up one."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext, pgettext_lazy

from yingxu.matters.models import Matter

from .time import Clock, Unit, Version, span_words


class Who(models.TextChoices):
    """Whom a rung tells."""

    OWNER = "owner", pgettext_lazy("rung", "The owner")
    HEAD = "head", pgettext_lazy("rung", "Head of the department")
    ABOVE = "above", pgettext_lazy("rung", "Head of the department above")
    LEADER = "leader", pgettext_lazy("rung", "Head of the response group")
    ROLE = "role", pgettext_lazy("rung", "Everybody with a role")
    DEPARTMENT = "department", pgettext_lazy("rung", "Head of a named department")


class LadderVersion(Version):
    """All ladders as they were from `made_at` on."""


class Rung(models.Model):
    """One rung: whom it tells, and how long after the breach. `ladder` is "default", a category, "category/step", or the name of
    an alarm's ladder ("emergency"); a day is a working day, or 24 hours round the clock."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="rungs")
    ladder = models.CharField(max_length=40)
    place = models.PositiveSmallIntegerField()
    who = models.CharField(max_length=10, choices=Who.choices)
    code = models.CharField(max_length=40, blank=True)  # of the role or department
    amount = models.DecimalField(max_digits=7, decimal_places=2)
    unit = models.CharField(max_length=8, choices=Unit.choices, default=Unit.HOURS)
    round_the_clock = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "ladder", "place"], name="one_rung"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="rung_not_before_the_breach"),
            models.CheckConstraint(condition=Q(place__gte=1), name="rung_counted_from_one"),
        ]

    @property
    def words(self) -> str:
        """How long after the breach."""
        return span_words(self.amount, self.unit, self.round_the_clock) if self.amount else pgettext("rung", "at once")


class Climb(models.Model):
    """One way up a ladder: from a late clock, or from an alarm (no clock), until somebody takes it or it ends.

    The rung after `told` is due its own time after `base_at`, less `base_minutes` (what lay behind the climber when a promise
    passed). `next_at` is when the worker must look; empty while the clock rests, at the top, and when it is taken for good.
    """

    class State(models.TextChoices):
        CLIMBING = "climbing", pgettext_lazy("escalation", "Climbing")
        TAKEN = "taken", pgettext_lazy("escalation", "Taken")
        ENDED = "ended", pgettext_lazy("escalation", "Over")

    class Ending(models.TextChoices):
        DONE = "done", pgettext_lazy("escalation", "the step was done")
        CANCELLED = "cancelled", pgettext_lazy("escalation", "no longer needed")
        MOVED = "moved", pgettext_lazy("escalation", "it got a later date")
        HANDED = "handed", pgettext_lazy("escalation", "somebody else has it now")
        STOPPED = "stopped", pgettext_lazy("escalation", "the alarm is over")

    matter = models.ForeignKey(Matter, on_delete=models.CASCADE, related_name="climbs")
    clock = models.ForeignKey(Clock, null=True, on_delete=models.CASCADE, related_name="climbs")
    about = models.CharField(max_length=200, blank=True)
    version = models.ForeignKey(LadderVersion, db_index=False, on_delete=models.PROTECT, related_name="+")
    ladder = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State.choices, default=State.CLIMBING)
    begun_at = models.DateTimeField()
    base_at = models.DateTimeField()
    base_minutes = models.FloatField(default=0.0)
    told = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    topped_at = models.DateTimeField(null=True)  # when the last rung was told
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+"
    )
    taken_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=500, blank=True)
    promised_at = models.DateTimeField(null=True)
    broken_promises = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=9, choices=Ending.choices, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["clock"], condition=~Q(state="ended"), name="one_open_climb"),
            models.UniqueConstraint(
                fields=["matter", "ladder"], condition=~Q(state="ended") & Q(clock=None), name="one_open_alarm"
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False, next_at=None) | ~Q(state="ended") & Q(ended_at=None),
                name="ended_climb_has_an_end",
            ),
            models.CheckConstraint(
                condition=~Q(state="taken") | Q(taken_by__isnull=False, taken_at__isnull=False), name="taken_by_somebody"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="climb_next_at"),
            models.Index(fields=["begun_at"], name="climb_begun_at"),
        ]

    @property
    def open(self) -> bool:
        return self.state != self.State.ENDED


class Told(models.Model):
    """One rung that was told: whom, when it was due and when it was said. `entry` is the statement in the journal."""

    climb = models.ForeignKey(Climb, on_delete=models.CASCADE, related_name="tellings")
    number = models.PositiveSmallIntegerField()  # counted on, also when the top is told again
    rung = models.PositiveSmallIntegerField()
    who = models.CharField(max_length=10, choices=Who.choices)
    code = models.CharField(max_length=40, blank=True)
    users = ArrayField(models.BigIntegerField(), default=list)
    due_at = models.DateTimeField()
    at = models.DateTimeField()
    entry = models.ForeignKey("matters.Entry", null=True, db_index=False, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["climb", "number"], name="told_in_order")]
        indexes = [models.Index(fields=["at"], name="told_at")]
