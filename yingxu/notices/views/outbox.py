"""What leaves the house, for those who look after it."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.base.errors import Gone
from yingxu.base.sheets import download
from yingxu.base.web import door, go, methods, page, toast
from yingxu.matters import actions as matters

from .. import actions, queries, rules
from ..models import Channel, Delivery

SORTS = ("-id", "id", "next_at")


def _wish(given: QueryDict) -> queries.Wish:
    state, channel, sort, since = (given.get(name, "") for name in ("state", "channel", "sort", "since"))
    try:
        day = date.fromisoformat(since) if since else None
    except ValueError:
        day = None
    return queries.Wish(
        state=state if state in Delivery.State.values else "", channel=channel if channel in Channel.values else "",
        text=given.get("q", "").strip()[:100], sort=sort if sort in SORTS else "-id", since=day,
    )  # fmt: skip


def _address(wish: queries.Wish, **over: Any) -> str:
    values = {"state": wish.state, "channel": wish.channel, "q": wish.text, "sort": wish.sort, "since": wish.since or "", **over}
    if values["sort"] == "-id":
        values.pop("sort")
    kept = {k: v for k, v in values.items() if v}
    return reverse("notices:outbox") + (f"?{urlencode(kept)}" if kept else "")


@door(rules.OUTBOX)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    wish = _wish(request.GET)
    found = queries.outbox(request.actor, wish, request.GET.get("cursor", ""))
    context = {
        "wish": wish, "slice": found, "rows": [queries.shown(row) for row in found.rows], "address": _address, "states": Delivery.State.choices,
        "channels": Channel.choices, "sorts": [("-id", pgettext("outbox", "Newest first")), ("id", pgettext("outbox", "Oldest first")), ("next_at", _("Next try first"))],
        "any": bool(wish.state or wish.channel or wish.text or wish.since),
    }  # fmt: skip
    return page(request, "notices/outbox.html", context, block="rows")


@door(rules.OUTBOX)
@methods("POST")
def export(request: HttpRequest) -> HttpResponseBase:
    """The list as it is shown."""
    asked = _wish(request.POST)
    heads, rows = queries.table(request.actor, asked)
    found = list(rows)
    matters.exported("outbox", by=request.actor, rows=len(found), words=asked.text)
    return download(_("Outbox"), heads, found, kind=request.POST.get("kind", "xlsx"))


@door(rules.OUTBOX)
@methods("GET")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    row = _found(request, pk)
    context = {
        "shown": queries.shown(row), "d": row, "attempts": queries.attempts_of(row), "body": queries.body_of(row), "papers": queries.parts_for(row, request.actor),
    }  # fmt: skip
    return page(request, "notices/delivery.html", context)


@door(rules.OUTBOX)
@methods("POST")
def release(request: HttpRequest, pk: int) -> HttpResponse:
    row = actions.release(_found(request, pk), by=request.actor)
    return toast(go(request, reverse("notices:delivery", args=[row.pk])), _("It is sent again"))


@door(rules.OUTBOX)
@methods("POST")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    row = actions.cancel(_found(request, pk), by=request.actor)
    return toast(go(request, reverse("notices:delivery", args=[row.pk])), _("It does not leave"))


def _found(request: HttpRequest, pk: int) -> Delivery:
    found = queries.delivery(request.actor, pk)
    if found is None:
        raise Gone()
    return found
