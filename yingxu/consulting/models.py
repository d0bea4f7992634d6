"""Who asked to consult a file, what for, and what came of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

USER = settings.AUTH_USER_MODEL


class State(models.TextChoices):
    """`REFUSED` is all the requester is ever told of whatever was not granted: that is the neutral answer."""

    ASKED = "asked", pgettext_lazy("consulting", "Asked")
    GRANTED = "granted", pgettext_lazy("consulting", "May be read")
    REFUSED = "refused", pgettext_lazy("consulting", "Not granted")
    WITHDRAWN = "withdrawn", pgettext_lazy("consulting", "Withdrawn")
    ENDED = "ended", pgettext_lazy("consulting", "Over")


MOVES: dict[State, set[State]] = {
    State.ASKED: {State.GRANTED, State.REFUSED, State.WITHDRAWN},
    State.GRANTED: {State.ENDED},
}


class Finding(models.TextChoices):
    """What came of looking at an emergency reading afterwards."""

    JUSTIFIED = "justified", pgettext_lazy("emergency reading", "Justified")
    UNJUSTIFIED = "unjustified", pgettext_lazy("emergency reading", "Not justified")


class Consultation(models.Model):
    """Somebody asks to read a file they may not see. `named` is the file in the requester's words; `matter` what that was found to be, None
    when nothing, or not one thing, is called so. Nothing of it reaches the requester before it is granted. `until` is the last day that
    may be read. `why_ended` is for those who guard the file.

    `urgent` is an emergency reading of so many `hours`, let in at once when the customer was in an open `emergency`; `review_task` is open
    until somebody else has said what they found."""

    named = models.CharField(max_length=120)
    purpose = models.CharField(max_length=300)
    serves = models.ForeignKey("matters.Matter", null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    until = models.DateField()
    asked_by = models.ForeignKey(USER, on_delete=models.PROTECT, db_index=False, related_name="+")
    asked_at = models.DateTimeField()
    matter = models.ForeignKey("matters.Matter", null=True, on_delete=models.PROTECT, related_name="consultations")
    state = models.CharField(max_length=9, choices=State.choices, default=State.ASKED)
    answered_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, db_index=False, related_name="+")
    why_ended = models.CharField(max_length=300, blank=True)
    urgent = models.BooleanField(default=False)
    hours = models.PositiveSmallIntegerField(null=True)
    emergency = models.ForeignKey("matters.Matter", null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    review_task = models.OneToOneField("tasks.Task", null=True, on_delete=models.PROTECT, related_name="+")
    finding = models.CharField(max_length=11, blank=True, choices=Finding.choices)
    review = models.CharField(max_length=500, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, db_index=False, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="consultation_state_known"),
            models.CheckConstraint(condition=~Q(state__in=["granted", "ended"]) | Q(matter__isnull=False, ends_at__isnull=False), name="consultation_of_something"),
            models.CheckConstraint(condition=Q(urgent=False) | Q(hours__gte=1, hours__lte=8), name="consultation_hours"),
            models.CheckConstraint(condition=Q(reviewed_at=None) | Q(urgent=True, finding__in=Finding.values), name="consultation_reviewed"),
            models.CheckConstraint(condition=Q(ends_at=None) | Q(ends_at__gte=F("asked_at")), name="consultation_ends_after"),
        ]
        indexes = [
            models.Index(fields=["asked_by", "-id"], name="consultation_mine"),
            models.Index(fields=["state", "-id"], name="consultation_by_state"),
            models.Index(fields=["-id"], condition=Q(urgent=True), name="consultation_urgent"),
            models.Index(fields=["ends_at"], condition=Q(state="granted"), name="consultation_to_end"),
        ]

    def __str__(self) -> str:
        return self.named
