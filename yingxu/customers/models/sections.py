"""What a customer file holds besides its own columns: sections of fields as the company declares them, and what was filled in."""

from functools import cached_property

import msgspec
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from yingxu.base import crypto
from yingxu.matters.models import Secrecy

from ..fields import Field
from .customer import Customer


class Section(models.Model):
    """A part of every file (of one type of customer, or of both when `type` is empty). `secrecy` is the level a file's section has
    at least; `version` grows with every change of what is asked."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=40)
    hint = models.CharField(max_length=200, blank=True)
    type = models.CharField(max_length=12, blank=True, choices=[("", pgettext_lazy("customers of every type", "Everybody")), *Customer.Type.choices])
    secrecy = models.PositiveSmallIntegerField(choices=Secrecy.choices, default=Secrecy.NONE)
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)
    fields = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["order", "id"]
        constraints = [models.CheckConstraint(condition=Q(secrecy__lte=3), name="section_secrecy_known")]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def every(self) -> list[Field]:
        """Also the fields out of use."""
        return msgspec.convert(self.fields, list[Field])

    @property
    def specs(self) -> list[Field]:
        """What is asked now."""
        return [field for field in self.every if not field.retired]


@crypto.seals("sealed", context="customers.identifier")
class Value(models.Model):
    """What was filled in for one field of one customer. A sensitive value is sealed; then `value` is empty and `masked` is shown."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="filled")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="+")
    field = models.CharField(max_length=40)
    value = models.JSONField(null=True)
    sealed = models.TextField(blank=True)
    masked = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["customer", "section", "field"], name="one_value")]


class SectionLevel(models.Model):
    """How secret a section of one file is, where that is more than what the company says of the section."""

    customer = models.ForeignKey(Customer, db_index=False, on_delete=models.PROTECT, related_name="section_levels")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="+")
    secrecy = models.PositiveSmallIntegerField(choices=Secrecy.choices)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["customer", "section"], name="one_level_of_section"),
            models.CheckConstraint(condition=Q(secrecy__lte=3), name="section_level_known"),
        ]


class Term(models.Model):
    """How many days before its end a paper, a contract and an instalment are spoken of. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    paper_days = models.PositiveSmallIntegerField(default=30)
    contract_days = models.PositiveSmallIntegerField(default=30)
    instalment_days = models.PositiveSmallIntegerField(default=7)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_term")]
