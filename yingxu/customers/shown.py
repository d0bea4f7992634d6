"""What the customers' pages show, worked out once per row."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.approvals import queries as approvals
from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.kept import sizes
from yingxu.matters.models import Matter
from yingxu.matters.queries import Line
from yingxu.privacy import queries as purposes
from yingxu.privacy import rules as privacy_rules
from yingxu.privacy.copies import Sheet as CopySheet
from yingxu.tasks import queries as tasks
from yingxu.ui import show

from . import identifiers, panels, queries, rules
from .events import (
    CollectionPlanned,
    ContractEnds,
    ContractKept,
    ContractMoved,
    DealingWritten,
    InstalmentDue,
    InstalmentPaid,
    PaperEnds,
    PaperKept,
    PaperRetired,
    field_label,
)
from .models import Contact, Customer, Dealing, Identifier, Merge

PAPERS = (CollectionPlanned, ContractEnds, ContractKept, ContractMoved, InstalmentDue, InstalmentPaid, PaperEnds, PaperKept, PaperRetired)


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


def profile_of(customer: Customer, by: Actor, part: str, tabs: list[panels.Panel], among: queries.sections.Levels) -> dict[str, Any]:
    """The values every part of a customer's page needs; `among` are the levels of its sections, for the overview."""
    held = defaultdict(list)
    for row in customer.identifiers.all():
        row.customer = customer
        held[row.contact_id].append(row)
    people = list(customer.contacts.all())
    active = [c for c in people if c.active]
    split = len(active) > 1  # with several contacts each shows its own numbers, with one they stand together
    together = [row for pk, rows in held.items() for row in rows if not split or pk not in {c.pk for c in active}]
    told, counted = queries.summaries_of(by, [customer.pk]).get(customer.pk, {}), queries.counts(customer)
    return {
        "customer": customer, "sheet": Sheet(customer), "part": part, "tabs": _tabs(customer, by, part, tabs, counted), "told": told,
        "arrears": counted["arrears"], "paper_days": counted["paper_days"],
        "numbers": _once(together), "people": [(c, _once(held[c.pk]) if split else []) for c in active],
        "former": [c for c in people if not c.active], "tree": _tree(active), "sections": queries.sections.read(customer, by, among) if part == "overview" else [],
        "stances": dict(Contact.Stance.choices), "labels": dict(Identifier.Type.choices), "roles": dict(Contact.Role.choices),
        "may": {
            "edit": rules.EDIT.allows(by, customer), "merge": rules.MERGE.allows(by, customer),
            "reveal": rules.REVEAL.allows(by, Identifier(customer=customer)), "log": rules.LOG.allows(by, customer),
            "contract": rules.CONTRACT.allows(by, customer), "give_out": rules.GIVE_OUT.allows(by, customer),
        },
        "acts": [act for act in panels.ACTS if act.rule.allows(by, customer)],
    }  # fmt: skip


def _tree(people: list[Contact]) -> list[tuple[Contact, int]]:
    """Who reports to whom: each with how deep they stand, those below after those above. Empty when nobody reports to anybody."""
    below: dict[int | None, list[Contact]] = defaultdict(list)
    known = {c.pk for c in people}
    for contact in people:
        below[contact.reports_to_id if contact.reports_to_id in known else None].append(contact)
    if len(below) < 2:
        return []

    def under(pk: int | None, depth: int) -> list[tuple[Contact, int]]:
        return [row for c in below[pk] for row in [(c, depth), *under(c.pk, depth + 1)]]

    return under(None, 0)


def _once(rows: list[Identifier]) -> list[Identifier]:
    """Each number once, in the order of the types."""
    found: dict[bytes, Identifier] = {}
    for row in rows:
        found.setdefault(bytes(row.fingerprint), row)
    order = {t: i for i, t in enumerate(Identifier.Type.values)}
    return sorted(found.values(), key=lambda row: (order[row.type], row.pk))


def _tabs(customer: Customer, by: Actor, part: str, tabs: list[panels.Panel], counted: dict[str, Any]) -> list[dict[str, Any]]:
    own = [("dealings", _("Dealings"), 15), ("contracts", _("Contracts"), 30), ("papers", _("Papers"), 35)]
    asked = {p.name: p.count(customer, by) for p in tabs if p.count}
    counts = dict(zip(asked, sizes(list(asked.values())), strict=True))
    found: list[tuple[int, dict[str, Any]]] = [
        (p.order, {"text": p.label, "href": f"?part={p.name}", "current": part == p.name, "count": counts.get(p.name)}) for p in tabs
    ]
    found += [(order, {"text": label, "href": f"?part={name}", "current": part == name, "count": counted[name]}) for name, label, order in own]
    listed = [tab for _order, tab in sorted(found, key=lambda pair: pair[0])]
    first, last = {"text": _("Overview"), "href": "?", "current": part == "overview"}, {"text": _("History"), "href": "?part=history", "current": part == "history"}
    return [first, *listed, last]


def side(customer: Customer, by: Actor, merged: list[Merge], paper_days: int) -> dict[str, Any]:
    """The right-hand column of the overview."""
    may, today = rules.MERGE.allows(by, customer), clock.today()
    signed = [(c, queries.contracts.totals(c)["late"]) for c in queries.contracts.of(customer) if c.open]
    papers = [p for p in queries.papers.of(customer, by) if p.active and p.valid_until]
    soon = today + timedelta(days=paper_days)
    return {
        "next": tasks.looks(tasks.open_on(customer.matter)[:6]), "signed": signed, "asked": approvals.panel(customer.matter, by),
        "ending": [p for p in papers if p.valid_until and p.valid_until <= soon],
        "doubles": queries.duplicates_of(customer, by=by) if may else [],
        "merges": [(m, may and queries.can_be_undone(m)) for m in merged if rules.VIEW.allows(by, m.gone)],
    }


@dataclass(frozen=True)
class Entry:
    """One entry of the story: `line` of the journal (with the number of the file it was merged in with), a dealing, or what a room above
    tells, drawn by its `template`. `kind` is the chip that leaves it in."""

    at: datetime
    kind: str
    line: Line | None = None
    who: str = ""
    number: str = ""
    dealing: Dealing | None = None
    item: Any = None
    template: str = ""


def story(
    customer: Customer, by: Actor, told: list[tuple[panels.Panel, Any]], merged: list[Merge], among: queries.sections.Levels, *, kind: str = "", most: int
) -> tuple[list[tuple[str, list[Entry]]], bool]:
    """All that happened with a customer, newest first, by month: what rooms above tell, dealings on the day they happened, notes, and what
    was changed in the file. And whether there is more than `most`."""
    found = [Entry(t.at, panel.name, item=t.item, template=panel.told) for panel, rows in told for t in rows]
    found += [Entry(d.at, "dealings", dealing=d) for d in queries.dealings.of(customer, most + 1)]
    for line, number in queries.history(customer, by, merged, among):
        if (line.event is None and line.note is None) or isinstance(line.event, DealingWritten):
            continue  # a dealing stands where it happened, not where it was written down
        who = _("The system") if line.entry.actor_kind == "system" else line.entry.who
        found.append(Entry(line.entry.at, _kind(line), line, who, number))
    found = sorted((entry for entry in found if kind in ("", entry.kind)), key=lambda entry: entry.at, reverse=True)
    months: dict[str, list[Entry]] = {}
    for entry in found[:most]:
        months.setdefault(show.month(entry.at), []).append(entry)
    return list(months.items()), len(found) > most


def _kind(line: Line) -> str:
    if line.event is None:
        return "dealings"
    return "contracts" if isinstance(line.event, PAPERS) else "file"


def story_chips(told: list[tuple[panels.Panel, Any]], kind: str) -> list[dict[str, Any]]:
    """What the story can be narrowed to."""
    named = [("", _("Everything")), *((p.name, p.label) for p, _rows in told), ("dealings", _("Dealings")), ("contracts", _("Contracts and papers")), ("file", pgettext("story", "File"))]
    return [{"text": label, "href": f"?story={name}" if name else "?", "current": kind == name} for name, label in named]


def consents_of(customer: Customer, by: Actor) -> dict[str, Any]:
    """The tab of what a customer agreed to and asked about their data."""
    return {
        "standings": purposes.standings(customer.pk), "history": purposes.history(customer.pk),
        "may": privacy_rules.RECORD.allows(by, customer.matter), "may_receive": by.may(privacy_rules.RECEIVE),
        "requests": purposes.open_about(customer.pk, by),
    }  # fmt: skip


def copy_of(matter: Matter) -> list[CopySheet]:
    """What the file holds of the person, for a copy of their data: basics, contacts, identifiers uncovered, consents."""
    customer = Customer.objects.select_related("matter__owner", "matter__department").get(pk=matter.pk)
    shown_ = Sheet(customer)
    keys = ("name", "type", "grade", "industry", "address", "reminder", "remark", "customer_since", "owner", "department")
    basics = [(field_label(key), shown_.said(key)) for key in keys] + [(field_label("tags"), customer.tags)]
    held = customer.identifiers.select_related("contact")
    people = [(c.name, c.position, Contact.Role(c.role).label if c.role else "", c.preference, c.active) for c in customer.contacts.all()]
    numbers = [(row.get_type_display(), identifiers.show(row.type, identifiers.unseal(row.sealed)), row.contact) for row in held]
    said = [(c.at, c.purpose.name, c.get_act_display(), c.wording.version, c.get_channel_display(), c.until) for c in purposes.history(matter.pk)]
    return [
        CopySheet(_("Customer file"), [_("Field"), _("Value")], basics),
        CopySheet(_("Contacts"), [_("Name"), _("Position"), _("Part in decisions"), _("Likes to be reached by"), _("Still there")], people),
        CopySheet(_("Phone and other numbers"), [_("Kind"), _("Number or name"), _("Contact")], numbers),
        CopySheet(_("Consents"), [_("When"), pgettext("privacy", "Purpose"), _("What was said"), _("Wording"), _("How the customer said so"), _("Until")], said),
    ]
