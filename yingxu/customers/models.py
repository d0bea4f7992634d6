"""Who customers are: persons and organisations, their contacts, their sealed identifiers."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Customer(models.Model):
    """A customer file hangs on a matter (number KH-2026-000123, title = name, owner = who looks after it)."""

    class Type(models.TextChoices):
        PERSON = "person", _("Person")
        ORGANISATION = "organisation", _("Organisation")

    matter = models.OneToOneField("matters.Matter", on_delete=models.PROTECT, primary_key=True, related_name="customer")
    type = models.CharField(max_length=12, choices=Type.choices, default=Type.PERSON)
    name = models.CharField(max_length=120)
    grade = models.CharField(max_length=1, blank=True)  # A, B, C by contribution
    industry = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=200, blank=True)
    reminder = models.CharField(max_length=200, blank=True)  # what everybody must know before talking to them
    remark = models.TextField(blank=True)
    tags = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    customer_since = models.DateField(null=True, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["name"])]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person we talk to at a customer; a personal customer is its own first contact."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=60)
    position = models.CharField(max_length=60, blank=True)
    preference = models.CharField(max_length=60, blank=True)  # how they like to be reached
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Identifier(models.Model):
    """A phone, mail address, ID number …: sealed, found by exact match of a keyed hash (whole, or its last four digits)."""

    class Type(models.TextChoices):
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        RESIDENT_ID = "resident_id", _("Resident ID number")
        CREDIT_CODE = "credit_code", _("Unified social credit code")
        BANK = "bank", _("Bank account")
        WECHAT = "wechat", _("WeChat")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="identifiers")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="identifiers")
    type = models.CharField(max_length=12, choices=Type.choices)
    sealed = models.TextField()
    fingerprint = models.BinaryField(max_length=16)
    tail = models.BinaryField(max_length=16, null=True)
    masked = models.CharField(max_length=60)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["type", "fingerprint", "customer"], name="one_identifier")]
        indexes = [models.Index(fields=["type", "tail"])]


class Merge(models.Model):
    """One customer was found to be another; kept so that it can be seen and undone."""

    kept = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    gone = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    moved = models.JSONField(default=dict)  # {"needs": [ids], "contacts": [ids], "identifiers": [ids]}
    undone_at = models.DateTimeField(null=True)
