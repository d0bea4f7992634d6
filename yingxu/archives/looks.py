"""Who looked at guarded files, when, at what of them, and which need it served: for those who guard them. Read from the access log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Invalid
from yingxu.base.web import Slice, keyset
from yingxu.customers import panels
from yingxu.customers.models import Customer, Identifier, Paper
from yingxu.customers.queries import sections
from yingxu.files import queries as files
from yingxu.matters.models import Look
from yingxu.matters.queries import page_of, visible_matters

from . import rules

W = Look.What
KINDS = (W.PAGE, W.API, W.FILE, W.REVEAL, W.PRINT, W.EXPORT)
SORTS = {"-when": ("-at", "-id"), "when": ("at", "id"), "who": ("actor_name", "-id")}
FOR = {"need": gettext_lazy("for a need"), "reason": gettext_lazy("for a reason in words"), "work": gettext_lazy("part of our own work"), "none": gettext_lazy("nothing was named")}
WORKS = {
    "approval": gettext_lazy("Signing"), "guarding": gettext_lazy("Guarding the file"), "upkeep": gettext_lazy("Upkeep of the file"), "task": gettext_lazy("A task on the file"),
    "mail": gettext_lazy("A mail about the file"), "deadline": gettext_lazy("A time limit on the file"),
}  # fmt: skip
PARTS = {
    "dealings": gettext_lazy("Dealings"), "contracts": gettext_lazy("Contracts"), "papers": gettext_lazy("Papers"), "history": gettext_lazy("History"),
}  # fmt: skip
FORMS = {
    "edit": gettext_lazy("Basic facts"), "contact": gettext_lazy("Contacts"), "contacts": gettext_lazy("Contacts"), "numbers": gettext_lazy("Numbers"),
    "changes": gettext_lazy("Every change"), "merge": gettext_lazy("Merging"), "take_in": gettext_lazy("Papers"), "paper": gettext_lazy("Papers"),
    "write_down": gettext_lazy("Dealings"), "strike": gettext_lazy("Dealings"), "draw_up": gettext_lazy("Contracts"), "edit_contract": gettext_lazy("Contracts"),
    "pay": gettext_lazy("Contracts"), "contract_act": gettext_lazy("Contracts"), "looks": pgettext_lazy("archive", "Who looked"),
    "level": gettext_lazy("Secrecy level"), "term": gettext_lazy("Term"), "lower": gettext_lazy("Secrecy level"), "circle": gettext_lazy("Circle of persons"),
}  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """What the list is asked for. Unknown values raise Invalid."""

    who: str = ""
    what: str = ""
    served: str = ""
    since: date | None = None
    until: date | None = None
    sort: str = "-when"

    @classmethod
    def of(cls, asked: Any) -> "Wish":
        who = asked.get("who", "").replace("\x00", "").strip()[:80]
        found = cls(who, asked.get("what", ""), asked.get("served", ""), _day(asked.get("since")), _day(asked.get("until")), asked.get("sort") or "-when")
        if found.what not in ("", *KINDS) or found.served not in ("", *FOR) or found.sort not in SORTS:
            raise Invalid(_("This list has no such filter."), code="filter")
        return found

    @property
    def narrowed(self) -> bool:
        return bool(self.who or self.what or self.served or self.since or self.until)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(_("This is not a day: %(text)s.") % {"text": str(text)[:20]}, code="filter") from None


def files_of(by: Actor) -> QuerySet[Customer]:
    """The files whose looks this actor may read: those they guard."""
    return Customer.objects.filter(rules.KEEP.where(by))


def named() -> Q:
    """A filter on looks: those that say what they were for."""
    return Q(serves__isnull=False) | Q(facts__has_key="said") | Q(facts__has_key="work")


def beyond(by: Actor) -> Q:
    """A filter on looks: those at a part of a file that is above the actor's clearance."""
    return Q(facts__has_key="above") & Q(facts__above__gt=by.clearance)


def matching(by: Actor, wish: Wish, customer: Customer | None = None) -> QuerySet[Look]:
    """The looks at one file, or at every file that has a level or a circle now; only of files the actor guards, and none at a part above
    their clearance."""
    rows = Look.objects.filter(~beyond(by), what__in=KINDS).select_related("serves", "matter").defer("serves__search", "matter__search")
    if customer is not None:
        rows = rows.filter(matter_id__in=files_of(by).filter(pk=customer.pk).values("pk"))
    else:
        rows = rows.filter(Q(matter__secrecy__gt=0) | Q(matter__circle__isnull=False), matter_id__in=files_of(by).values("pk"))
    if wish.who:
        rows = rows.filter(actor_name__icontains=wish.who)
    if wish.what:
        rows = rows.filter(what=wish.what)
    if wish.served == "none":
        rows = rows.exclude(named())
    elif wish.served:
        rows = rows.filter({"need": Q(serves__isnull=False), "reason": Q(serves=None, facts__said=True), "work": Q(facts__has_key="work")}[wish.served])
    if wish.since:
        rows = rows.filter(at__gte=_midnight(wish.since))
    if wish.until:
        rows = rows.filter(at__lt=_midnight(wish.until + timedelta(days=1)))
    return rows


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.zone())


def listed(by: Actor, wish: Wish, customer: Customer | None = None, cursor: str = "") -> Slice:
    return keyset(matching(by, wish, customer), SORTS[wish.sort], cursor)


def to_export(by: Actor, wish: Wish, customer: Customer | None = None) -> QuerySet[Look]:
    return matching(by, wish, customer).order_by(*SORTS[wish.sort])


@dataclass(frozen=True)
class Shown:
    """A look in words: `part` of the file, the `need` it served with its page (only one the reader may see), else `why`. `unnamed` when
    nothing was said."""

    look: Look
    what: str
    part: str
    need: str
    href: str
    why: str
    unnamed: bool


def shown(rows: Sequence[Look], by: Actor) -> list[Shown]:
    """The looks in words; sections, needs and scans only as far as the reader may know of them. Four queries, and two for each file."""
    needs = {row.serves_id for row in rows if row.serves_id}
    seen = set(visible_matters(by).filter(pk__in=needs).values_list("pk", flat=True)) if needs else set()
    scans = {int(d) for row in rows if row.what == W.FILE and (d := str(row.facts.get("detail", ""))).isascii() and d.isdigit()}
    names = dict(files.visible_to(by).filter(pk__in=scans).values_list("pk", "name")) if scans else {}
    asked = {row.matter_id for row in rows if _of_section(row)}
    known = {c.pk: {s.code: s for s, _level in sections.open_to(c, by)} for c in Customer.objects.filter(pk__in=asked).select_related("matter")}
    made = []
    for row in rows:
        need = row.serves if row.serves_id in seen else None
        work, reason = row.facts.get("work", ""), row.personal.get("reason", "")
        why = str(WORKS.get(work, work)) if work else reason or (_("for a need you may not see") if row.serves_id and not need else "")
        unnamed = not (row.serves_id or work or row.facts.get("said"))
        part = _part(row, names, known.get(row.matter_id, {}))
        made.append(Shown(row, str(W(row.what).label), part, need.number if need else "", page_of(need), why, unnamed))
    return made


def _of_section(row: Look) -> bool:
    detail = str(row.facts.get("detail", ""))
    return detail.startswith("section ") or (row.what == W.REVEAL and "." in detail)


def _part(row: Look, names: dict[int, str], known: dict[str, Any]) -> str:
    """What of the file it was, in words."""
    detail = str(row.facts.get("detail", ""))
    if "list" in row.facts:
        return _("in a list that was exported")
    if "type" in row.facts:
        return str(dict(Identifier.Type.choices).get(row.facts["type"], ""))
    if row.what == W.FILE and detail.isascii() and detail.isdigit():
        return names.get(int(detail), "")
    first, _space, rest = detail.partition(" ")
    if first == "section":
        return known[rest].name if rest in known else ""
    if row.what == W.REVEAL and "." in detail:
        code, _dot, name = detail.partition(".")
        if code not in known:
            return ""
        return " · ".join([known[code].name, *(spec.label for spec in known[code].specs if spec.code == name)])
    if first == "paper" and rest:
        return str(dict(Paper.Kind.choices).get(rest, ""))
    if first == "part":
        return str(PARTS.get(rest) or (panels.PANELS[rest].label if rest in panels.PANELS else ""))
    if first == "as" and rest.startswith("of "):
        return _("as of %(day)s") % {"day": rest[3:]}
    if first in ("approval", "mail", "card"):
        return {"approval": _("Approval %(n)s"), "mail": _("Mail %(n)s"), "card": _("Card %(n)s")}[first] % {"n": rest}
    return str(FORMS.get(detail, detail))
