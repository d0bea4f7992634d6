"""Requests about the parts of a customer's file, and about two files that are one."""

from typing import Annotated, Literal

from django.utils.translation import gettext_noop as _
from pydantic import Field, StrictBool, StrictInt

from .shapes import Code, Day, Moment, Number, Shape, Tags, Text, _about

Key = Annotated[StrictInt, Field(ge=1, le=2**62)]
Why = Annotated[str, Field(max_length=200)]
Sum = Annotated[str, Field(pattern=r"^[0-9]{1,13}([.][0-9]{1,2})?$", examples=["50000.00"])]
BASIS = _("What the change rests on")


class ContactFields(Shape):
    name: Annotated[str, Field(max_length=60)] = ""
    position: Annotated[str, Field(max_length=60)] = ""
    department: Annotated[str, Field(max_length=60)] = _about(_("Department there"), default="")
    role: Literal["", "decides", "guards", "influences", "uses"] = _about(_("Part in decisions"), "decides", default="")
    stance: Literal["", "for", "open", "against"] = _about(_("Attitude to us"), default="")
    reports_to: Key | None = _about(_("The id of the contact above this one"), default=None)
    preference: Annotated[str, Field(max_length=60)] = _about(_("Likes to be reached by"), default="")
    note: Annotated[str, Field(max_length=200)] = ""
    why: Why = _about(BASIS, default="")


class NewContact(ContactFields):
    name: Annotated[str, Field(min_length=1, max_length=60)]
    phone: Code = ""
    email: Annotated[str, Field(max_length=254)] = ""


class ContactChanges(ContactFields):
    seen: Code = _about(_("The contact's seen when it was read"), default="")


class InUse(Shape):
    active: StrictBool = _about(_("true brings it back"), default=False)
    why: Why = _about(BASIS, default="")


class Agreed(Shape):
    channel: Code = _about(_("How the person agreed"), "counter", default="counter")
    evidence: Annotated[str, Field(min_length=1, max_length=300)] = _about(_("Where it can be read or heard"))
    person: Annotated[str, Field(max_length=80)] = ""


class NewIdentifier(Shape):
    type: Code = _about(_("phone, email, wechat, resident_id, credit_code, bank or code"), "phone")
    text: Annotated[str, Field(max_length=254)] = _about(_("The number or address itself"))
    contact: Key | None = _about(_("The id of the contact whose it is"), default=None)
    consent: Agreed | None = _about(_("For kinds of numbers that are only kept with a consent"), default=None)


class Tagged(Shape):
    add: Tags = _about(_("Tags to add"), default_factory=list)
    remove: Tags = _about(_("Tags to take away"), default_factory=list)


class PaperFields(Shape):
    kind: Literal["licence", "tax", "permit", "identity", "authority", "other"] = "licence"
    name: Annotated[str, Field(max_length=60)] = ""
    number: Annotated[str, Field(max_length=60)] = _about(_("Sealed at once; comes out covered"), default="")
    issuer: Annotated[str, Field(max_length=80)] = ""
    issued_on: Day | None = None
    valid_until: Day | None = None
    note: Annotated[str, Field(max_length=200)] = ""
    why: Why = _about(BASIS, default="")


class ContractChanges(Shape):
    title: Annotated[str, Field(max_length=120)] = ""
    kind: Annotated[str, Field(max_length=40)] = ""
    ours: Annotated[str, Field(max_length=80)] = ""
    theirs: Annotated[str, Field(max_length=120)] = ""
    amount: Sum | None = None
    currency: Annotated[str, Field(max_length=3)] = "CNY"
    signed_on: Day | None = None
    begins_on: Day | None = None
    ends_on: Day | None = None
    remind_on: Day | None = None
    renewal: Literal["none", "ask", "automatic"] = "ask"
    clauses: Text = ""
    reference: Code = ""
    owner: Code | None = _about(_("Sign-in name of the person who looks after it"), default=None)
    version: Annotated[StrictInt, Field(ge=1)] | None = _about(_("The version you were looking at"), default=None)
    why: Why = _about(BASIS, default="")


class Signing(Shape):
    signed_on: Day | None = _about(_("Today when left out"), default=None)


class ReasonGiven(Shape):
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class FileLevel(Shape):
    level: Annotated[int, Field(ge=0, le=3)] = _about(_("0 ordinary to 3 the highest"), 2)
    why: Annotated[str, Field(min_length=1, max_length=300)]


class Renewal(Shape):
    begins_on: Day
    ends_on: Day
    amount: Sum | None = _about(_("As before when left out"), default=None)


class PlannedInstalment(Shape):
    due_on: Day
    amount: Sum
    note: Annotated[str, Field(max_length=120)] = ""


class CollectionPlan(Shape):
    instalments: Annotated[list[PlannedInstalment], Field(max_length=60)] = _about(_("In place of what was planned and has not been paid"))
    why: Why = _about(BASIS, default="")


class Payment(Shape):
    instalment: Key = _about(_("The id of the instalment"))
    amount: Sum | None = _about(_("All that is left when left out"), default=None)
    paid_on: Day | None = _about(_("Today when left out"), default=None)


class MergeFiles(Shape):
    gone: Number = _about(_("Register number of the file that becomes part of this one"), "KH-2026-000045")
    choices: dict[str, Literal["kept", "gone"]] = _about(
        _("Whose value stays, by field (name, grade …) or section.field; this file's own when left out, the other's where it has none"), default_factory=dict
    )


class Birthday(Shape):
    month: Annotated[StrictInt, Field(ge=1, le=12)]
    day: Annotated[StrictInt, Field(ge=1, le=31)]
    lunar: StrictBool = _about(_("In the Chinese calendar"), default=False)
    leap: StrictBool = _about(_("Of the leap month of that number"), default=False)
    year: Annotated[StrictInt, Field(ge=1900, le=2099)] | None = None
    contact: Key | None = _about(_("The id of the contact; the customer's own when left out"), default=None)


class CareTaken(Shape):
    done: StrictBool = _about(_("false leaves it out, with the reason as result"), default=True)
    result: Annotated[str, Field(max_length=500)] = ""


class Otherwise(Shape):
    value: Code = _about(_("The class: A, B, C for the grade, otherwise its code"), "A")
    reason: Annotated[str, Field(max_length=200)] = _about(_("Why it is otherwise than the rules say"))
    until: Day | None = _about(_("It ends by itself on this day"), default=None)


class RulesAgain(Shape):
    reason: Annotated[str, Field(max_length=200)] = ""


class Pursuit(Shape):
    source: Annotated[str, Field(max_length=60)] = _about(_("Where it came from"), default="")
    owner: Code | None = _about(_("Sign-in name of who pursues it"), default=None)
    expected_amount: Sum | None = None
    expected_on: Day | None = None


class StepOn(Shape):
    step: Literal["identify", "screen", "target", "contact", "proposal", "contract"]
    facts: dict[str, Annotated[str, Field(max_length=500)]] = _about(_("What must be known for the step, by code, see /prospects/steps"), default_factory=dict)
    note: Annotated[str, Field(max_length=200)] = _about(_("Needed when it goes back"), default="")


class NextStep(Shape):
    title: Annotated[str, Field(min_length=1, max_length=200)]
    due_at: Moment = _about(_("By when"), "2026-03-19T17:00:00+08:00")


class Loss(Shape):
    reason: Annotated[str, Field(max_length=60)] = _about(_("One of the reasons of /prospects/steps"))
    note: Annotated[str, Field(max_length=200)] = ""


class Results(Shape):
    customer: Number = _about(_("Register number of a customer of the list"), "KH-2026-000045")
    results: dict[str, Literal["confirmed", "changed", "unreachable", "none"]] = _about(_("What came of it, by field of the list"))
    values: dict[str, Annotated[str, Field(max_length=4_000)]] = _about(_("The new value of a field that changed, where it is one of the file's own"), default_factory=dict)
    words: Annotated[str, Field(max_length=300)] = _about(_("What was tried; needed for unreachable and none"), default="")


class Learned(Shape):
    kind: Literal["entry", "update"] = _about(_("Something new, or something that changed"), default="update")
    text: Annotated[str, Field(min_length=1, max_length=300)]
    learned_on: Day


class ReportWords(Shape):
    summary: Annotated[str, Field(max_length=4_000)] = ""
    risks: Annotated[str, Field(max_length=4_000)] = ""
    plans: Annotated[str, Field(max_length=4_000)] = ""
