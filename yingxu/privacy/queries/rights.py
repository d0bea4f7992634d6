"""Questions about purposes, consents and requests. Of requests everything starts from `visible_to(by)`."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.web import Slice, keyset
from yingxu.deadlines import queries as deadlines
from yingxu.matters.models import Matter
from yingxu.matters.queries import seen_by, visible_matters

from .. import kinds, rules
from ..events import CopyMade
from ..models import Consent, Notice, Purpose, Request, Retention, Wording

WORKING_DAYS = 15  # to answer a request; PIPL art. 50 says "in time", GB/T 35273 8.7 thirty days at most
SORTS = {
    "due": ("matter__due_at", "matter_id"), "-opened": ("-matter__opened_at", "-matter_id"), "opened": ("matter__opened_at", "matter_id"),
}  # fmt: skip


def months_later(moment: datetime, months: int) -> datetime:
    """The same day so many months later (earlier, when negative), or the last day of a shorter month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))


# ── what data is used for ──


def notice() -> Notice | None:
    """The privacy notice in force."""
    return Notice.objects.first()


def notices() -> list[Notice]:
    return list(Notice.objects.select_related("published_by"))


def notice_of(version: str) -> Notice:
    """One version of the notice. Raises Gone."""
    found = Notice.objects.filter(version=version).first()
    if found is None:
        raise Gone()
    return found


def purposes() -> list[Purpose]:
    """Every purpose in its order, each with its words in force as `said`; two queries."""
    found = list(Purpose.objects.all())
    words = {w.purpose_id: w for w in Wording.objects.order_by("purpose_id", "-version").distinct("purpose_id")}
    for purpose in found:
        purpose.said = words.get(purpose.pk)
    return found


def purpose(code: str) -> Purpose:
    """One purpose. Raises Gone."""
    found = Purpose.objects.filter(code=code).first()
    if found is None:
        raise Gone()
    return found


def offered() -> list[Purpose]:
    """What a person may agree to freely where they ask for something (P5): never needed for it, never ticked beforehand, and no
    sensitive data, whose consent stands alone."""
    return [p for p in purposes() if p.active and p.basis == Purpose.Basis.CONSENT and not p.sensitive]


def guarding(types: Iterable[str]) -> list[Purpose]:
    """The purposes under which alone identifiers of these kinds may be kept (P6); usually none."""
    return list(Purpose.objects.filter(active=True, basis=Purpose.Basis.CONSENT, identifiers__overlap=list(types)))


def exported() -> dict[str, dict[str, dict]]:
    """The configuration as a pack has it: {purposes, privacy: {notice, retention}}."""
    found = {
        p.code: {
            "name": p.name, "basis": p.basis, "scope": p.said.scope, "means": p.said.means, "months": p.said.months, "why": p.said.why,
            "sensitive": p.sensitive, "automated": p.automated, "recipient": p.recipient, "identifiers": list(p.identifiers), "ended": not p.active,
        }
        for p in purposes()
    }  # fmt: skip
    now = notice()
    said = {"notice": {"version": now.version, "body": now.body}} if now else {}
    kept = {r.kind: {"months": r.months, "ground": r.ground} for r in Retention.objects.all()}
    return {"purposes": found, "privacy": {**said, "retention": kept}}


# ── who agreed ──


@dataclass(frozen=True)
class Standing:
    """How a customer stands to a purpose. `state`: contract and duty need no consent; given, refused, withdrawn; expired; anew when
    the words changed since; none when nobody asked yet."""

    purpose: Purpose
    state: str
    last: Consent | None = None

    @property
    def allowed(self) -> bool:
        return self.purpose.active and self.state in ("contract", "duty", "given")


def standing(matter_id: int, purpose: Purpose) -> Consent | None:
    """The last act of the customer with this file about the purpose."""
    return Consent.objects.filter(matter=matter_id, purpose=purpose).select_related("wording", "by").first()


def standings(matter_id: int) -> list[Standing]:
    """How a customer stands to every purpose in use, and to ended ones they once said something about; three queries."""
    acts = Consent.objects.filter(matter=matter_id).select_related("wording", "by").order_by("purpose_id", "-at", "-id").distinct("purpose_id")
    last = {act.purpose_id: act for act in acts}
    anew = _asked_anew()
    return [
        Standing(p, _state(p, last.get(p.pk), anew.get(p.pk, 0)), last.get(p.pk)) for p in purposes() if p.active or p.pk in last
    ]


def _asked_anew() -> dict[int, int]:
    """For each purpose the last version whose words asked everybody again."""
    rows = Wording.objects.filter(anew=True).order_by("purpose_id", "-version").distinct("purpose_id")
    return dict(rows.values_list("purpose_id", "version"))


def _state(purpose: Purpose, last: Consent | None, anew: int) -> str:
    if purpose.basis != Purpose.Basis.CONSENT:
        return purpose.basis
    if last is None:
        return "none"
    if last.act == Consent.Act.GIVEN and last.until and last.until <= clock.now():
        return "expired"
    if last.act == Consent.Act.GIVEN and last.wording.version < anew:
        return "anew"
    return last.act


def file(number: str, by: Actor) -> Matter:
    """The matter of a customer's file this actor may see. Raises Gone."""
    found = visible_matters(by).filter(kind="customer", number=number).select_related("owner", "department").first()
    if found is None:
        raise Gone()
    return found


def history(matter_id: int) -> list[Consent]:
    """Every act of a customer, the newest first."""
    return list(Consent.objects.filter(matter=matter_id).select_related("purpose", "wording", "by"))


def may_use(matter_id: int, code: str) -> bool:
    """May the data of the customer with this file be used for the purpose now? Not for one that does not exist or has ended."""
    return allowed(code).filter(pk=matter_id).exists()


def allowed(code: str) -> QuerySet[Matter]:
    """The customers' matters whose data may be used for a purpose now, as a subquery for lists, mailings and exports."""
    purpose = Purpose.objects.filter(code=code, active=True).first()
    if purpose is None:
        return Matter.objects.none()
    files = Matter.objects.order_by()
    if purpose.basis != Purpose.Basis.CONSENT:
        return files
    last = Consent.objects.filter(matter=OuterRef("pk"), purpose=purpose).order_by("-at", "-id")
    anew = _asked_anew().get(purpose.pk, 0)
    good = Consent.objects.filter(act=Consent.Act.GIVEN, purpose=purpose, wording__version__gte=anew)
    good = good.filter(Q(until=None) | Q(until__gt=clock.now()))
    return files.annotate(_said=Subquery(last.values("pk")[:1])).filter(_said__in=good.values("pk"))


# ── what people ask about their data ──


def visible_to(by: Actor) -> QuerySet[Request]:
    """The requests this actor may see; whose data it is about must be visible, too, once that is known."""
    rows = Request.objects.filter(rules.VIEW.where(by))
    return rows.filter(Q(about=None) | seen_by(by, "about_id", without="privacy"))


def find(number: str, by: Actor) -> Request:
    """One request. Raises Gone."""
    rows = visible_to(by).select_related("matter__owner", "matter__department", "about", "from_matter", "checked_by", "ended_by")
    found = rows.filter(matter__number=number).first()
    if found is None:
        raise Gone()
    return found


def copy_made(request: Request) -> bool:
    """Was the copy made that was asked for?"""
    return request.matter.entries.filter(event=CopyMade.NAME).exists()


@dataclass(frozen=True)
class Wish:
    """What a list of requests is asked for."""

    state: str = "open"
    kind: str = ""
    q: str = ""
    sort: str = "due"


def matching(by: Actor, wish: Wish) -> QuerySet[Request]:
    rows = visible_to(by)
    if wish.state in ("open", "late"):
        rows = rows.filter(ended_at=None)
    elif wish.state:
        rows = rows.filter(state=wish.state)
    if wish.state == "late":
        rows = rows.filter(matter__due_at__lt=clock.now())
    if wish.kind:
        rows = rows.filter(kind=wish.kind)
    if text := wish.q.strip()[:100]:
        rows = rows.filter(Q(applicant__icontains=text) | Q(matter__number__iexact=text))
    return rows


def listed(by: Actor, wish: Wish, cursor: str = "", *, size: int = 50) -> Slice:
    """One page of the list."""
    return keyset(matching(by, wish).select_related("matter__owner", "about"), SORTS[wish.sort], cursor, size=size)


def to_export(by: Actor, wish: Wish) -> QuerySet[Request]:
    keys = SORTS[wish.sort]
    order = [F(k[1:]).desc(nulls_last=True) if k.startswith("-") else F(k).asc(nulls_last=True) for k in keys]
    return matching(by, wish).select_related("matter__owner", "about", "ended_by").order_by(*order)


def open_about(matter_id: int, by: Actor) -> list[Request]:
    """What a customer asked about their data and was not answered yet, as far as this actor sees it."""
    return list(visible_to(by).filter(about=matter_id, ended_at=None).select_related("matter").order_by("matter_id"))


def asked_beside(matter_id: int) -> list[Request]:
    """What was asked from the portal page of this need, for that page: the newest first."""
    return list(Request.objects.filter(from_matter=matter_id).select_related("matter").order_by("-matter_id"))


def to_answer_by(moment: datetime) -> datetime:
    """The end of the time there is to answer a request that came at this moment."""
    days = deadlines.calendar(moment)
    return days.add(moment, WORKING_DAYS * days.day_minutes)


def due_count(by: Actor) -> int:
    """How many requests wait and are late, for the mark beside the list."""
    return matching(by, Wish(state="late")).count()


# ── how long data is kept ──


@dataclass
class Kept:
    """A kind of data: the company's rule, and how many matters are over their time (at most a thousand are counted)."""

    kind: kinds.Kind
    rule: Retention | None
    over: int | None = None


def retention() -> list[Kept]:
    """Every kind of data with its rule and how much is over its time; one query for the rules and one for each with a rule."""
    rules_ = {row.kind: row for row in Retention.objects.all()}
    return [
        Kept(kind, rule := rules_.get(code), kinds_over(kind, rule)[:1_000].count() if rule else None) for code, kind in sorted(kinds.KINDS.items())
    ]


def kinds_over(kind: kinds.Kind, rule: Retention) -> QuerySet:
    """The matters of a kind that are over their time, whoever asks: for jobs and for people who propose to destroy them, who ask
    `over_for`."""
    return kind.ended(months_later(clock.now(), -rule.months)).order_by("ended", "pk")


def kind(code: str) -> tuple[kinds.Kind, Retention | None]:
    """A kind of data and its rule. Raises Gone."""
    found = kinds.KINDS.get(code)
    if found is None:
        raise Gone()
    return found, Retention.objects.filter(kind=code).first()


def over_for(by: Actor, code: str) -> tuple[kinds.Kind, Retention | None, QuerySet]:
    """A kind, its rule, and what of it is over its time and visible. Raises Gone for an unknown kind."""
    found, rule = kind(code)
    return found, rule, kinds_over(found, rule).filter(seen_by(by)) if rule else Matter.objects.none()


# ── the records of processing ──


def processing_records() -> list[list[Any]]:
    """What a supervisor asks for (PIPL art. 55, 69; GB/T 35273 11.3): one row a purpose with ground, data, means, time, recipient, how
    many agree now, refused, withdrew."""
    rows = []
    last = Consent.objects.order_by("purpose_id", "matter_id", "-at", "-id").distinct("purpose_id", "matter_id").values_list("purpose_id", "act")
    counted: dict[tuple[int, str], int] = {}
    for pair in last.iterator():
        counted[pair] = counted.get(pair, 0) + 1
    for p in purposes():
        numbers = [counted.get((p.pk, act), 0) for act in ("given", "refused", "withdrawn")]
        rows.append([p.name, p.get_basis_display(), p.sensitive, p.said.scope, p.said.means, p.said.months, p.said.why, p.recipient, p.said.version,
                     p.said.made_at, p.active, *numbers])  # fmt: skip
    return rows
