"""For staff: a new code for a customer, and the places forms stand at."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import escape

from yingxu.base.errors import Invalid
from yingxu.base.web import door, go, methods, page
from yingxu.needs import queries as needs
from yingxu.needs import rules as needs_rules
from yingxu.policies import queries as policies
from yingxu.ui.qr import qr

from .. import actions, queries, rules
from ..forms import PointForm


@door(needs_rules.REPLY)
@methods("POST")
def issue(request: HttpRequest, number: str) -> HttpResponse:
    """A new code, shown once with a slip to print."""
    need = needs.find(number, request.actor)
    code = actions.issue_code(need, by=request.actor)
    address = request.build_absolute_uri(reverse("portal:door")) + f"?number={number}"
    size, cells = qr(address)
    context = {
        "need": need, "code": "-".join(code[i : i + 4] for i in range(0, 16, 4)), "address": address, "size": size, "cells": cells,
        "company": policies.company(),
    }  # fmt: skip
    return page(request, "portal/slip.html", context)


@door(rules.MANAGE)
@methods("GET", "POST")
def points(request: HttpRequest) -> HttpResponse:
    """Forms and QR codes; POST adds one."""
    form = PointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_point(by=request.actor, **form.cleaned_data)
            return go(request, reverse("portal_settings:point", args=[made.pk]))
        except Invalid as refusal:
            form.add_error(None, str(refusal))
    status = 422 if request.method == "POST" else 200
    return page(request, "portal/points.html", {"form": form, "points": queries.points()}, status=status)


@door(rules.MANAGE)
@methods("GET", "POST")
def point(request: HttpRequest, pk: int) -> HttpResponse:
    """One form: its address, QR code to print and frame to paste; POST switches it off or on."""
    found = queries.point_by_id(pk)
    if request.method == "POST":
        actions.switch_point(found, by=request.actor, active=request.POST.get("active") == "on")
        return go(request, reverse("portal_settings:point", args=[pk]))
    address = request.build_absolute_uri(reverse("portal:at_point", args=[found.slug]))
    size, cells = qr(address)
    embed = f'<iframe src="{address}?embed=1" width="100%" height="900" title="{escape(found.name)}"></iframe>'
    return page(
        request, "portal/point.html", {"point": found, "address": address, "size": size, "cells": cells, "embed": embed}
    )
