"""An emergency and what happened in it; the reserves it may draw on."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from .states import ENDED, Kind, Level, Move, State, Way

USER = settings.AUTH_USER_MODEL
DRILL = "YL"  # the numbers of drills; those of emergencies begin with YJ


def _user(**options) -> models.ForeignKey:
    return models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", **options)


def _quantity(**options) -> models.DecimalField:
    return models.DecimalField(max_digits=14, decimal_places=2, **options)


class Emergency(models.Model):
    """Title, number, secrecy and leader (the owner) are the matter's. The log is the matter's journal; `standing` is the one line
    that says how things are now. `cadence_minutes` is how often each affected customer is told, kept as it was when it began."""

    matter = models.OneToOneField("matters.Matter", on_delete=models.PROTECT, primary_key=True, related_name="emergency")
    level = models.PositiveSmallIntegerField(choices=Level.choices, default=Level.SECOND)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DECLARED)
    drill = models.BooleanField(default=False)
    happened = models.TextField()
    standing = models.CharField(max_length=120, blank=True)
    cadence_minutes = models.PositiveSmallIntegerField(default=30)
    declared_by = _user(null=True, db_index=False)
    acknowledged_at = models.DateTimeField(null=True)
    solved_at = models.DateTimeField(null=True)
    solution = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="emergency_state_known"),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=3), name="emergency_level_1_3"),
            models.CheckConstraint(condition=Q(cadence_minutes__gte=1), name="emergency_cadence_positive"),
        ]
        indexes = [models.Index(fields=["state"], condition=~Q(state__in=[s.value for s in ENDED]), name="emergency_open")]

    def __str__(self) -> str:
        return str(self.matter)

    @property
    def number(self) -> str:
        return self.matter.number

    @property
    def title(self) -> str:
        return self.matter.title

    @property
    def ended(self) -> bool:
        return self.state in ENDED


class Call(models.Model):
    """Somebody who was called to the emergency and must acknowledge."""

    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="calls")
    user = _user()
    called_at = models.DateTimeField()
    times = models.PositiveSmallIntegerField(default=1)
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["emergency", "user"], name="called_once")]


class Affected(models.Model):
    """A need, or a customer without one, that the emergency touches. `due_at` is by when they must hear from us next; `late_at`
    says since when they have not, `told_end_at` that they were told it is over, `left_at` that they were not affected after all."""

    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="affected")
    need = models.ForeignKey("needs.Need", null=True, on_delete=models.PROTECT, related_name="emergencies")
    customer = models.ForeignKey("customers.Customer", null=True, on_delete=models.PROTECT, related_name="emergencies")
    name = models.CharField(max_length=120)
    joined_at = models.DateTimeField()
    joined_by = _user(null=True, db_index=False)  # who said they are affected
    told = models.PositiveSmallIntegerField(default=0)
    told_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    late_at = models.DateTimeField(null=True)
    missed = models.PositiveSmallIntegerField(default=0)  # how often it became late
    told_end_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    left_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(need__isnull=False) | Q(customer__isnull=False), name="affected_somebody"),
            models.UniqueConstraint(fields=["emergency", "need"], name="affected_need_once"),
            models.UniqueConstraint(fields=["emergency", "customer"], condition=Q(need=None), name="affected_customer_once"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False, late_at=None), name="affected_due")]


class Telling(models.Model):
    """One message to all affected; `end` says that it is over."""

    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="tellings")
    entry = models.OneToOneField("matters.Entry", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    end = models.BooleanField(default=False)
    by = _user(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["emergency", "number"], name="one_telling")]


class Told(models.Model):
    """A message to one of the affected: how it goes out and when it was done. By phone it waits until somebody has called."""

    telling = models.ForeignKey(Telling, on_delete=models.PROTECT, related_name="rows")
    affected = models.ForeignKey(Affected, on_delete=models.PROTECT, related_name="tellings")
    way = models.CharField(max_length=8, choices=Way.choices)
    done_at = models.DateTimeField(null=True)
    done_by = _user(null=True)
    late = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["telling", "affected"], name="told_one")]
        indexes = [models.Index(fields=["telling"], condition=Q(done_at=None), name="told_to_call")]


class Plan(models.Model):
    """Measures against the emergency; a new version replaces, never overwrites."""

    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="plans")
    version = models.PositiveSmallIntegerField()
    measures = models.TextField()
    by = _user(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["emergency", "version"], name="one_emergency_plan")]


class Review(models.Model):
    """The after-action review: what went well, what badly, why, and what is done about it (its improvements are tasks)."""

    emergency = models.OneToOneField(Emergency, on_delete=models.PROTECT, related_name="review")
    well = models.TextField()
    badly = models.TextField()
    causes = models.TextField()
    improvements = models.JSONField(default=list)  # [{"title": …, "owner": name, "due": day}], as they were decided
    by = _user(null=True)
    at = models.DateTimeField()


class Resource(models.Model):
    """A reserve. Number, title (what it is), keeper (the owner) and department are the matter's. `out` is with emergencies;
    the table itself refuses that more is out than there is."""

    matter = models.OneToOneField("matters.Matter", on_delete=models.PROTECT, primary_key=True, related_name="reserve")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.EQUIPMENT)
    unit = models.CharField(max_length=12)
    total = _quantity(default=Decimal(0))
    out = _quantity(default=Decimal(0))
    place = models.CharField(max_length=80, blank=True)
    expires_on = models.DateField(null=True)
    check_on = models.DateField(null=True)  # when it is looked over next
    notes = models.TextField(blank=True)
    reminded_for = models.DateField(null=True)  # the date somebody was last reminded of
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(out__gte=0) & Q(out__lte=F("total")), name="reserve_never_over_committed"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="reserve_kind_known"),
        ]

    def __str__(self) -> str:
        return self.matter.title

    @property
    def number(self) -> str:
        return self.matter.number

    @property
    def left(self) -> Decimal:
        return self.total - self.out


class Dispatch(models.Model):
    """Reserves with an emergency: how many went, came back and were used up."""

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="dispatches")
    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="dispatches")
    quantity = _quantity()
    returned = _quantity(default=Decimal(0))
    used = _quantity(default=Decimal(0))
    carrier = models.CharField(max_length=60, blank=True)
    by = _user(null=True)
    at = models.DateTimeField()
    arrives_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    back_on = models.DateField(null=True)
    late_told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="dispatch_of_something"),
            models.CheckConstraint(condition=Q(returned__gte=0, used__gte=0), name="dispatch_not_negative"),
            models.CheckConstraint(condition=Q(quantity__gte=F("returned") + F("used")), name="dispatch_back_at_most"),
        ]
        indexes = [models.Index(fields=["back_on"], condition=Q(quantity__gt=F("returned") + F("used")), name="dispatch_open")]

    @property
    def away(self) -> Decimal:
        return self.quantity - self.returned - self.used


class Movement(models.Model):
    """One line of a stock's ledger, never changed: what moved, and what was there and out afterwards."""

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=10, choices=Move.choices)
    quantity = _quantity()
    total = _quantity()
    out = _quantity()
    dispatch = models.ForeignKey(Dispatch, null=True, on_delete=models.PROTECT, related_name="movements")
    reason = models.CharField(max_length=200, blank=True)
    by = _user(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=Q(kind__in=Move.values), name="movement_kind_known")]
