"""My requests to consult, those of all, asking, answering."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yingxu.base.errors import Gone
from yingxu.base.web import door, methods, page
from yingxu.matters.actions import Once, once_only
from yingxu.ui.asking import ask

from . import actions, forms, queries, rules
from .models import State


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
    return found


def _address(**asked: Any) -> str:
    kept = {key: str(value) for key, value in asked.items() if value}
    return reverse("consulting:kept") + (f"?{urlencode(kept)}" if kept else "")


@door(rules.ASK)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    """One's own requests. Nothing here depends on what was found before it is granted."""
    found = queries.mine(request.actor, request.GET.get("cursor", ""))
    context = {"slice": found, "rows": found.rows, "entries": _entries(request, "mine"), "here": reverse("consulting:index")}
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


ACTS: dict[str, tuple[Any, Any, Any, Any]] = {
    "refuse": (gettext_lazy("Do not grant"), forms.Refuse, actions.refuse, gettext_lazy("Answered")),
    "point": (gettext_lazy("Say which file is meant"), forms.Point, actions.point, gettext_lazy("The signatures are asked for")),
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
        address=reverse("consulting:act", args=[pk, verb]), back=reverse("consulting:kept"), subject=f"{found.asked_by.name} · {found.named}",
    )  # fmt: skip
