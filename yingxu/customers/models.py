"""Who customers are: persons and organisations, their contacts, their sealed identifiers, and what was merged."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
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


class Contact(models.Model):
    """A person we talk to at a customer; a personal customer is its own first contact."""

    class Role(models.TextChoices):
        """The part somebody has in a decision to buy."""

        DECIDES = "decides", _("Decision maker")
        GUARDS = "guards", _("Gatekeeper")
        INFLUENCES = "influences", _("Influencer")
        USES = "uses", pgettext_lazy("part in a decision to buy", "User")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=60)
    position = models.CharField(max_length=60, blank=True)
    role = models.CharField(max_length=10, choices=Role.choices, blank=True)
    preference = models.CharField(max_length=60, blank=True)  # how they like to be reached
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Identifier(models.Model):
    """A phone, mail address, ID number …: sealed, found by exact match of a keyed hash (whole, or a phone's last four digits).

    `first` marks the one customer that had a value first: it makes two people who register the same new phone at the same
    moment end with one customer. Others may share the value.
    """

    class Type(models.TextChoices):
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        WECHAT = "wechat", _("WeChat")
        RESIDENT_ID = "resident_id", _("Resident ID number")
        CREDIT_CODE = "credit_code", _("Unified social credit code")
        BANK = "bank", _("Bank account")
        CODE = "code", pgettext_lazy("a number another system gave", "Customer code")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="identifiers")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="identifiers")
    type = models.CharField(max_length=12, choices=Type.choices)
    sealed = models.TextField()
    fingerprint = models.BinaryField(max_length=16)
    tail = models.BinaryField(max_length=16, null=True)
    masked = models.CharField(max_length=60)
    first = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint", "customer", "contact"], nulls_distinct=False, name="one_identifier"
            ),
            models.UniqueConstraint(fields=["fingerprint"], condition=Q(first=True), name="one_first_holder"),
        ]
        indexes = [models.Index(fields=["tail"], condition=Q(tail__isnull=False), name="identifier_by_tail")]


class Merge(models.Model):
    """One customer was found to be another; kept so that it can be seen and undone."""

    kept = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    gone = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("people.User", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    moved = models.JSONField(default=dict)  # {"needs.need.customer": [ids], …}
    before = models.JSONField(default=dict)  # the kept customer's own values that the merge replaced, {field: [old, new]}
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["gone"], condition=Q(undone_at=None), name="merged_once"),
            models.CheckConstraint(condition=~Q(kept=F("gone")), name="merge_of_two"),
        ]
