"""Answers while somebody types: colleagues, and other needs."""

from django.http import HttpRequest, HttpResponse

from yingxu.base.web import door, methods, page
from yingxu.people import queries as people
from yingxu.people.fields import said

from .. import queries, rules
from ..states import State

MOST = 8


def _typed(request: HttpRequest) -> tuple[str, str]:
    """(the field's name, what was typed): a finder asks with its own field."""
    return next(((name, text.strip()) for name, text in request.GET.items() if text.strip()), ("q", ""))


@door(rules.VIEW)
@methods("GET")
def colleagues(request: HttpRequest) -> HttpResponse:
    """People whose name or sign-in name contains what was typed."""
    name, text = _typed(request)
    found = people.colleagues(text)[:MOST] if text else []
    items = [
        {"name": u.name, "avatar_id": u.pk, "note": u.department.name if u.department else "", "fills": {name: said(u)}} for u in found
    ]
    return page(request, "needs/found.html", {"items": items, "query": text, "mention": name == "mention"})


@door(rules.VIEW)
@methods("GET")
def found(request: HttpRequest) -> HttpResponse:
    """Needs by register number or by words."""
    name, text = _typed(request)
    rows = queries.inbox(request.actor, queries.Filters(q=text, size=MOST)).rows if text else []
    items = [
        {"name": row["matter__number"], "note": row["matter__title"], "side": State(row["state"]).label, "avatar_id": row["matter_id"],
         "fills": {name: row["matter__number"]}}
        for row in rows
    ]  # fmt: skip
    return page(request, "needs/found.html", {"items": items, "query": text, "mention": False})
