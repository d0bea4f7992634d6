"""Routing rules, and what was learned from the company's own history."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


def _words(length: int = 40) -> ArrayField:
    return ArrayField(models.CharField(max_length=length), default=list, blank=True)


class RoutingRule(models.Model):
    """Conditions that must all hold (an empty one always holds), and who takes it. The first rule that fits fires."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)
    kinds = _words()
    categories = _words(10)
    channels = _words(20)
    any_words = _words()
    all_words = _words()
    grades = _words(4)
    tags = _words()
    amount_over = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    department = models.ForeignKey("people.Department", on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    least_loaded = models.BooleanField(default=False)
    suggest_category = models.CharField(max_length=10, blank=True)

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(least_loaded=True, owner__isnull=False), name="owner_or_least_loaded"),
            models.CheckConstraint(condition=Q(amount_over__isnull=True) | Q(amount_over__gte=0), name="amount_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class Target(models.TextChoices):
    """What can be learned about a need."""

    DEPARTMENT = "department", _("Department")
    CATEGORY = "category", _("Category")
    KIND = "kind", _("Kind")


class Learned(models.Model):
    """The last training for one target: how much it saw, how good it was on what it had not seen, how sure it may be."""

    target = models.CharField(max_length=12, choices=Target.choices, unique=True)
    trained_at = models.DateTimeField()
    examples = models.PositiveIntegerField()
    accuracy = models.FloatField()
    temperature = models.FloatField()
    labels = models.JSONField(default=dict)  # label: [examples, features seen with it]
    features = models.PositiveIntegerField()  # different ones


class FeatureCount(models.Model):
    """How often a feature was seen with each label: {label: count}."""

    learned = models.ForeignKey(Learned, on_delete=models.CASCADE, related_name="counts")
    feature = models.CharField(max_length=40)
    counts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["learned", "feature"], name="one_feature_count")]


class Stamp(models.Model):
    """One row whose value is new after every change of the rules."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    value = models.UUIDField(default=uuid.uuid4)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_routing_stamp")]
