"""Registering by phone or at the counter: one page, under a minute, keyboard only (N2)."""

import secrets
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.errors import Gone, Invalid, Refusal
from yingxu.base.web import door, go, methods, page, toast
from yingxu.customers import queries as customers
from yingxu.matters import actions as matters
from yingxu.matters import queries as kept
from yingxu.needs import actions as needs
from yingxu.needs import queries as needs_queries
from yingxu.needs import rules as needs_rules
from yingxu.people import queries as people
from yingxu.routing import queries as routing
from yingxu.templates import queries as record_templates

from ..forms import SHOWN_CHANNELS, IntakeForm

DRAFT = "intake.new"
SECONDS = 60


@door(needs_rules.REGISTER)
@methods("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    """The form; POST registers (and assigns, or answers and closes)."""
    if request.method == "POST":
        return _register(request)
    data = _initial(request)
    draft = None if set(request.GET) - {"channel", "kind"} else kept.draft(request.actor.user_id, DRAFT)
    if draft:
        data = _restored(draft.content, data)
    context = _context(request, IntakeForm(initial=dict(data.items())), data)
    return page(request, "intake/new.html", context | {"draft_at": draft.saved_at if draft else None})


def _restored(content: dict[str, Any], fresh: dict[str, Any]) -> QueryDict:
    """What was typed and not sent, in a form of its own (a new nonce, a new clock)."""
    data = QueryDict(mutable=True)
    for name, value in content.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    for name in ("nonce", "began"):
        data[name] = fresh[name]
    data.setdefault("kind", fresh["kind"])
    data.setdefault("channel", fresh["channel"])
    return data


def _initial(request: HttpRequest) -> dict[str, Any]:
    kinds = record_templates.kinds()
    data: dict[str, Any] = {
        "channel": request.GET.get("channel", "phone") if request.GET.get("channel") in SHOWN_CHANNELS else "phone",
        "kind": request.GET.get("kind") or (kinds[0].code if kinds else ""),
        "nonce": secrets.token_urlsafe(18),
        "began": signing.dumps(clock.now().isoformat(), salt="intake"),
    }
    if number := request.GET.get("customer"):
        found = customers.one(number, request.actor)
        data |= {"customer": number, "customer_name": found.name}
    if number := request.GET.get("origin"):
        origin = needs_queries.find(number, request.actor)
        data |= {"origin": number, "contact_name": origin.caller, "kind": origin.kind}
        if origin.customer:
            data |= {"customer": origin.customer.matter.number, "customer_name": origin.customer.name}
    return data


def _register(request: HttpRequest) -> HttpResponse:
    form = IntakeForm(request.POST)
    act = request.POST.get("act", "assign")
    if not form.is_valid():
        return page(request, "intake/new.html", _context(request, form, request.POST), block="form", status=422)
    try:
        done, said = _carry_out(request, form.cleaned_data, act)
    except Invalid as refusal:
        for name, found in refusal.fields.items():
            if name in form.fields:
                form.add_error(name, [str(m) for m in found])
        if not refusal.fields:
            form.add_error(None, str(refusal))
        context = _context(request, form, request.POST, errors=refusal.fields)
        return page(request, "intake/new.html", context, block="form", status=422)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return page(
            request, "intake/new.html", _context(request, form, request.POST), block="form", status=refusal.status
        )
    matters.drop_draft(request.actor.user_id, DRAFT)
    to = reverse("intake:new") + f"?channel={form.cleaned_data['channel']}&done={done.number}"
    if act == "raise":
        to = reverse("needs:act", args=[done.number, "raise"]) + "?" + urlencode({"next": to})
    return toast(go(request, to), said)


def _carry_out(request: HttpRequest, data: dict, act: str) -> tuple[needs.Registered, str]:
    version = record_templates.version_for(data["kind"])
    customer = customers.one(data["customer"], request.actor) if data["customer"] else None
    origin = needs_queries.find(data["origin"], request.actor) if data["origin"] else None
    intake = needs.Intake(
        kind=data["kind"], body=data["body"], channel=data["channel"], title=data["title"], category=data["category"],
        fields=record_templates.given(version, request.POST), customer=customer, customer_name=data["customer_name"],
        contact_name=data["contact_name"], phone=data["phone"], raised_at=_began(data["began"]), origin=origin,
    )  # fmt: skip
    once = needs.Once.of(
        f"desk:{request.actor.user_id}",
        data["nonce"],
        {**intake.__dict__, "raised_at": None, "customer": data["customer"], "origin": data["origin"]},
    )
    if act == "answer":
        if not data["answer"].strip():
            raise Invalid.field("answer", _("Write the answer you gave."))
        done = needs.register_and_answer(intake, by=request.actor, once=once, answer=data["answer"])
        return done, _("%(number)s registered, answered and closed") % {"number": done.number}
    department = next((d for d in people.departments() if d.pk == data["department"]), None)
    suggestion = _suggest(data["body"], data["kind"], data["category"], data["channel"], customer, intake.fields)
    owner = (
        suggestion.owner if department and suggestion.department and suggestion.department.pk == department.pk else None
    )
    done = needs.register_and_route(
        intake, by=request.actor, once=once, department=department, owner=owner,
        suggested={"suggested": suggestion.category, "confidence": suggestion.category_percent} if suggestion.category else None,
    )  # fmt: skip
    if origin and not done.repeated:
        made = needs_queries.find(done.number, request.actor)
        needs.link(origin, by=request.actor, other=made)
    if department:
        return done, _("%(number)s registered and assigned to %(name)s") % {
            "number": done.number,
            "name": department.name,
        }
    return done, _("%(number)s registered") % {"number": done.number}


def _began(token: str) -> datetime | None:
    """When the call was taken; only what we signed ourselves, and not older than a working day."""
    try:
        return datetime.fromisoformat(signing.loads(token, salt="intake", max_age=12 * 3600))
    except (signing.BadSignature, ValueError):
        return None


def _suggest(text: str, kind: str, category: str, channel: str, customer: Any, fields: Any) -> routing.Suggestion:
    return routing.suggest(text, kind, category, channel, customer, fields) if text.strip() else routing.Suggestion()


def _context(request: HttpRequest, form: IntakeForm, data: Any, errors: Any = None) -> dict[str, Any]:
    kind = data.get("kind") or ""
    version = record_templates.version_for(kind)
    values = record_templates.given(version, data) if version and isinstance(data, QueryDict) else {}
    customer = None
    if data.get("customer"):
        try:
            customer = customers.one(data["customer"], request.actor)
        except Gone:
            customer = None
    suggestion = _suggest(
        data.get("body") or "", kind, data.get("category") or "", data.get("channel") or "", customer, values
    )
    began = _began(data.get("began") or "")
    return {
        "form": form,
        "kinds": record_templates.kinds(),
        "inputs": record_templates.form(version, values, errors=errors) if version else [],
        "must_ask": version.must_ask if version else [],
        "categories": record_templates.categories(),
        "department_options": [(d.pk, d.name) for d in people.departments()],
        "category_name": record_templates.category_name,
        "suggestion": suggestion,
        "customer": customer,
        "similar": _similar(request, data.get("body") or "", customer),
        "open_count": needs_queries.open_counts([customer.pk], request.actor).get(customer.pk, 0) if customer else 0,
        "may_route": request.actor.may(needs_rules.TRIAGE) and request.actor.may(needs_rules.ASSIGN),
        "may_answer": request.actor.may(needs_rules.ANSWER),
        "may_raise": request.actor.may(needs_rules.RAISE),
        "used": int((timezone.now() - began).total_seconds()) if began else 0,
        "target": SECONDS,
        "answering": bool(data.get("answer")) or (errors or {}).get("answer"),
        "done": request.GET.get("done", ""),
        "draft_at": None,
    }


def _similar(request: HttpRequest, text: str, customer: Any) -> list:
    return needs_queries.similar(request.actor, text, customer_id=customer.pk) if customer and text.strip() else []


@door(needs_rules.REGISTER)
@methods("GET")
def found(request: HttpRequest) -> HttpResponse:
    """Customers while typing a phone number or a name."""
    text = (request.GET.get("phone") or request.GET.get("customer_name") or "").strip()
    rows = customers.find_while_typing(text, by=request.actor)
    return page(request, "intake/found.html", {"rows": rows, "text": text})


@door(needs_rules.REGISTER)
@methods("POST")
def beside(request: HttpRequest) -> HttpResponse:
    """What belongs beside the form for what is typed so far: fields of the kind, suggestion, similar needs, the customer. Writes nothing."""
    form = IntakeForm(initial=dict(request.POST.items()))
    return page(request, "intake/beside.html", _context(request, form, request.POST))


@door(needs_rules.REGISTER)
@methods("POST")
def fields(request: HttpRequest) -> HttpResponse:
    """The template fields of the kind now chosen, with what was typed so far. Writes nothing."""
    form = IntakeForm(initial=dict(request.POST.items()))
    return page(request, "intake/fields.html", _context(request, form, request.POST))
