"""The installed policy pack and its clauses."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class InstalledPack(models.Model):
    """One act of installing or upgrading. `content` is what the pack itself said then, so that an upgrade can tell the pack's
    changes from the company's; `conflicts` are the places where both changed and the company's stayed."""

    name = models.SlugField(max_length=40)
    title = models.CharField(max_length=80)
    version = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=80)
    content = models.JSONField()
    conflicts = models.JSONField(default=list)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"


class Clause(models.Model):
    """A requirement in our own words, and the controls that enforce it."""

    number = models.CharField(max_length=12, unique=True)
    chapter = models.CharField(max_length=40)
    title = models.CharField(max_length=60)
    text = models.TextField()
    controls = ArrayField(models.CharField(max_length=80))
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Survey(models.Model):
    """What the customer is asked when confirming, and what is asked at a follow-up visit: {question, scale, reasons, visit}."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    content = models.JSONField(default=dict)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_survey")]


class Company(models.Model):
    """Whose policy this is: the name customers read."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_company")]

    def __str__(self) -> str:
        return self.name
