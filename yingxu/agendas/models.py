"""What a meeting of management talks about, and what it decided."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from yingxu.meetings.models import State as MeetingState


class Kind(models.TextChoices):
    """Why something is on the agenda, in the order in which a meeting goes through it."""

    DECISION = "decision", pgettext_lazy("agenda", "Open decisions")
    EMERGENCY = "emergency", pgettext_lazy("agenda", "Emergencies")
    RAISE = "raise", pgettext_lazy("agenda", "Raised to management")
    ESCALATED = "escalated", pgettext_lazy("agenda", "Escalated")
    OVERDUE = "overdue", pgettext_lazy("agenda", "Overdue")
    UNSATISFIED = "unsatisfied", pgettext_lazy("agenda", "Not satisfied")
    COMPLAINT = "complaint", pgettext_lazy("agenda", "Complaints about handling")
    OTHER = "other", pgettext_lazy("agenda", "Other")


class Agenda(models.Model):
    """The agenda of one meeting. `since` is from when on the figures count: the meeting before, or a month."""

    meeting = models.OneToOneField("meetings.Meeting", on_delete=models.PROTECT, primary_key=True, related_name="planned_agenda")
    previous = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    built_at = models.DateTimeField()
    figures = models.JSONField(default=list)  # [{code, n, before, ids}]

    def __str__(self) -> str:
        return str(self.meeting)

    @property
    def open(self) -> bool:
        """May it still be changed? It is fixed once the meeting was held."""
        return self.meeting.state == MeetingState.PLANNED


class Item(models.Model):
    """One thing to talk about. `key` says from what it was made ("" by hand), `note` why it is here, `chosen` whether it is talked about."""

    agenda = models.ForeignKey(Agenda, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    key = models.CharField(max_length=40, blank=True)
    matter = models.ForeignKey("matters.Matter", null=True, on_delete=models.PROTECT, related_name="+")
    task = models.ForeignKey("tasks.Task", null=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    note = models.CharField(max_length=500, blank=True)
    place = models.PositiveSmallIntegerField(default=0)
    chosen = models.BooleanField(default=True)
    minutes = models.TextField(blank=True)

    class Meta:
        ordering = ["place", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="agenda_kind_known"),
            models.UniqueConstraint(fields=["agenda", "key"], condition=~Q(key=""), name="one_item_of_each"),
        ]


class Decision(models.Model):
    """Decided in a meeting: a task with its owner and its day. What became of it is the task's own."""

    agenda = models.ForeignKey(Agenda, on_delete=models.PROTECT, related_name="decisions")
    item = models.ForeignKey(Item, null=True, on_delete=models.PROTECT, related_name="decisions")
    task = models.OneToOneField("tasks.Task", on_delete=models.PROTECT, related_name="decision")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["-at", "-id"], name="decision_by_time")]
