"""Whom personal data goes to (P8, P17), what was weighed up before (P15; PIPL art. 55, 56), and what went wrong with it (P16; art. 57)."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from yingxu.base import clock

from .rights import Purpose, _user

HOME = "CN"  # the mainland; what lies elsewhere, Hong Kong, Macao and Taiwan included, is across the border in the sense of art. 38


class Assessment(models.Model):
    """An assessment of what a use of personal data does to people: number PG-2026-000001. Its author is the owner of its matter; another
    person reviews it. What was approved stays at least three years after its last review (`kept_until`), which a trigger guards."""

    class Kind(models.TextChoices):
        """What asks for one (art. 55)."""

        SENSITIVE = "sensitive", pgettext_lazy("assessment", "Sensitive data")
        AUTOMATED = "automated", pgettext_lazy("assessment", "Automated decisions")
        RECIPIENT = "recipient", pgettext_lazy("assessment", "Handing over to others, or publishing")
        ABROAD = "abroad", pgettext_lazy("assessment", "Going abroad")
        OTHER = "other", pgettext_lazy("assessment", "Another use with great effect on people")

    class Risk(models.TextChoices):
        LOW = "low", pgettext_lazy("risk", "Low")
        MEDIUM = "medium", pgettext_lazy("risk", "Medium")
        HIGH = "high", pgettext_lazy("risk", "High")

    class Decision(models.TextChoices):
        GO = "go", pgettext_lazy("assessment", "May be done")
        MEASURES = "measures", pgettext_lazy("assessment", "May be done with these measures")
        STOP = "stop", pgettext_lazy("assessment", "Must not be done")

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("assessment", "Being written")
        REVIEW = "review", pgettext_lazy("assessment", "To be reviewed")
        APPROVED = "approved", pgettext_lazy("assessment", "In force")
        STOPPED = "stopped", pgettext_lazy("assessment", "Says no")

    matter = models.OneToOneField("matters.Matter", on_delete=models.PROTECT, primary_key=True, related_name="privacy_assessment")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    need = models.TextField()  # the purpose, and why it is lawful, proper and needed
    influence = models.TextField()  # what it does to people's rights
    risk = models.CharField(max_length=8, choices=Risk.choices)
    dangers = models.TextField()  # what may go wrong
    measures = models.TextField()  # what is done about it, and why that is enough
    decision = models.CharField(max_length=10, choices=Decision.choices)
    review_on = models.DateField()  # when it is looked at again
    asked_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = _user(null=True)
    words = models.TextField(blank=True)  # the reviewer's
    kept_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(state__in=["approved", "stopped"]) | Q(reviewed_at__isnull=False, kept_until__isnull=False), name="assessment_reviewed"),
            models.CheckConstraint(condition=~Q(state="approved") | ~Q(decision="stop"), name="assessment_stops"),
        ]
        indexes = [models.Index(fields=["review_on"], condition=Q(state="approved"), name="assessments_due")]

    def __str__(self) -> str:
        return self.matter.title

    @property
    def holds(self) -> bool:
        """May what it is about be done on its ground?"""
        return self.state == self.State.APPROVED


class Recipient(models.Model):
    """Somebody who gets personal data of ours: in which role, where, on which paper, for which purposes, which kinds of data
    (`fields.KINDS`). Only one that is `active` gets anything."""

    class Role(models.TextChoices):
        PROCESSOR = "processor", pgettext_lazy("recipient", "Processes for us")
        HANDLER = "handler", pgettext_lazy("recipient", "Decides by itself what it does with it")
        AUTHORITY = "authority", pgettext_lazy("recipient", "Authority, by law")
        OWN = "own", pgettext_lazy("recipient", "Our own system")

    name = models.CharField(max_length=120, unique=True)
    role = models.CharField(max_length=10, choices=Role.choices)
    region = models.CharField(max_length=2, default=HOME)  # ISO 3166-1
    contract = models.CharField(max_length=200, blank=True)  # where the paper is: its number
    until = models.DateField(null=True, blank=True)  # the contract's last day
    purposes = models.ManyToManyField(Purpose, related_name="recipients")
    fields = ArrayField(models.CharField(max_length=12), default=list)
    assessment = models.ForeignKey(Assessment, null=True, blank=True, on_delete=models.PROTECT, related_name="recipients")
    active = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="recipient_named")]

    def __str__(self) -> str:
        return self.name

    @property
    def abroad(self) -> bool:
        return self.region != HOME

    @property
    def over(self) -> bool:
        """Is the contract over?"""
        return self.until is not None and self.until < clock.today()


class Handover(models.Model):
    """What goes out by one way (`base.outlets`: "sms", "robot:3", "webhook:12") goes to this recipient, for this purpose; one way may
    go to one recipient at a time, earlier ones stay with the day they ended."""

    outlet = models.CharField(max_length=40)
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="handovers")
    purpose = models.ForeignKey(Purpose, null=True, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=200, blank=True)  # the purpose in words, where the way has its own
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["outlet"], condition=Q(ended_at=None), name="one_recipient_a_way"),
            models.CheckConstraint(condition=Q(purpose__isnull=False) | ~Q(words=""), name="handover_for_a_purpose"),
        ]


class Breach(models.Model):
    """Personal data leaked, changed, lost or misused, or may have been: number AQ-2026-000001; a drill says so. `customers` are
    the files of those affected: each reader sees, and counts, those they may know of."""

    class What(models.TextChoices):
        LEAK = "leak", pgettext_lazy("breach", "Leaked")
        CHANGE = "change", pgettext_lazy("breach", "Changed")
        LOSS = "loss", pgettext_lazy("breach", "Lost")
        MISUSE = "misuse", pgettext_lazy("breach", "Misused")

    class Size(models.TextChoices):
        ORDINARY = "ordinary", pgettext_lazy("breach", "Ordinary")
        LARGER = "larger", pgettext_lazy("breach", "Larger")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("breach", "Being handled")
        REVIEW = "review", pgettext_lazy("breach", "Closing to be reviewed")
        CLOSED = "closed", pgettext_lazy("breach", "Closed")

    matter = models.OneToOneField("matters.Matter", on_delete=models.PROTECT, primary_key=True, related_name="privacy_breach")
    what = models.CharField(max_length=8, choices=What.choices)
    size = models.CharField(max_length=8, choices=Size.choices, default=Size.ORDINARY)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    drill = models.BooleanField(default=False)
    found_at = models.DateTimeField()
    happened = models.TextField()
    fields = ArrayField(models.CharField(max_length=12), default=list)
    cause = models.TextField(blank=True)
    harm = models.TextField(blank=True)
    measures = models.TextField(blank=True)
    persons = models.PositiveIntegerField(null=True)  # how many are affected, as far as known
    customers = models.ManyToManyField("matters.Matter", blank=True, related_name="+")  # their files
    authority_at = models.DateTimeField(null=True)
    authority = models.CharField(max_length=300, blank=True)  # which one, how, under which number
    told_at = models.DateTimeField(null=True)
    told_how = models.TextField(blank=True)  # how the persons were told, or why they need not be (art. 57)
    spared = models.BooleanField(default=False)
    asked_by = _user(null=True)
    lessons = models.TextField(blank=True)
    reviewed_by = _user(null=True)
    words = models.TextField(blank=True)  # the reviewer's

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(state="closed") | Q(reviewed_by__isnull=False), name="breach_reviewed"),
        ]

    def __str__(self) -> str:
        return self.matter.title

    @property
    def open(self) -> bool:
        return self.state != self.State.CLOSED


def three_years_after(day: date) -> date:
    """The day three years later; art. 56 keeps assessments and records of handling at least so long."""
    return day.replace(year=day.year + 3, day=28 if (day.month, day.day) == (2, 29) else day.day)
