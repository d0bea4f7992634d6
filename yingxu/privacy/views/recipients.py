"""Settings: the register of recipients."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from yingxu.base import sheets
from yingxu.base.web import door, go, methods, page
from yingxu.ui.asking import ask

from .. import actions, fields, forms, queries, rules
from ..models import Recipient
from .listing import address, wished

STATES: list[tuple[str, Any]] = [
    ("active", pgettext_lazy("recipient", "Gets data")), ("off", pgettext_lazy("recipient", "Switched off")), ("abroad", gettext_lazy("Across the border")),
    ("over", gettext_lazy("Contract over")),
]  # fmt: skip
SORTS = (("name", gettext_lazy("By name")), ("-changed", gettext_lazy("Changed last")), ("until", gettext_lazy("Contract that ends first")))


def _wish(asked: Any) -> queries.RecipientWish:
    known = {"state": dict(STATES), "role": Recipient.Role.values, "sort": queries.RECIPIENT_SORTS}
    return wished(queries.RecipientWish, asked, known)


def _kinds(codes: list[str]) -> list[Any]:
    return [fields.KINDS[code].label for code in codes if code in fields.KINDS]


@door(rules.MANAGE)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    wish = _wish(request.GET)
    found = queries.recipients_page(wish, request.GET.get("cursor", ""))
    context = {
        "wish": wish, "slice": found, "rows": [(r, _kinds(r.fields), queries.why_wanting(r)) for r in found.rows], "states": STATES,
        "roles": Recipient.Role.choices, "sorts": SORTS, "address": address("recipients:index", queries.RecipientWish),
        "may_export": request.actor.may(rules.EXPORT), "plain": wish == queries.RecipientWish(),
    }  # fmt: skip
    return page(request, "privacy/recipients.html", context, block="rows")


@door(rules.MANAGE)
@methods("GET")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    found = queries.recipient(pk)
    context = {"r": found, "kinds": _kinds(found.fields), "wanting": queries.why_wanting(found), "ways": queries.handovers(found)}
    return page(request, "privacy/recipient.html", context)


@door(rules.MANAGE)
@methods("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    form = forms.RecipientForm(request.POST if request.method == "POST" else None)
    return ask(
        request, form, lambda **given: actions.add_recipient(by=request.actor, **given), title=_("Add a recipient"), said=_("Added; switch it on when everything is there"),
        address=reverse("recipients:new"), back=reverse("recipients:index"), wide=True, then=lambda made: reverse("recipients:one", args=[made.pk]),
    )  # fmt: skip


@door(rules.MANAGE)
@methods("GET", "POST")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = queries.recipient(pk)
    first = {name: getattr(found, name) for name in ("name", "role", "region", "contract", "until", "assessment")}
    first |= {"fields_": found.fields, "purposes": list(found.purposes.all())}
    form = forms.RecipientForm(request.POST if request.method == "POST" else None, initial=first)
    return ask(
        request, form, lambda **given: actions.edit_recipient(found, by=request.actor, **given), title=_("Change the recipient"), said=_("Saved"),
        address=reverse("recipients:edit", args=[pk]), back=reverse("recipients:one", args=[pk]), subject=found.name, wide=True,
    )  # fmt: skip


@door(rules.MANAGE)
@methods("POST")
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    actions.switch_recipient(queries.recipient(pk), by=request.actor, active=request.POST.get("active") == "1")
    return go(request, reverse("recipients:one", args=[pk]))


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    kind = "csv" if request.POST.get("kind_of_file") == "csv" else "xlsx"
    heads = [
        pgettext("recipient", "Name"), _("Role"), _("Country or region"), _("Contract"), _("Contract ends on"), _("For which purposes"), _("Which data"),
        _("Impact assessment"), pgettext("recipient", "Gets data"), _("Ways out"),
    ]  # fmt: skip
    found = actions.export_recipients(by=request.actor, wish=_wish(request.POST))
    rows = (
        [r.name, r.get_role_display(), r.region, r.contract, r.until, [p.name for p in r.purposes.all()], _kinds(r.fields),
         r.assessment.matter.number if r.assessment else "", r.active, r.ways]
        for r in found
    )  # fmt: skip
    return sheets.download(str(_("Recipients of personal data")), heads, rows, kind=kind)
