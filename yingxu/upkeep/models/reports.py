"""The monthly report on one's customers: made from the archive, with the owner's words, to the service director."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Report(models.Model):
    """What became of one person's customers in a month, on a matter (number YB-2026-000001, owner: who writes it). `figures` and `as_of`
    are frozen when it is submitted: [{code, ids}], the keys of the matters behind each figure, so that a reader is shown and counted
    only those they may see."""

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("report", "Draft")
        SUBMITTED = "submitted", pgettext_lazy("report", "Submitted")
        READ = "read", pgettext_lazy("report", "Read")
        ANSWERED = "answered", pgettext_lazy("report", "Commented")

    matter = models.OneToOneField("matters.Matter", on_delete=models.PROTECT, primary_key=True, related_name="customer_report")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    due_on = models.DateField()
    task = models.ForeignKey("tasks.Task", null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    summary = models.TextField(blank=True)
    risks = models.TextField(blank=True)
    plans = models.TextField(blank=True)
    figures = models.JSONField(default=list)
    as_of = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(null=True)
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    reminded_at = models.DateTimeField(null=True)
    late_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["month", "person"], name="one_report_a_month"),
            models.CheckConstraint(condition=Q(state__in=["draft", "submitted", "read", "answered"]), name="report_state_known"),
            models.CheckConstraint(condition=Q(state="draft") | Q(submitted_at__isnull=False, as_of__isnull=False), name="report_submitted_when"),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(state="draft"), name="reports_due")]

    def __str__(self) -> str:
        return str(_("Customer report of %(month)s") % {"month": f"{self.month:%Y-%m}"})


class Comment(models.Model):
    """What was said about a report, from either side; never changed."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="comments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()

    class Meta:
        ordering = ["id"]
