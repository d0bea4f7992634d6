"""What other pages show of emergencies: the banner, the panel of a need."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.customers.models import Customer
from yingxu.needs.models import Need
from yingxu.ui.places import Banner

from .. import queries, rules
from ..states import Level, State


def banner(by: Actor) -> list[Banner]:
    """One line for each emergency under way."""
    if not by.may(rules.VIEW):
        return []
    lines = []
    for e in queries.burning(by):
        title = _("Drill under way") if e.drill else _("Emergency under way")
        words = [e.number, str(Level(e.level).label), e.title, _("led by %(name)s") % {"name": e.matter.owner.name} if e.matter.owner else ""]
        if e.state == State.DECLARED:
            words.append(_("nobody has taken it in hand yet"))
        text = " · ".join(w for w in words if w)
        lines.append(Banner(title, text, reverse("emergencies:detail", args=[e.number]), _("Open"), tone="drill" if e.drill else "", version=f"{e.number} {text}"))
    return lines


def of_customer(customer: Customer, by: Actor) -> dict[str, Any]:
    """The emergencies that touched a customer."""
    return {"rows": queries.of_customer(customer, by)}


def of_need(need: Need, by: Actor) -> dict[str, Any]:
    """The emergencies a need is in, and the way to declare one from it."""
    found = queries.of_need(need, by)
    ways = reverse("emergencies:new") + f"?needs={need.number}" if by.may(rules.DECLARE) and not need.ended else ""
    return {"rows": found, "declare_href": "" if any(not a.emergency.ended for a in found) else ways}
