"""One emergency: the page everybody looks at while it burns, kept fresh by asking for what is new."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.base import clock, marks, sheets
from yingxu.base.errors import Invalid, Refusal
from yingxu.base.web import asked_by_htmx, door, go, methods, page, poll
from yingxu.files import queries as files
from yingxu.matters import actions as matters
from yingxu.matters import live as presence
from yingxu.matters import queries as kept
from yingxu.matters.models import Look
from yingxu.ui.frame import link

from .. import actions, forms, queries, rules
from ..models import Emergency
from ..queries.board import MOST, PARTS, LogLine
from ..states import ICON, Line
from . import looks

EVERY = 5_000  # lines when all are asked for


@door(rules.VIEW)
@methods("GET")
def detail(request: HttpRequest, number: str) -> HttpResponse:
    return page(request, "emergencies/detail.html", context(request, number))


def context(request: HttpRequest, number: str, **more: Any) -> dict[str, Any]:
    """What the page and its parts are drawn from."""
    by = request.actor
    emergency = queries.find(number, by)
    part = request.GET.get("part", "all")
    part = part if part in PARTS else "all"
    every = "every" in request.GET
    found = queries.board(emergency, by, part=part, most=EVERY if every else MOST)
    matters.look(emergency.matter, by=by, above=_above(found.lines))
    return {
        "e": emergency, "board": found, "offers": queries.offers(found, by), "part": part, "now": clock.now(), "oob": False, "oob_pulse": False, "fresh": False,
        "minutes": looks.minutes(emergency), "parts": _parts(emergency, part), "composer": composer(emergency, by), "look": looks, "here_mark": presence.here_mark(emergency.matter), "icons": ICON,
        "address": files.address, "most": files.most_level(by, emergency.matter), "is_picture": files.is_picture, "more": not every and len(found.lines) >= MOST, "by": by,
        "may_correct": lambda line: _may_correct(line, emergency, by), "reserves_href": link("emergencies:reserves") if by.may(rules.VIEW_RESERVES) else "",
        "may_move": by.may(rules.DISPATCH), "may_export": rules.EXPORT.allows(by, emergency), "may_join": rules.JOIN.allows(by, emergency) and not emergency.ended,
        "may_tell": rules.TELL.allows(by, emergency) and not emergency.ended,
        "may_see": queries.openable(found.affected, by), **more,
    }  # fmt: skip


def _above(lines: list[LogLine]) -> int:
    return files.above(file for line in lines for file in line.files)


def _parts(emergency: Emergency, part: str) -> list[dict[str, Any]]:
    here = reverse("emergencies:detail", args=[emergency.number])
    names = {"all": pgettext("tab", "All"), "decisions": _("Decisions"), "customers": _("To customers")}
    return [{"text": names[name], "href": here + ("" if name == "all" else f"?part={name}"), "current": part == name} for name in PARTS]


def _may_correct(line: LogLine, emergency: Emergency, by: Any) -> bool:
    mine = (line.entry.actor_kind, line.entry.actor_id) == (by.kind, by.id)
    return line.kind in ("line", "key") and not emergency.ended and (mine or rules.LEAD.allows(by, emergency))


# ── the log ──


def place(emergency: Emergency) -> str:
    return f"emergencies.write:{emergency.number}"


def composer(emergency: Emergency, by: Any, form: forms.Write | None = None) -> dict[str, Any] | None:
    """The line being written, with what was kept of it. None for those who may not write, or when it has ended."""
    if emergency.ended or by.user_id is None or not rules.LOG.allows(by, emergency):
        return None
    draft = kept.draft(by.user_id, place(emergency)) if form is None else None
    content = draft.content if draft else (form.data if form is not None else {})
    drafts = link("desk:drafts")
    kinds = Line.choices if rules.LEAD.allows(by, emergency) else Line.choices[:1]
    return {
        "text": content.get("text", ""), "kind": content.get("kind") or Line.FACT, "kinds": kinds,
        "draft_url": f"{drafts}?place={place(emergency)}" if drafts else None,
        "error": " ".join(str(e) for errors in form.errors.values() for e in errors) if form is not None else "",
    }  # fmt: skip


@door(rules.VIEW)
@methods("POST")
def write(request: HttpRequest, number: str) -> HttpResponse:
    """A line is written; what others wrote meanwhile comes along."""
    by = request.actor
    emergency = queries.find(number, by)
    form = forms.Write(request.POST)
    if not form.is_valid():
        return _unsent(request, number, form, 422)
    given = form.cleaned_data
    try:
        once = matters.Once.form(by, request.path, request.POST)
        matters.once_only(once, lambda: actions.write(emergency, by=by, text=given["text"], kind=given["kind"], uploads=request.FILES.getlist("uploads")))
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _unsent(request, number, form, refusal.status)
    matters.drop_draft(by.user_id, place(emergency))
    if not asked_by_htmx(request):
        return go(request, reverse("emergencies:detail", args=[number]))
    return page(request, "emergencies/detail.html", _news(request, number) | {"oob_pulse": True}, block="written")


def _unsent(request: HttpRequest, number: str, form: forms.Write, status: int) -> HttpResponse:
    """The line as it was typed, with the reason."""
    found = context(request, number)
    return page(request, "emergencies/detail.html", found | {"composer": composer(found["e"], request.actor, form)}, block="composer", status=status)


@poll
@door(rules.VIEW)
@methods("GET")
def live(request: HttpRequest, number: str) -> HttpResponse:
    """What is new since the page was drawn: 204 when nothing is."""
    emergency = queries.find(number, request.actor)
    if request.GET.get("v") == _mark(queries.version(emergency)):
        return HttpResponse(status=204)
    return page(request, "emergencies/detail.html", _news(request, number), block="news")


def _mark(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _news(request: HttpRequest, number: str) -> dict[str, Any]:
    """The parts beside the log anew; of the log only what came after the last line seen, or all of it when something slipped in
    before that line."""
    found = context(request, number) | {"oob": True, "fresh": True}
    last, many = _seen(request.POST.get("v") or request.GET.get("v", ""))
    emergency, part = found["e"], found["part"]
    newer = queries.log(emergency, request.actor, since=last, part="all")
    found["whole"] = part != "all" or queries.stated_until(emergency, last) != many
    found["newer"] = [line for line in newer if line.entry.pk > last]
    found["mended"] = [line for line in newer if line.entry.pk <= last]
    return found


def _seen(mark: str) -> tuple[int, int]:
    last, _dot, many = mark.partition(".")
    if not (last.isdecimal() and many.isdecimal() and len(mark) < 30):
        raise Invalid(_("This page is too old; reload it."))
    return int(last), int(many)


@door(rules.EXPORT)
@methods("POST")
def export_report(request: HttpRequest, number: str) -> HttpResponse:
    """The log as a workbook."""
    emergency = queries.find(number, request.actor)
    lines = actions.export_report(emergency, by=request.actor)
    heads = [_("When"), _("Who"), _("Kind of line"), pgettext("ledger", "What"), pgettext("ledger", "Words"), _("Corrected from")]
    rows = (
        [line.entry.at, line.who, _("decided") if line.kind == "key" else "", "" if line.kind in ("line", "key") else str(line.sentence), line.words,
         [text for text, _at, _who in line.old]]
        for line in lines
    )  # fmt: skip
    return sheets.download(f"{_('After-action report')} {number}", heads, rows)


@door(rules.VIEW)
@methods("GET")
def print_view(request: HttpRequest, number: str) -> HttpResponse:
    """The after-action report on paper: what happened, when, who was told, what was used, what was learnt."""
    emergency = queries.find(number, request.actor)
    found = queries.board(emergency, request.actor, most=EVERY)
    matters.look(emergency.matter, by=request.actor, what=Look.What.PRINT, above=_above(found.lines))
    context_ = {"e": emergency, "board": found, "lines": list(reversed(found.lines)), "now": clock.now(), "minutes": looks.minutes(emergency), "printed_by": request.actor.name, "look": looks, "mark": marks.taken()}
    return page(request, "emergencies/print.html", context_)
