"""One form for every verb: a table says which input it takes and which action it is; the rest is the same for all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base.access import Actor
from yingxu.base.action import check
from yingxu.base.errors import Gone, Invalid, Refusal, Stale, WrongMoment
from yingxu.base.web import asked_by_htmx, door, go, methods, page, toast
from yingxu.deadlines import actions as deadlines
from yingxu.deadlines import queries as deadlines_queries
from yingxu.deadlines import rules as deadlines_rules
from yingxu.matters.actions import Once, look, once_only
from yingxu.templates import queries as record_templates
from yingxu.ui.asking import way_back
from yingxu.ui.frame import link

from .. import actions, forms, queries, rules
from ..models import Need, Outgoing
from ..queries.offers import RULE, label
from ..states import State
from . import looks

Act = Callable[..., Any]


@dataclass(frozen=True)
class Verb:
    """What a verb asks, which action it is, what is said when it is done. `always`: not bound to a state, so never "not now"."""

    form: type[forms.VerbForm]
    act: Act
    said: Any
    always: bool = False
    danger: bool = False
    then: str = ""  # the verb whose form comes next
    undo: str = ""  # the verb that takes it back


def _extend(_need: Need, *, by: Actor, clock: Any, until: Any, reason: str) -> Any:
    return deadlines.request_extension(clock, by=by, until=until, reason=reason)


VERBS: dict[str, Verb] = {
    "triage": Verb(forms.Assess, actions.assess, gettext_lazy("Assessed")),
    "category": Verb(forms.Category, actions.triage, gettext_lazy("Category changed")),
    "assign": Verb(forms.Assign, actions.assign, gettext_lazy("Assigned")),
    "answer": Verb(forms.Answer, actions.answer_now, gettext_lazy("Answered and closed")),
    "watch": Verb(forms.Watch, actions.watch, gettext_lazy("On the watch list")),
    "promote": Verb(forms.Promote, actions.promote, gettext_lazy("Taken up, waits for assessment")),
    "accept": Verb(forms.Accept, actions.accept, gettext_lazy("Accepted"), then="plan"),
    "return": Verb(forms.Reason, actions.return_to_triage, gettext_lazy("Returned to triage")),
    "plan": Verb(forms.Plan, actions.plan, gettext_lazy("Plan saved")),
    "progress": Verb(forms.Progress, actions.progress, gettext_lazy("Progress recorded")),
    "hold": Verb(forms.Reason, actions.hold, gettext_lazy("Waiting for the customer, the clocks rest")),
    "resume": Verb(forms.Bare, actions.resume, gettext_lazy("Going on, the clocks run again")),
    "submit": Verb(forms.Submit, actions.submit, gettext_lazy("Submitted for review")),
    "review": Verb(forms.Review, actions.pass_and_send, gettext_lazy("Review passed")),
    "send_back": Verb(forms.Reason, actions.send_back, gettext_lazy("Sent back")),
    "feed_back": Verb(forms.FeedBack, actions.send_feedback, gettext_lazy("Fed back, waits for the customer")),
    "remind": Verb(forms.Bare, actions.remind, gettext_lazy("Customer reminded")),
    "confirm": Verb(forms.Confirm, actions.confirm, gettext_lazy("Confirmation recorded")),
    "reject": Verb(forms.Reject, actions.reject, gettext_lazy("Recorded, another round begins")),
    "close": Verb(forms.Close, actions.close, gettext_lazy("Closed")),
    "visit": Verb(forms.Visit, actions.record_visit, gettext_lazy("Visit recorded, closed")),
    "reschedule": Verb(forms.Reschedule, actions.reschedule_visit, gettext_lazy("Visit moved")),
    "transfer": Verb(forms.Transfer, actions.transfer, gettext_lazy("Transferred")),
    "merge": Verb(forms.Merge, actions.merge, gettext_lazy("Merged")),
    "unmerge": Verb(forms.Bare, actions.unmerge, gettext_lazy("Taken apart again, waits for assessment")),
    "link": Verb(forms.Link, actions.link, gettext_lazy("Linked"), always=True),
    "unlink": Verb(forms.Unlink, actions.unlink, gettext_lazy("Link removed"), always=True),
    "split": Verb(forms.Split, actions.split, gettext_lazy("Split")),
    "tag": Verb(forms.Tag, actions.tag, gettext_lazy("Tags saved"), always=True),
    "amend": Verb(forms.Amend, actions.amend, gettext_lazy("Corrected"), always=True),
    "attach": Verb(forms.Attach, actions.attach, gettext_lazy("Files attached"), always=True),
    "lower": Verb(forms.Lower, actions.ask_to_lower, gettext_lazy("A second person is asked"), always=True),
    "void": Verb(forms.Reason, actions.void, gettext_lazy("Declared void"), danger=True),
    "extend": Verb(forms.Extend, _extend, gettext_lazy("More time asked for"), always=True),
    "raise": Verb(forms.Raise, actions.raise_to_management, gettext_lazy("Raised to management")),
    "withdraw": Verb(forms.Reason, actions.withdraw_raise, gettext_lazy("Taken back")),
    "decide": Verb(forms.Settle, actions.decide, gettext_lazy("Decided, the front line is told")),
    "advise": Verb(forms.Settle, actions.answer_raise, gettext_lazy("Answered, the front line is told")),
    "delegate": Verb(forms.Delegate, actions.delegate, gettext_lazy("Delegated")),
    "follow": Verb(forms.Follow, actions.follow, gettext_lazy("You follow this need"), always=True),
    "snooze": Verb(forms.Snooze, actions.snooze, gettext_lazy("Put aside"), always=True, undo="unsnooze"),
    "unsnooze": Verb(forms.Follow, actions.unsnooze, gettext_lazy("Back in your list"), always=True),
    "unfollow": Verb(forms.Follow, actions.unfollow, gettext_lazy("You no longer follow this need"), always=True),
}  # fmt: skip
RULES = {**RULE, "unlink": rules.LINK, "extend": deadlines_rules.REQUEST_EXTENSION, "follow": rules.VIEW, "unfollow": rules.VIEW, "snooze": rules.VIEW, "unsnooze": rules.VIEW}
TITLES = {
    "unlink": pgettext_lazy("button", "Remove the link"), "follow": pgettext_lazy("button", "Follow"),
    "unfollow": pgettext_lazy("button", "Stop following"), "snooze": pgettext_lazy("button", "Remind me later"),
    "unsnooze": pgettext_lazy("button", "Back in my list"),
}  # fmt: skip


@door(rules.VIEW)
@methods("GET", "POST")
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """GET asks for what the verb needs; POST does it. Whatever is refused comes back with everything typed still there."""
    need = queries.find(number, request.actor)
    look(need.matter, by=request.actor)
    if verb == "related":
        return go(request, f"{link('intake:new') or reverse('needs:index')}?origin={number}")
    how = VERBS.get(verb)
    if how is None:
        raise Gone()
    return _do(request, need, verb, how) if request.method == "POST" else _ask(request, need, verb, how)


def _ask(request: HttpRequest, need: Need, verb: str, how: Verb) -> HttpResponse:
    check(RULES[verb], request.actor, need)
    plan = next((p for p in queries.plans(need) if p.round == need.round), None)
    if not how.always and (refused := _not_now(need, verb, request.actor, plan)):
        raise WrongMoment(refused)
    form = how.form(need=need, by=request.actor, initial={k: v for k, v in request.GET.items() if k == "other"})
    if "take" in request.GET and hasattr(form, "take"):
        form.take()
    return _form(request, need, verb, how, form)


def _not_now(need: Need, verb: str, by: Actor, plan: Any) -> str:
    """Why the verb cannot be done at this moment, "" when it can."""
    offered = queries.offers(need, by, plan=plan)
    offer = next((o for o in [offered.primary, *offered.beside, *offered.more] if o and o.verb == verb), None)
    if offer is None:
        return _("This is now “%(state)s”; “%(verb)s” is not possible.") % {"state": State(need.state).label, "verb": title(need, verb, by)}
    return offer.reason


def _do(request: HttpRequest, need: Need, verb: str, how: Verb) -> HttpResponse:
    form = how.form(request.POST, request.FILES, need=need, by=request.actor)
    if "more" in request.POST:
        form.more()
        form._errors = {}
        return _form(request, need, verb, how, form)
    if not form.is_valid():
        return _form(request, need, verb, how, form, status=422)
    try:
        done, _before = once_only(Once.form(request.actor, request.path, request.POST), lambda: how.act(need, by=request.actor, **form.values()))
    except Invalid as refusal:
        _mark(form, refusal)
        return _form(request, need, verb, how, form, status=422)
    except Refusal as refusal:
        return _form(request, need, verb, how, form, refusal=refusal, status=refusal.status)
    return _done(request, need, verb, how, done)


def _mark(form: forms.VerbForm, refusal: Invalid) -> None:
    """Put what the verb refused beside the fields it is about."""
    for name, messages in refusal.fields.items():
        if name in form.fields:
            form.add_error(name, [str(m) for m in messages])
        elif hasattr(form, "wrong"):
            form.wrong[name.removeprefix("fields.")] = [str(m) for m in messages]
            form.add_error(None, [f"{name}：{m}" for m in messages])
        else:
            form.add_error(None, [str(m) for m in messages])
    if not refusal.fields:
        form.add_error(None, str(refusal))


def _form(request: HttpRequest, need: Need, verb: str, how: Verb, form: forms.VerbForm, *, refusal: Refusal | None = None, status: int = 200) -> HttpResponse:
    context = {
        "need": need, "verb": verb, "how": how, "form": form, "title": title(need, verb, request.actor), "refusal": refusal,
        "theirs": _theirs(form, refusal), "back": way_back(request, reverse("needs:detail", args=[need.number])),
        "words": record_templates.quick_texts(form.quick[1], need.kind) if form.quick else [], **looks.head(need), **form.extra(),
    }  # fmt: skip
    return page(request, "needs/act.html", context, block="dialog", status=status)


def title(need: Need, verb: str, by: Actor) -> Any:
    """The verb as its button says it."""
    return TITLES.get(verb) or label(verb, need, by)


def _theirs(form: forms.VerbForm, refusal: Refusal | None) -> dict[Any, tuple[Any, Any]]:
    """What somebody else saved meanwhile, by the labels on the form; the next press is made knowing it."""
    if not isinstance(refusal, Stale):
        return {}
    fresh = queries.find(form.need.number, form.by)
    form.data = form.data.copy()
    form.data["version"] = str(fresh.version)
    labels = {f"fields.{spec.code}": spec.label for spec in getattr(getattr(form, "layout", None), "specs", ())}
    labels |= {name: field.label for name, field in form.fields.items()}
    return {labels.get(name, name): pair for name, pair in refusal.theirs.items()}


def _done(request: HttpRequest, need: Need, verb: str, how: Verb, done: Any) -> HttpResponse:
    """Back to where the person came from; to the list when the need is now out of their sight."""
    to = way_back(request, reverse("needs:detail", args=[need.number]))
    try:
        after = queries.find(need.number, request.actor)
    except Gone:
        to = way_back(request, reverse("needs:index"))
        to = reverse("needs:index") if need.number in to else to
    else:
        if how.then and RULES[how.then].allows(request.actor, after):
            to = _next_form(request, after, how.then)
    if isinstance(done, Outgoing):
        return leaving(go(request, to), need, done)
    return toast(go(request, to), how.said, undo=reverse("needs:act", args=[need.number, how.undo]) if how.undo else "")


def leaving(response: HttpResponse, need: Need, words: Outgoing) -> HttpResponse:
    """Say that the words are about to leave, with the way to take them back."""
    return toast(response, _("Leaves in 15 seconds"), undo=reverse("needs:withdraw", args=[need.number, words.pk]))


@door(rules.VIEW)
@methods("POST")
def withdraw(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Take back words that have not left yet; they stand in the composer again."""
    need = queries.find(number, request.actor)
    actions.withdraw(need, by=request.actor, outgoing=pk)
    return toast(go(request, reverse("needs:detail", args=[number])), _("Taken back; the customer never saw it"))


def _next_form(request: HttpRequest, need: Need, verb: str) -> str:
    """With script the next form opens over the need's page, without it on a page of its own."""
    if asked_by_htmx(request):
        return reverse("needs:detail", args=[need.number]) + f"?do={verb}"
    return reverse("needs:act", args=[need.number, verb])


# ── small acts on parts of a need ──


@door(rules.VIEW)
@methods("POST")
def tick(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A time node of the plan is done, or was not done after all."""
    from .detail import fresh

    need = queries.find(number, request.actor)
    node = next((n for p in queries.plans(need) for n in p.nodes.all() if n.pk == pk), None)
    if node is None:
        raise Gone()
    verb = actions.reopen_node if request.POST.get("done") == "0" else actions.finish_node
    verb(need, by=request.actor, node=node)
    return fresh(request, number, "side")


@door(rules.VIEW)
@methods("POST")
def decide(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """More time: yes or no, with a word why."""
    from .detail import fresh

    need = queries.find(number, request.actor)
    asked = deadlines_queries.extension_requests(request.actor).filter(matter=need.matter, pk=pk).first()
    if asked is None:
        raise Gone()
    deadlines.decide_extension(asked, by=request.actor, granted=request.POST.get("granted") == "1", note=request.POST.get("note", ""))
    return fresh(request, number, "side")
