"""What answers look like. Identifiers are covered; moments carry the company's time zone."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_noop as _
from pydantic import BaseModel, Field


def _about(text: str, **more: Any) -> Any:
    return Field(description=text, **more)


class Ref(BaseModel):
    """A department."""

    code: str
    name: str


class Person(BaseModel):
    username: str
    name: str


class CustomerRef(BaseModel):
    number: str
    name: str


class Registered(BaseModel):
    number: str = _about(_("The register number"))
    url: str = _about(_("Where the need is read"))


class Problem(BaseModel):
    """RFC 9457."""

    type: str
    title: str = _about(_("What happened, in a sentence, in the language asked for"))
    status: int
    code: str = _about(_("A word that stays the same in every language"))
    errors: dict[str, list[str]] | None = _about(_("What is wrong, field by field"), default=None)
    theirs: dict[str, Any] | None = _about(_("For stale changes: their value and yours, field by field"), default=None)


class BatchProblem(BaseModel):
    title: str
    status: int
    code: str
    errors: dict[str, list[str]] | None = None


class BatchRow(BaseModel):
    index: int = _about(_("Place in the request, from 0"))
    status: int = _about(_("201 registered, else the status of the problem"))
    number: str | None = _about(_("The register number"), default=None)
    replayed: bool | None = _about(_("It was registered before under this key"), default=None)
    problem: BatchProblem | None = None


class BatchDone(BaseModel):
    registered: int
    refused: int
    results: list[BatchRow]


class NeedRow(BaseModel):
    number: str
    title: str
    kind: str
    category: str = _about(_("Empty before triage"))
    state: str
    step: int = _about(_("1 to 9 on the loop, 10 when it has ended"))
    round: int
    channel: str
    department: Ref | None
    owner: Person | None
    customer: CustomerRef | None
    caller: str
    secrecy: int
    tags: list[str]
    rating: int | None
    opened_at: datetime
    due_at: datetime | None = _about(_("The nearest open deadline"))
    changed_at: datetime
    closed_at: datetime | None
    held_at: datetime | None = _about(_("Since when we wait for the customer"))
    review_on: date | None


class NeedBrief(BaseModel):
    """A need right after a verb."""

    number: str
    title: str
    state: str
    step: int
    round: int
    category: str
    department: Ref | None
    owner: Person | None
    version: int = _about(_("Changes with every correction; also the ETag"))
    changed_at: datetime


class PlanNode(BaseModel):
    id: int
    title: str
    due_at: datetime
    department: Ref | None
    owner: Person | None
    done_at: datetime | None


class Task(BaseModel):
    id: int
    title: str
    details: str
    state: str = _about(_("open, done or withdrawn"))
    origin: str = _about(_("What it came out of: request, plan, meeting, emergency, improvement, management"))
    department: Ref | None
    owner: Person | None
    due_at: datetime | None
    given_by: Person | None
    given_at: datetime
    done_at: datetime | None
    done_by: Person | None
    result: str
    number: str = _about(_("The register number of what it is about"))
    subject: str | None = _about(_("Its subject; null when this token may not see it"))


class Plan(BaseModel):
    round: int
    version: int
    measures: str
    owner: Person | None
    at: datetime
    nodes: list[PlanNode]


class Clock(BaseModel):
    step: str
    round: int
    outcome: str = _about(_("running, paused, met or breached"))
    started_at: datetime
    due_at: datetime | None
    stopped_at: datetime | None
    target_minutes: float = _about(_("Working minutes allowed"))


class Round(BaseModel):
    number: int
    began_at: datetime
    reason: str


class NeedLink(BaseModel):
    type: str
    number: str
    title: str
    this_is: str = _about(_("first: this need is the parent or the older one; second otherwise"))


class Delegated(BaseModel):
    by: Person | None
    to: Person | None
    words: str
    due_on: date
    at: datetime


class Raised(BaseModel):
    question: str
    why: str
    recommendation: str
    waits: bool = _about(_("Whether the result waits for the answer"))
    state: str = _about(_("waiting, delegated, answered, decided or withdrawn"))
    by: Person | None
    at: datetime
    to: Person | None
    holder: Person | None = _about(_("Who has to answer; null: whoever decides"))
    due_at: datetime | None
    words: str = _about(_("The answer, the decision, or why it was taken back"))
    ended_by: Person | None
    ended_at: datetime | None
    delegations: list[Delegated]


class NeedFull(NeedRow):
    version: int
    body: str
    fields: dict[str, Any]
    raised_at: datetime
    registered_by: Person | None
    accepted_by: Person | None
    resolved_at: datetime | None
    outcome: str
    merged_into: str | None
    origin: str | None
    urgency: int | None
    importance: int | None
    plan: Plan | None
    rounds: list[Round]
    clocks: list[Clock]
    links: list[NeedLink]
    raises: list[Raised] = _about(_("What was put straight to management, newest first"))
    verbs: list[str] = _about(_("What this token may do now"))


class Page(BaseModel):
    next: str | None = _about(_("The address of the next page, null on the last one"))
    previous: str | None


class NeedPage(Page):
    items: list[NeedRow]


class TaskPage(Page):
    items: list[Task]


class Words(BaseModel):
    voice: str = _about(_("said (customer), told (to the customer), internal"))
    body: str
    channel: str
    question: bool


class FileRef(BaseModel):
    id: int
    name: str
    size: int
    type: str
    public: bool
    level: int


class TimelineEntry(BaseModel):
    id: int
    at: datetime
    event: str
    sentence: str
    actor: str
    public: bool = _about(_("Whether the customer sees it"))
    facts: dict[str, Any]
    words: Words | None
    files: list[FileRef]


class Timeline(BaseModel):
    items: list[TimelineEntry]
    last: int = _about(_("Ask with after= this number for what comes later"))


class Parts(BaseModel):
    number: str
    parts: list[str]


class Extension(BaseModel):
    id: int
    step: str
    due_before: datetime
    due_asked: datetime
    decision: str


class CustomerRow(BaseModel):
    number: str
    name: str
    type: str
    grade: str
    phone: str = _about(_("The first phone, covered"))
    owner: Person | None
    department: Ref | None
    tags: list[str]
    opened_at: datetime
    changed_at: datetime


class CustomerPage(Page):
    items: list[CustomerRow]


class Contact(BaseModel):
    id: int
    name: str
    position: str
    role: str
    active: bool


class Identifier(BaseModel):
    id: int
    type: str
    masked: str
    contact: str | None


class CustomerFull(BaseModel):
    number: str
    name: str
    type: str
    grade: str
    industry: str
    address: str
    reminder: str
    remark: str
    tags: list[str]
    customer_since: date | None
    secrecy: int
    version: int = _about(_("Changes with every change; also the ETag"))
    owner: Person | None
    department: Ref | None
    contacts: list[Contact]
    identifiers: list[Identifier]
    opened_at: datetime
    changed_at: datetime


class Kind(BaseModel):
    code: str
    name: str
    version: int
    must_ask: list[str]
    fields: list[dict[str, Any]]


class Category(BaseModel):
    code: str
    label: str
    definition: str
    examples: list[str]
    targets: dict[str, int] = _about(_("Working minutes allowed, by step"))


class Department(BaseModel):
    code: str
    name: str
    parent: str | None
    head: str | None
    service: bool


class Me(BaseModel):
    token: str
    user: Person
    department: Ref | None
    scopes: list[str]
    rules: dict[str, str] = _about(_("What may be done, and how far: own, department, subtree, all"))
    per_minute: int
    expires_at: datetime | None


class LogLine(BaseModel):
    id: int
    at: datetime
    who: str
    kind: str = _about(_("fact, decision, to_customers, or event: what happened by itself"))
    text: str
    corrected: bool = _about(_("The words were corrected; these are the right ones"))


class EmergencyRow(BaseModel):
    number: str
    title: str
    level: int = _about(_("1 is the worst"))
    state: str
    drill: bool
    standing: str = _about(_("How things stand, in one line"))
    leader: Person | None
    secrecy: int
    declared_at: datetime
    acknowledged_at: datetime | None
    solved_at: datetime | None
    closed_at: datetime | None


class EmergencyFull(EmergencyRow):
    happened: str
    solution: str
    cadence_minutes: int = _about(_("How often each affected customer is told"))
    next_word_at: datetime | None = _about(_("By when the next customer must hear from us"))
    affected: int
    needs: list[str] = _about(_("The needs affected, as far as the user may see them"))
    called: int
    acknowledged: int
    log: list[LogLine] = _about(_("The newest lines first"))


class EmergencyPage(Page):
    items: list[EmergencyRow]
