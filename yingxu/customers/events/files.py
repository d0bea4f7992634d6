"""The facts customers can state. Names, phone numbers and old and new values are personal and may be blanked."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from yingxu.base.events import Event

from ..models import Contact, Customer, Identifier


def _type(type: str) -> Any:
    return Identifier.Type(type).label if type in Identifier.Type.values else type


def field_label(field: str) -> Any:
    """The word on screen for a field of a customer, in the middle of a sentence."""
    return {
        "type": _("the type"), "name": _("the name"), "grade": _("the grade"), "industry": _("the industry"),
        "address": _("the address"), "reminder": _("the reminder"), "remark": _("the remark"), "tags": _("the tags"),
        "customer_since": _("the day they became a customer"), "owner": _("who looks after them"),
        "department": _("the department"), "secrecy": _("the secrecy level"),
    }.get(field, field)  # fmt: skip


def contact_label(field: str) -> Any:
    """The word for what is known of a contact, in the middle of a sentence."""
    return {
        "name": _("the name"), "position": _("the position"), "role": _("the part in decisions"), "preference": _("how they like to be reached"),
        "department": _("the department there"), "reports_to": _("whom they report to"), "stance": _("the attitude"), "note": _("the note"),
    }.get(field, field)  # fmt: skip


def _because(what: Any, why: str) -> Any:
    return _("%(what)s; basis: %(why)s") % {"what": what, "why": why} if why else what


def _word(field: str, value: str) -> Any:
    """A kept value as it is said: choices are kept by their code."""
    choices = {"type": Customer.Type, "role": Contact.Role, "stance": Contact.Stance}.get(field)
    return choices(value).label if choices and value in choices.values else value


@dataclass(frozen=True, kw_only=True)
class CustomerAdded(Event):
    ICON = "customer"
    PERSONAL = ("name",)
    type: str
    name: str = ""
    identifiers: list[str]  # their types

    def sentence(self) -> Any:
        if self.type == Customer.Type.ORGANISATION:
            return _("opened the file of this organisation")
        return _("opened the file of this person")


@dataclass(frozen=True, kw_only=True)
class CustomerChanged(Event):
    ICON = "edit"
    PERSONAL = ("old", "new", "why")
    field: str
    old: str = ""
    new: str = ""
    why: str = ""
    learned_on: date | str | None = None  # the day somebody learned it, as far as it was said

    def sentence(self) -> Any:
        return _because(self._what(), self.why)

    def _what(self) -> Any:
        values = {"field": field_label(self.field), "old": _word(self.field, self.old), "new": _word(self.field, self.new)}
        if not self.old:
            return _("filled in %(field)s: “%(new)s”") % values
        if not self.new:
            return _("removed %(field)s, which was “%(old)s”") % values
        return _("changed %(field)s from “%(old)s” to “%(new)s”") % values


@dataclass(frozen=True, kw_only=True)
class CustomerTagged(Event):
    ICON = "tag"
    PERSONAL = ("added", "removed")
    added: list[str]
    removed: list[str]

    def sentence(self) -> Any:
        values = {"added": "、".join(self.added), "removed": "、".join(self.removed)}
        if self.added and self.removed:
            return _("added the tags %(added)s and removed %(removed)s") % values
        return (_("added the tags %(added)s") if self.added else _("removed the tags %(removed)s")) % values


@dataclass(frozen=True, kw_only=True)
class SectionFilled(Event):
    """Fields of a section were filled in or changed: which, never what; the values are in the file's own history. Who may not know of
    the section is not told of this either."""

    ICON = "edit"
    PERSONAL = ("why",)
    section: int
    name: str
    fields: list[str]
    why: str = ""

    def sentence(self) -> Any:
        return _because(_("updated “%(section)s”: %(fields)s") % {"section": self.name, "fields": "、".join(self.fields)}, self.why)


@dataclass(frozen=True, kw_only=True)
class ValueRevealed(Event):
    ICON = "eye"
    PERSONAL = ("reason",)
    section: int
    name: str
    field: str
    reason: str = ""

    def sentence(self) -> Any:
        values = {"section": self.name, "field": self.field, "reason": self.reason}
        if self.reason:
            return _("uncovered %(field)s in “%(section)s”: %(reason)s") % values
        return _("uncovered %(field)s in “%(section)s”") % values


@dataclass(frozen=True, kw_only=True)
class FieldsChanged(Event):
    """What customer files hold was decided anew."""

    ICON = "list"
    section: str
    name: str
    change: str

    def sentence(self) -> Any:
        return _("customer files, “%(section)s”: %(change)s") % {"section": self.name, "change": self.change}


@dataclass(frozen=True, kw_only=True)
class ContactAdded(Event):
    ICON = "plus"
    PERSONAL = ("name",)
    contact: int
    name: str = ""

    def sentence(self) -> Any:
        return _("added the contact %(name)s") % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class ContactChanged(Event):
    ICON = "edit"
    PERSONAL = ("name", "old", "new", "why")
    contact: int
    field: str
    name: str = ""
    old: str = ""
    new: str = ""
    why: str = ""

    def sentence(self) -> Any:
        old, new = _word(self.field, self.old), _word(self.field, self.new)
        values = {"name": self.name, "field": contact_label(self.field), "old": old, "new": new}
        if not self.old:
            return _because(_("filled in %(field)s of %(name)s: “%(new)s”") % values, self.why)
        return _because(_("changed %(field)s of %(name)s from “%(old)s” to “%(new)s”") % values, self.why)


@dataclass(frozen=True, kw_only=True)
class ContactRetired(Event):
    ICON = "x"
    PERSONAL = ("name",)
    contact: int
    name: str = ""
    active: bool = False

    def sentence(self) -> Any:
        if self.active:
            return _("brought back the contact %(name)s") % {"name": self.name}
        return _("put the contact %(name)s away") % {"name": self.name}


@dataclass(frozen=True, kw_only=True)
class IdentifierAdded(Event):
    ICON = "plus"
    PERSONAL = ("masked",)
    identifier: int
    type: str
    masked: str = ""

    def sentence(self) -> Any:
        return _("added %(type)s %(masked)s") % {"type": _type(self.type), "masked": self.masked}


@dataclass(frozen=True, kw_only=True)
class IdentifierRemoved(Event):
    ICON = "x"
    PERSONAL = ("masked",)
    identifier: int
    type: str
    masked: str = ""

    def sentence(self) -> Any:
        return _("removed %(type)s %(masked)s") % {"type": _type(self.type), "masked": self.masked}


@dataclass(frozen=True, kw_only=True)
class IdentifierRevealed(Event):
    ICON = "eye"
    PERSONAL = ("reason", "masked")
    identifier: int
    type: str
    masked: str = ""
    reason: str = ""
    need: str = ""

    def sentence(self) -> Any:
        values = {"type": _type(self.type), "masked": self.masked, "need": self.need, "reason": self.reason}
        if self.need:
            return _("uncovered %(type)s %(masked)s for need %(need)s") % values
        if self.reason:
            return _("uncovered %(type)s %(masked)s: %(reason)s") % values
        return _("uncovered %(type)s %(masked)s") % values


@dataclass(frozen=True, kw_only=True)
class CustomersMerged(Event):
    """On the customer that is kept. `kept` and `gone` are keys; every row that pointed to `gone` points to `kept` now."""

    ICON = "merge"
    PERSONAL = ("name",)
    kept: int
    gone: int
    number: str
    name: str = ""
    moved: int = 0

    def sentence(self) -> Any:
        values = {"number": self.number, "name": self.name, "count": self.moved}
        return (
            ngettext(
                "merged %(number)s %(name)s into this customer, %(count)s record moved",
                "merged %(number)s %(name)s into this customer, %(count)s records moved",
                self.moved,
            )
            % values
        )


@dataclass(frozen=True, kw_only=True)
class CustomerGone(Event):
    """The other side of a merge, on the customer that led to it."""

    ICON = "merge"
    into: str

    def sentence(self) -> Any:
        return _("merged this customer into %(number)s") % {"number": self.into}


@dataclass(frozen=True, kw_only=True)
class MergeUndone(Event):
    ICON = "undo"
    PERSONAL = ("name",)
    kept: int
    gone: int
    number: str
    name: str = ""

    def sentence(self) -> Any:
        return _("undid the merge with %(number)s %(name)s") % {"number": self.number, "name": self.name}


@dataclass(frozen=True, kw_only=True)
class CustomerBack(Event):
    """The other side of an undone merge."""

    ICON = "undo"
    out_of: str

    def sentence(self) -> Any:
        return _("took this customer out of %(number)s again") % {"number": self.out_of}


@dataclass(frozen=True, kw_only=True)
class DuplicateSuspected(Event):
    """Somebody without the clearance for this customer recorded another one with the same phone or number (S5)."""

    ICON = "merge"
    other: str
    type: str

    def sentence(self) -> Any:
        return _("%(number)s has the same %(type)s; see whether they are one") % {
            "number": self.other, "type": _type(self.type),
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CustomersExported(Event):
    ICON = "download"
    PERSONAL = ("asked",)
    count: int
    asked: str = ""

    def sentence(self) -> Any:
        return ngettext("exported %(count)s customer", "exported %(count)s customers", self.count) % {"count": self.count}
