"""Why a customer's file has its secrecy level and until when; what the company calls the levels."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Then(models.TextChoices):
    """What happens when the term of a level is over."""

    ASK = "ask", _("ask those who guard it")
    DECLASSIFY = "declassify", _("back to the level before")


class Custody(models.Model):
    """The level a file has now: since when, by whom, why, until when; `before` is the level it had until then, to which it goes back
    when the term ends. `asked_on`: the day those who guard it were asked what is to become of it."""

    customer = models.OneToOneField("customers.Customer", on_delete=models.PROTECT, primary_key=True, related_name="custody")
    before = models.PositiveSmallIntegerField(default=0)
    why = models.CharField(max_length=500, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    then = models.CharField(max_length=10, choices=Then.choices, default=Then.ASK)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    asked_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["ends_on"], condition=Q(ends_on__isnull=False), name="custody_terms")]
        constraints = [models.CheckConstraint(condition=Q(before__lte=3), name="custody_before_known")]

    @property
    def matter_id(self) -> int:
        return self.customer_id


class LevelName(models.Model):
    """What the company calls a level."""

    level = models.PositiveSmallIntegerField(primary_key=True)
    text = models.CharField(max_length=12)

    class Meta:
        ordering = ["level"]
        constraints = [
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=3), name="level_named"),
            models.CheckConstraint(condition=~Q(text=""), name="level_name_given"),
        ]


class Stamp(models.Model):
    """One row whose value is new after every change of the names."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    value = models.UUIDField(default=uuid.uuid4)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_archives_stamp")]
