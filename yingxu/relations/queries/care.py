"""What is due for whom, and a month of care."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Invalid
from yingxu.customers import queries as customers
from yingxu.customers.models import Contract, Customer

from .. import occasions
from ..models import Birthday, Care
from ..shapes import CareRule, CareRules
from .rulebooks import content


@dataclass(frozen=True)
class CareWish:
    """A month ("2026-03") of the calendar, and which of it."""

    month: str
    state: str = ""
    rule: str = ""
    owner: int | None = None

    @property
    def first(self) -> date:
        return date.fromisoformat(f"{self.month}-01")

    @property
    def end(self) -> date:
        """The first day after it."""
        return (self.first + timedelta(days=32)).replace(day=1)


def care_wish(given: Mapping[str, str]) -> CareWish:
    """What a query string asks for. Raises Invalid for what no calendar knows."""
    month, state, owner = given.get("month") or f"{clock.today():%Y-%m}", given.get("state", ""), given.get("owner", "")
    try:
        good = len(month) == 7 and 1900 < date.fromisoformat(f"{month}-01").year < 2100
    except ValueError:
        good = False
    if not good or state not in ["", *Care.State.values] or (owner and not (owner.isascii() and owner.isdigit() and len(owner) < 19)):
        raise Invalid(_("This list has no such filter."))
    return CareWish(month, state, given.get("rule", "")[:30], int(owner) if owner else None)


def care_listed(by: Actor, wish: CareWish) -> QuerySet[Care]:
    """The occasions of a month of visible customers, in the order of the days."""
    rows = Care.objects.filter(customer__in=customers.visible_to(by).values("pk"), on__gte=wish.first, on__lt=wish.end)
    for key, value in (("state", wish.state), ("rule", wish.rule), ("customer__matter__owner", wish.owner)):
        rows = rows.filter(**{key: value}) if value else rows
    return rows.select_related("customer__matter__owner", "contact", "task").order_by("on", "id")


def care_of(customer: Customer, most: int = 30) -> list[Care]:
    """The occasions of a customer, the latest day first."""
    return list(Care.objects.filter(customer=customer).select_related("contact", "task").order_by("-on", "-id")[:most])


def birthdays_of(customer: Customer) -> list[Birthday]:
    return list(Birthday.objects.filter(customer=customer).select_related("contact").order_by("id"))


def next_birthday(found: Birthday) -> date | None:
    """The next day on which it falls, today counted."""
    today = clock.today()
    days = occasions.birthdays(today, today + timedelta(days=400), month=found.month, day=found.day, is_lunar=found.lunar, leap=found.leap)
    return next(days, None)


def care_rules() -> list[CareRule]:
    """The rules in force."""
    return msgspec.convert(content("care"), CareRules).rules


def fitting(rule: CareRule) -> QuerySet[Customer]:
    """The customers a rule is for."""
    rows = Customer.objects.filter(merged_into=None, matter__closed_at=None)
    rows = rows.filter(type=rule.type) if rule.type else rows
    rows = rows.filter(grade__in=rule.grades) if rule.grades else rows
    return rows.filter(tags__overlap=rule.tags) if rule.tags else rows


def due(rule: CareRule, today: date) -> Iterator[tuple[int, int | None, date]]:
    """(customer, contact, day) of everything of a rule from today to so many days ahead that has not been made, or is withheld."""
    end = today + timedelta(days=rule.days)
    made = set(Care.objects.filter(rule=rule.code, on__gte=today, on__lte=end).exclude(state=Care.State.WITHHELD).values_list("customer_id", "contact_id", "on"))
    for found in sorted(_found(rule, today, end), key=lambda row: (row[0], row[1] or 0, row[2])):
        if found not in made:
            yield found


def _found(rule: CareRule, today: date, end: date) -> Iterator[tuple[int, int | None, date]]:
    fit = fitting(rule)
    if rule.occasion == "birthday":
        for one in Birthday.objects.filter(customer__in=fit.values("pk")):
            for on in occasions.birthdays(today, end, month=one.month, day=one.day, is_lunar=one.lunar, leap=one.leap):
                yield one.customer_id, one.contact_id, on
    elif rule.occasion == "signed":
        span = (today - timedelta(days=rule.after), end - timedelta(days=rule.after))
        signed = Contract.objects.filter(customer__in=fit.values("pk"), signed_on__range=span).exclude(state__in=["draft", "cancelled"])
        yield from {(pk, None, on + timedelta(days=rule.after)) for pk, on in signed.values_list("customer_id", "signed_on")}
    elif rule.occasion == "since":
        for pk, since in fit.exclude(customer_since=None).values_list("pk", "customer_since"):
            for on in occasions.birthdays(today, end, month=since.month, day=since.day, is_lunar=False):
                if on > since:
                    yield pk, None, on
    else:
        for on in _days(rule, today, end):
            for pk in fit.values_list("pk", flat=True):
                yield pk, None, on


def _days(rule: CareRule, today: date, end: date) -> Iterator[date]:
    if rule.occasion == "day":
        yield from (on for on in [date.fromisoformat(rule.on)] if today <= on <= end)
    elif rule.occasion == "yearly":
        yield from occasions.yearly(today, end, rule.on)
    else:
        yield from occasions.festival(today, end, rule.occasion)


def month_of(wish: CareWish, back: int) -> str:
    """The month before (-1) or after (1)."""
    return f"{(wish.first - timedelta(days=1) if back < 0 else wish.end):%Y-%m}"


def care_counts(by: Actor, wish: CareWish) -> dict[str, Any]:
    found: dict[str, int] = {}
    for state in care_listed(by, CareWish(wish.month, "", wish.rule, wish.owner)).values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found
