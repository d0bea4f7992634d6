"""Many needs at once: the same verbs, one by one; what could not be done is listed with its reason."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from yingxu.base.access import Actor
from yingxu.base.errors import Invalid, Refusal
from yingxu.base.web import door, go, methods, page, toast
from yingxu.ui.asking import way_back

from .. import actions, rules
from ..forms import BulkAdvise, BulkAssign, BulkCategory, BulkDelegate, BulkMerge, BulkTag
from ..models import Need
from ..queries import rows as listing

MOST = 200


@dataclass(frozen=True)
class Many:
    """A verb for many needs: its form, what it does to one, its name on the button."""

    form: type[forms.Form]
    act: Callable[[Need, Actor, dict[str, Any]], Any]
    label: Any


def _assign(need: Need, by: Actor, given: dict[str, Any]) -> None:
    actions.assign(need, by=by, **given)


def _merge(need: Need, by: Actor, given: dict[str, Any]) -> None:
    if need.pk != given["into"].pk:
        actions.merge(need, by=by, into=given["into"])


MANY: dict[str, Many] = {
    "assign": Many(BulkAssign, _assign, pgettext_lazy("button", "Assign")),
    "category": Many(BulkCategory, lambda need, by, given: actions.triage(need, by=by, **given), pgettext_lazy("button", "Change the category")),
    "tag": Many(BulkTag, lambda need, by, given: actions.tag(need, by=by, **given), pgettext_lazy("button", "Tags")),
    "delegate": Many(BulkDelegate, lambda need, by, given: actions.delegate(need, by=by, **given), pgettext_lazy("button", "Delegate")),
    "advise": Many(BulkAdvise, lambda need, by, given: actions.answer_raise(need, by=by, **given), pgettext_lazy("button", "Answer the front line")),
    "merge": Many(BulkMerge, _merge, pgettext_lazy("button", "Merge")),
}


@door(rules.VIEW)
@methods("POST")
def bulk(request: HttpRequest) -> HttpResponse:
    """First press: the form for the ticked rows. Second press (`go`): row by row, then what was done and what was not."""
    name = request.POST.get("act", "")
    many = MANY.get(name)
    numbers = request.POST.getlist("row")
    if many is None:
        raise Invalid(_("Choose what to do with the ticked needs."))
    if len(numbers) > MOST:
        raise Invalid(_("At most %(most)s needs at once.") % {"most": MOST})
    needs = listing.chosen(request.actor, numbers)
    if not needs or (name == "merge" and len(needs) < 2):
        raise Invalid(_("Tick at least two needs first.") if name == "merge" else _("Tick at least one need first."))
    form = many.form(request.POST if "go" in request.POST else None, by=request.actor, needs=needs)
    context = {"many": many, "act": name, "needs": needs, "form": form, "back": way_back(request, reverse("needs:index"))}
    if "go" not in request.POST:
        return page(request, "needs/bulk.html", context)
    if not form.is_valid():
        return page(request, "needs/bulk.html", context, status=422)
    refused = _each(many, needs, request.actor, form.cleaned_data)
    done = len(needs) - len(refused)
    said = ngettext("%(count)s need done", "%(count)s needs done", done) % {"count": done}
    if not refused:
        return toast(go(request, context["back"]), said)
    return page(request, "needs/bulk_done.html", {**context, "refused": refused, "said": said})


def _each(many: Many, needs: list[Need], by: Actor, given: dict[str, Any]) -> list[tuple[Need, str]]:
    """Every row in a transaction of its own; (need, why not) of those that refused."""
    refused = []
    for need in needs:
        try:
            many.act(need, by, given)
        except Refusal as refusal:
            refused.append((need, str(refusal)))
    return refused
