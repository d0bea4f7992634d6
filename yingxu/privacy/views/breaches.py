"""Breaches of personal data: the list, one of them, its verbs, whom it affects, what authority and persons are told."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from yingxu.base import clock, sheets
from yingxu.base.action import check
from yingxu.base.errors import Gone
from yingxu.base.web import door, methods, page
from yingxu.deadlines import queries as deadlines
from yingxu.matters import queries as matters
from yingxu.matters.actions import Once, once_only
from yingxu.tasks import queries as tasks
from yingxu.ui.asking import ask

from .. import actions, fields, forms, queries, rules
from ..models import Breach
from .listing import address, wished
from .requests import Verb

State = Breach.State
STATES: list[tuple[str, Any]] = [("running", pgettext_lazy("breach", "Not closed")), *State.choices]
SORTS = (("-found", gettext_lazy("Newest first")), ("found", gettext_lazy("Oldest first")))
TONES = {"open": "bad", "review": "warn", "closed": "good"}
_OPEN = (State.OPEN.value,)
VERBS: dict[str, tuple[Verb, Any]] = {
    "authority": (Verb(forms.Authority, actions.tell_authority, gettext_lazy("The authority is told"), pgettext_lazy("privacy", "Noted"), _OPEN), rules.HANDLE_BREACH),
    "describe": (Verb(forms.Describe, actions.describe_breach, gettext_lazy("Write down what is known"), gettext_lazy("Saved"), _OPEN), rules.HANDLE_BREACH),
    "choose": (Verb(forms.Choose, actions.choose_affected, gettext_lazy("Choose who is affected"), gettext_lazy("Chosen"), _OPEN), rules.HANDLE_BREACH),
    "tell": (Verb(forms.TellPersons, actions.tell_persons, gettext_lazy("Tell the persons"), gettext_lazy("Told"), _OPEN), rules.HANDLE_BREACH),
    "spare": (Verb(forms.Why, actions.spare_persons, gettext_lazy("They need not be told"), pgettext_lazy("privacy", "Noted"), _OPEN), rules.HANDLE_BREACH),
    "note": (Verb(forms.NoteForm, actions.note_breach, gettext_lazy("Write down a step"), pgettext_lazy("privacy", "Noted"), _OPEN), rules.HANDLE_BREACH),
    "finish": (Verb(forms.Lessons, actions.ask_closing, gettext_lazy("Ask to close it"), gettext_lazy("Waits for another person's review"), _OPEN), rules.HANDLE_BREACH),
    "review": (Verb(forms.Review, actions.review_breach, pgettext_lazy("privacy", "Review"), gettext_lazy("Reviewed"), (State.REVIEW.value,)), rules.REVIEW),
}  # fmt: skip


def _wish(asked: Any) -> queries.BreachWish:
    known = {"state": dict(STATES), "size": Breach.Size.values, "drill": ("yes", "no"), "sort": queries.BREACH_SORTS}
    return wished(queries.BreachWish, asked, known)


def _kinds(found: Breach) -> list[str]:
    return [str(fields.KINDS[code].label) for code in found.fields if code in fields.KINDS]


@door(rules.VIEW_BREACHES)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, wish = request.actor, _wish(request.GET)
    found = queries.breaches_page(by, wish, request.GET.get("cursor", ""))
    context = {
        "wish": wish, "slice": found, "rows": found.rows, "states": STATES, "sizes": Breach.Size.choices, "sorts": SORTS, "tones": TONES,
        "address": address("breaches:index", queries.BreachWish), "may_export": by.may(rules.EXPORT), "may_report": by.may(rules.REPORT),
        "plain": wish == queries.BreachWish(),
    }  # fmt: skip
    return page(request, "privacy/breaches.html", context, block="rows")


@door(rules.VIEW_BREACHES)
@methods("GET")
def one(request: HttpRequest, number: str) -> HttpResponse:
    by, found = request.actor, queries.breach(number, request.actor)
    offers = [(name, verb) for name, (verb, rule) in VERBS.items() if found.state in verb.states and rule.allows(by, found) and _makes_sense(name, found, by)]
    context = {
        "b": found, "offers": offers, "tone": TONES[found.state], "kinds": _kinds(found), "lines": matters.timeline(found.matter),
        "clocks": [(c.get_step_display(), c.due_at, c.get_outcome_display(), _drawn(c)) for c in deadlines.clocks(found.matter)],
        "count": queries.affected_count(found, by), "handles": rules.HANDLE_BREACH.allows(by, found),
    }  # fmt: skip
    return page(request, "privacy/breach.html", context)


def _makes_sense(name: str, found: Breach, by: Any) -> bool:
    if name == "authority":
        return found.authority_at is None
    if name == "spare":
        return found.told_at is None
    if name == "tell":
        return found.told_at is None or found.spared
    return name != "review" or found.asked_by_id != by.user_id


def _drawn(c: Any) -> dict[str, Any] | None:
    return tasks.drawn(tasks.span(c.started_at, c.due_at, None, calendar=deadlines.calendar())) if c.open and c.due_at else None


@door(rules.VIEW_BREACHES)
@methods("GET")
def persons(request: HttpRequest, number: str) -> HttpResponse:
    """The affected customers this person may see."""
    found = queries.breach(number, request.actor)
    listed = queries.affected(found, request.actor, request.GET.get("cursor", ""))
    context = {"b": found, "slice": listed, "rows": [(m, matters.page_of(m)) for m in listed.rows], "count": queries.affected_count(found, request.actor)}
    return page(request, "privacy/affected.html", context)


@door(rules.HANDLE_BREACH)
@methods("GET")
def report(request: HttpRequest, number: str) -> HttpResponse:
    """What the authority is told, to be printed or copied (art. 57)."""
    found = queries.breach(number, request.actor)
    return page(request, "privacy/breach_report.html", {"b": found, "kinds": _kinds(found), "count": queries.affected_count(found, request.actor)})


@door(rules.REPORT)
@methods("GET", "POST")
def new(request: HttpRequest) -> HttpResponse:
    by = request.actor
    form = forms.ReportForm(request.POST if request.method == "POST" else None, initial={"found_at": clock.now()})

    def begin(**given: Any) -> Breach:
        return once_only(Once.form(by, "privacy.report", request.POST), lambda: actions.report_breach(by=by, **given))[0]

    back = reverse("breaches:index") if by.may(rules.VIEW_BREACHES) else "/"
    return ask(
        request, form, begin, title=_("Report a breach"), said=_("Reported; those who handle breaches are told"), address=reverse("breaches:new"), back=back,
        wide=True, then=lambda made: reverse("breaches:one", args=[made.matter.number]) if by.may(rules.VIEW_BREACHES) else back,
    )  # fmt: skip


def _first(verb: str, found: Breach) -> dict[str, Any]:
    if verb == "describe":
        return {name: getattr(found, name) for name in ("what", "size", "happened", "cause", "harm", "measures", "persons")} | {"fields_": found.fields}
    if verb == "tell":
        values = {"happened": found.happened, "kinds": "、".join(_kinds(found)), "harm": found.harm or "…", "measures": found.measures or "…"}
        text = _("What happened to your personal data: %(happened)s\nData concerned: %(kinds)s\nWhat may come of it: %(harm)s\nWhat we did and what you can do: %(measures)s\nYou reach us at our customer service.")
        return {"text": text % values}
    return {}


@door(rules.VIEW_BREACHES)
@methods("GET", "POST")
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """A step of handling it, or the review of its closing."""
    if verb not in VERBS:
        raise Gone()
    (how, rule), found = VERBS[verb], queries.breach(number, request.actor)
    check(rule, request.actor, found)
    form = how.form(request.POST if request.method == "POST" else None, initial=_first(verb, found))
    return ask(
        request, form, lambda **given: how.act(found, by=request.actor, **given), title=how.label, said=how.said, number=number,
        address=reverse("breaches:act", args=[number, verb]), back=reverse("breaches:one", args=[number]), subject=found.matter.title,
        wide=verb in ("describe", "choose", "tell"),
    )  # fmt: skip


@door(rules.EXPORT)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    kind = "csv" if request.POST.get("kind_of_file") == "csv" else "xlsx"
    heads = [
        _("Number"), pgettext("breach", "In short"), pgettext("breach", "What happened to the data"), _("Size"), _("State"), _("Drill"), _("Found at"),
        _("Kinds of data concerned"), _("How many persons are affected"), _("Cause"), _("Possible harm"), _("Measures"), _("Authority told at"), _("Authority"),
        _("Persons told at"), _("How"), _("What was learnt"), _("Reviewed by"),
    ]  # fmt: skip
    found = actions.export_breaches(by=request.actor, wish=_wish(request.POST))
    rows = (
        [b.matter.number, b.matter.title, b.get_what_display(), b.get_size_display(), b.get_state_display(), b.drill, b.found_at, _kinds(b), b.persons,
         b.cause, b.harm, b.measures, b.authority_at, b.authority, b.told_at, b.told_how, b.lessons, b.reviewed_by]
        for b in found
    )  # fmt: skip
    return sheets.download(str(_("Breaches of personal data")), heads, rows, kind=kind)
