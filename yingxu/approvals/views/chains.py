"""The approval chains on screen."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base.errors import Invalid
from yingxu.base.web import door, go, methods, page, toast
from yingxu.ui.asking import blame

from .. import actions, forms, queries, rules


@door(rules.MANAGE)
@methods("GET")
def chains(request: HttpRequest) -> HttpResponse:
    found = queries.chains()
    words = queries.named(step for chain in found for step in chain.steps.all())
    rows = [{"chain": chain, "steps": [(step, queries.whom(step, words)) for step in chain.steps.all()]} for chain in found]
    return page(request, "approvals/chains.html", {"rows": rows, "still": queries.standing_still()})


@door(rules.MANAGE)
@methods("GET", "POST")
def chain(request: HttpRequest, code: str) -> HttpResponse:
    found = queries.chain(code)
    form = forms.ChainForm(request.POST or None, chain=found)
    if request.method == "POST" and form.is_valid():
        given = {key: form.cleaned_data[key] for key in ("distinct", "lapse_days", "active", "was")}
        try:
            actions.set_chain(found, by=request.actor, steps=form.steps(), **given)
            return toast(go(request, reverse("approval_settings:chains")), _("Saved. What is being signed goes on as it began."))
        except Invalid as refusal:
            blame(form, refusal)
    return page(request, "approvals/chain.html", {"chain": found, "form": form}, status=422 if form.is_bound else 200)
