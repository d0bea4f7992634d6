"""What a person has to do now, and what their words in the palette may mean."""

from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.translation import gettext as _

from yingxu.approvals import queries as approvals
from yingxu.base import clock
from yingxu.base.access import RULES, Actor
from yingxu.base.errors import Gone
from yingxu.base.kept import kept
from yingxu.base.numbers import register_number
from yingxu.customers import queries as customers
from yingxu.deadlines import queries as deadlines
from yingxu.matters import queries as matters
from yingxu.matters.models import Draft
from yingxu.meetings import queries as meetings
from yingxu.needs import queries as needs
from yingxu.needs.queries import management
from yingxu.needs.queries.lists import ROW, kind_names
from yingxu.needs.queries.offers import LABEL
from yingxu.needs.states import STEP, TO_TRIAGE, Category, State
from yingxu.tasks import queries as tasks
from yingxu.ui import places
from yingxu.ui.frame import link

from .pinyin import initials

NEEDS = "/needs/"
MINE = Q(state=State.HANDLING, held_at=None)
TURN: tuple[tuple[str, Q], ...] = (  # the rule that makes it one's turn, and in which states
    ("needs.triage", Q(state__in=TO_TRIAGE)),
    ("needs.assign", Q(state=State.ASSIGNMENT)),
    ("needs.accept", Q(state=State.ACCEPTANCE)),
    ("needs.review", Q(state=State.REVIEW)),
    ("needs.feedback", Q(state=State.FEEDBACK)),
)


# ── home ──


@dataclass(frozen=True)
class Figure:
    """How many wait, and the list they are in. `tone` is "" when nobody must act."""

    name: Any
    count: int
    href: str
    tone: str = ""
    note: Any = ""


def figures(by: Actor) -> list[Figure]:
    """What waits for this person, the burning first; what is zero is left out except one's own overdue and due today."""
    if not _may(by, "needs.view"):
        return []
    asked: list[tuple[Any, dict[str, str], str, Any]] = [
        (_("My overdue"), {"queue": "overdue", "owner": "me"}, "bad", ""),
        (_("My due today"), {"queue": "today", "owner": "me"}, "warn", ""),
    ]
    more: list[tuple[str, Any, dict[str, str], str]] = [
        ("needs.accept", _("To accept"), {"state": "acceptance", "department": str(by.department_id or "")}, "new"),
        ("needs.triage", _("To assess"), {"queue": "triage"}, "new"),
        ("needs.assign", _("To assign"), {"queue": "unassigned"}, "new"),
        ("needs.review", _("To review"), {"queue": "review"}, "new"),
        ("needs.feedback", _("To feed back"), {"queue": "feedback"}, "new"),
        ("needs.visit", _("To visit"), {"queue": "visit"}, ""),
        ("needs.confirm", _("Waiting for customers"), {"queue": "confirmation"}, ""),
    ]
    asked += [(name, wish, tone, "") for rule, name, wish, tone in more if _may(by, rule) and "" not in wish.values()]
    asked.append((_("My open needs"), {"queue": "mine"}, "", ""))
    counts = needs.counted(by, {("home", urlencode(wish)): partial(_wished, by, wish) for _name, wish, _tone, _note in asked})
    found = []
    for at, ((name, wish, tone, note), count) in enumerate(zip(asked, counts.values(), strict=True)):
        if count or at < 2:
            found.append(Figure(name, count, f"{NEEDS}?{urlencode(wish)}", tone if count else "", note))
    return found[:8]


def _wished(by: Actor, wish: dict[str, str]) -> Any:
    return needs.matching(by, needs.Filters.parse(wish))


def my_tasks(by: Actor, many: int = 5) -> tuple[list[tuple[Any, Any]], int]:
    """One's own tasks nearest their date, each with its clock, and how many there are beyond a glance."""
    if not _may(by, "tasks.view"):
        return [], 0
    found = tasks.looks(tasks.nearest(by, many))
    return found, tasks.counts(by, ("mine",))["mine"] if len(found) == many else len(found)


def my_signatures(by: Actor, many: int = 5) -> tuple[list[tuple[Any, Any]], int]:
    """What waits for this person's signature, the nearest date first, each with its clock; and how many there are."""
    if not _may(by, "approvals.sign") or not approvals.any_waiting(by):
        return [], 0
    found = approvals.faces(approvals.nearest(by, many))
    return found, approvals.count_waiting(by) if len(found) == many else len(found)


def my_meetings(by: Actor, many: int = 3) -> list[Any]:
    """The meetings one goes to next."""
    return meetings.next_of(by, many) if _may(by, "meetings.view") else []


@dataclass
class Turn:
    """A need that waits for this person: the row of the list, its clock."""

    row: dict[str, Any]
    face: Any
    due_at: Any

    @property
    def href(self) -> str:
        return link("needs:detail", self.row["matter__number"]) or NEEDS


def turns(by: Actor, many: int = 8) -> list[Turn]:
    """Needs where it is this person's turn, the most urgent first."""
    if not _may(by, "needs.view"):
        return []
    found = _turns(by, many=many)
    clocks = deadlines.nearest_of([row["matter_id"] for row in found])
    faces = {pk: (deadlines.face(one), one.due_at) for pk, one in clocks.items() if one.due_at}
    return [Turn(row, *faces.get(row["matter_id"], (None, None))) for row in found]


@kept
def _turns(by: Actor, *, many: int) -> Any:
    whose = MINE & Q(matter__owner_id=by.user_id)
    for rule, state in TURN:
        if _may(by, rule):
            near = Q(matter__department_id__in=by.subtree) if rule == "needs.accept" else Q()  # who is asked must answer
            whose |= state & near & RULES[rule].where(by)
    rows = needs.open_to(by).select_related(None).filter(whose)
    return rows.order_by("matter__due_at", "matter_id").values(*ROW, "matter__department__name")[:many]


def shown(turn: Turn) -> dict[str, Any]:
    """The row as the list draws it."""
    row, face = turn.row, turn.face
    category = row["category"]
    return {
        "number": row["matter__number"], "href": turn.href, "subject": row["matter__title"], "category": category,
        "category_name": Category(category).label if category else "", "customer": row["customer__name"] or row["caller"],
        "kind": kind_names().get(row["kind"], ""), "state_name": State(row["state"]).label, "at": STEP[State(row["state"])],
        "department": row["matter__department__name"] or "", "person": "", "unread": False, "selected": False,
        "open": False, "channel_icon": "", "latest": "", "clock_note": "",
        "clock": {"state": face.state, "minutes": face.minutes, "total": face.minutes / face.share if face.share else None,
                  "day": face.day} if face else None,
    }  # fmt: skip


@dataclass(frozen=True)
class Unsent:
    """Something typed and not sent, and where to go on with it."""

    draft: Draft
    title: str
    href: str
    words: str


def unsent(by: Actor, many: int = 5) -> list[Unsent]:
    """One's own drafts, of what one may still see, newest first."""
    drafts = [(draft, *draft.place.partition(":")[::2]) for draft in _drafts(by.user_id or 0, many=many * 2)]
    numbers = {number for _draft, _place, number in drafts if number}
    seen = {matter.number: matter for matter in _numbered(by, numbers)} if numbers else {}
    found = []
    for draft, place, number in drafts:
        matter = seen.get(number)
        if number and matter is None:
            continue
        href = matters.page_of(matter) if matter else link(place.replace(".", ":", 1))
        words = next((str(v) for k, v in draft.content.items() if k in ("text", "body", "subject", "title")), "")
        if href:
            found.append(Unsent(draft, str(matter) if matter else _("A new record"), href, words[:80]))
    return found[:many]


@kept
def _drafts(user: int, *, many: int) -> Any:
    return matters.drafts(user)[:many]


@kept
def _numbered(by: Actor, numbers: list[str]) -> Any:
    return matters.visible_matters(by).filter(number__in=numbers).defer("search")


def _may(by: Actor, rule: str) -> bool:
    return rule in RULES and by.may(RULES[rule])


def raised(by: Actor, many: int = 5) -> tuple[int, list[dict[str, Any]]]:
    """What the front line raised and waits for this person: how many, and the most urgent ones with their clocks."""
    if not _may(by, "needs.decide"):
        return 0, []
    rows = management.waiting_rows(by, many)
    clocks = management.clocks_in(rows)
    names = {c.value: c.label for c in Category}
    total = len(rows) if len(rows) < many else management.waiting_for(by)
    return total, [
        {"href": link("needs:raised", row["id"]) or NEEDS, "question": row["start"], "who": row["by__name"], "at": row["at"], "number": row["need__matter__number"],
         "title": row["need__matter__title"], "category": row["need__category"], "category_name": names.get(row["need__category"], ""),
         "clock": _face(clocks[row["id"]]) if row["id"] in clocks else None}
        for row in rows
    ]  # fmt: skip


def _face(shown: Any) -> dict[str, Any]:
    face = shown.face
    return {"state": face.state, "minutes": face.minutes, "total": shown.clock.allowance, "day": face.day}


# ── palette ──


@dataclass(frozen=True)
class Command:
    """A page or an act one can go to by name."""

    name: str
    href: str
    icon: str
    key: str = ""


def commands(by: Actor, text: str = "", many: int = 8) -> list[Command]:
    """What this actor may open whose name contains the words, or whose pinyin initials begin with them."""
    every = {**places.START, **places.RAIL, **places.SHORTCUTS, **places.PERSONAL, **places.SETTINGS}
    opened = [(place, place.href()) for place in every.values() if place.opens_for(by)]
    found = [Command(str(p.name), href, p.icon, f"G {p.go}" if p.go else "") for p, href in opened if href]
    wanted = text.strip().lower()
    if not wanted:
        return found[:many]
    ranked = [(_rank(command.name, wanted), command) for command in found]
    return [command for rank, command in sorted((r for r in ranked if r[0]), key=lambda r: -r[0])[:many]]


def _rank(name: str, wanted: str) -> int:
    if name.lower().startswith(wanted):
        return 3
    if wanted in name.lower():
        return 2
    return 1 if wanted.isalnum() and wanted.isascii() and wanted in initials(name) else 0


def _here(by: Actor, number: str, text: str) -> list[Command]:
    """Raising the need one stands on to management, where one may."""
    name = str(LABEL["raise"])
    if not number or not _may(by, "needs.raise_to_management") or (text and not _rank(name, text.lower())):
        return []
    try:
        need = needs.find(number, by)
    except Gone:
        return []
    href = link("needs:act", number, "raise")
    return [Command(f"{name} · {number}", href, "stamp", "U")] if href and "raise" in needs.offers(need, by).verbs() else []


@dataclass
class Found:
    """What the palette answers."""

    commands: list[Command]
    needs: list[dict[str, Any]]
    customers: list[Any]
    views: list[Any]

    @property
    def nothing(self) -> bool:
        return not (self.commands or self.needs or self.customers or self.views)


def search(by: Actor, text: str, *, on: str = "") -> Found:
    """Commands, needs by number or words, customers by what was typed of them, saved views: only what this actor may see. `on` is
    the number of the need whose page the palette was opened on: what may be done with it comes first."""
    text = text.strip()[:100]
    found = Found([*_here(by, on, text), *commands(by, text)][:8], [], [], [])
    if len(text) < 2:
        return found
    if _may(by, "needs.view"):
        found.needs = _needs(by, text)
        found.views = [view for view in needs.saved_views(by) if text.lower() in view.name.lower()][:4]
    if _may(by, "customers.view"):
        found.customers = customers.find_while_typing(text, by=by, limit=5)
    return found


def _needs(by: Actor, text: str) -> list[dict[str, Any]]:
    rows = needs.inbox(by, needs.Filters.parse({"q": text, "size": "6"})).rows
    if text.isascii() and text.isdigit() and len(text) <= 6:
        number = register_number(clock.today().year, int(text))
        exact = needs.visible_to(by).filter(matter__number=number).select_related(None).values(*ROW).first()
        if exact:
            rows = [exact, *(row for row in rows if row["matter__number"] != number)]
    return [
        {"number": r["matter__number"], "title": r["matter__title"], "category": r["category"],
         "category_name": Category(r["category"]).label if r["category"] else "",
         "href": link("needs:detail", r["matter__number"]) or NEEDS}
        for r in rows[:6]
    ]  # fmt: skip


# ── settings ──


def settings_by_group(by: Actor) -> list[tuple[str, list[tuple[places.Place, str]]]]:
    """The settings pages this actor may open, by heading."""
    groups: dict[str, list[tuple[places.Place, str]]] = {}
    for place, href in places.open_to(by, places.SETTINGS):
        groups.setdefault(str(place.group or _("Further settings")), []).append((place, href))
    return list(groups.items())
