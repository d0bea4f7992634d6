"""My requests to consult, those of all, asking, answering."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base import sheets
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.web import door, methods, page
from yingxu.matters.actions import Once, look, once_only
from yingxu.matters.queries import may_see
from yingxu.ui.asking import ask

from . import actions, forms, glass, queries, rules
from .models import Consultation, State


def _entries(request: HttpRequest, here: str, state: str = "") -> list[dict[str, Any]]:
    by = request.actor
    found: list[dict[str, Any]] = [{"heading": _("Consulting")}]
    if by.may(rules.ASK):
        found.append({"text": _("My requests to consult"), "icon": "eye", "href": reverse("consulting:index"), "current": here == "mine"})
    if by.may(rules.KEEP):
        waiting = queries.counts(by)["asked"]
        views = [("", _("Every request"), None), (State.ASKED, State.ASKED.label, waiting), (State.GRANTED, State.GRANTED.label, None)]
        found += [
            {"text": text, "icon": "lock", "href": _address(state=value), "count": count, "current": here == "kept" and state == value}
            for value, text, count in views
        ]
    if by.may(rules.USES):
        found.append({"text": _("Emergency readings"), "icon": "alarm", "href": reverse("consulting:uses"), "current": here == "uses"})
    return found


def _address(**asked: Any) -> str:
    kept = {key: str(value) for key, value in asked.items() if value}
    return reverse("consulting:kept") + (f"?{urlencode(kept)}" if kept else "")


@door(rules.ASK)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    """One's own requests. Nothing here depends on what was found before it is granted."""
    found = queries.mine(request.actor, request.GET.get("cursor", ""))
    context = {"slice": found, "rows": found.rows, "entries": _entries(request, "mine"), "here": reverse("consulting:index"), "may_break": request.actor.may(rules.BREAK_GLASS)}
    return page(request, "consulting/index.html", context, block="rows")


@door(rules.KEEP)
@methods("GET")
def kept(request: HttpRequest) -> HttpResponse:
    state, text = request.GET.get("state", ""), request.GET.get("q", "").strip()[:100]
    found = queries.listed(request.actor, state, text, request.GET.get("cursor", ""))
    context = {
        "slice": found, "rows": found.rows, "seen": queries.seen(request.actor, found.rows), "state": state, "q": text, "states": State.choices,
        "entries": _entries(request, "kept", state), "address": _address,
    }  # fmt: skip
    return page(request, "consulting/kept.html", context, block="rows")


@door(rules.ASK)
@methods("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    """Ask to consult. Sent twice it is one."""
    by = request.actor

    def wanted(**given: Any) -> Any:
        return once_only(Once.form(by, "consulting.ask", request.POST), lambda: actions.ask(by=by, **given))[0]

    form = forms.Ask(*_given(request), initial={"named": request.GET.get("named", "")[:120], "serves": request.GET.get("serves", "")[:24]})
    return ask(
        request, form, wanted, title=_("Ask to consult"), wide=True,
        said=_("Asked. You will hear when it is answered"), address=reverse("consulting:new"), back=reverse("consulting:index"),
        subject=_("The answer comes from your head and from customer service. Until then nothing is said about whether there is such a file."),
    )  # fmt: skip


@door(rules.BREAK_GLASS)
@methods("GET", "POST")
def break_glass(request: HttpRequest) -> HttpResponse:
    """Read a closed file in an emergency. Sent twice it is one."""
    by = request.actor

    def wanted(*, known: bool, **given: Any) -> Any:
        return once_only(Once.form(by, "consulting.break_glass", request.POST), lambda: glass.break_glass(by=by, **given))[0]

    return ask(
        request, forms.BreakGlass(*_given(request), initial={"named": request.GET.get("named", "")[:120]}), wanted, title=_("Read in an emergency"), wide=True, danger=True,
        said=_("Asked. You are told as soon as you may read"), address=reverse("consulting:break_glass"), back=reverse("consulting:index"),
        subject=_("With an open emergency of the customer you may read at once, else after one signature. Nothing is said about whether there is such a file."),
    )  # fmt: skip


@door(rules.USES)
@methods("GET")
def uses(request: HttpRequest) -> HttpResponse:
    by, wish = request.actor, queries.UsesWish.of(request.GET)
    found = queries.uses_listed(by, wish, request.GET.get("cursor", ""))
    context = {"slice": found, "rows": found.rows, "seen": queries.seen(by, found.rows), "wish": wish, "parts": PARTS, "address": _uses, "entries": _entries(request, "uses")}
    return page(request, "consulting/uses.html", context, block="rows")


def _uses(**asked: Any) -> str:
    kept = {key: str(value) for key, value in asked.items() if value and value != "-id"}
    return reverse("consulting:uses") + (f"?{urlencode(kept)}" if kept else "")


@door(rules.USES)
@methods("POST")
def export_uses(request: HttpRequest) -> HttpResponse:
    by = request.actor
    found = glass.export_uses(by=by, wish=queries.UsesWish.of(request.POST))
    seen = queries.seen(by, found)
    heads = [_("Who read"), _("Department"), _("Which file"), _("What for"), _("From"), _("Until"), _("Emergency"), _("What was found"), _("Review"), _("Reviewed by"), _("Reviewed at")]
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    return sheets.download(str(_("Emergency readings")), heads, (_cells(row, by, row.matter_id in seen) for row in found), kind=kind)


def _cells(row: Consultation, by: Actor, known: bool) -> list[Any]:
    hidden = _("not for you")
    return [
        row.asked_by.name, row.asked_by.department, row.matter.number if known else hidden, row.purpose if known else hidden, row.answered_at, row.ended_at or row.ends_at,
        (row.emergency.number if known and may_see(by, row.emergency) else _("yes")) if row.emergency else "", row.get_finding_display() or _("not reviewed yet"), row.review if known else hidden, row.reviewed_by, row.reviewed_at,
    ]  # fmt: skip


@door(rules.USES)
@methods("GET")
def use(request: HttpRequest, pk: int) -> HttpResponse:
    """One reading, and every look within it."""
    by, found = request.actor, queries.use(pk, request.actor)
    look(found.matter, by=by, detail=f"use {pk}")
    may = rules.KEEP.allows(by, found) and found.reviewed_at is None and by.user_id not in {found.asked_by_id, *glass.signers(found)}
    burning = found.emergency and (found.emergency.number if may_see(by, found.emergency) else "")
    return page(request, "consulting/use.html", {"use": found, "burning": burning, "looks": queries.looks_within(found, request.actor), "may_review": may, "entries": _entries(request, "uses")})


def _given(request: HttpRequest) -> tuple[Any, ...]:
    return (request.POST,) if request.method == "POST" else ()


@door(rules.ASK)
@methods("GET", "POST")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found = queries.find(pk, request.actor)
    if found.asked_by_id != request.actor.user_id:
        raise Gone()
    return ask(
        request, forms.Nothing(*_given(request)), lambda **given: actions.withdraw(found, by=request.actor), title=_("Withdraw the request"),
        said=_("Withdrawn"), address=reverse("consulting:withdraw", args=[pk]), back=reverse("consulting:index"), subject=found.named,
    )  # fmt: skip


PARTS = {
    "": gettext_lazy("Every reading"), "going": gettext_lazy("going on"), "unreviewed": gettext_lazy("not reviewed yet"), "unjustified": gettext_lazy("not justified"),
    "at_once": gettext_lazy("opened at once"),
}  # fmt: skip
ACTS: dict[str, tuple[Any, Any, Any, Any]] = {
    "refuse": (gettext_lazy("Do not grant"), forms.Refuse, actions.refuse, gettext_lazy("Answered")),
    "point": (gettext_lazy("Say which file is meant"), forms.Point, actions.point, gettext_lazy("The signatures are asked for")),
    "review": (gettext_lazy("Review the reading"), forms.Review, glass.review, gettext_lazy("Reviewed")),
    "end": (gettext_lazy("End the reading"), forms.Why, actions.end, gettext_lazy("Ended; the file is closed to them again")),
}


@door(rules.KEEP)
@methods("GET", "POST")
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Answer a request, or end what was granted."""
    found = queries.find(pk, request.actor)
    if verb not in ACTS:
        raise Gone()
    title, form, run, said = ACTS[verb]
    return ask(
        request, form(*_given(request)), lambda **given: run(found, by=request.actor, **given), title=title, said=said, danger=verb == "end",
        address=reverse("consulting:act", args=[pk, verb]), back=reverse("consulting:use", args=[pk]) if verb == "review" else reverse("consulting:kept"), subject=f"{found.asked_by.name} · {found.named}",
    )  # fmt: skip
