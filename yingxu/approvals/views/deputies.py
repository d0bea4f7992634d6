"""Who signs for whom while they are away."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.web import door, go, methods, page, toast
from yingxu.ui.asking import ask

from .. import actions, forms, queries, rules
from .requests import parts


@door(rules.DEPUTISE)
@methods("GET")
def deputies(request: HttpRequest) -> HttpResponse:
    by = request.actor
    now, rows = clock.now(), []
    for row in queries.deputies(by):
        over = row.ended_at is not None or row.ends_at <= now
        rows.append({"row": row, "over": over, "on": not over and row.begins_at <= now, "may_end": not over and rules.DEPUTISE.allows(by, row)})
    context = {"rows": rows, "parts": parts("deputies", queries.counts(by))}
    return page(request, "approvals/deputies.html", context)


@door(rules.DEPUTISE)
@methods("GET", "POST")
def name(request: HttpRequest) -> HttpResponse:
    by = request.actor
    kind = forms.NameDeputyFor if by.may(rules.MANAGE) else forms.NameDeputy
    form = kind(request.POST) if request.method == "POST" else kind()

    def act(**given: Any) -> Any:
        return actions.name_deputy(by=by, **given)

    back = reverse("approvals:deputies")
    return ask(request, form, act, title=_("Name a deputy"), said=_("Deputy named"), address=reverse("approvals:name_deputy"), back=back)


@door(rules.DEPUTISE)
@methods("POST")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    actions.end_deputy(queries.deputy(pk, request.actor), by=request.actor)
    return toast(go(request, reverse("approvals:deputies")), _("Ended. They sign for nobody now."))
