"""Meetings of management: the list, an agenda before, in and after the meeting, and what was decided."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from yingxu.base import clock, sheets
from yingxu.base.access import Actor
from yingxu.base.errors import Gone, Invalid, Refusal
from yingxu.base.web import door, go, methods, page, toast
from yingxu.matters import queries as matters
from yingxu.matters.actions import Once, look, once_only
from yingxu.meetings import queries as meetings
from yingxu.meetings import rules as meeting_rules
from yingxu.meetings.models import State as MeetingState
from yingxu.tasks import queries as tasks
from yingxu.ui.asking import ask
from yingxu.ui.frame import link

from . import actions, collecting, forms, queries, rules
from .models import Agenda, Item, Kind

STATES = {
    "open": gettext_lazy("Still open"), "late": pgettext_lazy("decision", "Late"), "done": gettext_lazy("Done"), "withdrawn": gettext_lazy("Withdrawn"),
    "all": gettext_lazy("All decisions"),
}  # fmt: skip
SORTS = {"due": gettext_lazy("Time limit"), "-at": gettext_lazy("Newest first"), "at": gettext_lazy("Oldest first")}
TONES = {"late": "bad", "done": "good"}


def _nav(by: Actor, here: str) -> list[dict[str, Any]]:
    """The section's pages; what is late waits for somebody."""
    counts = queries.counts(by)
    entries: list[dict[str, Any]] = [
        {"heading": _("Meetings of management")},
        {"text": _("Meetings"), "icon": "calendar", "href": reverse("agendas:index"), "current": here == "index"},
        {"heading": _("Decisions")},
    ]
    for state, name in STATES.items():
        icon = {"open": "list", "late": "warning", "done": "check", "withdrawn": "x", "all": "list"}[state]
        href = reverse("agendas:decisions") + f"?state={state}"
        tone = "bad" if state == "late" and counts["late"] else ""
        entries.append({"text": name, "icon": icon, "href": href, "count": counts[state] or None, "tone": tone, "current": here == state})
    if inbox := link("needs:management"):
        entries += [{"heading": _("Front line")}, {"text": _("Straight to management"), "icon": "stamp", "href": inbox}]
    return entries


@door(meeting_rules.VIEW)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by = request.actor
    found = queries.listed(by, request.GET.get("cursor", ""))
    here = reverse("agendas:index")
    context = {
        "entries": _nav(by, "index"), "rows": found.rows, "may_prepare": by.may(rules.PREPARE),
        "previous": f"{here}?{urlencode({'cursor': found.previous})}" if found.previous else None,
        "next": f"{here}?{urlencode({'cursor': found.next})}" if found.next else None,
    }  # fmt: skip
    return page(request, "agendas/index.html", context)


@door(rules.PREPARE)
@methods("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    by = request.actor
    last = queries.latest()
    people = [a.user for a in meetings.attendees(last.meeting) if a.user_id != by.user_id] if last else []
    first = {"title": _("Management meeting on needs"), "attendees": people, "place": last.meeting.place if last else ""}
    form = forms.Prepare(request.POST) if request.method == "POST" else forms.Prepare(initial=first)
    return ask(
        request, form, _once(request, lambda **given: actions.prepare(by=by, **given)), title=_("Prepare a meeting"), said=_("Called, and its agenda made from the data"),
        address=reverse("agendas:new"), back=reverse("agendas:index"), wide=True, then=lambda made: reverse("agendas:agenda", args=[made.meeting.number]),
    )  # fmt: skip


def _once(request: HttpRequest, act: Callable[..., Any]) -> Callable[..., Any]:
    """The verb under the form's nonce: pressed twice, it is done once."""
    return lambda **given: once_only(Once.form(request.actor, request.get_full_path(), request.POST), lambda: act(**given))[0]


# ── one agenda ──


@door(meeting_rules.VIEW)
@methods("GET")
def agenda(request: HttpRequest, number: str) -> HttpResponse:
    return page(request, "agendas/agenda.html", _context(request, queries.find(number, request.actor)))


def _context(request: HttpRequest, found: Agenda, *, minutes: forms.Minutes | None = None) -> dict[str, Any]:
    by, now, meeting = request.actor, clock.now(), found.meeting
    look(meeting.matter, by=by)
    items = queries.items(found, by)
    leads = rules.PREPARE.allows(by, found) and meeting.state != MeetingState.CANCELLED
    people = meetings.attendees(meeting)
    begun = now >= meeting.starts_at
    chosen = [item for item in items if item.chosen]
    there = [str(a.user_id) for a in people if a.attended or (a.attended is None and a.answer == "accepted")]
    names = [(a.user_id, a.user.name) for a in people]
    writes = leads and begun and (found.open or "edit" in request.GET)
    return {
        "agenda": found, "meeting": meeting, "people": people, "leads": leads, "begun": begun, "open": found.open, "entries": _nav(by, ""),
        "groups": [(kind.label, [_row(item) for item in items if item.kind == kind]) for kind in Kind if any(item.kind == kind for item in items)],
        "rows": [_row(item) for item in (items if found.open and not begun else chosen)], "left_out": len(items) - len(chosen),
        "figures": [_figure(found, one) for one in found.figures], "loose": [_decided(d) for d in queries.loose(found)],
        "minutes": minutes or (forms.Minutes(items=chosen, people=names, initial={"attended": there}) if writes else None),
        "may_correct": leads and begun and not found.open, "previous": found.previous.meeting.number if found.previous_id else "", "now": now,
    }  # fmt: skip


def _row(item: Item) -> dict[str, Any]:
    href = matters.page_of(item.matter) if item.matter else ""
    return {"item": item, "href": href, "task": _task(item.task) if item.task else None, "decided": [_decided(d) for d in item.decisions.all()]}


def _decided(one: Any) -> dict[str, Any]:
    return {"decision": one, **_task(one.task)}


def _task(task: Any) -> dict[str, Any]:
    state = queries.state_of(task)
    who = task.owner.name if task.owner else task.department.name if task.department else ""
    return {"task": task, "state": state, "state_name": STATES[state], "tone": TONES.get(state, ""), "who": who, "clock": tasks.looks([task])[0][1]}


def _figure(found: Agenda, one: dict[str, Any]) -> dict[str, Any]:
    name, meant, _rows = collecting.FIGURES[one["code"]]
    more = one["n"] - one["before"]
    return {**one, "name": name, "meant": meant, "delta": f"+{more}" if more > 0 else str(more) if more else pgettext("figure", "as before"),
            "href": reverse("agendas:figure", args=[found.meeting.number, one["code"]])}  # fmt: skip


@door(rules.PREPARE)
@methods("POST")
def arrange(request: HttpRequest, number: str) -> HttpResponse:
    """Which items, in which order: `order` are all of them as they stand, `up` or `down` moves one by a place."""
    found = queries.find(number, request.actor)
    order = [int(pk) for pk in request.POST.getlist("order") if pk.isdecimal() and len(pk) < 10]
    for name, step in (("up", -1), ("down", 1)):
        moved = request.POST.get(name, "")
        if moved.isdecimal() and int(moved) in order:
            at = order.index(int(moved))
            to = min(max(at + step, 0), len(order) - 1)
            order[at], order[to] = order[to], order[at]
    chosen = [int(pk) for pk in request.POST.getlist("chosen") if pk.isdecimal() and len(pk) < 10]
    actions.arrange(found, by=request.actor, order=order, chosen=chosen)
    return toast(go(request, reverse("agendas:agenda", args=[number])), _("Agenda arranged"))


@door(rules.PREPARE)
@methods("POST")
def refresh(request: HttpRequest, number: str) -> HttpResponse:
    actions.refresh(queries.find(number, request.actor), by=request.actor)
    return toast(go(request, reverse("agendas:agenda", args=[number])), _("Agenda made anew from the data"))


@door(rules.PREPARE)
@methods("POST")
def minutes(request: HttpRequest, number: str) -> HttpResponse:
    """What was said, item by item; refused, it stands there again."""
    found = queries.find(number, request.actor)
    chosen = [item for item in queries.items(found, request.actor) if item.chosen]
    names = [(a.user_id, a.user.name) for a in meetings.attendees(found.meeting)]
    form = forms.Minutes(request.POST, items=chosen, people=names)
    status = 422
    if form.is_valid():
        try:
            actions.record(found, by=request.actor, **form.cleaned_data)
            return toast(go(request, reverse("agendas:agenda", args=[number])), _("Minutes saved"))
        except Invalid as refusal:
            for messages in refusal.fields.values():
                form.add_error(None, [str(m) for m in messages])
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
    return page(request, "agendas/agenda.html", _context(request, found, minutes=form), status=status)


@door(rules.PREPARE)
@methods("GET", "POST")
def add_item(request: HttpRequest, number: str) -> HttpResponse:
    by, found = request.actor, queries.find(number, request.actor)
    form = forms.AddItem(request.POST, by=by) if request.method == "POST" else forms.AddItem(by=by)
    return ask(
        request, form, _once(request, lambda **given: actions.add_item(found, by=by, **given)), title=_("Put on the agenda"), said=_("On the agenda"),
        address=reverse("agendas:add_item", args=[number]), back=reverse("agendas:agenda", args=[number]), number=number, subject=found.meeting.title,
    )  # fmt: skip


@door(rules.PREPARE)
@methods("GET", "POST")
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """A decision on an item (`item` in the query string), or on none."""
    by, found = request.actor, queries.find(number, request.actor)
    asked = request.GET.get("item", "")
    item = next((i for i in queries.items(found, by) if str(i.pk) == asked), None)
    if asked and item is None:
        raise Gone()
    form = forms.Decide(request.POST) if request.method == "POST" else forms.Decide()
    here = reverse("agendas:decide", args=[number]) + (f"?item={asked}" if asked else "")
    return ask(
        request, form, _once(request, lambda **given: actions.decide(found, by=by, item=item, **given)), title=_("Decide"), said=_("Decided, the task is given"),
        address=here, back=reverse("agendas:agenda", args=[number]), number=number, subject=item.title if item else found.meeting.title, wide=True,
    )  # fmt: skip


@door(meeting_rules.VIEW)
@methods("GET")
def figure(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """The rows behind a figure."""
    found = queries.find(number, request.actor)
    one = next((f for f in found.figures if f["code"] == code), None)
    if one is None or code not in collecting.FIGURES:
        raise Gone()
    rows = [(need, matters.page_of(need.matter)) for need in collecting.behind(request.actor, one["ids"])]
    context = {"agenda": found, "meeting": found.meeting, "figure": _figure(found, one), "rows": rows, "entries": _nav(request.actor, "")}
    return page(request, "agendas/figure.html", context)


# ── decisions ──


def _address(asked: queries.Wish, **over: Any) -> str:
    values = {key: getattr(asked, key) for key in ("state", "q", "meeting", "owner", "sort")} | over
    kept = {key: value for key, value in values.items() if value and value != {"sort": "due"}.get(key)}
    return reverse("agendas:decisions") + f"?{urlencode(kept)}"


@door(meeting_rules.VIEW)
@methods("GET")
def decisions(request: HttpRequest) -> HttpResponse:
    """What was decided, who does it, what became of it."""
    by, asked = request.actor, queries.Wish.of(request.GET)
    found = queries.decided(by, asked, request.GET.get("cursor", ""))
    filters = [(_("Meeting"), asked.meeting, _address(asked, meeting=""))] if asked.meeting else []
    filters += [(_("Who does it"), _("me"), _address(asked, owner=""))] if asked.owner else []
    rows = [{**_decided(d), "href": link("tasks:task", d.task_id), "about": matters.may_see(by, d.task.matter), "page": matters.page_of(d.task.matter)} for d in found.rows]
    context = {
        "wish": asked, "rows": rows, "entries": _nav(by, asked.state), "heading": STATES[asked.state], "address": _address, "filters": filters,
        "sorts": SORTS, "previous": _address(asked, cursor=found.previous) if found.previous else None,
        "next": _address(asked, cursor=found.next) if found.next else None, "may_export": by.may(rules.EXPORT),
    }  # fmt: skip
    return page(request, "agendas/decisions.html", context)


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    asked = queries.Wish.of(request.POST)
    heads = [_("Meeting"), _("Decided"), _("What is decided"), _("In full"), _("About"), _("Who does it"), _("Department"), _("Until"), _("State"), _("Done"), _("Result")]
    rows = (
        [d.agenda.meeting.number, d.at, d.task.title, d.task.details, d.task.matter.number, d.task.owner.name if d.task.owner else "",
         d.task.department.name if d.task.department else "", d.task.due_at, str(STATES[queries.state_of(d.task)]), d.task.done_at, d.task.result]
        for d in actions.export(by=request.actor, wish=asked)
    )  # fmt: skip
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    return sheets.download(f"{_('Decisions')} {clock.today().isoformat()}", heads, rows, kind=kind)
