"""The staff's hall: home, search and commands, the list of settings, drafts, health."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as settings_of
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from yingxu.base import clock
from yingxu.base.errors import Gone, Invalid
from yingxu.base.web import even_when_full, go, methods, page, poll, public, signed_in
from yingxu.matters import actions as matters
from yingxu.matters import queries as kept
from yingxu.needs.queries import dayend
from yingxu.notices import queries as notices
from yingxu.ui import live
from yingxu.upkeep import queries as upkeep

from . import health as checks
from . import metrics as counting
from . import queries

PLACE = re.compile(r"[a-z]+(\.[a-z_]+)+(:[A-Za-z0-9-]{1,40})?")
ON = re.compile(r"^/needs/(\d{4}-\d+)/")  # the need whose page somebody is on
_NOT_KEPT = {"csrfmiddlewaretoken", "next", "password", "old", "new", "again", "place"}


@signed_in
@methods("GET")
def home(request: HttpRequest) -> HttpResponse:
    by = request.actor
    turns = queries.turns(by)
    waiting, raised = queries.raised(by)
    context = {
        "today": clock.now(),
        "figures": queries.figures(by),
        "turns": turns,
        "waiting": waiting,
        "raised": raised,
        "rows": [queries.shown(turn) for turn in turns],
        "signatures": queries.my_signatures(by),
        "tasks": queries.my_tasks(by),
        "upkeep": upkeep.rounds.at_hand(by),
        "meetings": queries.my_meetings(by),
        "unsent": queries.unsent(by),
        "ending": dayend.ending(by),
        "notices": notices.latest(by),
    }
    return page(request, "desk/home.html", context)


@signed_in
@methods("GET")
def palette(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "")
    stands = ON.search(urlsplit(request.headers.get("HX-Current-URL", "")).path)
    found = queries.search(request.actor, text, on=stands[1] if stands else "")
    return page(request, "desk/palette.html", {"q": text.strip(), "found": found}, block="found")


@poll
@even_when_full
@signed_in
@methods("POST")
def pulse(request: HttpRequest) -> HttpResponse:
    """The heartbeat of an open page: what is no longer as it was drawn, or 204. POST, since it says that somebody is here."""
    changed = live.changed(request)
    return HttpResponse(changed) if changed else HttpResponse(status=204)


@signed_in
@methods("GET")
def settings(request: HttpRequest) -> HttpResponse:
    return page(request, "desk/settings.html", {"groups": queries.settings_by_group(request.actor)})


@signed_in
@methods("GET", "POST")
def drafts(request: HttpRequest) -> HttpResponse:
    """What was typed in a form, kept until it is sent; `place` names the form."""
    place = request.GET.get("place") or request.POST.get("place") or ""
    if not PLACE.fullmatch(place) or len(place) > 80:
        raise Invalid(_("This is not the name of a form."), code="place")
    user_id = request.actor.user_id
    if request.method == "POST":
        draft = matters.save_draft(user_id, place, _typed(request))
        if "discard" in request.POST:
            matters.drop_draft(user_id, place)
            return go(request, "/")
    else:
        draft = kept.draft(user_id, place)
    saved = draft.saved_at.isoformat() if draft else None
    return JsonResponse({"content": draft.content if draft else {}, "saved_at": saved})


def _typed(request: HttpRequest) -> dict[str, Any]:
    """The fields of the form as they were typed; several of one name as a list."""
    given = {name: request.POST.getlist(name) for name in request.POST if name not in _NOT_KEPT}
    return {name: values[0] if len(values) == 1 else values for name, values in given.items()}


@public
@methods("GET")
def healthz(request: HttpRequest) -> HttpResponse:
    """200 or 503; what exactly is wrong is told to this machine only."""
    found = checks.checks()
    well = all(value == "ok" for value in found.values())
    local = request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers
    body: dict[str, Any] = {"status": "ok" if well else "trouble"}
    return JsonResponse({**body, "checks": found} if local else body, status=200 if well else 503)


@public
@methods("GET")
def metrics(request: HttpRequest) -> HttpResponse:
    """The counts, in the text format of Prometheus, for this machine or whoever holds the token; nothing is there for others."""
    local = request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers
    held = settings_of.METRICS_TOKEN and constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings_of.METRICS_TOKEN}")
    if not (local or held):
        raise Gone()
    return HttpResponse(counting.text(), content_type="text/plain; version=0.0.4; charset=utf-8")


@public
@methods("GET")
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")
