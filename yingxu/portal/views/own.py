"""A customer's own data: what they agreed to, taking it back, asking for a copy, a correction, the deletion."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from yingxu.base.errors import Gone, Invalid, Refusal
from yingxu.base.web import methods, page, public
from yingxu.policies import queries as policies
from yingxu.privacy import queries as privacy

from .. import actions, queries
from ..forms import AskForm
from . import session


@public
@methods("GET", "POST")
def data(request: HttpRequest, number: str) -> HttpResponse:
    """What this customer agreed to and asked; POST asks something about the data."""
    by = session.actor(request, number)
    need = queries.find(number, by)
    form, status = AskForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.ask_about_data(need, by=actions.visitor(need.caller, sorted(by.matters)), **form.cleaned_data)
                return redirect("portal:data", number)
            except Invalid as refusal:
                for name, found in refusal.fields.items():
                    form.add_error(name if name in form.fields else None, [str(m) for m in found])
                if not refusal.fields:
                    form.add_error(None, str(refusal))
            except Refusal as refusal:
                form.add_error(None, str(refusal))
                status = refusal.status
    return _page(request, need, form, status=status)


def _page(request: HttpRequest, need: Any, form: AskForm, *, trouble: str = "", status: int = 200) -> HttpResponse:
    own = actions.opened_by(need)
    standings = privacy.standings(need.customer_id) if need.customer_id else []
    rows = [s for s in standings if s.last is not None or (own and s.purpose.basis == "consent" and not s.purpose.sensitive)]
    context = {
        "need": need, "form": form, "rows": rows, "own": own, "asked": privacy.asked_beside(need.pk), "notice": privacy.notice(),
        "company": policies.company(), "trouble": trouble, "days": privacy.WORKING_DAYS,
    }  # fmt: skip
    return page(request, "portal/data.html", context, status=status)


@public
@methods("GET")
def notice(request: HttpRequest, number: str) -> HttpResponse:
    """The privacy notice in force."""
    need, found = queries.find(number, session.actor(request, number)), privacy.notice()
    if found is None:
        raise Gone()
    return page(request, "portal/notice.html", {"need": need, "notice": found, "company": policies.company()})


@public
@methods("POST")
def say(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """Agree to a purpose, or take it back: one press on the page, one to be sure."""
    by = session.actor(request, number)
    need, purpose = queries.find(number, by), privacy.purpose(code)
    verb = actions.consent if request.POST.get("say") == "yes" else actions.take_back
    try:
        verb(need, by=actions.visitor(need.caller, sorted(by.matters)), purpose=purpose)
    except Gone:
        raise
    except Refusal as refusal:
        return _page(request, need, AskForm(), trouble=str(refusal), status=refusal.status)
    return redirect("portal:data", number)
