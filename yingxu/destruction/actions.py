"""Proposing to destroy, appraising, legal holds. What happens when it is approved: `carrying.py`."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.approvals import actions as approvals
from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.action import action, opens
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.base.flow import at_state, move
from yingxu.base.given import words
from yingxu.customers.models import Customer, Paper, Section
from yingxu.matters import circles
from yingxu.matters.actions import exported, next_number, open_matter, record
from yingxu.matters.models import Matter
from yingxu.people import queries as people
from yingxu.privacy import queries as privacy

from . import queries, rules
from .events import (
    DestructionAppraised,
    DestructionDropped,
    DestructionExported,
    DestructionProposed,
    HoldLifted,
    HoldSet,
)
from .models import MOVES, Hold, Item, Kind, Proposal, State

SERIES, CHAIN = "XH", "archives.destroy"
MOST = 500  # files in one proposal
ROWS = 10_000  # of an export


@action(rules.PROPOSE)
def propose(customer: Customer, *, by: Actor, reason: str, kind: str = Kind.FILE, section: Section | None = None, papers: Any = ()) -> Proposal:
    """That a whole file, one section or some papers of it be destroyed. Raises WrongMoment, naming everything that forbids it now."""
    reason = words(reason, "reason", longest=500)
    part: dict[str, Any] = {}
    if kind == Kind.SECTION:
        if section is None:
            raise Invalid.field("section", _("Choose a section."))
        part = {"section": section.pk}
    elif kind == Kind.PAPERS:
        keys = sorted(Paper.objects.filter(customer=customer, pk__in=[p.pk for p in papers]).values_list("pk", flat=True))
        if not keys:
            raise Invalid.field("papers", _("Choose at least one paper."))
        part = {"papers": keys}
    elif kind != Kind.FILE:
        raise Invalid.field("kind", _("Choose one of those named."))
    return _propose([customer.matter], kind, reason, by=by, part=part)


@opens(rules.PROPOSE)
def propose_due(*, by: Actor, retention: str, reason: str) -> Proposal:
    """That what is over its time be destroyed: of one kind of data, as far as one may see it and nothing forbids it, at most MOST."""
    reason = words(reason, "reason", longest=500)
    _kind, rule, over = privacy.over_for(by, retention)
    if rule is None:
        raise WrongMoment(_("Nobody has said yet how long this is kept."))
    free = [m for m in over.filter(erased_at=None)[: MOST * 2] if not queries.against(found := queries.reached(m.pk)) and queries.highest(found) <= by.clearance][:MOST]
    if not free:
        raise WrongMoment(_("Nothing of it can be proposed: nothing is over its time, or all of it is held, running or proposed already."))
    return _propose(free, Kind.DUE, reason, by=by, retention=retention)


def _propose(matters: list[Matter], kind: str, reason: str, *, by: Actor, part: dict[str, Any] | None = None, retention: str = "") -> Proposal:
    part = part or {}
    lists, highest = [], 0
    for each in matters:
        whole = queries.reached(each.pk)
        if each.erased_at is not None:
            raise WrongMoment(_("This file was destroyed already."))
        if forbidden := queries.against(whole, part=bool(part)):
            raise WrongMoment(_("This may not be destroyed now: %(why)s.") % {"why": "；".join(forbidden)})
        rows = queries.part_of(each.customer, part) if part else whole
        if not rows:
            raise WrongMoment(_("There is nothing in it."))
        frozen = {"#": queries.digest({m._meta.label: sorted(map(str, keys)) for m, keys in rows.items()})} if part else queries.frozen(rows)
        highest = max(highest, queries.highest(rows))
        lists.append((each, frozen, queries.counts(rows)))
    if highest > by.clearance and by.kind != "system":
        raise WrongMoment(_("This may not be destroyed now: %(why)s.") % {"why": _("somebody who is cleared for all of it proposes it")})
    number = next_number(SERIES, prefix=SERIES)
    matter = open_matter("destruction", _("Destruction"), number=number, owner_id=by.user_id, department_id=by.department_id)
    proposal = Proposal.objects.create(matter=matter, kind=kind, retention=retention, part=part, reason=reason)
    for each, frozen, counted in lists:
        circles.follow(matter, each)
        if matter.secrecy < highest:  # who signs knows what of it goes
            matter.secrecy = highest
            matter.save(update_fields=["secrecy"])
        Item.objects.create(proposal=proposal, matter=each, number=each.number, kind=each.kind, frozen=frozen, counts=counted)
    appraisers = [user.pk for user in people.holders(rules.APPRAISE, proposal)]
    record(DestructionProposed(kind=kind, count=len(lists), reason=reason), on=matter, by=by, tell=appraisers)
    return proposal


@action(rules.APPRAISE)
def appraise(proposal: Proposal, *, by: Actor, value: str, stays: str) -> Proposal:
    """Another person says what the material is worth and what must stay and why; then three different people sign (chain
    `archives.destroy`). The list is frozen with its digest: what changes afterwards is left out."""
    at_state(proposal, State.PROPOSED)
    if by.user_id == proposal.matter.owner_id:
        raise NotAllowed(_("Another person than who proposed it appraises it."), code=rules.APPRAISE.name)
    proposal.value, proposal.stays = words(value, "value", longest=500), words(stays, "stays", longest=500)
    move(proposal, State.SIGNING, MOVES)
    proposal.appraised_by_id, proposal.appraised_at = by.user_id, clock.now()
    proposal.digest = queries.list_digest(proposal)
    number = proposal.matter.number
    totals: dict[str, int] = {}
    for item in proposal.items.all():
        for label, n in item.counts.items():
            totals[label] = totals.get(label, 0) + n
    numbers = list(proposal.items.values_list("number", flat=True))
    facts = [
        [pgettext("destruction", "What is destroyed"), str(Kind(proposal.kind).label)], [_("Files"), "、".join(numbers[:40]) + (f" … ({len(numbers)})" if len(numbers) > 40 else "")],
        [_("How much"), "；".join(f"{label} {n}" for label, n in queries.words_of(totals)) or "0"], [_("Why"), proposal.reason],
        [_("Appraisal"), proposal.value], [_("What must stay"), proposal.stays], [_("Digest of the list"), proposal.digest],
    ]  # fmt: skip
    proposal.request = approvals.ask(
        proposal.matter, by=people.actor(proposal.matter.owner) if proposal.matter.owner else by, chain=CHAIN, title=_("Destroy for good: %(number)s") % {"number": number},
        subject={"proposal": proposal.pk, "digest": proposal.digest, "facts": facts}, url=reverse("destruction:proposal", args=[number]), key=f"destroy:{proposal.pk}",
    )  # fmt: skip
    proposal.save()
    record(DestructionAppraised(digest=proposal.digest, value=proposal.value), on=proposal.matter, by=by, tell=[proposal.matter.owner_id])
    return proposal


@action(rules.APPRAISE)
def keep(proposal: Proposal, *, by: Actor, reason: str) -> Proposal:
    """The appraisal says that it is kept."""
    at_state(proposal, State.PROPOSED)
    return drop(proposal, State.REFUSED, words(reason, "reason", longest=500), by=by)


@action(rules.PROPOSE)
def withdraw(proposal: Proposal, *, by: Actor, reason: str) -> Proposal:
    """Taken back, with the signatures it has."""
    at_state(proposal, State.PROPOSED, State.SIGNING)
    reason = words(reason, "reason", longest=500)
    if proposal.request is not None:
        approvals.take_back(proposal.request, by=by, reason=reason)
    return drop(proposal, State.WITHDRAWN, reason, by=by)


def drop(proposal: Proposal, state: State, reason: str, *, by: Actor) -> Proposal:
    """Nothing is destroyed."""
    move(proposal, state, MOVES)
    proposal.save(update_fields=["state"])
    proposal.matter.closed_at = clock.now()
    proposal.matter.save(update_fields=["closed_at"])
    event = DestructionDropped(withdrawn=state == State.WITHDRAWN, reason=reason[:200])
    record(event, on=proposal.matter, by=by, tell=[proposal.matter.owner_id])
    return proposal


@action(rules.HOLD)
def hold(customer: Customer, *, by: Actor, why: str, until: date | None = None) -> Hold:
    """Nothing of this file is proposed or destroyed while it stands; what is approved already waits outside, left out and named."""
    why = words(why, "why", longest=300)
    if until is not None and until < clock.today():
        raise Invalid.field("until", _("Choose a day that is not over."))
    if Hold.objects.filter(matter=customer.matter, lifted_at=None).exists():
        raise WrongMoment(_("This file is under a legal hold already; lift that one first."))
    made = Hold.objects.create(matter=customer.matter, why=why, until=until, by_id=by.user_id, at=clock.now())
    record(HoldSet(until=until.isoformat() if until else "", why=why), on=customer.matter, by=by, tell=[customer.matter.owner_id])
    return made


@action(rules.HOLD)
def lift(hold: Hold, *, by: Actor, why: str) -> Hold:
    """The reason is gone."""
    if hold.lifted_at is not None:
        raise WrongMoment(_("This hold was lifted already."))
    hold.lifted_at, hold.lifted_by_id, hold.lifted_why = clock.now(), by.user_id, words(why, "why", longest=300)
    hold.save()
    record(HoldLifted(why=hold.lifted_why), on=hold.matter, by=by, tell=[hold.matter.owner_id])
    return hold


@opens(rules.EXPORT)
def export(*, by: Actor, wish: queries.Wish | None = None) -> list[Proposal]:
    """The list as it is filtered; stated in the journal."""
    found = list(queries.to_export(by, wish or queries.Wish())[: ROWS + 1])
    if len(found) > ROWS:
        raise Invalid(_("These are more than %(most)s rows. Narrow the list down and export it in parts.") % {"most": f"{ROWS:,}"})
    record(DestructionExported(count=len(found)), on=None, by=by)
    exported("destruction", by=by, rows=len(found), of=[row.pk for row in found])
    return found
