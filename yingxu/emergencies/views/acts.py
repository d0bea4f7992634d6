"""One form for every verb: a table says which input it takes and which action it is; the rest is the same for all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from yingxu.base.action import check
from yingxu.base.errors import Gone, Invalid, Refusal, WrongMoment
from yingxu.base.web import door, go, methods, page, toast
from yingxu.matters.actions import Once, look, once_only

from .. import actions, forms, queries, rules
from ..models import Emergency
from ..queries.offers import LABEL, RULE
from .lists import blame


@dataclass(frozen=True)
class Verb:
    """What a verb asks, which action it is, what is said when it is done."""

    form: type[forms.VerbForm]
    act: Callable[..., Any]
    said: Any
    danger: bool = False


def _tell_end(emergency: Emergency, **given: Any) -> Any:
    return actions.tell(emergency, end=True, **given)


def _dispatch(emergency: Emergency, *, by: Any, resource: Any, **given: Any) -> Any:
    return actions.dispatch(resource, by=by, emergency=emergency, **given)


VERBS: dict[str, Verb] = {
    "acknowledge": Verb(forms.Bare, actions.acknowledge, gettext_lazy("Acknowledged")),
    "tell": Verb(forms.Tell, actions.tell, gettext_lazy("Customers told, the countdown begins again")),
    "tell_end": Verb(forms.Tell, _tell_end, gettext_lazy("Customers told that it is over")),
    "solve": Verb(forms.Solve, actions.solve, gettext_lazy("Solved; tell the customers now")),
    "again": Verb(forms.Reason, actions.break_out_again, gettext_lazy("Under way again"), danger=True),
    "review": Verb(forms.Review, actions.review, gettext_lazy("Review written")),
    "close": Verb(forms.Bare, actions.close, gettext_lazy("Closed")),
    "call_off": Verb(forms.Reason, actions.call_off, gettext_lazy("Called off"), danger=True),
    "hand_over": Verb(forms.HandOver, actions.hand_over, gettext_lazy("Handed over")),
    "plan": Verb(forms.Plan, actions.plan, gettext_lazy("Plan written")),
    "join": Verb(forms.Join, actions.join, gettext_lazy("Added")),
    "leave": Verb(forms.Leave, actions.leave, gettext_lazy("Taken off the list")),
    "call_in": Verb(forms.CallIn, actions.call_in, gettext_lazy("Called")),
    "standing": Verb(forms.Standing, actions.set_standing, gettext_lazy("Noted")),
    "cadence": Verb(forms.Cadence, actions.set_cadence, gettext_lazy("Set")),
    "task": Verb(forms.Task, actions.give_task, gettext_lazy("Task given")),
    "meeting": Verb(forms.Meeting, actions.call_meeting, gettext_lazy("Meeting called, invitations are on their way")),
    "dispatch": Verb(forms.Dispatch, _dispatch, gettext_lazy("Dispatched")),
    "enclose": Verb(forms.Enclose, actions.write, gettext_lazy("Noted, with its files")),
    "correct": Verb(forms.Correct, actions.correct, gettext_lazy("Corrected, the old words stay readable")),
}


@door(rules.VIEW)
@methods("GET", "POST")
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """GET asks for what the verb needs; POST does it. Whatever is refused comes back with everything typed still there."""
    emergency, how = queries.find(number, request.actor), VERBS.get(verb)
    if how is None:
        raise Gone()
    look(emergency.matter, by=request.actor)
    return _do(request, emergency, verb, how) if request.method == "POST" else _ask(request, emergency, verb, how)


def _ask(request: HttpRequest, emergency: Emergency, verb: str, how: Verb) -> HttpResponse:
    by = request.actor
    check(RULE[verb], by, emergency)
    if refused := queries.refused(verb, queries.board(emergency, by, most=1), by):
        raise WrongMoment(refused)
    known = {k: v for k, v in request.GET.items() if k in ("affected", "line", "resource")}
    return _form(request, emergency, verb, how, how.form(emergency=emergency, by=by, initial=known))


def _do(request: HttpRequest, emergency: Emergency, verb: str, how: Verb) -> HttpResponse:
    form = how.form(request.POST, request.FILES, emergency=emergency, by=request.actor)
    if "more" in request.POST and isinstance(form, forms.Review):
        form.more()
        form._errors = {}
        return _form(request, emergency, verb, how, form)
    if not form.is_valid():
        return _form(request, emergency, verb, how, form, status=422)
    try:
        once_only(Once.form(request.actor, request.path, request.POST), lambda: how.act(emergency, by=request.actor, **form.values()))
    except Invalid as refusal:
        blame(form, refusal)
        return _form(request, emergency, verb, how, form, status=422)
    except Refusal as refusal:
        return _form(request, emergency, verb, how, form, refusal=refusal, status=refusal.status)
    return toast(go(request, reverse("emergencies:detail", args=[emergency.number])), how.said)


def _form(request: HttpRequest, emergency: Emergency, verb: str, how: Verb, form: forms.VerbForm, *, refusal: Refusal | None = None, status: int = 200) -> HttpResponse:
    context = {
        "e": emergency, "verb": verb, "how": how, "form": form, "title": LABEL[verb], "refusal": refusal,
        "back": reverse("emergencies:detail", args=[emergency.number]),
    }  # fmt: skip
    return page(request, "emergencies/act.html", context, block="dialog", status=status)


@door(rules.VIEW)
@methods("POST")
def call_done(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A customer who is reached only by phone has been called."""
    emergency = queries.find(number, request.actor)
    actions.called_by_phone(emergency, by=request.actor, told=pk)
    return go(request, reverse("emergencies:detail", args=[number]))
