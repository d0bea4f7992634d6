"""Requests about personal data: the list, one request, its verbs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from yingxu.approvals import queries as approvals
from yingxu.base import clock, sheets
from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import door, methods, page
from yingxu.deadlines import queries as deadlines
from yingxu.matters import queries as matters
from yingxu.matters.actions import Once, once_only
from yingxu.tasks import queries as tasks
from yingxu.ui.asking import ask

from .. import actions, forms, queries, rules
from ..models import Request

STATES: list[tuple[str, Any]] = [
    ("open", pgettext_lazy("privacy requests", "To do")), ("late", pgettext_lazy("privacy requests", "Late")), *Request.State.choices,
]  # fmt: skip
SORTS = (("due", gettext_lazy("Nearest date first")), ("-opened", gettext_lazy("Newest first")), ("opened", gettext_lazy("Oldest first")))


@dataclass(frozen=True)
class Verb:
    """What a verb asks, which action it is, how its button is called, what is said when it is done, in which states it is offered."""

    form: type[django_forms.Form]
    act: Callable[..., Any]
    label: Any
    said: Any
    states: tuple[str, ...]
    kinds: tuple[str, ...] = tuple(Request.Kind.values)
    danger: bool = False


_RECEIVED, _CHECKED = Request.State.RECEIVED.value, Request.State.CHECKED.value
VERBS: dict[str, Verb] = {
    "check": Verb(forms.Check, actions.check_identity, gettext_lazy("Identity is checked"), pgettext_lazy("privacy", "Noted"), (_RECEIVED,)),
    "erase": Verb(forms.Nothing, actions.ask_erasure, gettext_lazy("Have the deletion approved"), gettext_lazy("Waits for approval"), (_CHECKED,), ("delete",)),
    "answer": Verb(forms.Answer, actions.answer, gettext_lazy("Answer"), gettext_lazy("Answered"), (_CHECKED,), ("copy", "correct", "explain")),
    "refuse": Verb(forms.Reason, actions.refuse, pgettext_lazy("privacy", "Refuse"), gettext_lazy("Refused"), (_RECEIVED, _CHECKED), danger=True),
    "withdraw": Verb(forms.Reason, actions.withdraw_request, gettext_lazy("Taken back by who asked"), pgettext_lazy("privacy", "Noted"), (_RECEIVED, _CHECKED)),
}  # fmt: skip


def wish(asked: Any) -> queries.Wish:
    """What a query string asks for. Raises Invalid for what no list knows."""
    found = queries.Wish(asked.get("state", "open"), asked.get("kind", ""), asked.get("q", "").strip()[:100], asked.get("sort") or "due")
    known = found.state in ["", *dict(STATES)] and found.kind in ["", *Request.Kind.values] and found.sort in queries.SORTS
    if not known:
        raise Invalid(_("This list has no such filter."))
    return found


def _address(asked: queries.Wish, **over: Any) -> str:
    values = {key: getattr(asked, key) for key in ("state", "kind", "q", "sort")} | over
    usual = {"state": "open", "sort": "due"}
    kept = {key: value for key, value in values.items() if value != usual.get(key, "") and value is not None}
    return reverse("privacy:index") + (f"?{urlencode(kept)}" if kept else "")


@door(rules.VIEW)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, asked = request.actor, wish(request.GET)
    found = queries.listed(by, asked, request.GET.get("cursor", ""))
    context = {
        "wish": asked, "slice": found, "rows": _looks(found.rows), "address": _address, "states": STATES, "kinds": Request.Kind.choices,
        "sorts": SORTS, "may_export": by.may(rules.EXPORT), "may_receive": by.may(rules.RECEIVE), "days": queries.WORKING_DAYS,
        "plain": not asked.q and not asked.kind and asked.state == "open",
    }  # fmt: skip
    return page(request, "privacy/index.html", context, block="rows")


def _looks(found: list[Request]) -> list[tuple[Request, dict[str, Any] | None]]:
    """Each request with the keywords of ui.clock for its day, while it is open."""
    calendar = deadlines.calendar()
    dues = [(row, row.matter.due_at if row.open else None) for row in found]
    return [(row, tasks.drawn(tasks.span(row.matter.opened_at, due, None, calendar=calendar)) if due else None) for row, due in dues]


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    kind = "csv" if request.POST.get("kind_of_file") == "csv" else "xlsx"
    heads = [_("Number"), _("What is asked for"), _("State"), _("Who asks"), _("As whom"), pgettext("privacy", "Received"), _("Answer by"), pgettext("privacy", "Ended"), _("Ended by"), _("Answer")]
    rows = (
        [r.matter.number, r.get_kind_display(), r.get_state_display(), r.applicant, r.get_relation_display(), r.matter.opened_at, r.matter.due_at,
         r.ended_at, r.ended_by, r.answer]
        for r in actions.export_records(by=request.actor, what="requests", wish=wish(request.POST))
    )  # fmt: skip
    return sheets.download(str(_("Privacy requests")), heads, rows, kind=kind)


@door(rules.RECEIVE)
@methods("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    """Take a request in. Sent twice it is one."""
    by = request.actor
    form = forms.Receive(request.POST if request.method == "POST" else None, initial={"about": request.GET.get("about", "")}, by=by)

    def receive(**given: Any) -> Request:
        once = Once.form(by, "privacy.receive", request.POST)
        return once_only(once, lambda: actions.receive(by=by, **given))[0]

    return ask(
        request, form, receive, title=_("Take in a privacy request"), said=_("Taken in"), address=reverse("privacy:new"), back=reverse("privacy:index"),
        subject=_("It is answered within %(days)s working days.") % {"days": queries.WORKING_DAYS}, wide=True,
        then=lambda made: reverse("privacy:request", args=[made.matter.number]),
    )  # fmt: skip


@door(rules.VIEW)
@methods("GET")
def one(request: HttpRequest, number: str) -> HttpResponse:
    by, found = request.actor, queries.find(number, request.actor)
    handles = rules.HANDLE.allows(by, found)
    offers = [(name, verb) for name, verb in VERBS.items() if handles and found.state in verb.states and found.kind in verb.kinds]
    copies = handles and found.kind == Request.Kind.COPY and found.state == _CHECKED
    context = {
        "request_": found, "offers": offers, "copies": copies, "copied": copies and queries.copy_made(found), "asked": approvals.panel(found.matter, by), "lines": matters.timeline(found.matter), "clock": _looks([found])[0][1],
        "about_href": matters.page_of(found.about), "handles": handles,
        "standings": queries.standings(found.about_id) if found.about_id and handles else [],
    }  # fmt: skip
    return page(request, "privacy/request.html", context)


@door(rules.HANDLE)
@methods("POST")
def copy(request: HttpRequest, number: str) -> HttpResponse:
    """The workbook for the person concerned."""
    parts = actions.make_copy(queries.find(number, request.actor), by=request.actor)
    return sheets.download_book(f"{number}-{clock.today():%Y%m%d}", [(part.title, part.heads, part.rows) for part in parts])


@door(rules.HANDLE)
@methods("GET", "POST")
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    how = VERBS.get(verb)
    if how is None:
        raise Gone()
    by, found = request.actor, queries.find(number, request.actor)
    more = {"by": by} if how.form is forms.Check else {}
    first = {"about": found.about.number if found.about else ""} if how.form is forms.Check else None
    form = how.form(request.POST if request.method == "POST" else None, initial=first, **more)
    return ask(
        request, form, lambda **given: how.act(found, by=by, **given), title=how.label, said=how.said, address=reverse("privacy:act", args=[number, verb]),
        back=reverse("privacy:request", args=[number]), number=number, subject=f"{found.get_kind_display()} · {found.applicant}", danger=how.danger,
    )  # fmt: skip
