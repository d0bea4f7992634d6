"""What the room of people can prove: two people for every change of rights, three administrators apart, a second factor where it is demanded."""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy

from yingxu.base.controls import Tally, control

from . import offices, queries, strictness
from .models import Factor, LinkedAccount, RoleChange, User


@control("people.two_people", gettext_lazy("Changes of rights agreed to by a second person"), "lock")
def two_people(start: datetime, end: datetime, seen: Any) -> Tally:
    """Changes that took effect in the period, but those of a company that was being founded."""
    rows = RoleChange.objects.filter(state=RoleChange.State.DONE, founding=False, settled_at__gte=start, settled_at__lt=end)
    total, alone = rows.count(), rows.filter(settled_by=F("proposed_by")).count()
    return Tally(total, total - alone, alone)


@control("people.three_administrators", gettext_lazy("Three administrators are three people and read no business data"), "lock")
def three_administrators(start: datetime, end: datetime, seen: Any) -> Tally:
    """Administrators of today; kept is who holds nothing that does not go with it."""
    held = [queries.granted_to(user) for user in _administrators()]
    wrong = sum(1 for granted in held if offices.trouble(granted))
    return Tally(len(held), len(held) - wrong, wrong)


@control("people.second_factor", gettext_lazy("A second factor where it is demanded"), "lock")
def second_factor(start: datetime, end: datetime, seen: Any) -> Tally:
    """People of today who need one, and how many have one; the others come no further than the page that sets one up."""
    graded = User.objects.filter(is_active=True, clearance__gte=strictness.rules().factor_from).values_list("pk", flat=True)
    needing = {*graded, *(user.pk for user in _administrators())} if strictness.rules().demanded else set()
    return Tally(len(needing), Factor.objects.filter(user__in=needing).values("user").distinct().count(), 0)


@control("people.linked_accounts", gettext_lazy("Only linked accounts come in by single sign-on"), "lock")
def linked_accounts(start: datetime, end: datetime, seen: Any) -> Tally:
    """Accounts linked in the period, by whatever of the three ways there are; each is a row that says which."""
    made = LinkedAccount.objects.filter(linked_at__gte=start, linked_at__lt=end).count()
    return Tally(made, made, 0)


def _administrators() -> list[User]:
    return list({user.pk: user for office in queries.offices_held() for user in office.people}.values())
