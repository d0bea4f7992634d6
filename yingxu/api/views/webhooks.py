"""Webhooks on screen: which there are, what was sent, and sending it once more."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.base.errors import Invalid, Refusal
from yingxu.base.sheets import download
from yingxu.base.web import door, go, methods, page, toast
from yingxu.matters import actions as matters
from yingxu.matters import catalogue

from .. import actions, hooked, rules
from ..forms import EndpointForm, SpanForm
from ..models import Delivery, Endpoint

HOURS = 24  # that both secrets sign after a rotation


@door(rules.MANAGE)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    deleted = request.GET.get("deleted") == "1"
    return page(request, "api/webhooks.html", {"rows": hooked.endpoints(request.actor, deleted=deleted), "deleted": deleted})


@door(rules.MANAGE)
@methods("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    form = EndpointForm(request.POST or None, by=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = actions.make_endpoint(by=request.actor, **form.cleaned_data)
        except Invalid as refusal:
            _add(form, refusal)
        else:
            return _secret(request, made, secret, fresh=True)
    return _form(request, form, None)


@door(rules.MANAGE)
@methods("GET", "POST")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = hooked.endpoint(pk, request.actor)
    form = EndpointForm(request.POST or None, by=request.actor, endpoint=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_endpoint(found, by=request.actor, **form.cleaned_data)
        except Invalid as refusal:
            _add(form, refusal)
        else:
            return go(request, _page(pk) + "?saved=1")
    return _form(request, form, found)


def _form(request: HttpRequest, form: EndpointForm, found: Endpoint | None) -> HttpResponse:
    chosen = form["events"].value() or []
    context = {"form": form, "endpoint": found, "rooms": catalogue.rooms(hooked.events()), "chosen": chosen}
    return page(request, "api/webhook_form.html", context, status=422 if form.is_bound else 200)


def _secret(request: HttpRequest, found: Endpoint, secret: str, *, fresh: bool) -> HttpResponse:
    return page(request, "api/webhook_secret.html", {"endpoint": found, "secret": secret, "fresh": fresh, "hours": HOURS})


@door(rules.MANAGE)
@methods("GET")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    return _one(request, hooked.endpoint(pk, request.actor))


def _one(request: HttpRequest, found: Endpoint, *, span: SpanForm | None = None) -> HttpResponse:
    state, event = _asked(request)
    tally = hooked.tally(found)
    context: dict[str, Any] = {
        "endpoint": found,
        "chosen": [(name, catalogue.title(name)) for name in found.events],
        "slice": hooked.deliveries(found, request.actor, state=state, event=event, cursor=request.GET.get("cursor", "")),
        "state": state,
        "event": event,
        "states": [{"value": s.value, "text": s.label, "count": tally.get(s.value, 0)} for s in Delivery.State],
        "total": sum(tally.values()),
        "span": span or SpanForm(),
        "saved": "saved" in request.GET,
    }
    return page(request, "api/webhook.html", context, block="rows", status=422 if span else 200)


def _asked(request: HttpRequest) -> tuple[str, str]:
    state, event = request.GET.get("state", ""), request.GET.get("event", "")
    return state if state in Delivery.State.values else "", event[:60].replace("\x00", "")


@door(rules.MANAGE)
@methods("GET")
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The list as a file: what was sent, when, with which answer, and the names of the facts that went out (P8)."""
    found = hooked.endpoint(pk, request.actor)
    state, event = _asked(request)
    heads = [
        _("Id of the delivery"), _("Event"), _("Number"), _("State"), _("Came up"), pgettext("webhook", "Done"), _("Attempts"), _("Last answer"), _("Facts sent"), _("Recipient"),
        pgettext("webhook", "Purpose"),
    ]  # fmt: skip
    rows = [
        [
            line.delivery.key, line.delivery.event, line.number, line.delivery.get_state_display(), line.delivery.made_at, line.delivery.done_at,
            line.delivery.tries, line.last.said() if line.last else "", line.delivery.sent, found.recipient, found.purpose,
        ]
        for line in hooked.every_delivery(found, request.actor, state=state, event=event)
    ]  # fmt: skip
    matters.exported("deliveries", by=request.actor, rows=len(rows), words=f"{state} {event}".strip())
    return download(found.name + "-" + _("Deliveries"), heads, rows, kind=request.GET.get("as", "xlsx"))


@door(rules.MANAGE)
@methods("GET")
def delivery(request: HttpRequest, pk: int, sent: int) -> HttpResponse:
    found = hooked.endpoint(pk, request.actor)
    line = hooked.delivery(found, sent, request.actor)
    context = {"endpoint": found, "line": line, "attempts": hooked.attempts(line.delivery), "body": hooked.body(line)}
    return page(request, "api/delivery.html", context)


@door(rules.MANAGE)
@methods("POST")
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Pause, resume, delete, restore, test."""
    found = hooked.endpoint(pk, request.actor)
    verbs = {
        "pause": (actions.pause_endpoint, pgettext("webhook", "Paused")), "resume": (actions.resume_endpoint, _("Goes on")),
        "restore": (actions.restore_endpoint, _("Brought back")), "delete": (actions.delete_endpoint, _("Deleted")),
        "test": (actions.send_test, _("The test is on its way")),
    }  # fmt: skip
    do, said = verbs[verb]
    do(found, by=request.actor)
    if verb == "delete":
        return toast(go(request, reverse("api_settings:webhooks")), said, undo=reverse("api_settings:webhook_act", args=[pk, "restore"]))
    return toast(go(request, _page(pk)), said)


@door(rules.MANAGE)
@methods("POST")
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret, shown on this one answer only."""
    found = hooked.endpoint(pk, request.actor)
    secret = actions.rotate_secret(found, by=request.actor, overlap_hours=0 if request.POST.get("at_once") == "on" else HOURS)
    return _secret(request, hooked.endpoint(pk, request.actor), secret, fresh=False)


@door(rules.MANAGE)
@methods("POST")
def replay(request: HttpRequest, pk: int, sent: int) -> HttpResponse:
    found = hooked.endpoint(pk, request.actor)
    actions.replay(hooked.delivery(found, sent, request.actor).delivery, by=request.actor)
    return toast(go(request, _page(pk)), _("It is sent once more"))


@door(rules.MANAGE)
@methods("POST")
def replay_span(request: HttpRequest, pk: int) -> HttpResponse:
    found = hooked.endpoint(pk, request.actor)
    form = SpanForm(request.POST)
    if form.is_valid():
        try:
            count = actions.replay_span(found, by=request.actor, **form.cleaned_data)
        except Invalid as refusal:
            _add(form, refusal)
        else:
            return toast(go(request, _page(pk)), _("%(count)s deliveries are sent once more") % {"count": count})
    return _one(request, found, span=form)


def _page(pk: int) -> str:
    return reverse("api_settings:webhook", args=[pk])


def _add(form: forms.Form, refusal: Refusal) -> None:
    """Put a refusal's sentences where they belong in the form."""
    known = {name: found for name, found in refusal.fields.items() if name in form.fields}
    for name, found in known.items():
        form.add_error(name, [str(m) for m in found])
    if not known:
        form.add_error(None, str(refusal))
