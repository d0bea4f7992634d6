"""Settings of time: the calendar, the targets, requests for more time."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from yingxu.base import clock
from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import asked_by_htmx, door, go, methods, page, signed_in, toast
from yingxu.matters.actions import look
from yingxu.matters.queries import page_of

from .. import actions, queries, rules
from ..forms import WEEKDAYS, DayForm, DecisionForm, ExtensionForm, TargetForm, WeekForm
from ..models import Category, ClockMove, Step
from ..spans import written

YEARS = range(2000, 2101)
INITIALS = (
    pgettext_lazy("weekday initial", "Mo"), pgettext_lazy("weekday initial", "Tu"), pgettext_lazy("weekday initial", "We"),
    pgettext_lazy("weekday initial", "Th"), pgettext_lazy("weekday initial", "Fr"), pgettext_lazy("weekday initial", "Sa"),
    pgettext_lazy("weekday initial", "Su"),
)  # fmt: skip
MEANT = {
    Step.REGISTRATION: gettext_lazy("raised → registered"),
    Step.FIRST_RESPONSE: gettext_lazy("registered → first answer"),
    Step.TRIAGE: gettext_lazy("registered → category set"),
    Step.ACCEPTANCE: gettext_lazy("assigned → accepted"),
    Step.PLAN: gettext_lazy("accepted → plan written"),
    Step.PROGRESS: gettext_lazy("between two progress entries"),
    Step.HANDLING: gettext_lazy("accepted → result handed in"),
    Step.REVIEW: gettext_lazy("handed in → reviewed"),
    Step.FEEDBACK: gettext_lazy("passed → told to the customer"),
    Step.CONFIRMATION: gettext_lazy("told → customer answers"),
    Step.FOLLOW_UP: gettext_lazy("closed → visited"),
    Step.WATCH_REVIEW: gettext_lazy("watched → looked at again"),
    Step.MANAGEMENT: gettext_lazy("raised to management → answered or decided"),
    Step.CRISIS_UPDATE: gettext_lazy("told → told again; set it under urgent"),
    Step.BREACH_REPORT: gettext_lazy("found → authority told; urgent is a larger breach, general an ordinary one"),
    Step.BREACH_WORD: gettext_lazy("found → persons told; urgent is a larger breach, general an ordinary one"),
}


@door(rules.MANAGE)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    return redirect("deadlines:calendar")


# ── the calendar ──


@door(rules.MANAGE)
@methods("GET")
def calendar(request: HttpRequest) -> HttpResponse:
    if "day" in request.GET:
        return _calendar(request, chosen=_date(request.GET["day"]))
    asked = request.GET.get("year", "")
    return _calendar(request, year=int(asked) if asked.isdecimal() and len(asked) == 4 else None)


@door(rules.MANAGE)
@methods("GET", "POST")
def day(request: HttpRequest, on: str) -> HttpResponse:
    chosen = _date(on)
    if request.method == "GET":
        return redirect(_day_page(_date(request.GET.get("day", on))))
    form = DayForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            if given["kind"] == "usual":
                change = actions.remove_day(chosen, by=request.actor)
            else:
                hours = given["windows"] if given["kind"] == "working" else ()
                change = actions.set_day(chosen, given["kind"], name=given["name"], windows=hours, by=request.actor)
            return go(request, f"{_day_page(chosen)}&moved={change.moved}")
        except Invalid as refusal:
            add_refusal(form, refusal)
    return _calendar(request, chosen=chosen, day_form=form, status=422)


def _day_page(on: date) -> str:
    return f"{reverse('deadlines:calendar')}?day={on.isoformat()}"


@door(rules.MANAGE)
@methods("POST")
def windows(request: HttpRequest) -> HttpResponse:
    form = WeekForm(request.POST)
    if form.is_valid():
        try:
            change = actions.set_windows(form.week(), was=form.cleaned_data["was"], by=request.actor)
            return go(request, _saved("deadlines:calendar", change))
        except Invalid as refusal:
            add_refusal(form, refusal)
    return _calendar(request, year=clock.today().year, week_form=form, status=422)


@door(rules.MANAGE)
@methods("POST")
def official(request: HttpRequest, year: int) -> HttpResponse:
    change = actions.import_official(_year(year), by=request.actor)
    return go(request, _saved("deadlines:calendar", change) + f"&year={year}")


def _calendar(
    request: HttpRequest, *, year: int | None = None, chosen: date | None = None, day_form: Any = None, week_form: Any = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    queries.look_again()
    year = _year(year or (chosen or clock.today()).year)
    week = queries.calendar().week
    found = queries.day(chosen) if chosen else None
    context = {
        "year": year,
        "months": [(dateformat.format(days[0].date, "F"), days) for days in queries.year(year)],
        "weekdays": list(zip(INITIALS, WEEKDAYS, strict=True)),
        "today": clock.today(),
        "day": found,
        "day_name": dateformat.format(chosen, "l") if chosen else "",
        "hours": written(found.windows) if found else "",
        "day_form": day_form or (DayForm(initial=_as_it_is(found)) if found else None),
        "week_form": week_form or WeekForm(week=week, initial={"was": queries.hours(week)}),
        "zone": queries.calendar().zone,
        "missing": [(each, queries.importable(each)) for each in queries.years_without_official_data()],
        "importable": queries.importable(year) and not queries.official_days(year).exists(),
        "versions": queries.versions(),
        "saved": _said(request),
        "moves": _moves(request, ClockMove.Why.CALENDAR, version[0].pk if (version := queries.versions(1)) else 0),
    }
    return page(request, "deadlines/calendar.html", context, status=status)


def _as_it_is(found: queries.Day) -> dict:
    own = written(found.windows) if found.kind == "working" and found.windows != queries.usual(found.date) else ""
    return {"kind": found.kind if found.company else "usual", "name": found.name if found.company else "", "windows": own}


# ── targets ──


@door(rules.MANAGE)
@methods("GET")
def targets(request: HttpRequest) -> HttpResponse:
    return _targets(request)


@door(rules.MANAGE)
@methods("GET", "POST")
def target(request: HttpRequest, category: str, step: str) -> HttpResponse:
    if category not in Category.values or step not in Step.values:
        raise Gone()
    queries.look_again()
    held = queries.target_table().get((category, step))
    form = TargetForm(request.POST or None, initial=_target_as_it_is(held))
    if request.method == "POST" and form.is_valid():
        try:
            change = actions.set_target(category, step, by=request.actor, **form.cleaned_data)
            if not asked_by_htmx(request):
                return go(request, _saved("deadlines:targets", change))
            return toast(_cell(request, category, step, None), _moved(change.moved))
        except Invalid as refusal:
            add_refusal(form, refusal)
    status = 422 if form.is_bound else 200
    if asked_by_htmx(request):
        return _cell(request, category, step, None if "close" in request.GET else form, status=status)
    return _targets(request, edited=(category, step), form=form, status=status)


def _target_as_it_is(held: Any) -> dict:
    if held is None:
        return {"unit": "hours", "warn_percent": 80, "was": ""}
    return {
        "amount": held.amount.normalize(), "unit": held.unit, "round_the_clock": held.round_the_clock,
        "warn_percent": held.warn_percent, "was": queries.figures(held),
    }  # fmt: skip


def _cell(request: HttpRequest, category: str, step: str, form: Any, *, status: int = 200) -> HttpResponse:
    context = {"category": Category(category), "step": Step(step), "form": form,
               "held": queries.target_table().get((category, step))}  # fmt: skip
    return page(request, "deadlines/cell.html", context, status=status)


def _targets(request: HttpRequest, *, edited: Any = None, form: Any = None, status: int = 200) -> HttpResponse:
    queries.look_again()
    context = {
        "steps": list(Step), "categories": list(Category), "table": queries.target_table(), "edited": edited, "edited_form": form,
        "day_minutes": queries.calendar().day_minutes, "saved": _said(request), "meant": MEANT, "moves": _moves(request, ClockMove.Why.TARGETS, queries.target_version()),
    }  # fmt: skip
    return page(request, "deadlines/targets.html", context, status=status)


# ── more time ──


@door(rules.DECIDE_EXTENSION)
@methods("GET")
def extensions(request: HttpRequest) -> HttpResponse:
    return _extensions(request)


@door(rules.DECIDE_EXTENSION)
@methods("POST")
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    asked = queries.extension_requests(request.actor).filter(pk=pk).first()
    if asked is None:
        raise Gone()
    form = DecisionForm(request.POST)
    if form.is_valid():
        try:
            granted = form.cleaned_data["decision"] == "granted"
            actions.decide_extension(asked, granted=granted, note=form.cleaned_data["note"], by=request.actor)
            back = "notices:inbox" if request.GET.get("back") == "inbox" else "deadlines:extensions"
            return go(request, reverse(back))
        except Invalid as refusal:
            add_refusal(form, refusal)
    return _extensions(request, wrong=(pk, form), status=422)


def _extensions(request: HttpRequest, *, wrong: Any = None, status: int = 200) -> HttpResponse:
    found = queries.extension_requests(request.actor)
    context = {
        "waiting": [(each, page_of(each.matter)) for each in found.filter(decision="waiting")[:100]],
        "decided": [(each, page_of(each.matter)) for each in found.exclude(decision="waiting")[:50]],
        "wrong": wrong,
    }
    return page(request, "deadlines/extensions.html", context, status=status)


@door(rules.REQUEST_EXTENSION)
@methods("GET", "POST")
def extension(request: HttpRequest, pk: int) -> HttpResponse:
    running = queries.clock_for_extension(request.actor, pk)
    if running is None:
        raise Gone()
    later = clock.now() + timedelta(days=1)
    form = ExtensionForm(request.POST or None, initial={"until": max(running.due_at or later, later)})
    back = page_of(running.matter) or reverse("deadlines:clock", args=[pk])
    if request.method == "POST" and form.is_valid():
        try:
            actions.request_extension(running, by=request.actor, **form.cleaned_data)
            return go(request, back)
        except Invalid as refusal:
            add_refusal(form, refusal)
    context = {"clock": running, "form": form, "back": back, "face": queries.face(running)}
    return page(request, "deadlines/extension.html", context, block="form", status=422 if form.is_bound else 200)


@signed_in
@methods("GET")
def arithmetic(request: HttpRequest, pk: int) -> HttpResponse:
    """Why a clock stands where it stands, for whoever sees its matter."""
    found = queries.clock(request.actor, pk)
    if found is None:
        raise Gone()
    look(found.matter, by=request.actor, work="deadline")
    context = {"clock": found, "rows": queries.explain(found), "face": queries.face(found), "back": page_of(found.matter)}
    return page(request, "deadlines/arithmetic.html", context, block="sum")


# ── small parts ──


def _date(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Gone() from None
    _year(found.year)
    return found


def _year(number: int) -> int:
    if number not in YEARS:
        raise Gone()
    return number


def _saved(name: str, change: actions.Change, *args: Any) -> str:
    return f"{reverse(name, args=args)}?moved={change.moved}"


def _said(request: HttpRequest) -> str:
    moved = request.GET.get("moved", "")
    return _moved(int(moved)) if moved.isdecimal() and len(moved) < 8 else ""


def _moves(request: HttpRequest, why: str, version: int) -> Any:
    """Which open clocks the latest change moved, and whose they are."""
    found, total = queries.moves(request.actor, why, version) if version else ([], 0)
    return {"rows": found, "total": total}


def _moved(count: int) -> str:
    if not count:
        return _("Saved. No open time limit moved.")
    return ngettext("Saved. %(n)s open time limit was measured anew.", "Saved. %(n)s open time limits were measured anew.", count) % {
        "n": count
    }


def add_refusal(form: Any, refusal: Invalid) -> None:
    """The refusal's sentences at their fields, or above the form."""
    if not refusal.fields:
        form.add_error(None, str(refusal))
    for name, messages in refusal.fields.items():
        for message in messages:
            form.add_error(name if name in form.fields else None, str(message))
