"""Webhooks as requests and answers of the API."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.utils.translation import gettext_noop as _
from pydantic import BaseModel, Field, StrictInt

from .answers import Page, Person
from .shapes import Code, Line, Moment, Shape, _about


class EventRef(BaseModel):
    name: str
    sentence: str = _about(_("How it is told, with blanks"))
    room: str


class Endpoint(BaseModel):
    id: int
    name: str
    address: str = _about(_("Without query and long parts, which may be secrets"))
    recipient: str
    purpose: str
    events: list[str]
    user: Person | None
    state: str = _about(_("working, failing, paused or deleted"))
    why: str = _about(_("Why it is paused: person, failing, gone, left"))
    failures: int = _about(_("Failed calls in a row"))
    waiting: int
    last_delivered_at: datetime | None
    made_at: datetime


class EndpointMade(Endpoint):
    secret: str = _about(_("Shown now and never again"))


class Secret(BaseModel):
    secret: str = _about(_("Shown now and never again"))
    old_until: datetime | None


class Attempt(BaseModel):
    at: datetime
    status: int | None
    trouble: str = _about(_("refused, unknown, connect, tls, slow or broken when there was no answer"))
    milliseconds: int
    answer: str = _about(_("How the answer begins"))


class Delivery(BaseModel):
    id: int
    key: str = _about(_("The webhook-id, the same on every attempt"))
    event: str
    number: str | None
    state: str = _about(_("waiting, delivered, failed or withheld"))
    made_at: datetime
    next_at: datetime | None
    done_at: datetime | None
    tries: int
    facts: list[str] = _about(_("Names of the facts that were sent"))
    last: Attempt | None


class DeliveryFull(Delivery):
    attempts: list[Attempt]
    body: dict[str, Any] | None = _about(_("What is sent; null when this token may not see what it is about"))


class DeliveryPage(Page):
    items: list[Delivery]


class Count(BaseModel):
    count: int


class NewEndpoint(Shape):
    name: Annotated[str, Field(max_length=60)] = _about(_("What it is for"), "仓库系统")
    url: Line = _about(_("https address that is called"), "https://hooks.example.com/yingxu")
    recipient: Annotated[str, Field(max_length=120)] = _about(_("The name of a recipient in the register (settings)"), "海棠仓储有限公司")
    purpose: Annotated[str, Field(max_length=200)] = _about(_("What they need it for"), "备货")
    events: Annotated[list[Code], Field(min_length=1, max_length=300)] = _about(_("Names of events; GET /webhooks/events lists them"), ["needs.need_closed"])
    user: Code | None = _about(_("Sign-in name of the person it acts for; the token's own without it"), default=None)


class EndpointChanges(Shape):
    name: Annotated[str, Field(max_length=60)] = _about(_("What it is for"), default="")
    url: Line = _about(_("Another address"), default="")
    recipient: Annotated[str, Field(max_length=120)] = _about(_("The name of a recipient in the register (settings)"), default="")
    purpose: Annotated[str, Field(max_length=200)] = _about(_("What they need it for"), default="")
    events: Annotated[list[Code], Field(max_length=300)] = _about(_("All the events it shall hear"), default_factory=list)
    user: Code | None = _about(_("Sign-in name of the person it acts for"), default=None)


class Rotation(Shape):
    overlap_hours: Annotated[StrictInt, Field(ge=0, le=168)] = _about(_("So long the old secret signs, too"), default=24)


class Span(Shape):
    start: Moment = _about(_("Deliveries that came up from this moment"), "2026-03-18T09:00:00+08:00")
    end: Moment = _about(_("to this one"), "2026-03-18T12:00:00+08:00")
    states: Annotated[list[Literal["failed", "delivered", "withheld"]], Field(max_length=3)] = _about(
        _("Which of them"), default_factory=lambda: ["failed"]
    )
