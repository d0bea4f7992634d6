"""What answers about classes, prospects, care and upkeep look like."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_noop as _
from pydantic import BaseModel, Field

from .answers import CustomerRef, Page, Person


def _about(text: str) -> Any:
    return Field(description=text)


# ── classes ──


class HeldClass(BaseModel):
    value: str
    reason: str
    by: str
    at: datetime
    until: date | None


class CustomerClass(BaseModel):
    dimension: str = _about(_("grade, stage, tenure or size"))
    value: str = _about(_("The class in force"))
    by_rules: str = _about(_("What the rules say"))
    held: HeldClass | None = _about(_("Who said otherwise, while it holds"))


class ClassTurn(BaseModel):
    dimension: str
    old: str
    new: str
    cause: str
    why: str
    at: datetime
    by: str
    version: int | None = _about(_("The version of the rules"))


class Classes(BaseModel):
    classes: list[CustomerClass]
    contribution: str = _about(_("In points, decimal as text"))
    latest_dealing: date | None
    reckoned_at: datetime | None
    version: int | None = _about(_("The version of the rules"))
    figures: dict[str, Any] = _about(_("What they were reckoned from"))
    turns: list[ClassTurn] = _about(_("Every change, newest first"))


class Classed(BaseModel):
    number: str
    name: str
    grade: str
    stage: str
    tenure: str
    size: str
    contribution: str
    latest_dealing: date | None
    owner: Person | None


class ClassedPage(Page):
    items: list[Classed]


# ── prospects ──


class KnownFact(BaseModel):
    code: str
    label: str


class ProspectStep(BaseModel):
    step: str
    name: str
    days: int = _about(_("So many days a prospect should stand in it at most"))
    facts: list[KnownFact] = _about(_("What must be known to come into it"))
    open: int = _about(_("How many open prospects you can see stand in it"))
    expected: str = _about(_("What is expected of them, decimal as text"))


class ProspectSteps(BaseModel):
    steps: list[ProspectStep]
    lost_reasons: list[str]


class ProspectMove(BaseModel):
    before: str
    to: str
    at: datetime
    by: str
    note: str


class ProspectRow(BaseModel):
    customer: CustomerRef
    step: str
    outcome: str = _about(_("empty while pursued, won, lost"))
    source: str
    owner: Person | None
    expected_amount: str | None
    expected_on: date | None
    facts: dict[str, str]
    next_step: str | None
    task: int | None
    began_at: datetime
    since: datetime = _about(_("In this step since"))
    ended_at: datetime | None
    reason: str


class Prospect(ProspectRow):
    moves: list[ProspectMove]


class ProspectPage(Page):
    items: list[ProspectRow]


# ── care ──


class Birthday(BaseModel):
    id: int
    contact: int | None
    name: str
    lunar: bool
    month: int
    day: int
    leap: bool
    year: int | None
    next_on: date | None = _about(_("The next day it falls on"))


class Care(BaseModel):
    id: int
    customer: CustomerRef
    contact: str | None
    occasion: str
    on: date
    state: str = _about(_("planned, done, skipped, withheld (no consent to marketing)"))
    result: str
    task: int | None
    settled_at: datetime | None


# ── upkeep ──


class Rate(BaseModel):
    all: int
    open: int
    confirmed: int
    changed: int
    unreachable: int
    none: int
    carried: int


class Round(BaseModel):
    id: int
    kind: str = _about(_("quarter (re-verification) or week (supplement)"))
    starts_on: date
    due_on: date
    closed_at: datetime | None
    rate: Rate = _about(_("Rows you can see, by what came of them"))


class RoundPage(Page):
    items: list[Round]


class Sheet(BaseModel):
    number: str
    kind: str
    starts_on: date
    due_on: date
    owner: Person | None
    finished_at: datetime | None
    rate: Rate


class RoundFull(Round):
    sheets: list[Sheet]


class SheetCheck(BaseModel):
    field: str
    label: str
    result: str = _about(_("empty while open"))
    words: str
    at: datetime | None
    times: int = _about(_("How often it was carried over"))


class SheetLine(BaseModel):
    customer: CustomerRef
    checks: list[SheetCheck]


class SheetFull(Sheet):
    lines: list[SheetLine]


class Report(BaseModel):
    number: str
    month: str
    person: Person | None
    state: str
    due_on: date
    submitted_at: datetime | None
    read_at: datetime | None


class ReportPage(Page):
    items: list[Report]


class ReportFigure(BaseModel):
    code: str
    name: str
    value: int = _about(_("Counting only what you can see"))
    delta: int | None = _about(_("Against the month before"))


class ReportComment(BaseModel):
    by: Person | None
    at: datetime
    text: str


class ReportFull(Report):
    summary: str
    risks: str
    plans: str
    as_of: datetime | None
    figures: list[ReportFigure]
    comments: list[ReportComment]


class News(BaseModel):
    id: int
    customer: CustomerRef
    kind: str
    text: str
    learned_on: date
    due_on: date
    entered_at: datetime | None


class NewsPage(Page):
    items: list[News]
