"""Words for the parts and columns of a customer file, and for what is kept in them."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.matters.models import Secrecy
from yingxu.people.models import Department, User
from yingxu.ui import show

from .models import Contact, Contract, Customer, Dealing, Identifier, Paper

POINTS = {"owner_id": User, "by_id": User, "department_id": Department, "contact_id": Contact, "reports_to_id": Contact, "renews_id": Contract}
CHOICES: dict[tuple[str, str], Any] = {
    ("customer", "type"): Customer.Type, ("contact", "role"): Contact.Role, ("contact", "stance"): Contact.Stance, ("identifier", "type"): Identifier.Type,
    ("paper", "kind"): Paper.Kind, ("contract", "state"): Contract.State, ("contract", "renewal"): Contract.Renewal, ("dealing", "kind"): Dealing.Kind,
    ("matter", "secrecy"): Secrecy,
}  # fmt: skip
Names = dict[type[models.Model], dict[int, str]]


def part_label(part: str) -> str:
    """What a row of this part is called."""
    return {
        "contact": _("Contact"), "identifier": _("Number"), "paper": _("Paper"), "contract": _("Contract"), "instalment": _("Instalment"),
        "dealing": _("Dealing"), "customer": _("Basic facts"), "matter": _("Basic facts"),
    }.get(part, part)  # fmt: skip


def column(part: str, field: str) -> str:
    """The heading of a column; a column nobody named yet is called by its name."""
    return {
        "type": _("Customer type") if part == "customer" else pgettext("of an identifier", "Kind"), "name": _("Name"), "grade": _("Grade"), "industry": _("Industry"),
        "address": _("Address"), "reminder": _("Reminder"), "remark": _("Remark"), "tags": _("Tags"), "customer_since": _("Customer since"), "owner_id": _("Looked after by"),
        "department_id": _("Department"), "department": _("Department there"), "secrecy": _("Secrecy level"), "circle_id": _("Circle of persons"), "sealed": _("Number"), "position": _("Position"), "role": _("Part in decisions"),
        "preference": _("Likes to be reached by"), "reports_to_id": _("Reports to"), "stance": _("Attitude to us"), "note": _("Note"), "active": _("In use"),
        "contact_id": _("Contact"), "masked": _("Number"), "kind": pgettext("of an identifier", "Kind"), "issuer": _("Issued by"), "issued_on": _("Issued on"),
        "valid_until": _("Valid until"), "files": _("Scans"), "number": _("Register number"), "title": _("Title"), "ours": _("Our party"), "theirs": _("Their party"),
        "amount": _("Amount"), "currency": _("Currency"), "signed_on": _("Signed on"), "begins_on": _("Begins on"), "ends_on": _("Ends on"), "renewal": _("At its end"),
        "remind_on": _("Remind on"), "clauses": _("Clauses"), "reference": _("Number on the paper"), "state": pgettext("contract", "State"), "reason": _("Reason"),
        "due_on": _("Due on"), "paid": _("Paid"), "paid_on": _("Paid on"), "at": pgettext("dealing", "When"), "by_name": _("Dealt by"), "place": pgettext("dealing", "Place"),
        "text": pgettext("dealing", "Content"), "next_step": _("Next step"), "struck_why": _("Struck out because"),
    }.get(field, field)  # fmt: skip


def worded(part: str, field: str, value: Any, names: Names) -> str:
    """A kept value as people read it. A number that was sealed is only ever its covered form."""
    if value in (None, "", []):
        return ""
    if field == "sealed":
        return "••••"
    if field == "circle_id":
        return _("closed")
    if model := POINTS.get(field):
        return names.get(model, {}).get(value, f"#{value}")
    if (kinds := CHOICES.get((part, field))) and value in kinds.values:
        return str(kinds(value).label)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return _("%(n)s files") % {"n": len(value)} if field == "files" else "、".join(map(str, value))
    if field in ("amount", "paid"):
        return f"{Decimal(value):,.2f}"
    if field.endswith("_at") or field == "at":
        return str(show.when(datetime.fromisoformat(value)))
    if field.endswith(("_on", "_until", "_since")):
        return date.fromisoformat(value).isoformat()
    return str(value)


def names_in(pairs: Iterable[tuple[str, Any]]) -> Names:
    """The names behind the keys in these (column, value) pairs: one query for each table that occurs."""
    wanted: dict[type[models.Model], set[int]] = {}
    for field, value in pairs:
        if (model := POINTS.get(field)) and isinstance(value, int):
            wanted.setdefault(model, set()).add(value)
    return {model: {row.pk: str(getattr(row, "name", "") or row) for row in model._base_manager.filter(pk__in=pks)} for model, pks in wanted.items()}


def pairs_of(rows: Iterable[dict[str, Any] | None]) -> Iterable[tuple[str, Any]]:
    for row in rows:
        yield from (row or {}).items()
