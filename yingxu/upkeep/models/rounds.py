"""A round of looking at archives again: a list for each owner, a row for each field of each customer."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Round(models.Model):
    """A quarter's re-verification, or a week's supplement; `starts_on` is the first day of the quarter or week."""

    class Kind(models.TextChoices):
        QUARTER = "quarter", pgettext_lazy("upkeep", "Re-verification")
        WEEK = "week", pgettext_lazy("upkeep", "Supplement")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    starts_on = models.DateField()
    due_on = models.DateField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "starts_on"], name="one_round_of_a_time"),
            models.CheckConstraint(condition=Q(kind__in=["quarter", "week"]), name="round_kind_known"),
        ]

    def __str__(self) -> str:
        if self.kind == self.Kind.QUARTER:
            return str(_("Quarter %(n)s of %(year)s") % {"n": (self.starts_on.month + 2) // 3, "year": self.starts_on.year})
        return str(_("Week of %(day)s") % {"day": self.starts_on.isoformat()})


class Sheet(models.Model):
    """One person's list of a round, on a matter (number FH-2026-000001, owner: who goes through it now). `person` is for whom it was
    made; the list may have gone to another since."""

    matter = models.OneToOneField("matters.Matter", on_delete=models.PROTECT, primary_key=True, related_name="upkeep_sheet")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="sheets")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    task = models.ForeignKey("tasks.Task", null=True, on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "person"], name="one_sheet_of_a_round")]

    def __str__(self) -> str:
        return str(self.matter)


class Check(models.Model):
    """One field of one customer, and what came of looking at it again. `carried_from` is the row of the round before that was left open;
    `times` how often it was. A customer that is destroyed takes its rows with it."""

    class Result(models.TextChoices):
        OPEN = "", pgettext_lazy("check", "Open")
        CONFIRMED = "confirmed", pgettext_lazy("check", "Confirmed")
        CHANGED = "changed", pgettext_lazy("check", "Changed")
        UNREACHABLE = "unreachable", pgettext_lazy("check", "Unreachable")
        NOT_APPLICABLE = "none", pgettext_lazy("check", "Not applicable")
        CARRIED = "carried", pgettext_lazy("check", "Carried to the next round")
        LAPSED = "lapsed", pgettext_lazy("check", "No longer needed")

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="checks")
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="checks")
    field = models.CharField(max_length=80)
    result = models.CharField(max_length=12, choices=Result.choices, default=Result.OPEN, blank=True)
    words = models.CharField(max_length=300, blank=True)  # what was tried, why it does not apply
    at = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    carried_from = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    times = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "customer", "field"], name="one_check_of_a_field"),
            models.CheckConstraint(condition=Q(result="") | Q(at__isnull=False), name="check_has_its_moment"),
        ]
        indexes = [models.Index(fields=["sheet"], condition=Q(result=""), name="checks_open")]


DONE = (Check.Result.CONFIRMED, Check.Result.CHANGED, Check.Result.UNREACHABLE, Check.Result.NOT_APPLICABLE)
