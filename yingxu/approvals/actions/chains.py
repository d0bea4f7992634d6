"""The chains: as a pack says, as the company changes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base import given
from yingxu.base.access import Actor
from yingxu.base.action import action, opens
from yingxu.base.action import step as part
from yingxu.base.errors import Invalid, Stale
from yingxu.deadlines import queries as deadlines
from yingxu.matters.actions import exported, record
from yingxu.people.models import Role, User

from .. import queries, rules
from ..events import ApprovalsExported, ChainChanged
from ..models import Chain, ChainStep, Needed, Request, Who

MOST = 8  # steps of a chain
MOST_ROWS = 10_000  # of one exported list
USUAL = {"code": "", "needed": Needed.ANY.value, "reauth": False, "within": "", "round_the_clock": False}


@action(rules.MANAGE)
def set_chain(
    chain: Chain, *, by: Actor, steps: Sequence[Mapping[str, Any]], distinct: bool, lapse_days: int = 0, active: bool = True, was: str | None = None
) -> Chain:  # fmt: skip
    """Other steps, in order: {"name", "who", "code", "needed", "reauth", "within", "round_the_clock"}. What is being signed goes on as it
    began. `was` (`queries.chain_words`) is what the editor saw; when somebody changed it meanwhile nothing is saved (Stale)."""
    now, made = queries.chain_words(chain), _steps(steps)
    for number, row in enumerate(made):
        _named(row, f"code{number}")
    chain.distinct, chain.lapse_days, chain.active = distinct, lapse_days, active
    then = queries.chain_words(chain, made)
    if was is not None and was != now:
        raise Stale(_("Nothing was saved: somebody changed this just now."), theirs={chain.name: (now, then)})
    if then == now:
        return chain
    _keep(chain, made)
    record(ChainChanged(chain=chain.code, name=chain.name, was=now, now=then), on=None, by=by)
    return chain


@part
def install(rows: Mapping[str, Mapping[str, Any]], *, by: Actor) -> None:
    """Make the chains what a policy pack says: code → {"name", "description", "distinct", "lapse_days", "active", "steps"}; chains it does
    not know are switched off (requests keep their steps). Installing the same twice changes nothing."""
    held = {chain.code: chain for chain in Chain.objects.prefetch_related("steps")}
    for order, (code, row) in enumerate(rows.items()):
        chain = held.pop(code, None) or Chain(code=code)
        before, made = queries.chain_words(chain) if chain.pk else "", _steps(row["steps"])
        chain.name, chain.description, chain.order = row["name"], row.get("description", ""), order
        chain.distinct, chain.lapse_days, chain.active = row.get("distinct", False), row.get("lapse_days", 0), row.get("active", True)
        after = queries.chain_words(chain, made)
        if before == after:
            chain.save()
            continue
        _keep(chain, made)
        record(ChainChanged(chain=code, name=chain.name, was=before, now=after), on=None, by=by)
    Chain.objects.filter(pk__in=[chain.pk for chain in held.values()]).update(active=False)


@opens(rules.EXPORT)
def export(*, by: Actor, wish: queries.Wish) -> list[Request]:
    """The list as the wish says, without pages, and a line in the journal that it left the house."""
    found = list(queries.to_export(by, wish)[: MOST_ROWS + 1])
    if len(found) > MOST_ROWS:
        raise Invalid(_("These are more than %(most)s. Narrow the list down and export it in parts.") % {"most": f"{MOST_ROWS:,}"})
    record(ApprovalsExported(count=len(found)), on=None, by=by)
    exported("approvals", by=by, rows=len(found), words=wish.q, of={request.matter_id for request in found if request.matter_id})
    return found


def _keep(chain: Chain, made: Sequence[ChainStep]) -> None:
    chain.save()
    chain.steps.all().delete()
    for step in made:
        step.chain = chain
    ChainStep.objects.bulk_create(made)


def _steps(rows: Sequence[Mapping[str, Any]]) -> list[ChainStep]:
    """The steps, checked as far as their words go."""
    if not 1 <= len(rows) <= MOST:
        raise Invalid.field("steps", _("A chain has one to %(most)s steps.") % {"most": MOST})
    made = []
    for place, row in enumerate(rows, 1):
        given_row = USUAL | {key: value for key, value in row.items() if value is not None}
        step = ChainStep(place=place, **{key: given_row[key] for key in ("who", "code", "needed", "reauth", "within", "round_the_clock")})
        step.name = given.words(str(row.get("name", "")), "name", longest=60)
        if step.who not in Who.values or step.needed not in Needed.values:
            raise Invalid.field("who", _("“%(word)s” is not known here.") % {"word": f"{step.who} {step.needed}"})
        if bool(step.code) != (step.who in (Who.ROLE, Who.PERSON)):
            raise Invalid.field("code", _("A role or a person needs its name, the others have none."))
        if step.within:
            deadlines.minutes_in(step.within, round_the_clock=step.round_the_clock)
        made.append(step)
    return made


def _named(step: ChainStep, field: str) -> None:
    """Does the role or person exist?"""
    known = Role.objects.filter(code=step.code) if step.who == Who.ROLE else User.objects.filter(username=step.code, is_active=True)
    if step.code and not known.exists():
        raise Invalid.field(field, _("“%(word)s” is not known here.") % {"word": step.code})
