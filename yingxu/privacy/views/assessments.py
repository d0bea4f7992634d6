"""Impact assessments: the list, one of them, its verbs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base import sheets
from yingxu.base.action import check
from yingxu.base.errors import Gone
from yingxu.base.web import door, methods, page
from yingxu.matters import queries as matters
from yingxu.matters.actions import Once, once_only
from yingxu.ui.asking import ask

from .. import actions, forms, queries, rules
from ..models import Assessment
from .listing import address, wished
from .requests import Verb

State = Assessment.State
STATES: list[tuple[str, Any]] = [("due", gettext_lazy("To be looked at again")), *State.choices]
SORTS = (("-opened", gettext_lazy("Newest first")), ("opened", gettext_lazy("Oldest first")), ("due", gettext_lazy("Nearest date first")))
TONES = {"approved": "good", "stopped": "bad", "review": "new"}
VERBS: dict[str, tuple[Verb, Any]] = {
    "submit": (Verb(forms.Nothing, actions.submit_assessment, gettext_lazy("Hand in for review"), gettext_lazy("Waits for another person's review"), ("draft",)), rules.ASSESS),
    "review": (Verb(forms.Review, actions.review_assessment, pgettext_lazy("privacy", "Review"), gettext_lazy("Reviewed"), ("review",)), rules.REVIEW),
    "confirm": (Verb(forms.Confirm, actions.confirm_assessment, gettext_lazy("It still holds"), gettext_lazy("Looked at again"), ("approved",)), rules.REVIEW),
    "revoke": (Verb(forms.Revoke, actions.revoke_assessment, gettext_lazy("Take it back"), gettext_lazy("It no longer holds"), ("approved",), danger=True), rules.REVIEW),
}  # fmt: skip


def _wish(asked: Any) -> queries.AssessmentWish:
    return wished(queries.AssessmentWish, asked, {"state": dict(STATES), "kind": Assessment.Kind.values, "sort": queries.ASSESSMENT_SORTS})


@door(rules.VIEW_ASSESSMENTS)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, wish = request.actor, _wish(request.GET)
    found = queries.assessments_page(by, wish, request.GET.get("cursor", ""))
    context = {
        "wish": wish, "slice": found, "rows": found.rows, "states": STATES, "kinds": Assessment.Kind.choices, "sorts": SORTS, "tones": TONES,
        "address": address("assessments:index", queries.AssessmentWish), "may_export": by.may(rules.EXPORT), "may_write": by.may(rules.ASSESS),
        "plain": wish == queries.AssessmentWish(),
    }  # fmt: skip
    return page(request, "privacy/assessments.html", context, block="rows")


@door(rules.VIEW_ASSESSMENTS)
@methods("GET")
def one(request: HttpRequest, number: str) -> HttpResponse:
    by, found = request.actor, queries.assessment(number, request.actor)
    mine = found.matter.owner_id == by.user_id
    offers = [(name, verb) for name, (verb, rule) in VERBS.items() if found.state in verb.states and rule.allows(by, found) and not (mine and rule is rules.REVIEW)]
    context = {
        "a": found, "offers": offers, "tone": TONES.get(found.state, ""), "lines": matters.timeline(found.matter), "rests": queries.rests_on(found),
        "may_edit": found.state == State.DRAFT and rules.ASSESS.allows(by, found),
    }  # fmt: skip
    return page(request, "privacy/assessment.html", context)


@door(rules.ASSESS)
@methods("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    by = request.actor
    form = forms.AssessmentForm(request.POST if request.method == "POST" else None)

    def begin(**given: Any) -> Assessment:
        return once_only(Once.form(by, "privacy.assess", request.POST), lambda: actions.begin_assessment(by=by, **given))[0]

    return ask(
        request, form, begin, title=_("Begin an impact assessment"), said=_("Begun"), address=reverse("assessments:new"), back=reverse("assessments:index"),
        wide=True, then=lambda made: reverse("assessments:one", args=[made.matter.number]),
    )  # fmt: skip


@door(rules.ASSESS)
@methods("GET", "POST")
def edit(request: HttpRequest, number: str) -> HttpResponse:
    found = queries.assessment(number, request.actor)
    first = {name: getattr(found, name) for name in forms.AssessmentForm.base_fields if name != "title"} | {"title": found.matter.title}
    form = forms.AssessmentForm(request.POST if request.method == "POST" else None, initial=first)
    return ask(
        request, form, lambda **given: actions.rewrite_assessment(found, by=request.actor, **given), title=_("Rewrite the assessment"), said=_("Saved"),
        address=reverse("assessments:edit", args=[number]), back=reverse("assessments:one", args=[number]), number=number, wide=True,
    )  # fmt: skip


@door(rules.VIEW_ASSESSMENTS)
@methods("GET", "POST")
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Hand in, review, confirm or take back."""
    if verb not in VERBS:
        raise Gone()
    (how, rule), found = VERBS[verb], queries.assessment(number, request.actor)
    check(rule, request.actor, found)
    form = how.form(request.POST if request.method == "POST" else None)
    return ask(
        request, form, lambda **given: how.act(found, by=request.actor, **given), title=how.label, said=how.said, number=number, danger=how.danger,
        address=reverse("assessments:act", args=[number, verb]), back=reverse("assessments:one", args=[number]), subject=found.matter.title,
    )  # fmt: skip


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    kind = "csv" if request.POST.get("kind_of_file") == "csv" else "xlsx"
    heads = [
        _("Number"), _("What is assessed"), _("What asks for it"), _("State"), _("Risk"), _("Decision"), _("Author"), _("Reviewed by"), _("Reviewed at"),
        _("Looked at again by"), _("Kept until"), _("Purpose, and why it is lawful, proper and needed"), _("What it does to the rights of the persons"),
        _("What may go wrong"), _("Measures, and why they are enough"),
    ]  # fmt: skip
    found = actions.export_assessments(by=request.actor, wish=_wish(request.POST))
    rows = (
        [a.matter.number, a.matter.title, a.get_kind_display(), a.get_state_display(), a.get_risk_display(), a.get_decision_display(), a.matter.owner,
         a.reviewed_by, a.reviewed_at, a.review_on, a.kept_until, a.need, a.influence, a.dangers, a.measures]
        for a in found
    )  # fmt: skip
    return sheets.download(str(_("Impact assessments")), heads, rows, kind=kind)
