"""Care: a month of it, the tab of a customer, its acts, and the rules."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base import sheets
from yingxu.base.access import Actor
from yingxu.base.errors import Gone
from yingxu.base.web import door, go, methods, page
from yingxu.customers import queries as customers
from yingxu.customers import rules as customer_rules
from yingxu.customers.models import Customer
from yingxu.ui.asking import ask

from .. import actions, forms, queries, rules
from ..models import Care
from .ways import lists, sent

TONES = {"done": "good", "withheld": "warn", "planned": "info", "skipped": ""}


def address(asked: queries.CareWish, **over: Any) -> str:
    values = {key: getattr(asked, key) for key in ("month", "state", "rule", "owner")} | over
    return reverse("relations:care") + "?" + urlencode({key: value for key, value in values.items() if value})


@door(customer_rules.VIEW)
@methods("GET")
def month(request: HttpRequest) -> HttpResponse:
    """The care of a month, day by day."""
    by, asked = request.actor, queries.care_wish(request.GET)
    days: dict[Any, list[Care]] = {}
    for care in queries.care_listed(by, asked)[:1_000]:
        days.setdefault(care.on, []).append(care)
    context = {
        "wish": asked, "days": days, "tones": TONES, "states": Care.State.choices, "rules": [(r.code, r.name) for r in queries.care_rules()], "entries": lists(by, "care"),
        "before": address(asked, month=queries.month_of(asked, -1)), "next": address(asked, month=queries.month_of(asked, 1)), "mine": address(asked, owner=by.user_id),
        "all": address(asked, owner=None), "may_export": by.may(rules.EXPORT), "counts": queries.care_counts(by, asked), "address": address,
    }  # fmt: skip
    return page(request, "relations/care.html", context)


@door(rules.EXPORT)
@methods("POST")
def export_care(request: HttpRequest) -> HttpResponse:
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    found = actions.export_care(by=request.actor, wish=queries.care_wish(request.POST))
    heads = [_("Day"), _("Occasion"), _("Register number"), _("Customer name"), _("Contact"), _("Looked after by"), _("State"), _("What came of it")]
    rows = (
        [c.on, c.name, c.customer.matter.number, c.customer.name, c.contact.name if c.contact else "", c.customer.matter.owner.name if c.customer.matter.owner else "",
         c.get_state_display(), c.result]
        for c in found
    )  # fmt: skip
    return sheets.download(str(_("Care")), heads, rows, kind=kind)


def load_care(customer: Customer, by: Actor) -> dict[str, Any]:
    """The tab of the customer's page."""
    births = [
        (b, b.contact.name if b.contact else customer.name, forms.birthday_said(b.lunar, b.month, b.day, b.leap, b.year)) for b in queries.birthdays_of(customer)
    ]
    return {"care": queries.care_of(customer), "births": births, "may": rules.CARE.allows(by, customer), "number": customer.matter.number, "tones": TONES}


@door(rules.CARE)
@methods("GET", "POST")
def birthday(request: HttpRequest, number: str) -> HttpResponse:
    customer = customers.one(number, request.actor)
    return ask(
        request, forms.BirthdayForm(sent(request), customer=customer), lambda **given: actions.note_birthday(customer, by=request.actor, **given), title=_("Note a birthday"),
        said=_("Noted"), address=reverse("relations:birthday", args=[number]), back=_tab(number), number=number, subject=customer.name,
    )  # fmt: skip


@door(rules.CARE)
@methods("POST")
def no_birthday(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    actions.forget_birthday(customers.one(number, request.actor), by=request.actor, birthday=pk)
    return go(request, _tab(number))


@door(rules.CARE)
@methods("GET", "POST")
def settle(request: HttpRequest, number: str, pk: int, verb: str) -> HttpResponse:
    """Done, or left out."""
    customer = customers.one(number, request.actor)
    if verb not in ("done", "skip"):
        raise Gone()
    form = forms.Settle(sent(request)) if verb == "done" else forms.LeaveOut(sent(request))
    return ask(
        request, form, lambda **given: actions.settle(customer, by=request.actor, care=pk, done=verb == "done", **given),
        title=_("Taken care of") if verb == "done" else _("Leave out"), said=_("Noted"), address=reverse("relations:settle", args=[number, pk, verb]), back=_tab(number),
        number=number, subject=customer.name,
    )  # fmt: skip


def _tab(number: str) -> str:
    return reverse("customers:profile", args=[number]) + "?part=care"


# ── rules ──


@door(rules.MANAGE)
@methods("GET")
def care_rules(request: HttpRequest) -> HttpResponse:
    names = dict(forms.OCCASIONS)
    found = [(rule, names[rule.occasion]) for rule in queries.care_rules()]
    return page(request, "relations/care_rules.html", {"rows": found, "version": queries.version("care")})


@door(rules.MANAGE)
@methods("GET", "POST")
def care_rule(request: HttpRequest, code: str = "") -> HttpResponse:
    """One rule, or a new one."""
    content, version = queries.content("care"), queries.version("care")
    found = next((rule for rule in content["rules"] if rule["code"] == code), None)
    if code and found is None:
        raise Gone()
    first = {**found, "tags": " ".join(found["tags"])} if found else {"days": 7, "active": True}

    def act(was: int | None = None, **rule: Any) -> Any:
        kept = [rule if one is found else one for one in content["rules"]] + ([] if found else [rule])
        return actions.set_rules(by=request.actor, part="care", content={"rules": kept}, was=was)

    here = reverse("relation_settings:care_rule", args=[code]) if code else reverse("relation_settings:new_care_rule")
    return ask(
        request, forms.CareRuleForm(sent(request), initial={**first, "was": version}), act, title=_("Rule of care"), said=_("Saved"), address=here,
        back=reverse("relation_settings:care"), wide=True,
    )  # fmt: skip
