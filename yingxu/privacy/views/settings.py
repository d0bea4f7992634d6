"""Settings: what data is used for, the notice, how long data is kept; and the records a supervisor asks for."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.base import sheets
from yingxu.base.web import door, go, keyset, methods, page
from yingxu.matters import queries as matters
from yingxu.ui.asking import ask

from .. import actions, forms, kinds, queries, rules


@door(rules.MANAGE)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    context = {
        "purposes": queries.purposes(), "notices": queries.notices(), "retention": queries.retention(), "names": dict(kinds.IDENTIFIERS),
        "may_export": request.actor.may(rules.EXPORT),
    }  # fmt: skip
    return page(request, "privacy/settings.html", context)


@door(rules.MANAGE)
@methods("GET", "POST")
def purpose(request: HttpRequest, code: str = "") -> HttpResponse:
    """A purpose and its words; a new one without a code."""
    first: dict[str, Any] = {"anew": True}
    found = queries.purpose(code) if code else None
    if found is not None:
        said = found.wordings.first()
        first |= {key: getattr(found, key) for key in ("code", "name", "basis", "sensitive", "automated", "recipient", "identifiers")}
        first["assessment"] = found.assessment.matter.number if found.assessment else ""
        first |= {key: getattr(said, key) for key in ("scope", "means", "months", "why")}
    form = forms.PurposeForm(request.POST if request.method == "POST" else None, initial=first, identifiers=kinds.IDENTIFIERS)
    if found is not None:
        form.fields["code"].disabled = True
    address = reverse("privacy_settings:purpose", args=[code]) if code else reverse("privacy_settings:new_purpose")
    return ask(
        request, form, lambda **given: actions.edit_purpose(by=request.actor, **given), title=_("Word the purpose anew") if code else _("Add a purpose"),
        said=_("Saved"), address=address, back=reverse("privacy_settings:index"), number=code, wide=True,
    )  # fmt: skip


@door(rules.MANAGE)
@methods("POST")
def purpose_active(request: HttpRequest, code: str) -> HttpResponse:
    actions.switch_purpose(queries.purpose(code), by=request.actor, active=request.POST.get("active") == "1")
    return go(request, reverse("privacy_settings:index"))


@door(rules.MANAGE)
@methods("GET", "POST")
def notice(request: HttpRequest) -> HttpResponse:
    """Publish a new version of the notice, beginning with the words of the last one."""
    last = queries.notice()
    form = forms.NoticeForm(request.POST if request.method == "POST" else None, initial={"body": last.body if last else ""})
    return ask(
        request, form, lambda **given: actions.publish_notice(by=request.actor, **given), title=_("Publish the notice"), said=_("Published"),
        address=reverse("privacy_settings:notice"), back=reverse("privacy_settings:index"), wide=True,
    )  # fmt: skip


@door(rules.MANAGE)
@methods("GET")
def notice_read(request: HttpRequest, version: str) -> HttpResponse:
    return page(request, "privacy/notice.html", {"notice": queries.notice_of(version)})


@door(rules.MANAGE)
@methods("GET", "POST")
def retention(request: HttpRequest, kind: str) -> HttpResponse:
    """How long a kind of data is kept."""
    found, rule = queries.kind(kind)
    form = forms.Keep(request.POST if request.method == "POST" else None, initial={"months": rule.months, "ground": rule.ground} if rule else {})
    return ask(
        request, form, lambda **given: actions.set_retention(by=request.actor, kind=kind, **given), title=_("Say how long it is kept"), said=_("Saved"),
        address=reverse("privacy_settings:retention", args=[kind]), back=reverse("privacy_settings:index"), subject=found.label,
    )  # fmt: skip


@door(rules.MANAGE)
@methods("GET")
def due(request: HttpRequest, kind: str) -> HttpResponse:
    """What of a kind is over its time, as far as this person may see it."""
    found, rule, rows = queries.over_for(request.actor, kind)
    listed = keyset(rows.select_related("owner", "department"), ("closed_at", "id"), request.GET.get("cursor", ""))
    then = [(label, reverse(name, args=[kind])) for label, name, needed in kinds.NEXT if request.actor.may(needed)] if listed.rows else []
    context = {"kind": found, "rule": rule, "slice": listed, "then": then, "rows": [(m, matters.page_of(m)) for m in listed.rows]}
    return page(request, "privacy/due.html", context)


@door(rules.EXPORT)
@methods("POST")
def records(request: HttpRequest) -> HttpResponse:
    """The records of processing, a row a purpose."""
    heads = [
        pgettext("privacy", "Purpose"), _("Ground"), _("Sensitive"), _("Which data"), _("By which means"), _("Months"), _("Why it is needed"), _("Who else gets it"),
        _("Wording"), _("In force since"), _("In use"), _("Agree now"), _("Refused"), _("Withdrawn"),
    ]  # fmt: skip
    rows = actions.export_records(by=request.actor, what="purposes")
    return sheets.download(str(_("Records of processing")), heads, rows)
