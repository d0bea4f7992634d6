"""Rows of the rooms as plain data for answers."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from yingxu.base import clock
from yingxu.base.access import NAME, Actor
from yingxu.customers.models import Customer
from yingxu.deadlines import queries as deadlines
from yingxu.files.events import AboutFiles
from yingxu.matters.queries import Line
from yingxu.needs import queries as needs
from yingxu.needs.models import Need, Plan, Raise
from yingxu.needs.queries import management
from yingxu.needs.states import STEP, State
from yingxu.tasks.models import State as TaskState
from yingxu.tasks.models import Task

from .hooked import Health
from .hooked import Line as Sent
from .models import Attempt, Delivery, Endpoint
from .queries import Directory, customer_numbers, directory


def local(moment: datetime | None) -> datetime | None:
    """The same moment with the company's offset."""
    return moment.astimezone(clock.zone()) if moment else None


def need_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A page of `needs.queries.inbox`."""
    names, numbers = directory(), customer_numbers(row["customer_id"] for row in rows)
    return [_need_row(row, names, numbers) for row in rows]


def _need_row(row: Mapping[str, Any], names: Directory, numbers: Mapping[int, str]) -> dict[str, Any]:
    number = numbers.get(row["customer_id"])
    return {
        "number": row["matter__number"],
        "title": row["matter__title"],
        "department": names.departments.get(row["matter__department_id"]),
        "owner": names.people.get(row["matter__owner_id"]),
        "secrecy": row["matter__secrecy"],
        "opened_at": local(row["matter__opened_at"]),
        "due_at": local(row["matter__due_at"]),
        "changed_at": local(row["matter__changed_at"]),
        "closed_at": local(row["matter__closed_at"]),
        "held_at": local(row["held_at"]),
        "step": STEP[State(row["state"])],
        "customer": {"number": number, "name": row["customer__name"]} if number else None,
        **{name: row[name] for name in ("kind", "category", "state", "round", "channel", "caller", "tags", "rating", "review_on")},
    }


def brief(need: Need) -> dict[str, Any]:
    """A need as a verb left it; asks the database nothing."""
    names, matter = directory(), need.matter
    return {
        "number": matter.number,
        "title": matter.title,
        "state": need.state,
        "step": STEP[State(need.state)],
        "round": need.round,
        "category": need.category,
        "department": names.departments.get(matter.department_id),
        "owner": names.people.get(matter.owner_id),
        "version": need.version,
        "changed_at": local(matter.changed_at),
    }


def full(need: Need, by: Actor) -> dict[str, Any]:
    """A need with everything that hangs on it but its timeline."""
    names, matter = directory(), need.matter
    plans = needs.plans(need)
    plan = next((p for p in plans if p.round == need.round), None)
    customer = need.customer
    return {
        **brief(need),
        "kind": need.kind,
        "channel": need.channel,
        "customer": {"number": customer.matter.number, "name": customer.name} if customer else None,
        "caller": need.caller,
        "secrecy": matter.secrecy,
        "tags": need.tags,
        "rating": need.rating,
        "opened_at": local(matter.opened_at),
        "due_at": local(matter.due_at),
        "closed_at": local(matter.closed_at),
        "held_at": local(need.held_at),
        "review_on": need.review_on,
        "body": need.body,
        "fields": need.fields,
        "raised_at": local(need.raised_at),
        "registered_by": names.people.get(need.registered_by_id),
        "accepted_by": names.people.get(need.accepted_by_id),
        "resolved_at": local(need.resolved_at),
        "outcome": need.outcome,
        "merged_into": need.merged_into.matter.number if need.merged_into else None,
        "origin": need.origin.matter.number if need.origin else None,
        "urgency": need.urgency,
        "importance": need.importance,
        "plan": _plan(plan, names) if plan else None,
        "rounds": [{"number": r.number, "began_at": local(r.began_at), "reason": r.reason} for r in needs.rounds(need)],
        "clocks": [_clock(c) for c in deadlines.clocks(matter)],
        "links": [
            {"type": link.type, "number": other.matter.number, "title": other.matter.title, "this_is": "first" if first else "second"}
            for link, other, first in needs.links(need, by)
        ],
        "raises": [_raised(r, names) for r in management.raises_of(need)],
        "verbs": sorted(needs.offers(need, by, plan=plan).verbs()),
    }


def _raised(raised: Raise, names: Directory) -> dict[str, Any]:
    who = names.people.get
    return {
        **{name: getattr(raised, name) for name in ("question", "why", "recommendation", "waits", "state", "words")},
        "by": who(raised.by_id), "at": local(raised.at), "to": who(raised.to_id), "holder": who(raised.holder_id),
        "due_at": local(raised.clock.due_at) if raised.clock else None, "ended_by": who(raised.ended_by_id), "ended_at": local(raised.ended_at),
        "delegations": [
            {"by": who(d.by_id), "to": who(d.to_id), "words": d.words, "due_on": d.due_on, "at": local(d.at)} for d in raised.delegations.all()
        ],
    }  # fmt: skip


def task(found: Task, *, title: str | None) -> dict[str, Any]:
    """A task; `title` is the subject of its matter, for whoever may see that."""
    names = directory()
    return {
        **{name: getattr(found, name) for name in ("title", "details", "state", "origin", "result")},
        "id": found.pk, "number": found.matter.number, "subject": title, "department": names.departments.get(found.department_id),
        "owner": names.people.get(found.owner_id), "given_by": names.people.get(found.given_by_id), "done_by": names.people.get(found.done_by_id),
        "due_at": local(found.due_at), "given_at": local(found.given_at), "done_at": local(found.done_at),
    }  # fmt: skip


def _plan(plan: Plan, names: Directory) -> dict[str, Any]:
    nodes = [
        {
            "id": node.pk, "title": node.title, "due_at": local(node.due_at), "done_at": local(node.done_at),
            "department": names.departments.get(node.department_id), "owner": names.people.get(node.owner_id),
        }
        for node in plan.nodes.all() if node.state != TaskState.WITHDRAWN
    ]  # fmt: skip
    return {
        "round": plan.round, "version": plan.version, "measures": plan.measures, "owner": names.people.get(plan.owner_id),
        "at": local(plan.at), "nodes": nodes,
    }  # fmt: skip


def _clock(found: Any) -> dict[str, Any]:
    return {
        "step": found.step, "round": found.round, "outcome": found.outcome, "started_at": local(found.started_at),
        "due_at": local(found.due_at), "stopped_at": local(found.stopped_at), "target_minutes": found.allowance,
    }  # fmt: skip


def timeline(lines: list[Line], papers: Mapping[int | None, list[Any]]) -> list[dict[str, Any]]:
    """The story of a need. An event this version no longer knows keeps its name and facts."""
    return [
        {
            "id": line.entry.pk,
            "at": local(line.entry.at),
            "event": line.entry.event,
            "sentence": str(line.event.sentence()) if line.event else line.entry.event,
            "actor": line.entry.who,
            "public": bool(line.note and line.note.voice != "internal" or line.event and line.event.PUBLIC),
            "facts": _facts(line),
            "words": {"voice": line.note.voice, "body": line.note.body, "channel": line.note.channel, "question": line.note.question}
            if line.note
            else None,
            "files": [file_row(f) for f in papers.get(line.entry.pk, ())],
        }
        for line in lines
    ]


def _facts(line: Line) -> dict[str, Any]:
    """What was stated; of files, what the reader was told of them."""
    stated, personal = line.event.split() if isinstance(line.event, AboutFiles) else (line.entry.facts, line.entry.personal)  # type: ignore[attr-defined]
    return {**stated, **{name: value for name, value in personal.items() if name != NAME}}


def papers(found: list[Any]) -> Mapping[int | None, list[Any]]:
    """Files by the entry they came with."""
    made: dict[int | None, list[Any]] = defaultdict(list)
    for file in found:
        made[file.entry_id].append(file)
    return made


def file_row(found: Any) -> dict[str, Any]:
    return {"id": found.pk, "name": found.name, "size": found.size, "type": found.mime, "public": found.public, "level": found.level}


def customer_row(found: Customer) -> dict[str, Any]:
    """One row of `customers.queries.index`."""
    matter = found.matter
    names = directory()
    return {
        "number": matter.number,
        "name": found.name,
        "type": found.type,
        "grade": found.grade,
        "phone": getattr(found, "phone", None) or "",
        "owner": names.people.get(matter.owner_id),
        "department": names.departments.get(matter.department_id),
        "tags": found.tags,
        "opened_at": local(matter.opened_at),
        "changed_at": local(matter.changed_at),
    }


def customer_full(found: Customer) -> dict[str, Any]:
    """A customer from `customers.queries.profile`."""
    plain = ("industry", "address", "reminder", "remark", "customer_since", "version")
    return {
        **customer_row(found),
        **{name: getattr(found, name) for name in plain},
        "secrecy": found.matter.secrecy,
        "contacts": [
            {"id": c.pk, "name": c.name, "position": c.position, "role": c.role, "active": c.active} for c in found.contacts.all()
        ],
        "identifiers": [
            {"id": i.pk, "type": i.type, "masked": i.masked, "contact": i.contact.name if i.contact else None} for i in found.identifiers.all()
        ],
    }


def endpoint(found: Endpoint, health: Health) -> dict[str, Any]:
    """A webhook with how it does; never its address as it is, nor its secret."""
    state = "deleted" if found.deleted_at else "paused" if found.paused_at else "failing" if found.failures else "working"
    plain = ("name", "recipient", "purpose", "events", "why", "failures")
    return {
        **{name: getattr(found, name) for name in plain},
        "id": found.pk,
        "address": found.shown,
        "user": directory().people.get(found.user_id),
        "state": state,
        "waiting": health.counts.get(Delivery.State.WAITING, 0),
        "last_delivered_at": local(health.last),
        "made_at": local(found.made_at),
    }


def delivery(line: Sent) -> dict[str, Any]:
    row = line.delivery
    return {
        "id": row.pk, "key": row.key, "event": row.event, "number": line.number or None, "state": row.state, "made_at": local(row.made_at),
        "next_at": local(row.next_at), "done_at": local(row.done_at), "tries": row.tries, "facts": row.sent,
        "last": attempt(line.last) if line.last else None,
    }  # fmt: skip


def attempt(found: Attempt) -> dict[str, Any]:
    return {"at": local(found.at), "status": found.status, "trouble": found.trouble, "milliseconds": found.took, "answer": found.answer}
