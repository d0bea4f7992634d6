"""What personal data is used for, who agreed to it, and what people ask of us about their data (PIPL)."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.base import crypto

USER = settings.AUTH_USER_MODEL


def _user(**options) -> models.ForeignKey:
    return models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", **options)


class Notice(models.Model):
    """The privacy notice people read before they give us anything, one row a version; the newest is in force."""

    version = models.CharField(max_length=20, unique=True)
    body = models.TextField()
    published_at = models.DateTimeField()
    published_by = _user(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.version


class Purpose(models.Model):
    """What personal data is used for. `identifiers` are kinds of identifiers that may only be kept under it; `sensitive` asks for
    a consent of its own; `recipient` is who else gets the data; sensitive and automated ones rest on an `assessment`."""

    class Basis(models.TextChoices):
        """Why it is lawful (PIPL art. 13)."""

        CONTRACT = "contract", _("Needed for what the customer asked of us")
        DUTY = "duty", _("Ordered by law")
        CONSENT = "consent", _("The person agreed")

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    basis = models.CharField(max_length=10, choices=Basis.choices)
    sensitive = models.BooleanField(default=False)
    automated = models.BooleanField(default=False)  # decides about people without one
    recipient = models.CharField(max_length=120, blank=True)
    assessment = models.ForeignKey("privacy.Assessment", null=True, blank=True, on_delete=models.PROTECT, related_name="purposes")
    identifiers = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    active = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=0)
    said: "Wording"  # the words in force, where a query put them

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(basis__in=["contract", "duty", "consent"]), name="purpose_basis_known"),
            models.CheckConstraint(condition=~Q(sensitive=True) | Q(basis="consent"), name="sensitive_needs_consent"),
        ]

    def __str__(self) -> str:
        return self.name


class Wording(models.Model):
    """What a person is told of a purpose, in versions: which data, by which means, for how long, why it is needed. `anew` asks those
    who agreed to an earlier one again."""

    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="wordings")
    version = models.PositiveSmallIntegerField()
    scope = models.CharField(max_length=300)
    means = models.CharField(max_length=300)
    months = models.PositiveSmallIntegerField(null=True, blank=True)  # how long; empty: as long as the relation lasts
    why = models.TextField(blank=True)  # necessity and effect on the person; required for sensitive data
    anew = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    made_by = _user(null=True)

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["purpose", "version"], name="one_wording")]


class Consent(models.Model):
    """One act of a customer about one purpose, never changed: given, refused, withdrawn. The last one holds. `matter` is the customer's
    file, so that what was agreed follows the file wherever it goes."""

    class Act(models.TextChoices):
        GIVEN = "given", pgettext_lazy("consent", "Given")
        REFUSED = "refused", pgettext_lazy("consent", "Refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("consent", "Withdrawn")

    class Channel(models.TextChoices):
        """How the person said so."""

        PORTAL = "portal", _("Portal")
        COUNTER = "counter", _("In person")
        PHONE = "phone", _("By phone")
        PAPER = "paper", _("On paper")
        MAIL = "mail", _("By mail")
        IMPORTED = "imported", _("Brought over")

    SPOKEN = [choice for choice in Channel.choices if choice[0] not in ("portal", "imported")]  # what staff can write down

    matter = models.ForeignKey("matters.Matter", on_delete=models.PROTECT, related_name="consents", db_index=False)
    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="consents")
    wording = models.ForeignKey(Wording, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=10, choices=Act.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    person = models.CharField(max_length=60, blank=True)  # who said so, when it was not the customer in person
    evidence = models.CharField(max_length=300, blank=True)  # where it can be read or heard
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    by = _user(null=True)  # who wrote it down; nobody for the portal
    entry = models.ForeignKey("matters.Entry", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.CheckConstraint(condition=Q(act__in=["given", "refused", "withdrawn"]), name="consent_act_known")]
        indexes = [
            models.Index(fields=["matter", "purpose", "-at", "-id"], name="consents_of"),
            models.Index(fields=["purpose", "matter", "-at", "-id"], name="consents_for"),
        ]


@crypto.seals("sealed_contact")
class Request(models.Model):
    """What somebody asks about their own data: number GR-2026-000001. `about` is the customer's file, once it is known whose data it is;
    the answer comes after the identity was checked."""

    class Kind(models.TextChoices):
        COPY = "copy", pgettext_lazy("privacy request", "A copy of the data")
        CORRECT = "correct", pgettext_lazy("privacy request", "Correction")
        DELETE = "delete", pgettext_lazy("privacy request", "Deletion")
        EXPLAIN = "explain", pgettext_lazy("privacy request", "Explanation")

    class State(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("privacy request", "Identity to be checked")
        CHECKED = "checked", pgettext_lazy("privacy request", "To be answered")
        APPROVAL = "approval", pgettext_lazy("privacy request", "Deletion to be approved")
        ERASING = "erasing", pgettext_lazy("privacy request", "Being deleted")
        ANSWERED = "answered", pgettext_lazy("privacy request", "Answered")
        REFUSED = "refused", pgettext_lazy("privacy request", "Refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("privacy request", "Withdrawn")

    class Relation(models.TextChoices):
        SELF = "self", pgettext_lazy("who asks", "The person concerned")
        GUARDIAN = "guardian", pgettext_lazy("who asks", "Guardian")
        AGENT = "agent", pgettext_lazy("who asks", "With a power of attorney")
        KIN = "kin", pgettext_lazy("who asks", "Close relative of somebody who died")

    matter = models.OneToOneField("matters.Matter", on_delete=models.PROTECT, primary_key=True, related_name="privacy_request")
    about = models.ForeignKey("matters.Matter", null=True, on_delete=models.PROTECT, related_name="privacy_requests")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    relation = models.CharField(max_length=8, choices=Relation.choices, default=Relation.SELF)
    applicant = models.CharField(max_length=60)
    sealed_contact = models.TextField(blank=True)  # where the answer goes
    channel = models.CharField(max_length=10, choices=Consent.Channel.choices)
    words = models.TextField(blank=True)
    from_matter = models.ForeignKey("matters.Matter", null=True, on_delete=models.PROTECT, related_name="+")  # the need it was asked beside
    checked_at = models.DateTimeField(null=True)
    checked_by = _user(null=True)
    checked_how = models.CharField(max_length=300, blank=True)
    answer = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = _user(null=True)

    SEALED = "privacy.request"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["copy", "correct", "delete", "explain"]), name="privacy_kind_known"),
            models.CheckConstraint(
                condition=Q(state__in=["received", "checked", "approval", "erasing", "answered", "refused", "withdrawn"]),
                name="privacy_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["answered", "approval", "erasing"]) | Q(checked_at__isnull=False), name="answered_after_check"
            ),
        ]
        indexes = [models.Index(fields=["about"], condition=Q(ended_at=None), name="privacy_open_about")]

    @property
    def contact(self) -> str:
        return crypto.unseal(self.sealed_contact, self.SEALED) if self.sealed_contact else ""

    @property
    def open(self) -> bool:
        return self.ended_at is None


class Retention(models.Model):
    """How long one kind of data is kept (`kinds.py`), and on which ground; when it is over it stands in the due list."""

    kind = models.CharField(max_length=60, unique=True)
    months = models.PositiveSmallIntegerField()
    ground = models.CharField(max_length=300)  # the law, contract or decision the length comes from

    class Meta:
        ordering = ["kind"]
        constraints = [models.CheckConstraint(condition=Q(months__gte=1), name="retention_is_a_time")]
