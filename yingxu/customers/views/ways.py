"""Where a customer's page is, and the one form page for every small verb on a file."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base.errors import Invalid, Stale
from yingxu.base.web import go, page
from yingxu.matters import actions as matters
from yingxu.matters import queries as kept
from yingxu.ui.frame import link

from .. import queries
from ..forms import blame
from ..models import Customer

WIDTHS = {
    "name": "w6", "position": "w6", "department": "w6", "role": "w6", "stance": "w6", "reports_to": "w6", "preference": "w6", "phone": "w6", "email": "w6",
    "type": "w4", "text": "", "contact": "w6", "kind": "w6", "number": "w6", "issuer": "w6", "issued_on": "w6", "valid_until": "w6", "title": "w8", "ours": "w6",
    "theirs": "w6", "amount": "w4", "currency": "w4", "reference": "w4", "signed_on": "w4", "begins_on": "w4", "ends_on": "w4", "renewal": "w4", "remind_on": "w4",
    "owner": "w4", "paid_on": "w6", "at": "w6", "place": "w6", "level": "w6", "next_step": "", "next_owner": "w6", "next_due": "w6",
}  # fmt: skip


def to(customer: Customer, anchor: str = "") -> str:
    """The address of a customer's page."""
    return reverse("customers:profile", args=[customer.matter.number]) + (f"#{anchor}" if anchor else "")


def opened(request: HttpRequest, customer: Customer, detail: str = "", *, above: int = 0) -> None:
    """Before anything of a file is shown: that somebody looks is written down, and what for (`?serves=` names a need). `above`: the level of
    papers shown with it, where that is above the file's."""
    by = request.actor
    matters.look(customer.matter, by=by, need=queries.served(request.GET.get("serves", ""), by), detail=detail, ask=customer.matter.guarded, above=above)


def draft_of(request: HttpRequest, place: str) -> tuple[str | None, dict[str, Any]]:
    """Where what is typed in this form is kept, and what was kept."""
    drafts, user_id = link("desk:drafts"), request.actor.user_id
    if not drafts or user_id is None or not place:
        return None, {}
    found = kept.draft(user_id, place) if request.method == "GET" else None
    return f"{drafts}?place={place}", {k: v for k, v in (found.content if found else {}).items() if k not in ("version", "seen")}


def small(
    request: HttpRequest, customer: Customer, shape: type[forms.Form], verb: Callable[[dict[str, Any]], Any], title: str, *, place: str = "", key: Any = "",
    first: dict[str, Any] | None = None, back: str = "", mark: Callable[[], tuple[str, Any]] | None = None, **more: Any,
) -> HttpResponse:  # fmt: skip
    """A short form on a page of its own. What is typed is kept as a draft until it is sent, where the form has a `place` (what holds
    numbers that are sealed has none; a draft is not). A stale one is refused with both values and
    keeps what was typed, with the mark of what is there now."""
    if request.method == "GET":
        opened(request, customer, request.resolver_match.url_name)
    place = f"customers.{place}:{customer.matter.number}" + (f"-{key}" if key else "") if place else ""
    back = back or to(customer)
    drafts, typed = draft_of(request, place)
    form = shape(request.POST, request.FILES, **more) if request.method == "POST" else shape(initial={**(first or {}), **typed}, **more)
    status, theirs = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                verb(form.cleaned_data)
                if place:
                    matters.drop_draft(request.actor.user_id, place)
                return go(request, back)
            except Stale as refusal:
                status, theirs = 409, refusal.theirs
                form.data = form.data.copy()
                if mark:
                    name, value = mark()
                    form.data[name] = value
            except Invalid as refusal:
                blame(form, refusal)
    context = {"form": form, "customer": customer, "title": title, "back": back, "theirs": theirs, "draft_url": drafts, "typed": bool(typed), "widths": WIDTHS, "say": _("Save")}
    return page(request, "customers/small.html", context, status=status)
