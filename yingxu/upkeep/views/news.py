"""What was learned: the list with what is late, noting it, saying that it is in the file."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base import clock, sheets
from yingxu.base.action import check
from yingxu.base.errors import Invalid
from yingxu.base.web import door, go, methods, page, toast
from yingxu.customers import queries as customers
from yingxu.matters.actions import look
from yingxu.ui.asking import ask

from .. import actions, forms, queries, rules
from .frame import entries


@door(rules.SEE_NEWS)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, part = request.actor, request.GET.get("part") or "open"
    if part not in queries.news.PARTS:
        raise Invalid(_("This list has no such filter."), code="filter")
    found = queries.news.listed(by, part, request.GET.get("cursor", ""))
    context = {
        "rows": [(row, rules.ENTER.allows(by, row)) for row in found.rows], "part": part, "heading": queries.news.PARTS[part], "entries": entries(by, f"news{part}"), "today": clock.today(),
        "previous": f"?part={part}&cursor={found.previous}" if found.previous else None, "next": f"?part={part}&cursor={found.next}" if found.next else None,
        "may_export": by.may(rules.EXPORT), "settings": queries.settings(),
    }  # fmt: skip
    return page(request, "upkeep/news.html", context)


@door(rules.NOTE)
@methods("GET", "POST")
def note(request: HttpRequest, number: str) -> HttpResponse:
    """What was learned about a customer, and on which day."""
    customer = customers.one(number, request.actor)
    check(rules.NOTE, request.actor, customer)
    look(customer.matter, by=request.actor, work="upkeep")
    form = forms.Learned(*((request.POST,) if request.method == "POST" else ()), initial={"learned_on": clock.today(), "kind": "update"})
    return ask(
        request, form, lambda **given: actions.note(customer, by=request.actor, **given), title=_("Note what was learned"), said=_("Noted; the time runs from that day"),
        address=reverse("upkeep:note", args=[number]), back=reverse("customers:profile", args=[number]) + "?part=news", number=number, subject=customer.name,
    )  # fmt: skip


@door(rules.ENTER)
@methods("POST")
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    row = queries.news.find(pk, request.actor)
    actions.enter(row, by=request.actor)
    return toast(go(request, reverse("customers:profile", args=[row.customer.number]) + "?part=news"), _("It stands in the file now"))


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    kind, part = "csv" if request.POST.get("kind") == "csv" else "xlsx", request.POST.get("part", "open")
    heads = [_("Register number"), _("Customer name"), _("Looked after by"), _("What was learned"), _("Learned on"), _("To be in the file by"), _("Noted by"), _("Entered at"), _("Entered by")]
    rows = actions.export_news(by=request.actor, part=part)
    cells = (
        [r.customer.number, r.customer.name, r.customer.matter.owner and r.customer.matter.owner.name, r.text, r.learned_on, r.due_on, r.noted_by and r.noted_by.name, r.entered_at, r.entered_by and r.entered_by.name]
        for r in rows
    )
    return sheets.download(str(_("What was learned")), heads, cells, kind=kind)
