"""Levels of what is a part of a file: its sections. Raised at once, lowered by a second person."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.approvals import actions as approvals
from yingxu.approvals.models import Request
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action
from yingxu.base.errors import Gone, Invalid
from yingxu.base.given import words
from yingxu.customers import actions as customers
from yingxu.customers.models import Customer, Section
from yingxu.customers.queries import sections
from yingxu.matters import actions as matters
from yingxu.matters.models import Matter
from yingxu.ui import levels

from . import rules
from .actions import WHY
from .events import SectionLowered, SectionLoweringAsked, SectionRaised


@action(rules.KEEP)
def raise_section(customer: Customer, *, by: Actor, code: str, level: int, why: str) -> Section:
    """Raise the level of a section of this file, at once. Raises Gone for a section the actor may not know of, Invalid for a level that is
    not higher, or above the actor's own clearance."""
    section, old = _section(customer, code, by)
    why = words(why, "why", longest=WHY)
    if not old < level <= 3:
        raise Invalid.field("level", _("A level can only be raised here; lowering it takes a second person."))
    if level > by.clearance:
        raise Invalid.field("level", _("This is above your own clearance."))
    customers.level_section(customer, section, level)
    matters.record(SectionRaised(**_said(section, old, level), why=why), on=customer.matter, by=by)
    return section


@action(rules.KEEP)
def ask_to_lower_section(customer: Customer, *, by: Actor, code: str, level: int, why: str) -> Request:
    """Ask for a lower level of a section: somebody else, who may know of the section, signs. Never below what the file has or the
    company says of the section. Raises Gone, Invalid."""
    section, old = _section(customer, code, by)
    why = words(why, "why", longest=WHY)
    least = floor(customer, section)
    if not least <= level < old:
        raise Invalid.field("level", _("Not lower than “%(least)s”: the file has this level, or the company says so of this section.") % {"least": levels.name(least)})
    matter, change = customer.matter, f"{levels.name(old)} → {levels.name(level)}"
    facts = [[_("Customer"), f"{matter.number} {customer.name}"], [_("Section"), section.name], [_("Secrecy level"), change], [_("Why"), why]]
    made = approvals.ask(
        matter, by=by, chain="archives.lower", title=_("Lower the secrecy of %(number)s") % {"number": matter.number}, above=old,
        subject={"customer": customer.pk, "section": section.pk, "old": old, "level": level, "why": why, "facts": facts},
        url=reverse("customers:profile", args=[matter.number]) + "?part=secrecy", key=f"lower:{customer.pk}:{section.pk}",
    )  # fmt: skip
    matters.record(SectionLoweringAsked(**_said(section, old, level), why=why), on=matter, by=by)
    return made


def section_lowered(request: Request, subject: Mapping[str, Any]) -> bool:
    """What a second person agreed to. Whether it still was to be done: a level raised since, or heard of twice, stays as it is."""
    with transaction.atomic():
        matter = Matter.objects.select_for_update().get(pk=subject["customer"])
        customer = Customer.objects.select_related("matter").get(pk=matter.pk)
        found = [(section, level) for section, level in sections.levels(customer) if section.pk == subject["section"]]
        if not found or found[0][1] != subject["old"]:
            return False
        section, old = found[0]
        new = max(subject["level"], floor(customer, section))
        if new >= old:
            return False
        customers.level_section(customer, section, new)
        event = SectionLowered(**_said(section, old, new), why=subject["why"], asked_by=request.asked_by_id, request=request.pk)
        matters.record(event, on=matter, by=SYSTEM)
    return True


def floor(customer: Customer, section: Section) -> int:
    """The lowest level the section can have in this file."""
    return max(customer.matter.secrecy, section.secrecy)


def _section(customer: Customer, code: str, by: Actor) -> tuple[Section, int]:
    found = next(((section, level) for section, level in sections.open_to(customer, by) if section.code == code), None)
    if found is None:
        raise Gone()
    return found


def _said(section: Section, old: int, new: int) -> dict[str, Any]:
    return {"section": section.pk, "name": section.name, "old": old, "new": new, "was": levels.name(old), "now": levels.name(new)}
