"""The policy at work: clauses with their controls and evidence; the pack it came from."""

import io
import zipfile
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yingxu.base import clock
from yingxu.base.web import door, go, methods, page
from yingxu.matters.queries import page_of, visible_matters
from yingxu.needs import queries as needs
from yingxu.needs import rules as need_rules

from . import actions, packs, queries, rules, toml

PERIODS = {"now": _("This quarter"), "last": _("Last quarter"), "year": _("The year")}
SORTS = {"clock": "clock", "lock": "lock", "record": "list"}


@door(rules.VIEW)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    asked = {k: request.GET.get(k, "") for k in ("period", "chapter", "only", "clause")}
    period = asked["period"] if asked["period"] in PERIODS else "now"
    start, end = _span(period)
    seen = needs.visible_to(request.actor).order_by().values("pk")
    found = queries.clauses(start, end, seen)
    shown = [k for k in found if (not asked["chapter"] or k.clause.chapter == asked["chapter"])]
    counts = {only: sum(k.verdict == only for k in shown) for only in ("kept", "broken", "idle")}
    if asked["only"] in ("broken", "idle"):
        shown = [k for k in shown if k.verdict == asked["only"]]
    chosen = next((k for k in found if k.clause.number == asked["clause"]), None)
    context = {
        "pack": queries.installed(), "all": found, "shown": shown, "counts": counts, "chapters": queries.chapters(found), "period": period,
        "periods": PERIODS, "asked": asked, "chosen": chosen, "evidence": _evidence(request, chosen), "icons": SORTS,
        "tallies": {c.name: t for k in found for c, t in k.tallies}, "start": start, "end": end,
        "blind": not need_rules.VIEW.allows(request.actor), "totals": _totals(found),
    }  # fmt: skip
    return page(request, "policies/index.html", context)


def _span(period: str) -> tuple[datetime, datetime]:
    now = clock.now()
    if period == "year":
        return queries.quarter(now, 3)[0], queries.quarter(now)[1]
    return queries.quarter(now, 1 if period == "last" else 0)


def _totals(found: list[queries.Kept]) -> dict[str, Any]:
    """Every control once, though several clauses name it."""
    once = {control.name: tally for kept in found for control, tally in kept.tallies}
    kept, failed = sum(t.kept for t in once.values()), sum(t.failed for t in once.values())
    return {"controls": len(once), "checks": kept + failed, "share": kept / (kept + failed) if kept + failed else None}


def _evidence(request: HttpRequest, chosen: queries.Kept | None) -> list[dict[str, Any]]:
    """The newest times the clause was broken, with the need behind each; only needs this person may see are counted at all."""
    if chosen is None:
        return []
    broken = sorted(((e, c) for c, t in chosen.tallies for e in t.broken), key=lambda pair: pair[0].at, reverse=True)[:20]
    matters = {m.pk: m for m in visible_matters(request.actor).filter(pk__in=[e.matter_id for e, _c in broken]).select_related("owner", "department")}
    return [
        {"at": e.at, "note": e.note, "control": c, "matter": m, "href": page_of(m)}
        for e, c in broken
        if (m := matters.get(e.matter_id)) is not None
    ]


@door(rules.MANAGE)
@methods("GET")
def pack(request: HttpRequest) -> HttpResponse:
    return _pack(request)


@door(rules.MANAGE)
@methods("POST")
def install(request: HttpRequest) -> HttpResponse:
    name = request.POST.get("pack", "")
    installed = queries.installed()
    if name not in packs.shipped() or (installed is not None and installed.name != name):
        raise Http404
    actions.install(name, by=request.actor)
    return go(request, reverse("policies:pack") + "?saved")


@door(rules.MANAGE)
@methods("POST")
def name(request: HttpRequest) -> HttpResponse:
    actions.name_company(by=request.actor, name=request.POST.get("name", ""))
    return go(request, reverse("policies:pack") + "?saved")


@door(rules.MANAGE)
@methods("GET")
def export(request: HttpRequest) -> HttpResponse:
    """What is configured now, as a pack in a zip file."""
    about = queries.about()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, text in toml.files(about, queries.present()).items():
            archive.writestr(f"{about['name']}/{file}", text)
    answer = HttpResponse(buffer.getvalue(), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{about["name"]}-{about["version"]}.zip"'
    return answer


def _pack(request: HttpRequest, *, status: int = 200) -> HttpResponse:
    installed = queries.installed()
    newer = None
    if installed is not None and installed.name in packs.shipped():
        shipped = packs.load(packs.folder(installed.name))
        newer = shipped if shipped.digest != installed.digest else None
    context = {
        "installed": installed, "newer": newer, "shipped": packs.shipped(), "history": queries.history(), "company": queries.company(),
        "edits": queries.edits(installed.content, queries.present()) if installed else [], "saved": "saved" in request.GET,
    }  # fmt: skip
    return page(request, "policies/pack.html", context, status=status)
