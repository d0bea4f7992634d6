"""A need before it is written: as it comes in, cleaned, with everything the settings say about it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from yingxu.base import clock, searching
from yingxu.base.access import Actor
from yingxu.base.errors import Invalid
from yingxu.base.given import words
from yingxu.customers.models import Customer
from yingxu.deadlines import actions as clocks
from yingxu.deadlines.models import Clock
from yingxu.matters import circles
from yingxu.templates import actions as templates
from yingxu.templates import queries as record_templates
from yingxu.templates.models import TemplateVersion

from ..models import Need
from ..states import Category, Channel

FIRST_STEPS = ("first_response", "triage")
EARLIEST = 1970
CHANNELS, CATEGORIES = frozenset(Channel.values), frozenset(Category.values)


@dataclass(frozen=True, kw_only=True)
class Intake:
    """A need as it comes in. `customer` when known; else name, phone and mail find or make one. `raised_at` (aware, default now) is
    when the customer said it. A `backfill` brings history: it may keep the original `registered_at`, and its template fields come as
    they are, complete or not."""

    kind: str
    body: str
    channel: str
    title: str = ""
    category: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    customer: Customer | None = None
    customer_name: str = ""
    contact_name: str = ""
    phone: str = ""
    email: str = ""
    tags: Sequence[str] = ()
    raised_at: datetime | None = None
    registered_at: datetime | None = None
    backfill: bool = False
    secrecy: int = 0
    origin: Need | None = None


@dataclass(frozen=True)
class Registered:
    """`repeated` when it had been acknowledged before and nothing new was written."""

    id: int
    number: str
    repeated: bool = False


@dataclass(frozen=True)
class Ready:
    """A checked intake with everything the settings say about it, so that writing asks the database for nothing more."""

    intake: Intake
    template_id: int
    clocks: list[tuple]  # rows of CLOCK


@dataclass
class Settings:
    """What the settings said so far, so that all rows of a batch are judged alike and nothing is worked out twice."""

    now: datetime = field(default_factory=clock.now)
    versions: dict[str, TemplateVersion | None] = field(default_factory=dict)
    clocks: dict[tuple, list[tuple]] = field(default_factory=dict)

    def version(self, kind: str) -> TemplateVersion | None:
        if kind not in self.versions:
            self.versions[kind] = record_templates.version_for(kind)
        return self.versions[kind]

    def first_clocks(self, category: str, raised: datetime, registered: datetime) -> list[tuple]:
        asked = (category, raised, registered)
        if asked not in self.clocks:
            self.clocks[asked] = _first_clocks(*asked)
        return self.clocks[asked]


def prepared(intake: Intake, settings: Settings | None = None) -> Ready:
    """The intake with everything cleaned, its template and first clocks; or Invalid naming the fields."""
    settings = settings or Settings()
    now, version = settings.now, settings.version(intake.kind)
    if version is None:
        raise Invalid.field("kind", _("There is no business type “%(kind)s”.") % {"kind": intake.kind})
    if intake.channel not in CHANNELS:
        raise Invalid.field("channel", _("There is no channel “%(channel)s”.") % {"channel": intake.channel})
    if intake.category and intake.category not in CATEGORIES:
        raise Invalid.field("category", _("There is no category “%(category)s”.") % {"category": intake.category})
    if not 0 <= intake.secrecy <= 3:
        raise Invalid.field("secrecy", _("There is no such secrecy level."))
    registered = _moment("registered_at", intake.registered_at or now, now)
    raised = _moment("raised_at", intake.raised_at or registered, now)
    body = words(intake.body, "body")
    title = words(intake.title, "title", required=False, longest=200) or headline(body)
    values = templates.validate(version, intake.fields, at="import" if intake.backfill else "registration")
    tags = sorted({words(t, "tags", longest=30) for t in intake.tags if t and t.strip()})
    clean = Intake(
        **{
            **intake.__dict__,
            "body": body,
            "title": title,
            "fields": values,
            "tags": tags,
            "raised_at": min(raised, registered),
            "registered_at": registered,
        }
    )
    return Ready(clean, version.pk, settings.first_clocks(clean.category, clean.raised_at, registered))


def _moment(name: str, moment: datetime, now: datetime) -> datetime:
    if timezone.is_naive(moment):
        raise Invalid.field(name, _("A time needs its time zone, for example 2026-03-18T09:30:00+08:00."))
    if moment > now + timedelta(minutes=5):
        raise Invalid.field(name, _("This time lies in the future."))
    if moment.year < EARLIEST:
        raise Invalid.field(name, _("This time lies too far back."))
    return moment


def headline(body: str) -> str:
    """The first sentence of the customer's words, at most 60 characters."""
    first = re.split(r"[\n。！？!?；;]", body.strip(), maxsplit=1)[0].strip() or body.strip()
    return first if len(first) <= 60 else first[:59] + "…"


def _first_clocks(category: str, raised: datetime, registered: datetime) -> list[tuple]:
    """The clocks a need begins with, as rows of CLOCK: first response and triage running, registration already over."""
    running = [(*row, "running", None, None, None) for row in clocks.plan(category, FIRST_STEPS, registered)]
    over = clocks.measured(category, "registration", raised, registered)
    return running + [(*one.row, one.outcome, one.stopped_at, one.elapsed_minutes, one.breached_at) for one in over]


def need_values(ready: Ready, by: Actor, customer: Any, contact: Any) -> dict:
    intake = ready.intake
    now = intake.registered_at
    caller = intake.contact_name or intake.customer_name or (customer.name if customer else "")
    due = [row[_DUE] for row in ready.clocks if row[_OUTCOME] == "running"]
    return {
        "title": intake.title,
        "department_id": by.department_id if by.kind == "user" else None,
        "secrecy": max(intake.secrecy, customer.matter.secrecy if customer else 0, intake.origin.matter.secrecy if intake.origin else 0),
        "circle_id": _circle(intake, customer),
        "now": now,
        "due_at": min(due) if due else None,
        "search": searching.vector(
            intake.title, intake.body, caller, customer.name if customer else "", *map(str, intake.fields.values())
        ),
        "kind": intake.kind,
        "template_id": ready.template_id,
        "customer_id": customer.pk if customer else None,
        "contact_id": contact.pk if contact else None,
        "caller": caller[:80],
        "channel": intake.channel,
        "category": intake.category,
        "body": intake.body,
        "fields": json.dumps(intake.fields, ensure_ascii=False, default=str),
        "tags": list(intake.tags),
        "raised_at": intake.raised_at,
        "registered_by_id": by.user_id,
        "origin_id": intake.origin.pk if intake.origin else None,
    }


def _circle(intake: Intake, customer: Any) -> int | None:
    """That of its customer, else of what it comes from. Raises Invalid when these differ: nobody could say who may read it."""
    found = {one.matter.circle_id for one in (customer, intake.origin) if one is not None} - {None}
    if len(found) > 1:
        raise Invalid.field("customer", _("This customer and what this comes from are each for other persons only. Register it without the link."))
    return next(iter(found), None)


def to_tell(circle_id: int | None, by: Actor) -> list[int]:
    """Who is told of a new need at once: those in its circle, since nobody else finds it in a list."""
    return sorted(set(circles.now_in(circle_id).values_list("user_id", flat=True)) - {by.user_id}) if circle_id else []


NEED = (
    "kind", "template_id", "customer_id", "contact_id", "caller", "channel", "category", "body", "fields", "tags", "raised_at",
    "registered_by_id", "origin_id",
)  # fmt: skip
NEED_TYPES = (
    "text",
    "bigint",
    "bigint",
    "bigint",
    "text",
    "text",
    "text",
    "text",
    "jsonb",
    "text[]",
    "timestamptz",
    "bigint",
    "bigint",
)
CLOCK = (*clocks.ClockRow._fields, "outcome", "stopped_at", "elapsed_minutes", "breached_at")
_DUE, _OUTCOME = CLOCK.index("due_at"), CLOCK.index("outcome")


def clock_columns() -> list[tuple[str, str]]:
    return [(f, Clock._meta.get_field(f).rel_db_type(connection) if Clock._meta.get_field(f).is_relation
             else Clock._meta.get_field(f).db_type(connection)) for f in CLOCK]  # fmt: skip
