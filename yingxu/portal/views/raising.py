"""Raise a need without an account."""

import secrets
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from yingxu.base.errors import Invalid, Refusal
from yingxu.base.web import embeddable, methods, page, peer, public
from yingxu.policies import queries as policies
from yingxu.privacy import queries as privacy
from yingxu.templates import queries as record_templates

from .. import actions, queries
from ..forms import RaiseForm
from ..models import FormPoint
from . import session

HOURS = 24


@public
@methods("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    """The portal's own form."""
    return _form(request, None)


@csrf_exempt  # in a foreign frame there is no cookie to compare with; the signed nonce is the proof that we made the form
@public
@embeddable
@methods("GET", "POST")
def at_point(request: HttpRequest, slug: str) -> HttpResponse:
    """The form of a form point, also inside another site. It can only raise needs, never touch one."""
    return _form(request, queries.point(slug))


def _form(request: HttpRequest, point: FormPoint | None) -> HttpResponse:
    if request.method == "POST":
        return _raise(request, point)
    kinds = record_templates.kinds()
    kind = request.GET.get("kind") or (point.kind if point else "") or (kinds[0].code if kinds else "")
    return page(request, "portal/new.html", _context(request, RaiseForm(initial={"kind": kind, "nonce": _nonce()}), kind, point))


def _nonce() -> str:
    return signing.dumps(secrets.token_urlsafe(18), salt="portal")


def _context(
    request: HttpRequest, form: RaiseForm, kind: str, point: FormPoint | None, errors: Any = None
) -> dict[str, Any]:
    version = record_templates.version_for(kind)
    values = record_templates.given(version, request.POST) if version and request.method == "POST" else {}
    embedded = request.GET.get("embed") == "1"
    return {
        "form": form, "kind": kind, "point": point, "company": policies.company(), "embedded": embedded, "notice": privacy.notice(),
        "inputs": record_templates.form(version, values, errors=errors) if version else [],
    }  # fmt: skip


def _raise(request: HttpRequest, point: FormPoint | None) -> HttpResponse:
    form = RaiseForm(request.POST)
    kind = request.POST.get("kind", "")
    if request.POST.get("act") == "kind":
        form = RaiseForm(initial=dict(request.POST.items()))
        return page(request, "portal/new.html", _context(request, form, kind, point))
    errors, status = None, 422
    if form.is_valid():
        try:
            return _done(request, form.cleaned_data, point)
        except Invalid as refusal:
            errors = refusal.fields
            for name, found in refusal.fields.items():
                form.add_error(name if name in form.fields else None, [str(m) for m in found])
            if not refusal.fields:
                form.add_error(None, str(refusal))
            if refusal.code == "nonce":
                form.data = form.data.copy()
                form.data["nonce"] = _nonce()
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
    return page(request, "portal/new.html", _context(request, form, kind, point, errors), status=status)


def _done(request: HttpRequest, data: dict[str, Any], point: FormPoint | None) -> HttpResponse:
    try:
        nonce = signing.loads(data["nonce"], salt="portal", max_age=HOURS * 3600)
    except signing.BadSignature:
        raise Invalid(_("This form was open too long or came from elsewhere. Please send it once more."), code="nonce") from None
    if data["website"]:
        return page(
            request, "portal/thanks.html", {"number": "", "code": "", "company": policies.company(), "embedded": False}
        )
    version = record_templates.version_for(data["kind"])
    given = {k: data[k] for k in ("kind", "body", "name", "phone", "email")}
    done, code = actions.raise_need(
        by=actions.visitor(data["name"]), given=given, fields=record_templates.given(version, request.POST),
        uploads=request.FILES.getlist("files"), nonce=nonce, channel=point.channel if point else "portal",
        agreed_to=data["agreed_to"], peer=peer(request),
    )  # fmt: skip
    embedded = request.GET.get("embed") == "1"
    if not embedded:
        session.open_for(request, done.number, done.id)
    context = {
        "number": done.number, "code": "-".join(code[i : i + 4] for i in range(0, 16, 4)), "company": policies.company(), "embedded": embedded,
    }  # fmt: skip
    return page(request, "portal/thanks.html", context)
