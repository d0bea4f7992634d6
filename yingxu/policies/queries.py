"""What is installed, what is configured now, how the clauses are kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from yingxu.approvals import queries as approvals
from yingxu.base import clock
from yingxu.base.access import Reach
from yingxu.base.controls import Control, Tally, controls, tallies
from yingxu.base.errors import Gone
from yingxu.customers.queries import sections as customers
from yingxu.deadlines import queries as deadlines
from yingxu.deadlines.models import CalendarDay, Target, TargetVersion, WorkCalendar
from yingxu.people.models import Department, Role
from yingxu.privacy import queries as privacy
from yingxu.relations import queries as relations
from yingxu.relations.shapes import PARTS
from yingxu.routing import queries as routing
from yingxu.templates import queries as templates
from yingxu.upkeep import queries as upkeep

from .models import Clause, Company, InstalledPack, Survey
from .shapes import DAYS

_LETTERS = {"minutes": "m", "hours": "h", "days": "d"}


def installed() -> InstalledPack | None:
    """The pack in force."""
    return InstalledPack.objects.order_by("-id").first()


def about() -> dict[str, str]:
    """The head of a pack that holds what is configured now."""
    found = installed()
    return {
        "name": found.name if found else "company",
        "title": found.title if found else company() or "company",
        "version": f"{found.version if found else '1'}+{clock.today():%Y%m%d}",
        "language": "zh-Hans",
    }


def history() -> list[InstalledPack]:
    """Every installation and upgrade, the newest first."""
    return list(InstalledPack.objects.defer("content").order_by("-id"))


def company() -> str:
    """The company's name as customers read it; "" before it is set."""
    return Company.objects.filter(pk=1).values_list("name", flat=True).first() or ""


def survey() -> dict[str, Any]:
    """What the customer is asked: {question, scale, reasons, visit}; empty lists before a pack is installed."""
    found = Survey.objects.filter(pk=1).values_list("content", flat=True).first()
    return {"question": "", "scale": [], "reasons": [], "visit": [], **(found or {})}


def present() -> dict[str, dict[str, dict]]:
    """The configuration as it is now, in the shape of a pack's content."""
    return {
        "departments": _departments(),
        "roles": _roles(),
        **templates.exported(),
        "targets": _targets(),
        "ladders": deadlines.exported_ladders(),
        "approvals": approvals.exported(),
        "calendar": _calendar(),
        "routing": routing.exported(),
        "customer_fields": customers.exported(),
        **{part: relations.exported(part) for part in PARTS},
        "upkeep": upkeep.exported(),
        "survey": {"survey": dict(s)} if (s := Survey.objects.filter(pk=1).values_list("content", flat=True).first()) else {},
        **privacy.exported(),
        "clauses": {
            c.number: {"chapter": c.chapter, "title": c.title, "text": c.text, "controls": list(c.controls)}
            for c in Clause.objects.order_by("order", "id")
        },
    }


def _departments() -> dict[str, dict]:
    return {
        d.code: {
            "name": d.name,
            "parent": d.parent.code if d.parent else "",
            "service": d.service,
            "response_group": d.response_group,
        }
        for d in Department.objects.filter(active=True).select_related("parent").order_by("order", "id")
    }


def _roles() -> dict[str, dict]:
    return {
        r.code: {
            "name": r.name,
            "description": r.description,
            "rules": {x.rule: Reach(x.reach).name.lower() for x in sorted(r.rules.all(), key=lambda x: x.rule)},
        }
        for r in Role.objects.prefetch_related("rules").order_by("id")
    }


def _targets() -> dict[str, dict]:
    version = TargetVersion.objects.order_by("-id").first()
    rows = Target.objects.filter(version=version).order_by("id") if version else []
    return {
        f"{t.category}/{t.step}": {
            "within": f"{_short(t.amount)}{_LETTERS[t.unit]}",
            "round_the_clock": t.round_the_clock,
            "warn": t.warn_percent,
        }
        for t in rows
    }


def _short(amount: Decimal) -> str:
    return f"{amount:f}".rstrip("0").rstrip(".")


def _calendar() -> dict[str, dict]:
    row = WorkCalendar.objects.filter(pk=1).first()
    if row is None:
        return {}
    week: dict[str, dict] = {day: {"windows": []} for day in DAYS}
    for window in row.windows.all():
        end = "24:00" if not window.end.hour and not window.end.minute else f"{window.end:%H:%M}"
        week[DAYS[window.weekday]]["windows"].append(f"{window.start:%H:%M}-{end}")
    company = row.days.filter(source=CalendarDay.Source.COMPANY).order_by("date")
    days = {
        d.date.isoformat(): {"kind": d.kind, "name": d.name, "windows": [f"{a}-{'24:00' if b == '00:00' else b}" for a, b in d.windows]}
        for d in company
    }
    return {"zone": {"name": row.zone}, **week, **days}


@dataclass
class Kept:
    """A clause over a period: each control's tally; a control that does not exist any more has none."""

    clause: Clause
    tallies: list[tuple[Control, Tally]] = field(default_factory=list)

    @property
    def applied(self) -> int:
        return max((t.applied for _c, t in self.tallies), default=0)

    @property
    def kept(self) -> int:
        return sum(t.kept for _c, t in self.tallies)

    @property
    def failed(self) -> int:
        return sum(t.failed for _c, t in self.tallies)

    @property
    def judged(self) -> int:
        return self.kept + self.failed

    @property
    def verdict(self) -> str:
        """"broken", "kept", or "idle" when nothing of it came up."""
        if self.failed:
            return "broken"
        return "kept" if self.applied else "idle"


def chapters(found: list[Kept]) -> list[tuple[str, int, int]]:
    """(chapter, how many clauses, how many of them broken), in order."""
    counted: dict[str, list[int]] = {}
    for kept in found:
        numbers = counted.setdefault(kept.clause.chapter, [0, 0])
        numbers[0] += 1
        numbers[1] += kept.verdict == "broken"
    return [(chapter, *numbers) for chapter, numbers in counted.items()]


def quarter(moment: datetime, back: int = 0) -> tuple[datetime, datetime]:
    """Beginning and end of the local quarter of this moment, or `back` quarters before."""
    local = timezone.localtime(moment)
    months = local.year * 12 + (local.month - 1) // 3 * 3 - 3 * back

    def first(month: int) -> datetime:
        return timezone.make_aware(datetime(month // 12, month % 12 + 1, 1))  # noqa: DTZ001  made aware at once

    return first(months), first(months + 3)


def clauses(start: datetime, end: datetime, seen: Any) -> list[Kept]:
    """Every clause with its controls' tallies from start to end, over the matters in `seen` (what the asker may see)."""
    known, listed = controls(), list(Clause.objects.order_by("order", "id"))
    named = dict.fromkeys(name for clause in listed for name in clause.controls if name in known)
    done = tallies([known[name] for name in named], start, end, seen)
    return [Kept(clause, [(known[name], done[name]) for name in clause.controls if name in known]) for clause in listed]


def clause(number: str) -> Clause:
    """One clause. Raises Gone."""
    found = Clause.objects.filter(number=number).first()
    if found is None:
        raise Gone()
    return found


def edits(content: Mapping[str, Mapping[str, Mapping]], now: Mapping[str, Mapping[str, Mapping]]) -> list[str]:
    """Where the company has moved away from its pack: "targets.urgent/triage" …"""
    found = []
    for part in now:
        before, after = content.get(part, {}), now[part]
        found += [f"{part}.{key}" for key in {**before, **after} if before.get(key) != after.get(key)]
    return found
