"""A need's own secrecy level comes down: one person asks, another one signs (S3). Raising it is a correction (`edit.amend`)."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.approvals import actions as approvals
from yingxu.approvals.models import Request
from yingxu.archives import rules as archives
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action
from yingxu.base.errors import Invalid
from yingxu.base.given import words
from yingxu.matters import actions as matters
from yingxu.matters.models import Matter
from yingxu.ui import levels

from ..events import LevelLowered, LoweringAsked
from ..models import Need


@action(archives.KEEP)
def ask_to_lower(need: Need, *, by: Actor, level: int, why: str) -> Request:
    """Ask for a lower level of this need, never below its customer's file: somebody else signs, and then it is so. What hangs from the
    need keeps its own. Raises Invalid."""
    why, matter, old = words(why, "why", longest=300), need.matter, need.matter.secrecy
    least = lowest(need)
    if not least <= level < old:
        raise Invalid.field("level", _("Not lower than “%(least)s”, the level of the customer's file, and lower than it is.") % {"least": levels.name(least)})
    facts = [[_("Need"), matter.number], [_("Secrecy level"), f"{levels.name(old)} → {levels.name(level)}"], [_("Why"), why]]
    made = approvals.ask(
        matter, by=by, chain="archives.lower", title=_("Lower the secrecy of %(number)s") % {"number": matter.number},
        subject={"need": need.pk, "old": old, "level": level, "why": why, "facts": facts},
        url=reverse("needs:detail", args=[matter.number]), key=f"lower:{need.pk}",
    )  # fmt: skip
    matters.record(LoweringAsked(was=levels.name(old), now=levels.name(level), why=why), on=matter, by=by)
    return made


def lowered(request: Request, subject: Mapping[str, Any]) -> bool:
    """What a second person agreed to. Whether it still was to be done: a level raised since, or heard of twice, stays as it is."""
    with transaction.atomic():
        matter = Matter.objects.select_for_update().get(pk=subject["need"])
        old = matter.secrecy
        need = Need.objects.select_related("customer__matter").get(pk=matter.pk)
        new = max(subject["level"], lowest(need))
        if old != subject["old"] or new >= old:
            return False
        matter.secrecy = new
        matter.save(update_fields=["secrecy"])
        event = LevelLowered(was=levels.name(old), now=levels.name(new), why=subject["why"], asked_by=request.asked_by_id, request=request.pk)
        matters.record(event, on=matter, by=SYSTEM, tell=[matter.owner_id, request.asked_by_id])
    return True


def lowest(need: Need) -> int:
    """The lowest level the need can have: that of its customer's file."""
    return need.customer.matter.secrecy if need.customer_id else 0
