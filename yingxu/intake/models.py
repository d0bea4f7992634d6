"""Imports: the run, its rows, and mappings remembered for the next file of the same shape."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ImportRun(models.Model):
    """One file on its way in. `done` rows have been dealt with; a run that stopped goes on behind them."""

    class Shape(models.TextChoices):
        NEEDS = "needs", _("One row a need")
        EVENTS = "events", _("One row an event of a need (log)")

    class State(models.TextChoices):
        RECEIVED = "received", _("Columns to be mapped")
        WAITING = "waiting", _("Waiting to start")
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Stopped")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    name = models.CharField(max_length=120)
    stored = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    shape = models.CharField(max_length=6, choices=Shape.choices, default=Shape.NEEDS)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RECEIVED)
    header = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)  # {column: target}
    options = models.JSONField(default=dict)  # kind, channel, category, states …
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(done__lte=models.F("total")), name="not_more_than_all")]


class ImportRow(models.Model):
    """What became of one row (for an event log: of one need)."""

    class Outcome(models.TextChoices):
        DONE = "done", _("Imported")
        REPEATED = "repeated", _("Already there")
        REFUSED = "refused", _("Refused")

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    need = models.ForeignKey("needs.Need", null=True, on_delete=models.PROTECT, related_name="+")
    message = models.CharField(max_length=300, blank=True)
    undone = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "line"], name="one_outcome_per_line")]
        indexes = [models.Index(fields=["run", "outcome", "line"])]


class RememberedMapping(models.Model):
    """How the columns of a header were mapped the last time."""

    header = models.CharField(max_length=64, unique=True)  # SHA-256 of the column names
    shape = models.CharField(max_length=6, choices=ImportRun.Shape.choices)
    mapping = models.JSONField()
    options = models.JSONField()
    at = models.DateTimeField()
