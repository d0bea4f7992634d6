"""Care of customers before, during and after a purchase: birthdays, and what was to be done on which day."""

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy


class Birthday(models.Model):
    """Of a person customer, or of a contact of an organisation. `month` and `day` are of the calendar they are kept in; `leap` means the
    leap month of that number; the year is not always known."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="birthdays")
    contact = models.ForeignKey("customers.Contact", null=True, on_delete=models.PROTECT, related_name="+")
    lunar = models.BooleanField(default=False)
    month = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField()
    leap = models.BooleanField(default=False)
    year = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "contact"], nulls_distinct=False, name="one_birthday"),
            models.CheckConstraint(condition=Q(month__gte=1, month__lte=12, day__gte=1, day__lte=31), name="birthday_in_a_year"),
            models.CheckConstraint(condition=Q(lunar=True, day__lte=30) | Q(lunar=False, leap=False), name="birthday_of_its_calendar"),
        ]


class Care(models.Model):
    """An occasion of a customer on a day: a task for whoever looks after the file, or withheld since the customer did not agree. One for
    each customer, contact, rule and day, however often the worker looks."""

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("care", "Planned")
        DONE = "done", pgettext_lazy("care", "Taken care of")
        SKIPPED = "skipped", pgettext_lazy("care", "Left out")
        WITHHELD = "withheld", pgettext_lazy("care", "Withheld: no consent to marketing")

    customer = models.ForeignKey("customers.Customer", db_index=False, on_delete=models.PROTECT, related_name="care")
    contact = models.ForeignKey("customers.Contact", null=True, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=30)
    name = models.CharField(max_length=60)
    marketing = models.BooleanField(default=False)
    on = models.DateField()
    task = models.ForeignKey("tasks.Task", null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices)
    result = models.CharField(max_length=500, blank=True)
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "contact", "rule", "on"], nulls_distinct=False, name="one_care")]
        indexes = [models.Index(fields=["on", "id"], name="care_by_day")]

    def __str__(self) -> str:
        return f"{self.name} {self.on}"
