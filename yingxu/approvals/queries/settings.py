"""Deputies, the chains as they are set, what stands still, what the clock must look at."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.people.models import Role

from .. import rules
from ..models import GOING, Chain, ChainStep, Deputy, Request, Step


def deputies(by: Actor) -> list[Deputy]:
    """Everybody's for whoever manages the chains; else one's own, and those in which one stands for somebody. Newest first."""
    rows = Deputy.objects.select_related("user", "deputy", "made_by")
    if not by.may(rules.MANAGE):
        rows = rows.filter(Q(user_id=by.user_id) | Q(deputy_id=by.user_id))
    return list(rows.order_by("-id")[:200])


def deputy(pk: int, by: Actor) -> Deputy:
    """One that this person may end. Raises Gone."""
    found = Deputy.objects.filter(rules.DEPUTISE.where(by), pk=pk).select_related("user", "deputy").first()
    if found is None:
        raise Gone()
    return found


def chains() -> list[Chain]:
    """Every chain with its steps, those in use first."""
    return list(Chain.objects.prefetch_related("steps").order_by("-active", "order", "id"))


def chain(code: str) -> Chain:
    """One chain. Raises Gone."""
    found = Chain.objects.prefetch_related("steps").filter(code=code).first()
    if found is None:
        raise Gone()
    return found


def roles() -> list[tuple[str, str]]:
    """(code, name) of every role, for the steps of a chain."""
    return list(Role.objects.order_by("id").values_list("code", "name"))


def chain_words(chain: Chain, steps: Sequence[ChainStep] | None = None) -> str:
    """A chain as text, so that two can be compared."""
    rows = chain.steps.all() if steps is None else steps
    said = [f"{s.name}:{s.who}:{s.code} {s.needed} {int(s.reauth)} {s.within} {int(s.round_the_clock)}" for s in rows]
    return " | ".join([f"{int(chain.distinct)} {chain.lapse_days} {int(chain.active)}", *said])


def exported() -> dict[str, dict[str, Any]]:
    """The chains in the shape of a pack's content; those switched off because the pack lost them are left out."""
    found = {}
    for row in Chain.objects.prefetch_related("steps").filter(active=True).order_by("order", "id"):
        found[row.code] = {
            "name": row.name, "description": row.description, "distinct": row.distinct, "lapse_days": row.lapse_days,
            "steps": [
                {"name": s.name, "who": s.who, "code": s.code, "needed": s.needed, "reauth": s.reauth, "within": s.within, "round_the_clock": s.round_the_clock}
                for s in row.steps.all()
            ],
        }  # fmt: skip
    return found


def standing_still() -> list[Step]:
    """Open steps nobody can sign, the oldest first: what, since when; not what it is about."""
    rows = Step.objects.filter(state=Step.State.OPEN, vacant_at__isnull=False).select_related("round__request__matter")
    return list(rows.order_by("vacant_at")[:100])


def to_look_at(now: datetime, many: int) -> QuerySet[Step]:
    """Open steps whose clock must look; those somebody holds are left for the next round."""
    rows = Step.objects.filter(state=Step.State.OPEN, look_at__lte=now).select_related("round__request")
    return rows.order_by("look_at")[:many]


def to_lapse(now: datetime, many: int) -> list[int]:
    """Requests that go on although their time is over."""
    rows = Request.objects.filter(state__in=GOING, lapses_at__lte=now).order_by("lapses_at")
    return list(rows.values_list("pk", flat=True)[:many])
