"""Who does what by when: a task hangs on a matter; a wish for another date is kept beside it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

USER = settings.AUTH_USER_MODEL


def _user(**options) -> models.ForeignKey:
    return models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", **options)


class State(models.TextChoices):
    OPEN = "open", pgettext_lazy("task", "To do")
    DONE = "done", pgettext_lazy("task", "Done")
    WITHDRAWN = "withdrawn", pgettext_lazy("task", "Withdrawn")


class Origin(models.TextChoices):
    """What the task came out of."""

    REQUEST = "request", pgettext_lazy("task", "Request")
    PLAN = "plan", pgettext_lazy("task", "Plan")
    MEETING = "meeting", pgettext_lazy("task", "Meeting")
    EMERGENCY = "emergency", pgettext_lazy("task", "Emergency")
    IMPROVEMENT = "improvement", pgettext_lazy("task", "Improvement")
    MANAGEMENT = "management", pgettext_lazy("task", "Management")


class Task(models.Model):
    """A piece of work on a matter. `department` is always known, `owner` the person when there is one, else whoever of the
    department takes it. `late_at` is when it was stated that it is late. Closed by its result, or withdrawn with a reason."""

    matter = models.ForeignKey("matters.Matter", on_delete=models.PROTECT, related_name="tasks")
    title = models.CharField(max_length=200)
    details = models.TextField(blank=True)
    department = models.ForeignKey("people.Department", null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    owner = _user(null=True, db_index=False)
    due_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.REQUEST)
    given_by = _user(null=True, db_index=False)
    given_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = _user(null=True, db_index=False)
    result = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)  # why it was withdrawn
    late_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="task_state_known"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="task_origin_known"),
            models.CheckConstraint(condition=Q(state=State.DONE, done_at__isnull=False) | (~Q(state=State.DONE) & Q(done_at=None)), name="task_done_when"),
        ]
        indexes = [
            models.Index(fields=["owner", "due_at", "id"], condition=Q(state=State.OPEN), name="task_open_by_owner"),
            models.Index(fields=["department", "due_at", "id"], condition=Q(state=State.OPEN), name="task_open_by_department"),
            models.Index(fields=["due_at"], condition=Q(state=State.OPEN, late_at=None), name="task_to_look_at"),
            models.Index(fields=["owner", "-id"], name="task_by_owner"),
            models.Index(fields=["department", "-id"], name="task_by_department"),
            models.Index(fields=["given_by", "-id"], name="task_by_giver"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def open(self) -> bool:
        return self.state == State.OPEN


class Postponement(models.Model):
    """More time asked for a task with a reason, and what was decided; both dates stay readable."""

    class Decision(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("decision", "Waiting")
        GRANTED = "granted", pgettext_lazy("decision", "Granted")
        REFUSED = "refused", pgettext_lazy("decision", "Refused")
        LAPSED = "lapsed", pgettext_lazy("decision", "Lapsed")

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="postponements")
    due_before = models.DateTimeField(null=True)
    due_asked = models.DateTimeField()
    reason = models.CharField(max_length=500)
    asked_by = _user(null=True, db_index=False)
    asked_at = models.DateTimeField()
    decision = models.CharField(max_length=8, choices=Decision.choices, default=Decision.WAITING, verbose_name=_("Decision"))
    decided_by = _user(null=True, db_index=False)
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["task"], condition=Q(decision="waiting"), name="one_waiting_postponement"),
            models.CheckConstraint(condition=Q(due_before=None) | Q(due_asked__gt=F("due_before")), name="postponed_to_later"),
        ]
