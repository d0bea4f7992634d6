"""What the customers' pages show, worked out once per row."""

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.matters.queries import Line
from yingxu.ui import show

from . import panels, queries, rules
from .models import Contact, Customer, Identifier


class Sheet:
    """A customer as a row or a heading shows it."""

    def __init__(self, customer: Customer) -> None:
        self.customer, self.matter = customer, customer.matter
        self.number, self.name, self.grade, self.pk = customer.matter.number, customer.name, customer.grade, customer.pk
        self.type = Customer.Type(customer.type).label
        self.phone = getattr(customer, "phone", None) or ""

    def said(self, key: str) -> str:
        """A field's value in words."""
        if key in ("owner", "department"):
            return getattr(getattr(self.matter, key), "name", "")
        value = getattr(self.customer, key)
        if key == "type":
            return str(self.type)
        return value.isoformat() if hasattr(value, "isoformat") else str(value or "")

    @property
    def cells(self) -> list[Any]:
        """The row of an exported list; identifiers stay covered."""
        held = defaultdict(list)
        for row in self.customer.identifiers.all():
            held[row.type].append(row.masked)
        contacts = [c.name for c in self.customer.contacts.all() if c.active]
        return [
            self.number, self.name, self.type, self.grade, self.customer.industry, contacts, held["phone"], held["email"],
            self.customer.address, self.customer.tags, self.said("owner"), self.said("department"), self.customer.customer_since,
            self.matter.opened_at,
        ]  # fmt: skip


def profile_of(customer: Customer, by: Actor, part: str, tabs: list[panels.Panel]) -> dict[str, Any]:
    """The values every part of a customer's page needs."""
    held = defaultdict(list)
    for row in customer.identifiers.all():
        row.customer = customer
        held[row.contact_id].append(row)
    people = list(customer.contacts.all())
    active = [c for c in people if c.active]
    split = len(active) > 1  # with several contacts each shows its own numbers, with one they stand together
    together = [row for pk, rows in held.items() for row in rows if not split or pk not in {c.pk for c in active}]
    told = queries.summaries_of(by, [customer.pk]).get(customer.pk, {})
    return {
        "customer": customer, "sheet": Sheet(customer), "part": part, "tabs": _tabs(customer, by, part, tabs), "told": told,
        "numbers": _once(together), "people": [(c, _once(held[c.pk]) if split else []) for c in active],
        "former": [c for c in people if not c.active], "labels": dict(Identifier.Type.choices), "roles": dict(Contact.Role.choices),
        "may": {
            "edit": rules.EDIT.allows(by, customer), "merge": rules.MERGE.allows(by, customer),
            "reveal": any(rules.REVEAL.allows(by, row) for rows in held.values() for row in rows[:1]),
        },
    }  # fmt: skip


def _once(rows: list[Identifier]) -> list[Identifier]:
    """Each number once, in the order of the types."""
    found: dict[bytes, Identifier] = {}
    for row in rows:
        found.setdefault(bytes(row.fingerprint), row)
    order = {t: i for i, t in enumerate(Identifier.Type.values)}
    return sorted(found.values(), key=lambda row: (order[row.type], row.pk))


def _tabs(customer: Customer, by: Actor, part: str, tabs: list[panels.Panel]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [{"text": _("Overview"), "href": "?", "current": part == "overview"}]
    found += [
        {"text": p.label, "href": f"?part={p.name}", "current": part == p.name, "count": p.count(customer, by) if p.count else None}
        for p in tabs
    ]
    return [*found, {"text": _("History"), "href": "?part=history", "current": part == "history"}]


def side(customer: Customer, by: Actor) -> dict[str, Any]:
    """The right-hand column of the overview."""
    may = rules.MERGE.allows(by, customer)
    return {
        "doubles": queries.duplicates_of(customer, by=by) if may else [],
        "merges": [(m, may and queries.can_be_undone(m)) for m in queries.merges(customer) if rules.VIEW.allows(by, m.gone)],
    }


def days(lines: list[tuple[Line, str]], *, most: int) -> list[tuple[str, list[tuple[Line, str, str]]]]:
    """The newest lines by day, newest first, each with the actor's name and the number of the file it was merged in with."""
    found: dict[str, list[tuple[Line, str, str]]] = {}
    for line, number in lines[:most]:
        if line.event is None and line.note is None:
            continue
        who = _("The system") if line.entry.actor_kind == "system" else line.entry.actor_name
        found.setdefault(show.dayline(line.entry.at), []).append((line, who, number))
    return list(found.items())
