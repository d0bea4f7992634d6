"""What answers about a customer's file look like."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_noop as _
from pydantic import BaseModel, Field

from .answers import Person


class FileField(BaseModel):
    code: str
    label: str
    type: str
    text: str = Field(description=_("In words; a sealed value stays covered"))
    sealed: bool
    value: Any = None


class FileSection(BaseModel):
    code: str
    name: str
    secrecy: int
    seen: str = Field(description=_("Changes with every change of the section"))
    fields: list[FileField]


class FileInstalment(BaseModel):
    due_on: date
    amount: str
    paid: str
    paid_on: date | None
    note: str


class FileContract(BaseModel):
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
