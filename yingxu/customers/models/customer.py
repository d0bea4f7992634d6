"""A customer's file: its own row, on a matter."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy


class CustomerManager(models.Manager):
    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().defer("words")


class Customer(models.Model):
    """A customer file hangs on a matter (number KH-2026-000123, title = name, owner = who looks after it).

    `words` is searched while a name is being typed; it is apart from the matter's own search, so that it stays as quick however
    many needs there are.
    """

    class Type(models.TextChoices):
        PERSON = "person", pgettext_lazy("kind of customer", "Person")
        ORGANISATION = "organisation", pgettext_lazy("kind of customer", "Organisation")

    class Grade(models.TextChoices):
        """By contribution."""

        A = "A", "A"
        B = "B", "B"
        C = "C", "C"

    matter = models.OneToOneField("matters.Matter", on_delete=models.PROTECT, primary_key=True, related_name="customer")
    type = models.CharField(max_length=12, choices=Type.choices, default=Type.PERSON)
    name = models.CharField(max_length=120)
    grade = models.CharField(max_length=1, choices=Grade.choices, blank=True)
    industry = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=200, blank=True)
    reminder = models.CharField(max_length=200, blank=True)  # what everybody must know before talking to them
    remark = models.TextField(blank=True)
    tags = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    customer_since = models.DateField(null=True, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    version = models.PositiveIntegerField(default=1)
    words = SearchVectorField(null=True)

    objects = CustomerManager()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            models.CheckConstraint(condition=Q(type__in=["person", "organisation"]), name="customer_type_known"),
            models.CheckConstraint(condition=Q(grade__in=["", "A", "B", "C"]), name="customer_grade_known"),
            models.CheckConstraint(condition=~Q(merged_into=F("matter")), name="customer_not_merged_into_itself"),
        ]
        indexes = [
            models.Index(fields=["name", "matter"], condition=Q(merged_into=None), name="customer_by_name"),
            GinIndex(fields=["words"], name="customer_words", gin_pending_list_limit=512),
            models.Index(fields=["grade", "matter"], condition=Q(merged_into=None), name="customer_by_grade"),
            models.Index(fields=["matter"], condition=~Q(tags=[]), name="customer_tagged"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def number(self) -> str:
        return self.matter.number
