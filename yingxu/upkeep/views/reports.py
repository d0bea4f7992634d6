"""Monthly reports: the list, one of them, its figures, its verbs, on paper."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.base import clock, sheets
from yingxu.base.errors import Gone
from yingxu.base.web import door, go, methods, page, toast
from yingxu.ui.asking import ask

from .. import actions, forms, queries, rhythm, rules
from ..models import Report
from .frame import entries

S = Report.State
TONES = {S.DRAFT: "", S.SUBMITTED: "info", S.READ: "good", S.ANSWERED: "good"}


@door(rules.VIEW_REPORT)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, wish = request.actor, queries.reports.Wish.of(request.GET)
    found, counts = queries.reports.listed(by, wish, request.GET.get("cursor", "")), queries.reports.counts(by)
    context = {
        "wish": wish, "rows": found.rows, "previous": _address(wish, cursor=found.previous) if found.previous else None, "next": _address(wish, cursor=found.next) if found.next else None,
        "entries": entries(by, f"reports{wish.part}", counts), "states": S.choices, "months": queries.reports.months(by), "tones": TONES, "today": clock.today(),
        "may_export": by.may(rules.EXPORT), "heading": queries.reports.PARTS.get(wish.part) or _("Monthly reports"), "plain": not (wish.state or wish.month),
        "clear": _address(queries.reports.Wish(part=wish.part)),
    }  # fmt: skip
    return page(request, "upkeep/reports.html", context)


def _address(wish: queries.reports.Wish, **over: Any) -> str:
    values = {**vars(wish), **over}
    kept = {k: v for k, v in values.items() if v and not (k == "sort" and v == "-month")}
    return reverse("upkeep:reports") + (f"?{urlencode(kept)}" if kept else "")


def _context(request: HttpRequest, report: Report) -> dict[str, Any]:
    """A report as this reader has it: what is in it is as of its moment, and what they may not see is not in it."""
    by, (first, last) = request.actor, rhythm.month(report.month)
    return {
        "report": report, "figures": queries.reports.of_report(report, by), "first": first, "last": last,
        "comments": report.comments.select_related("by"), "mine": report.matter.owner_id == by.user_id, "tones": TONES, "today": clock.today(),
        "may_write": rules.WRITE.allows(by, report), "may_read": rules.READ.allows(by, report) and report.matter.owner_id != by.user_id,
    }  # fmt: skip


def _found(request: HttpRequest, number: str) -> Report:
    """The report; a draft only for whoever writes it."""
    report = queries.reports.find(number, request.actor)
    if report.state == S.DRAFT and not rules.WRITE.allows(request.actor, report):
        raise Gone()
    return report


@door(rules.VIEW_REPORT)
@methods("GET")
def one(request: HttpRequest, number: str) -> HttpResponse:
    report = _found(request, number)
    form = forms.Draft(initial={name: getattr(report, name) for name in ("summary", "risks", "plans")})
    context = _context(request, report) | {"form": form, "entries": entries(request.actor, "reports"), "said": forms.Said()}
    return page(request, "upkeep/report.html", context)


@door(rules.VIEW_REPORT)
@methods("GET")
def paper(request: HttpRequest, number: str) -> HttpResponse:
    report = _found(request, number)
    return page(request, "upkeep/report_print.html", _context(request, report) | {"printed_by": request.actor.name, "now": clock.now()})


@door(rules.VIEW_REPORT)
@methods("GET")
def figure(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """The rows a figure stands for."""
    report = _found(request, number)
    context = _context(request, report)
    found = next((f for f in context["figures"] if f.code == code), None)
    if found is None:
        raise Gone()
    return page(request, "upkeep/figure.html", context | {"figure": found, "rows": queries.reports.behind(request.actor, found.ids), "entries": entries(request.actor, "reports")})


ACTS = ("write", "submit", "read", "comment", "answer")


@door(rules.VIEW_REPORT)
@methods("GET", "POST")
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Keep, hand in, mark as read, comment, answer."""
    report, by = _found(request, number), request.actor
    back = reverse("upkeep:report", args=[number])
    if verb not in ACTS:
        raise Gone()
    if verb == "read":
        if request.method == "POST":
            actions.read(report, by=by)
            return toast(go(request, back), _("Marked as read"))
        return go(request, back)
    form, run, title, said = _act(request, report, verb)
    return ask(
        request, form, lambda **given: run(report, by=by, **given), title=title, said=said, address=reverse("upkeep:act", args=[number, verb]), back=back,
        number=number, subject=str(report), wide=verb in ("write", "submit"),
    )  # fmt: skip


def _act(request: HttpRequest, report: Report, verb: str) -> tuple[Any, Any, Any, Any]:
    given = (request.POST,) if request.method == "POST" else ()
    first = {name: getattr(report, name) for name in ("summary", "risks", "plans")}
    found = {
        "write": (forms.Draft, actions.write, _("Keep the draft"), _("Draft kept")),
        "submit": (forms.Words, actions.submit, _("Hand in the report"), _("Handed in; its figures stay as they are now")),
        "comment": (forms.Said, actions.comment, _("Comment on the report"), _("Comment kept")),
        "answer": (forms.Said, actions.answer, pgettext("reports", "Answer the comment"), _("Answer kept")),
    }[verb]
    kind, run, title, said = found
    return kind(*given, initial=first), run, title, said


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    by, kind = request.actor, "csv" if request.POST.get("kind") == "csv" else "xlsx"
    rows = actions.export_reports(by=by, wish=queries.reports.Wish.of(request.POST))
    codes = queries.reports.FIGURES
    heads = [_("Number"), pgettext("reports", "Month"), pgettext("reports", "Written by"), _("Department"), _("State"), pgettext("upkeep", "Due on"), pgettext("reports", "Handed in at"), pgettext("reports", "Read at"), pgettext("reports", "Read by"), *(str(name) for name, _m in codes.values()), _("How the month went"), _("Risks noticed"), pgettext("reports", "Next month")]
    return sheets.download(str(_("Monthly customer reports")), heads, (_cells(by, row) for row in rows), kind=kind)


def _cells(by: Any, row: Report) -> list[Any]:
    out, matter = row.state != S.DRAFT, row.matter
    counts = {f.code: f.n for f in queries.reports.shown(by, row.figures)} if out else {}
    words = [row.summary, row.risks, row.plans] if out else ["", "", ""]
    return [
        matter.number, f"{row.month:%Y-%m}", matter.owner and matter.owner.name, matter.department and matter.department.name, row.get_state_display(), row.due_on,
        row.submitted_at, row.read_at, row.read_by and row.read_by.name, *(counts.get(code, "") for code in queries.reports.FIGURES), *words,
    ]  # fmt: skip
