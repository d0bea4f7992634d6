"""Two verbs in one press: both happen, or neither. Each checks its own rule."""

from typing import Any

from django.db import transaction

from yingxu.base.access import Actor
from yingxu.people.models import Department, User

from ..models import Need
from .answer import feed_back
from .handle import review
from .triage import assign, triage


@transaction.atomic
def assess(need: Need, *, by: Actor, department: Department | None = None, owner: User | None = None, **triaged: Any) -> Need:
    """Triage, and where a department is chosen, assign. `triaged` are the keywords of `triage`."""
    reason = triaged.get("reason", "")
    need = triage(need, by=by, **triaged)
    return assign(need, by=by, department=department, owner=owner, reason=reason) if department else need


@transaction.atomic
def pass_and_tell(need: Need, *, by: Actor, answer: str = "", tell: bool = False, channel: str = "") -> Need:
    """The result passes the review and, with `tell`, goes to the customer at once (N7, N8)."""
    need = review(need, by=by, answer=answer)
    return feed_back(need, by=by, channel=channel) if tell else need
