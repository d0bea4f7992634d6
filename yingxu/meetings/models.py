"""A meeting has its own matter, may be about another one, and leaves minutes and tasks."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

USER = settings.AUTH_USER_MODEL


def _user(**options) -> models.ForeignKey:
    return models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", **options)


def _uid() -> str:
    return f"{uuid.uuid4()}@yingxu"


class Purpose(models.TextChoices):
    COORDINATION = "coordination", pgettext_lazy("meeting", "Coordination")
    EMERGENCY = "emergency", pgettext_lazy("meeting", "Emergency")
    MANAGEMENT = "management", pgettext_lazy("meeting", "Management")
    OTHER = "other", pgettext_lazy("meeting", "Other")


class State(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("meeting", "Planned")
    HELD = "held", pgettext_lazy("meeting", "Held")
    CANCELLED = "cancelled", pgettext_lazy("meeting", "Cancelled")


MOVES: dict[State, set[State]] = {
    State.PLANNED: {State.HELD, State.CANCELLED},
    State.HELD: set(),
    State.CANCELLED: set(),
}


class Meeting(models.Model):
    """Title, number, chair (owner), department and secrecy are the matter's. `uid` names it in everybody's calendar for ever,
    `sequence` rises with every change that calendars must take over."""

    matter = models.OneToOneField("matters.Matter", on_delete=models.PROTECT, primary_key=True, related_name="meeting")
    about = models.ForeignKey("matters.Matter", null=True, on_delete=models.PROTECT, related_name="meetings")
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True)
    link = models.URLField(max_length=500, blank=True)
    called_by = _user(null=True, db_index=False)
    agenda = models.TextField(blank=True)  # one item a line
    uid = models.CharField(max_length=80, unique=True, default=_uid)
    sequence = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)  # why it was cancelled

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="meeting_state_known"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="meeting_purpose_known"),
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="meeting_not_ending_before"),
        ]
        indexes = [models.Index(fields=["starts_at", "matter"], name="meeting_by_start")]

    def __str__(self) -> str:
        return str(self.matter)

    @property
    def number(self) -> str:
        return self.matter.number

    @property
    def title(self) -> str:
        return self.matter.title

    @property
    def chair(self):
        return self.matter.owner

    @property
    def items(self) -> list[str]:
        """The agenda, item by item."""
        return [line.strip() for line in self.agenda.splitlines() if line.strip()]


class Attendee(models.Model):
    """Somebody who is asked to come, and what they said. `department` is set when they speak for it."""

    class Answer(models.TextChoices):
        INVITED = "invited", pgettext_lazy("invitation", "No answer yet")
        ACCEPTED = "accepted", pgettext_lazy("invitation", "Comes")
        DECLINED = "declined", pgettext_lazy("invitation", "Does not come")

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendees")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="invitations")
    department = models.ForeignKey("people.Department", null=True, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=8, choices=Answer.choices, default=Answer.INVITED)
    words = models.CharField(max_length=500, blank=True)
    answered_at = models.DateTimeField(null=True)
    by_mail = models.BooleanField(default=False)  # their calendar says so; a mail proves nothing about who sent it
    attended = models.BooleanField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="invited_once")]


class Minutes(models.Model):
    """What was said and agreed; a correction is a new version, the earlier ones stay."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="minutes")
    version = models.PositiveSmallIntegerField()
    text = models.TextField()
    by = _user(null=True, db_index=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["version"]
        constraints = [models.UniqueConstraint(fields=["meeting", "version"], name="one_version_of_minutes")]


class Outcome(models.Model):
    """A task the meeting decided; it hangs on the matter the meeting was about."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="outcomes")
    task = models.OneToOneField("tasks.Task", on_delete=models.PROTECT, related_name="decided_in")

    class Meta:
        ordering = ["id"]
