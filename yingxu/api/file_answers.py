"""What answers about a customer's file look like."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_noop as _
from pydantic import BaseModel, Field

from .answers import CustomerRef, Page, Person


def _about(text: str) -> Any:
    return Field(description=text)


class FileField(BaseModel):
    code: str
    label: str
    type: str
    text: str = _about(_("In words; a sealed value stays covered"))
    sealed: bool
    value: Any = None


class FileSection(BaseModel):
    code: str
    name: str
    secrecy: int
    seen: str = _about(_("Changes with every change of the section"))
    fields: list[FileField]


class FileInstalment(BaseModel):
    id: int
    due_on: date
    amount: str
    paid: str
    paid_on: date | None
    note: str


class FileContract(BaseModel):
    id: int
    number: str
    title: str
    kind: str
    ours: str
    theirs: str
    amount: str | None
    currency: str
    signed_on: date | None
    begins_on: date | None
    ends_on: date | None
    renewal: str
    state: str
    clauses: str
    version: int
    owner: Person | None
    instalments: list[FileInstalment]


class FileDealing(BaseModel):
    id: int
    kind: str
    at: datetime
    by: str
    contact: str | None
    place: str
    text: str
    next_step: str
    task: int | None
    struck_why: str


class FileContact(BaseModel):
    id: int
    name: str
    position: str
    department: str
    role: str = _about(_("Part in decisions"))
    stance: str = _about(_("Attitude to us"))
    reports_to: int | None
    preference: str
    note: str
    active: bool
    seen: str = _about(_("Changes with every change of the contact"))


class FileNumber(BaseModel):
    id: int
    type: str
    masked: str
    contact: int | None


class Scan(BaseModel):
    id: int
    name: str
    size: int
    type: str
    level: int


class FilePaper(BaseModel):
    id: int
    kind: str
    name: str
    masked: str
    issuer: str
    issued_on: date | None
    valid_until: date | None
    note: str
    active: bool
    scans: list[Scan]


class FilePart(BaseModel):
    title: str
    secrecy: int
    facts: list[tuple[str, str]] = _about(_("Label and value"))
    heads: list[str]
    rows: list[list[str]]


class WholeFile(BaseModel):
    number: str
    name: str
    secrecy: int
    as_of: datetime = _about(_("The moment the file is true of"))
    past: bool
    parts: list[FilePart]


class FileChange(BaseModel):
    id: int
    at: datetime
    by: str
    what: str
    old: str
    new: str
    why: str


class FileChanges(Page):
    items: list[FileChange]


class Alike(BaseModel):
    number: str
    name: str
    same: list[str] = _about(_("Kinds of numbers both have"))
    likeness: float = _about(_("Of the names, 0 to 1"))


class AlikePair(BaseModel):
    one: CustomerRef
    other: CustomerRef
    same: list[str] = _about(_("Kinds of numbers both have"))
    likeness: float = _about(_("Of the names, 0 to 1"))


class FileMerge(BaseModel):
    id: int
    gone: CustomerRef
    by: Person | None
    at: datetime
    can_be_undone: bool
