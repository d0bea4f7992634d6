"""What auditors read: both ledgers as one list, how far they are sealed, what the last verification found."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Invalid
from yingxu.base.marks import is_mark, row_of
from yingxu.base.web import Slice, keyset
from yingxu.matters import catalogue, seals
from yingxu.matters.models import Look, Matter, Verification

from . import rules
from .models import Record

KINDS = ("", "journal", "looks", "signins", "exports", "refused")
SORTS = {"-when": ("-tx", "-row", "-ledger"), "when": ("tx", "row", "ledger")}
SIGN_INS = (Look.What.SIGNED_IN, Look.What.SIGNED_OUT, Look.What.SIGN_IN_REFUSED)
MOST = 20_000
CODE = re.compile(r"[\x21-\x7e]{1,40}")
_NOT_CODES = {"title", "name", "text", "words", "reason", "note", "body", "question", "answer", "details", "password", "email", "phone"}


@dataclass(frozen=True)
class Wish:
    """What the list is asked for. Unknown values raise Invalid."""

    kind: str = ""
    who: str = ""
    what: str = ""
    number: str = ""
    since: date | None = None
    until: date | None = None
    sort: str = "-when"

    @classmethod
    def of(cls, asked: Any) -> "Wish":
        words = {name: asked.get(name, "").replace("\x00", "").strip()[:80] for name in ("who", "what", "number")}
        found = cls(asked.get("kind") or "", **words, since=_day(asked.get("since")), until=_day(asked.get("until")), sort=asked.get("sort") or "-when")
        if found.kind not in KINDS or found.sort not in SORTS:
            raise Invalid(_("This list has no such filter."), code="filter")
        return found

    def words(self) -> str:
        """The conditions, for the access log."""
        return " ".join(f"{name}={value}" for name, value in vars(self).items() if value)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(_("This is not a day: %(text)s.") % {"text": str(text)[:20]}, code="filter") from None


def matching(by: Actor, wish: Wish) -> QuerySet[Record]:
    """The rows a wish asks for; none without the right to read them."""
    if not rules.VIEW.allows(by):
        return Record.objects.none()
    rows = Record.objects.select_related("matter", "serves").defer("matter__search", "serves__search")
    if wish.kind in ("journal", "looks"):
        rows = rows.filter(ledger=wish.kind)
    elif wish.kind:
        what = {"signins": SIGN_INS, "exports": (Look.What.EXPORT, Look.What.PRINT), "refused": (Look.What.REFUSED,)}[wish.kind]
        rows = rows.filter(ledger="looks", what__in=what)
    if wish.who:
        rows = rows.filter(actor_name__icontains=wish.who)
    if wish.what:
        rows = rows.filter(what__startswith=wish.what)
    if is_mark(wish.number):
        rows = rows.filter(ledger="looks", row=row_of(wish.number) or 0)
    elif wish.number:
        found = Matter.objects.filter(number=wish.number).values_list("pk", flat=True).first()
        rows = rows.filter(Q(matter_id=found) | Q(serves_id=found)) if found else rows.none()
    if wish.since:
        rows = rows.filter(at__gte=_midnight(wish.since))
    if wish.until:
        rows = rows.filter(at__lt=_midnight(wish.until + timedelta(days=1)))
    return rows


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.zone())


def listed(by: Actor, wish: Wish, cursor: str = "") -> Slice:
    return keyset(matching(by, wish), SORTS[wish.sort], cursor)


def to_export(by: Actor, wish: Wish) -> QuerySet[Record]:
    return matching(by, wish).order_by(*SORTS[wish.sort])


def kinds_of_event() -> list[tuple[Any, list[tuple[str, str]]]]:
    """Everything that may stand in the list, in groups of (code, words): looks, then the journal's events room by room."""
    looks = [(what.value, str(what.label)) for what in Look.What]
    return [(pgettext("audit", "Access log"), looks), *((room.name, room.events) for room in catalogue.rooms(catalogue.names()))]


def word(what: str) -> str:
    """What happened: of a look its kind, of the journal the event's sentence with blanks where it names something."""
    return str(Look.What(what).label) if what in Look.What.values else catalogue.title(what)


def covered(record: Record) -> list[tuple[str, str]]:
    """(name, value) of the facts without business content: numbers and codes as they are, words only by their length; of the personal
    part only the names."""
    return [*_covered(record.facts), *((name, "•••") for name in sorted(record.personal))]


def _covered(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in sorted(facts.items()):
        if value in ("", None, [], {}):
            continue
        if isinstance(value, bool | int | float):
            yield name, str(value)
        elif isinstance(value, list) and all(isinstance(one, int) for one in value) and len(value) < 20:
            yield name, ", ".join(str(one) for one in value)
        elif isinstance(value, list | dict):
            yield name, f"••• ({len(value)})"
        elif name not in _NOT_CODES and CODE.fullmatch(str(value)) and not str(value).isdigit():
            yield name, str(value)
        else:
            yield name, f"••• ({len(str(value))})"


@dataclass(frozen=True)
class Ledger:
    """How a ledger stands: its seals, and the last verification that was begun and ended."""

    state: seals.State
    running: Verification | None
    last: Verification | None


def ledgers() -> list[Ledger]:
    """Both. Five statements."""
    found = list(Verification.objects.order_by("-id")[:40])
    made = []
    for state in seals.states():
        mine = [one for one in found if one.ledger == state.name]
        running = next((one for one in mine if one.running), None)
        made.append(Ledger(state, running, next((one for one in mine if one.ended_at), None)))
    return made
