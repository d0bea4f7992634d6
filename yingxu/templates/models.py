"""Record templates: one per kind of need, in versions; the categories' definitions; ready-made words."""

import uuid
from functools import cached_property

import msgspec
from django.conf import settings
from django.db import models
from django.db.models import Q

from .fields import Field


class Template(models.Model):
    """What is asked for one kind of need; `code` is the need's kind."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=40)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)
    current = models.ForeignKey("TemplateVersion", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """The fields as they were from one moment on; never changed, so old records keep what they were made with."""

    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    fields = models.JSONField(default=list)
    must_ask = models.JSONField(default=list)
    created_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["template_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="one_version_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="version_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.number}"

    @cached_property
    def specs(self) -> list[Field]:
        return msgspec.convert(self.fields, list[Field])


class CategoryText(models.Model):
    """What a category means in this company, shown where one is chosen."""

    category = models.CharField(max_length=10, unique=True)
    label = models.CharField(max_length=10)
    definition = models.CharField(max_length=200)
    examples = models.JSONField(default=list)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.label


class QuickText(models.Model):
    """Ready-made words; `place` says where they are offered (reply, feedback, result, return, reject, hold, visit, internal)."""

    code = models.SlugField(max_length=40, unique=True)
    place = models.CharField(max_length=20)
    title = models.CharField(max_length=40)
    body = models.TextField()
    kinds = models.JSONField(default=list)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["place", "order", "id"]

    def __str__(self) -> str:
        return self.title


class Stamp(models.Model):
    """One row whose value is new after every change, so that processes know when to read again."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    value = models.UUIDField(default=uuid.uuid4)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_templates_stamp")]
