"""Two verbs in one press: both happen, or neither. Each checks its own rule."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from yingxu.base.access import Actor
from yingxu.matters.actions import Once
from yingxu.people.models import Department, User

from .. import rules
from ..models import Need
from .answer import feed_back
from .handle import review
from .intakes import Intake, Registered
from .register import register
from .triage import answer_now, assign, triage


@transaction.atomic
def assess(
    need: Need, *, by: Actor, department: Department | None = None, owner: User | None = None, **triaged: Any
) -> Need:
    """Triage, and where a department is chosen, assign. `triaged` are the keywords of `triage`."""
    reason = triaged.get("reason", "")
    need = triage(need, by=by, **triaged)
    return assign(need, by=by, department=department, owner=owner, reason=reason) if department else need


@transaction.atomic
def pass_and_tell(need: Need, *, by: Actor, answer: str = "", tell: bool = False, channel: str = "") -> Need:
    """The result passes the review and, with `tell`, goes to the customer at once (N7, N8)."""
    need = review(need, by=by, answer=answer)
    return feed_back(need, by=by, channel=channel) if tell else need


def register_and_route(
    intake: Intake, *, by: Actor, once: Once | None = None, department: Department | None = None, owner: User | None = None,
    suggested: Mapping[str, Any] | None = None,
) -> Registered:  # fmt: skip
    """Register, and where the person may and has chosen, triage and assign in the same transaction."""
    with transaction.atomic():
        done = register(intake, by=by, once=once)
        if done.repeated or not intake.category or not by.may(rules.TRIAGE):
            return done
        need = Need.objects.get(pk=done.id)
        if rules.TRIAGE.allows(by, need):
            need = triage(need, by=by, category=intake.category, **(suggested or {}))
            if department and rules.ASSIGN.allows(by, need):
                assign(need, by=by, department=department, owner=owner)
        return done


def register_and_answer(intake: Intake, *, by: Actor, once: Once | None = None, answer: str) -> Registered:
    """A simple question: registered, answered and closed in one transaction (N10)."""
    with transaction.atomic():
        done = register(intake, by=by, once=once)
        if not done.repeated:
            answer_now(Need.objects.get(pk=done.id), by=by, answer=answer)
        return done
