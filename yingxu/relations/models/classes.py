"""Classes of customers: by which rules, what came of them, who said otherwise, and every change."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

USER = settings.AUTH_USER_MODEL


def _user() -> models.ForeignKey:
    return models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")


class Dimension(models.TextChoices):
    """In which respect a customer has a class. The size is that of an organisation."""

    GRADE = "grade", pgettext_lazy("classes", "Grade")
    STAGE = "stage", pgettext_lazy("classes", "Lifecycle stage")
    TENURE = "tenure", pgettext_lazy("classes", "Years together")
    SIZE = "size", pgettext_lazy("classes", "Size")


class Stage(models.TextChoices):
    PROSPECT = "prospect", pgettext_lazy("lifecycle", "Prospective")
    NEW = "new", pgettext_lazy("lifecycle", "Just begun")
    GROWING = "growing", pgettext_lazy("lifecycle", "Growing")
    MATURE = "mature", pgettext_lazy("lifecycle", "Mature")
    DECLINING = "declining", pgettext_lazy("lifecycle", "Declining")
    LOST = "lost", pgettext_lazy("lifecycle", "Lost")
    WON_BACK = "won_back", pgettext_lazy("lifecycle", "Won back")


class Tenure(models.TextChoices):
    NEW = "new", pgettext_lazy("tenure", "New customer")
    OLD = "old", pgettext_lazy("tenure", "Old customer")
    LOYAL = "loyal", pgettext_lazy("tenure", "Loyal customer")


class Rulebook(models.Model):
    """The rules of one part as they were at a time; the highest version is in force, none is ever changed."""

    class Part(models.TextChoices):
        CLASSIFICATION = "classification", pgettext_lazy("rules of", "Classification")
        PROSPECTS = "prospects", pgettext_lazy("rules of", "Prospects")
        CARE = "care", pgettext_lazy("rules of", "Care plan")

    part = models.CharField(max_length=16, choices=Part.choices)
    version = models.PositiveIntegerField()
    content = models.JSONField()
    at = models.DateTimeField()
    by = _user()
    by_name = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["part", "version"], name="one_rulebook")]

    def __str__(self) -> str:
        return f"{self.part} {self.version}"


class Standing(models.Model):
    """Where a customer stands now. The columns hold what is in force (the grade stands on the customer itself), `by_rule` what the
    rules say whoever said otherwise: {dimension: value}. `figures` are what they were reckoned from (see `reckoning`)."""

    customer = models.OneToOneField("customers.Customer", on_delete=models.PROTECT, primary_key=True, related_name="standing")
    stage = models.CharField(max_length=10, choices=Stage.choices, blank=True)
    tenure = models.CharField(max_length=10, choices=Tenure.choices, blank=True)
    size = models.CharField(max_length=20, blank=True)
    contribution = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    last_on = models.DateField(null=True)
    by_rule = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-contribution", "-customer"], name="standing_by_contribution"),
            models.Index(fields=["stage", "customer"], name="standing_by_stage"),
        ]


class Override(models.Model):
    """A person says otherwise than the rules, for a reason, until a day or until it is taken back."""

    customer = models.ForeignKey("customers.Customer", db_index=False, on_delete=models.PROTECT, related_name="overrides")
    dimension = models.CharField(max_length=8, choices=Dimension.choices)
    value = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=200)
    until = models.DateField(null=True)
    at = models.DateTimeField()
    by = _user()
    by_name = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "dimension"], condition=Q(ended_at=None), name="one_open_override"),
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_reason"),
        ]
        indexes = [models.Index(fields=["until"], condition=Q(ended_at=None, until__isnull=False), name="overrides_to_end")]


class Turn(models.Model):
    """A class changed: from what to what, by which rules or which person, and the figures it was reckoned from."""

    class Cause(models.TextChoices):
        RULE = "rule", pgettext_lazy("cause of a class", "By the rules")
        PERSON = "person", pgettext_lazy("cause of a class", "Set by a person")
        OVER = "over", pgettext_lazy("cause of a class", "No longer set by a person")

    customer = models.ForeignKey("customers.Customer", db_index=False, on_delete=models.PROTECT, related_name="turns")
    dimension = models.CharField(max_length=8, choices=Dimension.choices)
    old = models.CharField(max_length=20, blank=True)
    new = models.CharField(max_length=20, blank=True)
    cause = models.CharField(max_length=8, choices=Cause.choices)
    why = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(null=True)
    figures = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = _user()
    by_name = models.CharField(max_length=80)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["customer", "-id"], name="turn_of_customer"), models.Index(fields=["at"], name="turn_by_time")]


class Reckoning(models.Model):
    """One time the classes of all customers are reckoned. `after` is the last customer that is done, so that another worker goes on
    there when this one dies."""

    day = models.DateField()
    version = models.PositiveIntegerField()
    asked_at = models.DateTimeField()
    by = _user()
    by_name = models.CharField(max_length=80)
    computed = models.BooleanField(default=False)
    after = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "version"], condition=Q(finished_at=None), name="one_reckoning_at_a_time")]


class Reckoned(models.Model):
    """What a reckoning found for one customer; gone when it is finished."""

    reckoning = models.ForeignKey(Reckoning, db_index=False, on_delete=models.CASCADE, related_name="found")
    customer = models.ForeignKey("customers.Customer", db_index=False, on_delete=models.CASCADE, related_name="+")
    contribution = models.DecimalField(max_digits=18, decimal_places=2)
    last_on = models.DateField(null=True)
    by_rule = models.JSONField()
    figures = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reckoning", "customer"], name="reckoned_once")]
