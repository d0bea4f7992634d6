"""Approvals as requests and answers of the API."""

from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext_noop as _
from pydantic import BaseModel, Field

from .answers import Page, Person
from .shapes import Code, Line, Shape, _about


class ApprovalStep(BaseModel):
    place: int
    name: str
    state: str = _about(_("waiting, open, passed, stopped or dropped"))
    needed: str = _about(_("any, all or majority of those who are asked"))
    due_at: datetime | None
    waiting: list[Person]


class Approval(BaseModel):
    id: int
    title: str
    chain: str = _about(_("What kind of thing is signed"))
    chain_name: str
    state: str = _about(_("open, sent_back, granted, refused, withdrawn or lapsed"))
    round: int
    asked_by: Person | None
    asked_at: datetime
    ended_at: datetime | None
    number: str | None = _about(_("The register number of what it is about"))
    digest: str = _about(_("SHA-256 of what is signed, as it was frozen"))
    facts: list[tuple[str, Any]] = _about(_("What is signed: label and value"))
    steps: list[ApprovalStep]


class ApprovalRow(BaseModel):
    id: int
    title: str
    chain: str
    chain_name: str
    state: str
    round: int
    asked_by: Person | None
    asked_at: datetime
    due_at: datetime | None
    number: str | None


class ApprovalPage(Page):
    items: list[ApprovalRow]


class Signature(Shape):
    words: Line = _about(_("A word"), default="")
    step: int | None = _about(_("The place of the step that was read; when another is open by now, nothing is signed"), default=None)


class RefusedSignature(Shape):
    reason: Annotated[str, Field(max_length=500)] = _about(_("Why, in a sentence"))
    step: int | None = _about(_("The place of the step that was read; when another is open by now, nothing is signed"), default=None)


class NewApproval(Shape):
    title: Annotated[str, Field(max_length=200)] = _about(_("What is to be signed"), "外聘鉴定师一名")
    details: Annotated[str, Field(max_length=5_000)] = _about(_("Everything the signer needs to know"), "四月展会期间，两周，按天计费。")
    number: Code | None = _about(_("The register number of what it is about"), default=None)
