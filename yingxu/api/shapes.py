"""What requests look like. A field that is not here is refused; a moment has its time zone."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_noop as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt
from pydantic_core import PydanticCustomError

from yingxu.needs.states import Category, Channel, Outcome

FIRST_YEAR, LAST_YEAR = 1970, 2199


def _moment(value: Any) -> Any:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and 16 <= len(value) <= 40 else None
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR < found.year < LAST_YEAR:
        raise PydanticCustomError("moment", "a moment")
    if found.tzinfo is None:
        raise PydanticCustomError("zone", "a time zone")
    return found


def _day(value: Any) -> Any:
    try:
        found = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR < found.year < LAST_YEAR:
        raise PydanticCustomError("day", "a day")
    return found


def _about(text: str, example: Any = None, **more: Any) -> Any:
    """A described field. The text is translated when the document is shown."""
    return Field(description=text, examples=[example] if example is not None else None, **more)


Moment = Annotated[datetime, BeforeValidator(_moment, json_schema_input_type=datetime)]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Text = Annotated[str, Field(max_length=20_000)]
Line = Annotated[str, Field(max_length=500)]
Line5 = Annotated[str, Field(max_length=5_000)]
Code = Annotated[str, Field(max_length=60)]
Number = Annotated[str, Field(max_length=24, examples=["2026-000123"])]
Rating = Annotated[StrictInt, Field(ge=1, le=5)]
Scale = Annotated[StrictInt, Field(ge=1, le=5)]
Tags = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=20)]


Via = Literal[*Channel.values]
MaybeVia = Literal["", *Channel.values]
Urgency = Literal[*Category.values]
MaybeUrgency = Literal["", *Category.values]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")

    def given(self) -> dict[str, Any]:
        """Only what was sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Who(Shape):
    """The customer: `number` when known, else name, phone or e-mail find or make one."""

    number: Code = _about(_("Register number of a known customer"), "KH-2026-000045", default="")
    name: Annotated[str, Field(max_length=120)] = _about(_("Name of the person or organisation"), "季棠", default="")
    contact: Annotated[str, Field(max_length=60)] = _about(_("Who called, when that is somebody else"), default="")
    phone: Code = _about(_("Phone number"), "13900002046", default="")
    email: Annotated[str, Field(max_length=254)] = _about(_("E-mail address"), default="")


class NewNeed(Shape):
    """A need as it comes in."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "kind": "pawn",
                    "body": "翡翠手镯想当 42 万，别家估过这个价，希望这周能办。",
                    "channel": "api",
                    "fields": {"item": "翡翠手镯", "amount": "420000"},
                    "customer": {"name": "季棠", "phone": "13900002046"},
                    "raised_at": "2026-03-18T09:30:00+08:00",
                }
            ]
        },
    )

    kind: Code = _about(_("Business type, a code from /kinds"), "pawn")
    body: Text = _about(_("The customer's own words"), "翡翠手镯想当 42 万，别家估过这个价。")
    channel: Via = _about(_("How it reached you"), "api", default="api")
    title: Annotated[str, Field(max_length=200)] = _about(_("Subject; made from the first sentence when left out"), default="")
    category: MaybeUrgency = _about(_("Urgency, when it is known already"), default="")
    fields: dict[str, Any] = _about(_("Values for the fields of this kind, by code, see /kinds"), default_factory=dict)
    customer: Who | None = _about(_("Whose need it is"), default=None)
    tags: Tags = _about(_("Tags"), default_factory=list)
    raised_at: Moment | None = _about(_("When the customer said it (default: now)"), "2026-03-18T09:30:00+08:00", default=None)
    secrecy: Annotated[StrictInt, Field(ge=0, le=3)] = _about(_("Secrecy level, 0 to 3"), 0, default=0)


class Batch(Shape):
    """Each need is judged by itself, so that one that cannot be taken does not hold up the others."""

    needs: Annotated[list[Any], Field(min_length=1, max_length=1_000)] = _about(_("1 to 1,000 needs, each as in POST /needs"))


class Nothing(Shape):
    """No body is needed."""


class Triage(Shape):
    category: Urgency = _about(_("Urgency by its definition"), "important")
    kind: Code = _about(_("Another business type, when it was registered under a wrong one"), default="")
    urgency: Scale | None = _about(_("1 to 5"), default=None)
    importance: Scale | None = _about(_("1 to 5"), default=None)
    reason: Line = _about(_("Why"), default="")


class Assignment(Shape):
    department: Code = _about(_("Code of the department, see /departments"), "pawn")
    owner: Code | None = _about(_("Sign-in name of the person who takes it"), default=None)
    reason: Line = _about(_("Why there"), default="")


class Acceptance(Shape):
    owner: Code | None = _about(_("Sign-in name of the person who takes it"), default=None)


class Reason(Shape):
    reason: Annotated[str, Field(max_length=5_000)] = _about(_("Why, in a sentence"))


class MaybeReason(Shape):
    reason: Line = _about(_("Why"), default="")


class Node(Shape):
    title: Annotated[str, Field(max_length=200)] = _about(_("What is done by then"), "师傅复评")
    due_at: Moment = _about(_("By when"), "2026-03-19T17:00:00+08:00")
    department: Code | None = _about(_("Code of the department that does it"), default=None)
    owner: Code | None = _about(_("Sign-in name of the person who does it"), default=None)


class Plan(Shape):
    measures: Text = _about(_("What will be done"), "请两位师傅复评，必要时送检。")
    owner: Code | None = _about(_("Sign-in name of the person responsible"), default=None)
    nodes: Annotated[list[Node], Field(max_length=50)] = _about(_("Time nodes"), default_factory=list)


class NewTask(Shape):
    title: Annotated[str, Field(max_length=200)]
    details: Text = ""
    owner: Code = _about(_("Sign-in name of who does it"), "guyiming", default="")
    department: Code = _about(_("Code of the department"), default="")
    due_at: Moment | None = None


class TaskResult(Shape):
    result: Text = ""


class TaskPostponement(Shape):
    until: Moment
    reason: Line


class NodeDone(Shape):
    node: Annotated[StrictInt, Field(ge=1, le=2**62)] = _about(_("The id of the time node"))
    done: StrictBool = _about(_("false opens it again"), default=True)


class Progress(Shape):
    text: Text = _about(_("What was done since"))
    to_customer: StrictBool = _about(_("Whether the customer reads it"), default=False)


class Result(Shape):
    done: Text = _about(_("What was done"))
    answer: Text = _about(_("The words for the customer"))


class Review(Shape):
    answer: Text = _about(_("Better words for the customer, when the submitted ones do not do"), default="")


class Feedback(Shape):
    text: Text = _about(_("The words for the customer; the reviewed ones when left out"), default="")
    channel: MaybeVia = _about(_("How they are told"), default="")


class Confirmation(Shape):
    rating: Rating | None = _about(_("1 to 5"), default=None)
    comment: Annotated[str, Field(max_length=5_000)] = _about(_("What they said"), default="")
    channel: Via = _about(_("How they told you"), "phone", default="api")


class Rejection(Shape):
    reason: Annotated[str, Field(max_length=5_000)] = _about(_("What they are not satisfied with"))
    rating: Rating | None = _about(_("1 to 5"), default=None)
    channel: Via = _about(_("How they told you"), "phone", default="api")


class Answer(Shape):
    answer: Text = _about(_("What the customer was told"))
    visit: StrictBool = _about(_("Whether a follow-up visit is wanted"), default=False)


class Watch(Shape):
    review_on: Day = _about(_("When it is looked at again"), "2026-06-01")
    signals: Text = _about(_("What to watch for"), default="")
    reviewer: Code | None = _about(_("Sign-in name of the person who looks"), default=None)


class Closure(Shape):
    outcome: Literal[Outcome.SILENT.value, Outcome.DECLINED.value, Outcome.NOT_PURSUED.value] = _about(_("How it ends"))
    reason: Annotated[str, Field(max_length=2_000)] = _about(_("Why, in a sentence"))


class Visit(Shape):
    satisfied: StrictBool | None = _about(_("What they said on the visit"), default=None)
    notes: Text = _about(_("Notes of the visit"), default="")
    channel: Via = _about(_("How they were reached"), "phone", default="phone")
    problem: NewNeed | None = _about(_("A new problem becomes a new linked need"), default=None)


class VisitDay(Shape):
    due_on: Day = _about(_("The new day"), "2026-04-02")
    assignee: Code | None = _about(_("Sign-in name of the person who visits"), default=None)


class Transfer(Shape):
    department: Code | None = _about(_("Code of the department, see /departments"), default=None)
    owner: Code | None = _about(_("Sign-in name of the person who takes it"), default=None)
    reason: Line = _about(_("Why; needed for another department"), default="")


class Merge(Shape):
    into: Number = _about(_("Number of the need that goes on"))


class Link(Shape):
    other: Number = _about(_("Number of the other need"))
    type: Literal["parent", "related"] = _about(_("parent: this one is above the other"), default="related")


class Unlink(Shape):
    other: Number = _about(_("Number of the other need"))


class Split(Shape):
    parts: Annotated[list[NewNeed], Field(min_length=1, max_length=20)] = _about(_("Each becomes a need of its own"))


class Tagging(Shape):
    add: Tags = _about(_("Tags to add"), default_factory=list)
    remove: Tags = _about(_("Tags to take away"), default_factory=list)


class Words(Shape):
    text: Text = _about(_("The words"))


class RaiseToManagement(Shape):
    question: Line5 = _about(_("What has to be decided"))
    why: Line5 = _about(_("Why it cannot wait"), default="")
    recommendation: Line5 = _about(_("What we recommend"), default="")
    to: Code | None = _about(_("Sign-in name of who is asked; left out: whoever decides"), default=None)
    waits: StrictBool = _about(_("Whether the result waits for the answer"), default=False)


class Settled(Shape):
    text: Line5 = _about(_("The words, back to the front line"))


class Delegation(Shape):
    to: Code = _about(_("Sign-in name of who answers or decides instead"))
    due_on: Day = _about(_("Until when"), "2026-04-02")
    text: Line5 = _about(_("A word to them"), default="")


class Reply(Shape):
    text: Text = _about(_("The words"))
    channel: MaybeVia = _about(_("How they are told"), default="")
    question: StrictBool = _about(_("Whether you wait for an answer"), default=False)


class Said(Shape):
    text: Text = _about(_("What the customer said"))
    channel: Via = _about(_("How they told you"), default="api")


class Amend(Shape):
    version: Annotated[StrictInt, Field(ge=1)] | None = _about(_("The version you were looking at, unless If-Match says it"), default=None)
    title: Annotated[str, Field(max_length=200)] = _about(_("Subject"), default="")
    caller: Annotated[str, Field(max_length=80)] = _about(_("Who called"), default="")
    customer: Code | None = _about(_("Register number of the customer; null for none"), default=None)
    secrecy: Annotated[StrictInt, Field(ge=0, le=3)] = _about(_("Secrecy level, 0 to 3; only upwards"), default=0)
    fields: dict[str, Any] = _about(_("Values for the fields of this kind, by code"), default_factory=dict)


class Extension(Shape):
    step: Code = _about(_("The step that needs more time"), "handling")
    until: Moment = _about(_("The new date"), "2026-03-25T18:00:00+08:00")
    reason: Line = _about(_("Why"))


class Identifier(Shape):
    type: Code = _about(_("phone, email, wechat, resident_id, credit_code, bank or code"), "credit_code")
    text: Annotated[str, Field(max_length=254)] = _about(_("The number or address itself"))


class CustomerFields(Shape):
    name: Annotated[str, Field(max_length=120)] = _about(_("Name of the person or organisation"), "海棠贸易有限公司", default="")
    type: Literal["", "person", "organisation"] = _about(_("person or organisation"), default="")
    grade: Literal["", "A", "B", "C"] = _about(_("Grade by contribution"), default="")
    industry: Code = _about(_("Industry"), default="")
    address: Annotated[str, Field(max_length=200)] = _about(_("Address"), default="")
    reminder: Annotated[str, Field(max_length=200)] = _about(_("What everybody must know before talking to them"), default="")
    remark: Annotated[str, Field(max_length=4_000)] = _about(_("Remark"), default="")
    tags: Tags = _about(_("Tags"), default_factory=list)
    customer_since: Day | None = _about(_("Customer since"), default=None)


class NewCustomer(CustomerFields):
    name: Annotated[str, Field(min_length=1, max_length=120)] = _about(_("Name of the person or organisation"), "海棠贸易有限公司")
    contact: Code = _about(_("The person you talk to there"), default="")
    phone: Code = _about(_("Phone number"), default="")
    email: Annotated[str, Field(max_length=254)] = _about(_("E-mail address"), default="")
    identifiers: Annotated[list[Identifier], Field(max_length=20)] = _about(_("Further numbers"), default_factory=list)


class CustomerChanges(CustomerFields):
    version: Annotated[StrictInt, Field(ge=1)] | None = _about(_("The version you were looking at, unless If-Match says it"), default=None)
    owner: Code | None = _about(_("Sign-in name of the person who looks after them"), default=None)
    department: Code | None = _about(_("Code of the department"), default=None)
    why: Annotated[str, Field(max_length=200)] = _about(_("What the change rests on; needed for another grade"), default="")
    learned_on: Day | None = _about(_("When it was learned, if not today"), default=None)


class Filled(Shape):
    values: dict[str, Any] = _about(_("Values for the fields of the section, by code"))
    seen: Code = _about(_("The section's seen when it was read"), default="")
    why: Annotated[str, Field(max_length=200)] = _about(_("What the change rests on"), default="")


class NewContract(Shape):
    title: Annotated[str, Field(min_length=1, max_length=120)] = _about(_("What is it called"), "最高额质押合同")
    kind: Annotated[str, Field(max_length=40)] = ""
    ours: Annotated[str, Field(max_length=80)] = _about(_("Who signs for us"), default="")
    theirs: Annotated[str, Field(max_length=120)] = _about(_("Who signs for them; the customer's name as sent when left out"), default="")
    amount: Annotated[str, Field(pattern=r"^[0-9]{1,13}([.][0-9]{1,2})?$")] | None = _about(_("Decimal, as text"), "2000000.00", default=None)
    currency: Annotated[str, Field(max_length=3)] = "CNY"
    signed_on: Day | None = None
    begins_on: Day | None = None
    ends_on: Day | None = None
    remind_on: Day | None = None
    renewal: Literal["none", "ask", "automatic"] = "ask"
    clauses: Text = ""
    reference: Code = _about(_("The number on the paper itself"), default="")
    owner: Code | None = _about(_("Sign-in name of the person who looks after it"), default=None)


class NewDealing(Shape):
    kind: Literal["called_us", "called", "visit", "reception", "wrote_us", "wrote", "event"]
    text: Annotated[str, Field(min_length=1, max_length=4_000)] = _about(_("What was said"))
    at: Moment | None = _about(_("When; now when left out"), default=None)
    place: Annotated[str, Field(max_length=120)] = ""
    next_step: Annotated[str, Field(max_length=200)] = _about(_("Becomes a task"), default="")
    next_owner: Code | None = _about(_("Sign-in name of who does it"), default=None)
    next_due: Moment | None = _about(_("By when"), default=None)


class NewEmergency(Shape):
    title: Annotated[str, Field(max_length=120)] = _about(_("What is it, in a few words"), "2 号库房恒温机组停机")
    happened: Annotated[str, Field(max_length=10_000)] = _about(_("What, where, since when, what is in danger"), "9 点压缩机停机，库温 26 度，还在升。")
    level: Annotated[StrictInt, Field(ge=1, le=3)] = _about(_("1 is the worst"), default=2)
    drill: StrictBool = _about(_("Only rehearsed: marked everywhere, no customer is told"), default=False)
    secrecy: Annotated[StrictInt, Field(ge=0, le=3)] = 0
    needs: Annotated[list[Number], Field(max_length=200)] = _about(_("Register numbers of the needs affected"), default_factory=list)


class NewLine(Shape):
    text: Annotated[str, Field(max_length=2_000)] = _about(_("What happened"), "W2 探头 27.4 度，十分钟升 0.3 度")
