"""The one work list, a task's page, and its verbs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base import sheets
from yingxu.base.access import Actor, Rule
from yingxu.base.action import check
from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import door, methods, page
from yingxu.matters import queries as matters
from yingxu.matters.actions import Once, look, once_only
from yingxu.people import queries as people
from yingxu.ui.asking import ask

from . import actions, forms, queries, rules
from .models import Origin, Postponement, State, Task

PARTS: dict[str, tuple[Any, str]] = {
    "mine": (pgettext_lazy("tasks", "My tasks"), "check"),
    "department": (pgettext_lazy("tasks", "My department"), "org"),
    "given": (pgettext_lazy("tasks", "Given by me"), "send"),
    "late": (pgettext_lazy("tasks", "Late"), "warning"),
    "all": (pgettext_lazy("tasks", "All tasks"), "list"),
}
STATES: list[tuple[str, Any]] = [*State.choices, ("late", pgettext_lazy("tasks", "Late"))]
SORTS = (
    ("due", gettext_lazy("Nearest date first")), ("-due", gettext_lazy("Farthest date first")), ("-given", gettext_lazy("Newest first")),
    ("given", gettext_lazy("Oldest first")),
)  # fmt: skip


@dataclass(frozen=True)
class Verb:
    """What a verb asks, which action it is, what its button is called, what is said when it is done."""

    form: type[django_forms.Form]
    act: Callable[..., Any]
    label: Any
    said: Any
    rule: Rule
    key: str = ""
    danger: bool = False


VERBS: dict[str, Verb] = {
    "finish": Verb(forms.Finish, actions.finish, pgettext_lazy("task button", "Finish"), gettext_lazy("Finished"), rules.FINISH, "e"),
    "reopen": Verb(forms.Reopen, actions.reopen, pgettext_lazy("task button", "Not done after all"), gettext_lazy("Taken up again"), rules.FINISH),
    "postpone": Verb(forms.Postpone, actions.postpone, pgettext_lazy("task button", "Another date"), gettext_lazy("The new date is noted"), rules.POSTPONE, "z"),
    "hand-over": Verb(forms.HandOver, actions.hand_over, pgettext_lazy("task button", "Hand over"), gettext_lazy("Handed over"), rules.HAND_OVER, "t"),
    "withdraw": Verb(forms.Withdraw, actions.withdraw, pgettext_lazy("task button", "Withdraw"), gettext_lazy("Withdrawn"), rules.MANAGE, danger=True),
    "decide": Verb(forms.Decide, actions.decide, pgettext_lazy("task button", "Decide on the date"), gettext_lazy("Decided"), rules.MANAGE),
}  # fmt: skip


# ── list ──


def wish(asked: Any) -> queries.Wish:
    """What a query string asks for. Raises Invalid for what no list knows."""
    whose, state, sort = asked.get("whose") or "mine", asked.get("state", State.OPEN), asked.get("sort") or "due"
    origin = asked.get("origin", "")
    known = whose in queries.WHOSE and state in ["", *(code for code, _name in STATES)] and sort in queries.SORTS and origin in ["", *Origin.values]
    numbers = {key: asked.get(key, "") for key in ("department", "owner")}
    if not known or any(value and not (value.isascii() and value.isdigit() and len(value) < 19) for value in numbers.values()):
        raise Invalid(_("This list has no such filter."))
    ids = {key: int(value) if value else None for key, value in numbers.items()}
    return queries.Wish(whose=whose, state=state, origin=origin, q=asked.get("q", "").strip()[:100], sort=sort, **ids)


def _address(asked: queries.Wish, **over: Any) -> str:
    """The list's address with some of the wishes changed; the page begins anew."""
    values: dict[str, Any] = {key: getattr(asked, key) for key in ("whose", "state", "origin", "q", "sort", "department", "owner")} | over
    usual = {"whose": "mine", "state": "open", "sort": "due"}
    kept = {key: value for key, value in values.items() if value != usual.get(key, "") and value is not None}
    return reverse("tasks:index") + (f"?{urlencode(kept)}" if kept else "")


@door(rules.VIEW)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, asked = request.actor, wish(request.GET)
    found, counts = queries.listed(by, asked, request.GET.get("cursor", "")), queries.counts(by)
    context = {
        "wish": asked, "slice": found, "rows": _rows(found.rows, by), "address": _address, "parts": _parts(asked, counts),
        "states": STATES, "origins": Origin.choices, "sorts": SORTS, "filters": _filters(asked), "heading": PARTS[asked.whose][0],
        "may_export": by.may(rules.EXPORT), "departments": list(people.departments()) if asked.whose in ("all", "given", "late") else [],
        "plain": asked == queries.Wish(whose=asked.whose, sort=asked.sort),
    }  # fmt: skip
    return page(request, "tasks/index.html", context, block="rows")


def _parts(asked: queries.Wish, counts: dict[str, int]) -> list[dict[str, Any]]:
    plain = queries.Wish()
    entries = [
        {"text": text, "icon": icon, "href": _address(plain, whose=whose), "current": asked.whose == whose, "count": counts.get(whose),
         "tone": "bad" if whose == "late" and counts.get(whose) else "", "cap": queries.CAP}
        for whose, (text, icon) in PARTS.items()
    ]  # fmt: skip
    return [{"heading": _("Tasks")}, *entries]


def _rows(found: list[Task], by: Actor) -> list[dict[str, Any]]:
    seen = queries.seen_matters(by, found)
    return [{"task": task, "clock": look, "seen": task.matter_id in seen} for task, look in queries.looks(found)]


def _filters(asked: queries.Wish) -> list[tuple[Any, Any, str]]:
    """Conditions in force: name, value, the address without it."""
    found: list[tuple[Any, Any, str]] = []
    if asked.state != State.OPEN:
        found.append((_("State"), dict(STATES).get(asked.state, _("every state")), _address(asked, state="open")))
    if asked.origin:
        found.append((_("Came out of"), Origin(asked.origin).label, _address(asked, origin="")))
    if asked.department:
        found.append((_("Department"), getattr(people.department(asked.department), "name", asked.department), _address(asked, department=None)))
    if asked.owner:
        found.append((_("Who does it"), getattr(people.user(asked.owner), "name", asked.owner), _address(asked, owner=None)))
    return found


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    heads = [
        _("Task"), _("State"), _("Who does it"), _("Department"), _("By when"), _("Came out of"), _("Number"), _("Subject"), _("Given by"),
        _("Given"), _("Finished"), _("Finished by"), _("Result"),
    ]  # fmt: skip
    found = actions.export(wish=wish(request.POST), by=request.actor)
    seen = queries.seen_matters(request.actor, found)
    rows = (
        [t.title, t.get_state_display(), t.owner, t.department, t.due_at, t.get_origin_display(), t.matter.number,
         t.matter.title if t.matter_id in seen else "", t.given_by, t.given_at, t.done_at, t.done_by, t.result or t.reason]
        for t in found
    )  # fmt: skip
    return sheets.download(str(_("Tasks")), heads, rows, kind=kind)


# ── one task ──


@door(rules.VIEW)
@methods("GET")
def task(request: HttpRequest, pk: int) -> HttpResponse:
    by = request.actor
    found = queries.find(pk, by)
    look(found.matter, by=by, work="task")
    asked = queries.postponements(found)
    seen = matters.may_see(by, found.matter)
    context = {
        "task": found, "clock": queries.looks([found])[0][1], "asked": asked, "offers": offers(found, by, asked), "seen": seen,
        "matter_href": matters.page_of(found.matter) if seen else "", "lines": queries.story(found),
    }  # fmt: skip
    return page(request, "tasks/task.html", context)


def offers(found: Task, by: Actor, asked: list[Postponement]) -> list[tuple[str, Verb]]:
    """(verb, how) of what this person may do now, the likeliest first."""
    waiting = next((p for p in asked if p.decision == Postponement.Decision.WAITING), None)
    names: list[str] = []
    if found.state == State.OPEN:
        names = ["finish", "postpone", "hand-over", "withdraw"]
        if waiting:
            names.remove("postpone")
            names[1:1] = ["decide"] if waiting.asked_by_id != by.user_id else []
    elif found.state == State.DONE:
        names = ["reopen"]
    return [(name, VERBS[name]) for name in names if VERBS[name].rule.allows(by, found)]


@door(rules.VIEW)
@methods("GET", "POST")
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    found, how = queries.find(pk, request.actor), VERBS.get(verb)
    if how is None:
        raise Gone()
    check(how.rule, request.actor, found)
    look(found.matter, by=request.actor, work="task")
    form = how.form(request.POST) if request.method == "POST" else how.form()
    return ask(
        request, form, lambda **given: how.act(found, by=request.actor, **given), title=how.label, said=how.said,
        address=reverse("tasks:act", args=[pk, verb]), back=reverse("tasks:task", args=[pk]), number=found.matter.number, subject=found.title,
        danger=how.danger,
    )  # fmt: skip


@door(rules.GIVE)
@methods("GET", "POST")
def give(request: HttpRequest, number: str) -> HttpResponse:
    """A new task on a matter."""
    by = request.actor
    matter = matters.visible_matters(by).filter(number=number).first()
    if matter is None:
        raise Gone()
    check(rules.GIVE, by, matter)
    look(matter, by=by, work="task")
    form = forms.Give(request.POST) if request.method == "POST" else forms.Give()
    return ask(
        request, form, lambda **given: once_only(Once.form(by, request.path, request.POST), lambda: actions.give(matter, by=by, **given)), title=_("Give a task"), said=_("Task given"),
        address=reverse("tasks:give", args=[number]), back=matters.page_of(matter) or reverse("tasks:index"), number=number, subject=matter.title,
    )  # fmt: skip
