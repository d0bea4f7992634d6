"""Destruction: the list, one proposal, its verbs, legal holds, certificates."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from yingxu.approvals import queries as approvals
from yingxu.base import sheets
from yingxu.base.action import check
from yingxu.base.errors import Gone
from yingxu.base.web import door, methods, page, signed_in
from yingxu.matters import actions as looks
from yingxu.matters import queries as matters
from yingxu.privacy import queries as privacy
from yingxu.ui.asking import ask

from . import actions, forms, queries, rules
from .models import Kind, Proposal, State

STATES = [("open", pgettext_lazy("destruction", "Not ended")), *State.choices]
SORTS = (("-opened", gettext_lazy("Newest first")), ("opened", gettext_lazy("Oldest first")), ("state", gettext_lazy("By state")))
KINDS = {"customer": gettext_lazy("Customer file"), "need": gettext_lazy("Need"), "meeting": gettext_lazy("Meeting"), "privacy": gettext_lazy("Privacy request")}
TONES = {"done": "good", "refused": "bad", "signing": "new", "approved": "warn"}
VERBS: dict[str, tuple[Any, Any, Any, Any, tuple[str, ...], Any]] = {
    "appraise": (gettext_lazy("Appraise"), forms.Appraise, actions.appraise, gettext_lazy("Appraised; three people are asked to sign"), ("proposed",), rules.APPRAISE),
    "keep": (gettext_lazy("Keep it"), forms.Reason, actions.keep, gettext_lazy("It is kept"), ("proposed",), rules.APPRAISE),
    "withdraw": (pgettext_lazy("destruction", "Withdraw"), forms.Reason, actions.withdraw, pgettext_lazy("destruction", "Withdrawn"), ("proposed", "signing"), rules.PROPOSE),
}  # fmt: skip


@door(rules.VIEW)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, wish = request.actor, queries.Wish.of(request.GET)
    found = queries.listed(by, wish, request.GET.get("cursor", ""))
    context = {
        "wish": wish, "slice": found, "rows": found.rows, "address": _address, "states": STATES, "kinds": Kind.choices, "sorts": SORTS, "tones": TONES,
        "may_export": by.may(rules.EXPORT), "subjects": queries.certificates(by) if wish == queries.Wish() else [],
    }  # fmt: skip
    return page(request, "destruction/index.html", context, block="rows")


def _address(wish: queries.Wish, **over: Any) -> str:
    values = {"q": wish.q, "state": wish.state, "kind": wish.kind, "sort": wish.sort, **over}
    kept = {k: v for k, v in values.items() if v and not (k == "sort" and v == "-opened")}
    return reverse("destruction:index") + (f"?{urlencode(kept)}" if kept else "")


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    kind = "csv" if request.POST.get("kind_of_file") == "csv" else "xlsx"
    heads = [
        _("Number"), pgettext("destruction", "What is destroyed"), _("State"), _("Why"), _("Proposed by"), _("Proposed at"), _("Appraised by"), _("Appraisal"), _("Certificate"),
        pgettext("destruction item", "Destroyed"), pgettext("destruction item", "Left out"), _("Digest of the list"),
    ]  # fmt: skip
    found = actions.export(by=request.actor, wish=queries.Wish.of(request.POST))
    return sheets.download(str(_("Destructions")), heads, (_cells(row) for row in found), kind=kind)


def _cells(row: Proposal) -> list[Any]:
    made = getattr(row, "certificate", None)
    return [
        row.matter.number, row.get_kind_display(), row.get_state_display(), row.reason, row.matter.owner, row.matter.opened_at, row.appraised_by, row.value,
        made and made.number, made and made.gone, made and made.left, row.digest,
    ]  # fmt: skip


@door(rules.VIEW)
@methods("GET")
def proposal(request: HttpRequest, number: str) -> HttpResponse:
    by, found = request.actor, queries.find(number, request.actor)
    offers = [(name, how[0]) for name, how in VERBS.items() if found.state in how[4] and how[5].allows(by, found)]
    if found.matter.owner_id == by.user_id:
        offers = [(name, label) for name, label in offers if name != "appraise"]
    items = list(found.items.select_related("matter"))
    context = {
        "proposal": found, "offers": offers, "tone": TONES.get(found.state, ""), "shown": approvals.panel(found.matter, by),
        "items": [(i, queries.words_of(i.counts), matters.page_of(i.matter) if i.matter.erased_at is None else reverse("destruction:gone", args=[i.number])) for i in items],
        "certificate": getattr(found, "certificate", None), "lines": matters.timeline(found.matter),
    }  # fmt: skip
    return page(request, "destruction/proposal.html", context)


@door(rules.VIEW)
@methods("GET", "POST")
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Appraise, keep or withdraw."""
    if verb not in VERBS:
        raise Gone()
    title, form, run, said, _states, rule = VERBS[verb]
    found = queries.find(number, request.actor)
    check(rule, request.actor, found)
    return ask(
        request, form(*_given(request)), lambda **given: run(found, by=request.actor, **given), title=title, said=said, number=number,
        address=reverse("destruction:act", args=[number, verb]), back=reverse("destruction:proposal", args=[number]), subject=found.get_kind_display(),
    )  # fmt: skip


def _given(request: HttpRequest) -> tuple[Any, ...]:
    return (request.POST,) if request.method == "POST" else ()


@door(rules.PROPOSE)
@methods("GET", "POST")
def propose(request: HttpRequest, number: str) -> HttpResponse:
    """Propose a file, or part of it."""
    found = queries.find_customer(number, request.actor)
    check(rules.PROPOSE, request.actor, found)
    return ask(
        request, forms.Propose(*_given(request), customer=found), lambda **given: actions.propose(found, by=request.actor, **given),
        title=_("Propose destruction"), said=_("Proposed; another person appraises it"), address=reverse("destruction:propose", args=[number]),
        back=f"{reverse('customers:profile', args=[number])}?part=destruction", number=number, subject=found.name, danger=True, wide=True,
        then=lambda made: reverse("destruction:proposal", args=[made.matter.number]),
    )  # fmt: skip


@door(rules.PROPOSE)
@methods("GET", "POST")
def propose_due(request: HttpRequest, kind: str) -> HttpResponse:
    """Propose what is over its time of one kind of data."""
    found, _rule = privacy.kind(kind)
    return ask(
        request, forms.ProposeDue(*_given(request)), lambda **given: actions.propose_due(by=request.actor, retention=kind, **given),
        title=_("Propose destruction"), said=_("Proposed; another person appraises it"), address=reverse("destruction:propose_due", args=[kind]),
        back=reverse("destruction:index"), subject=found.label, danger=True, then=lambda made: reverse("destruction:proposal", args=[made.matter.number]),
    )  # fmt: skip


@door(rules.HOLD)
@methods("GET", "POST")
def hold(request: HttpRequest, number: str) -> HttpResponse:
    """Put a file under a legal hold, or lift the one that stands."""
    found = queries.find_customer(number, request.actor)
    check(rules.HOLD, request.actor, found)
    standing = next((h for h in queries.history_of_holds(found) if h.lifted_at is None), None)
    form: Any = forms.Lift(*_given(request)) if standing else forms.Hold(*_given(request))
    run: Callable[..., Any] = (lambda **given: actions.lift(standing, by=request.actor, **given)) if standing else (lambda **given: actions.hold(found, by=request.actor, **given))
    return ask(
        request, form, run, title=_("Lift the legal hold") if standing else _("Put under a legal hold"),
        said=_("Legal hold lifted") if standing else _("Under a legal hold; nothing of it is destroyed"), address=reverse("destruction:hold", args=[number]),
        back=f"{reverse('customers:profile', args=[number])}?part=destruction", number=number, subject=found.name,
    )  # fmt: skip


@signed_in
@methods("GET")
def gone(request: HttpRequest, number: str) -> HttpResponse:
    """That a file or a need was destroyed: for those who could have seen it."""
    by = request.actor
    found = queries.grave(number, by)
    looks.look(found.matter, by=by)
    return page(request, "destruction/gone.html", {"grave": found, "matter": found.matter, "kind": KINDS.get(found.matter.kind), "may_read": queries.may_read(by, found.certificate)})


@door(rules.VIEW)
@methods("GET")
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """One certificate, to be read and printed."""
    found = queries.certificate(number, request.actor)
    facts = found.facts
    return page(request, "destruction/certificate.html", {
        "certificate": found, "facts": facts, "signed": [(step, name, datetime.fromisoformat(at)) for step, name, at in facts.get("signed", [])], "counts": queries.words_of(facts.get("counts", {})), "whole": queries.digest(facts) == found.digest,
        "kind": dict(Kind.choices).get(facts["kind"], _("At the request of the person concerned")),
    })  # fmt: skip
