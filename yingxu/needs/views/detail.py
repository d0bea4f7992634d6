"""One need: head with what may be done, its nine steps, the story, the composer, and what stands beside."""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from yingxu.approvals import queries as approvals
from yingxu.base import clock, marks
from yingxu.base.access import Actor
from yingxu.base.errors import Gone, Invalid, Refusal
from yingxu.base.web import asked_by_htmx, door, go, methods, page
from yingxu.deadlines import queries as deadlines
from yingxu.deadlines.models import Step
from yingxu.files import queries as files
from yingxu.matters import actions as matters
from yingxu.matters import live
from yingxu.matters import queries as matters_queries
from yingxu.matters.models import Look
from yingxu.tasks import queries as tasks
from yingxu.tasks.models import State as TaskState
from yingxu.templates import queries as record_templates
from yingxu.ui import show
from yingxu.ui.frame import link

from .. import actions, panels, queries, rules
from ..forms import Say
from ..models import Need
from ..queries import page as pages
from ..queries import rows as listing
from ..queries.story import TABS
from ..states import ENDED, State
from . import looks
from .acts import VERBS, leaving

DIRECT = ("accept", "resume", "remind")  # done by one press, nothing to fill in
WORDLESS = (State.MERGED, State.VOID)


@door(rules.VIEW)
@methods("GET")
def detail(request: HttpRequest, number: str) -> HttpResponse:
    try:
        context = _context(request, number)
    except Gone:
        if address := matters_queries.grave(number, request.actor):
            return redirect(address)
        raise
    if "fresh" in request.GET:  # what came in meanwhile: everything but the composer
        return page(request, "needs/detail.html", context | {"oob": True, "first": "story"}, block="fresh")
    return page(request, "needs/detail.html", context, block="story")


def fresh(request: HttpRequest, number: str, first: str, *, status: int = 200, **more: Any) -> HttpResponse:
    """After an act on the page itself: the part `first`, and the others beside it. Without htmx, the page again."""
    if not asked_by_htmx(request):
        return go(request, reverse("needs:detail", args=[number]))
    context = _context(request, number) | {"oob": True, "first": first} | more
    return page(request, "needs/detail.html", context, block="fresh", status=status)


def _context(request: HttpRequest, number: str, *, what: str = Look.What.PAGE) -> dict[str, Any]:
    by = request.actor
    need = queries.find(number, by)
    tab, round_ = _asked_part(request)
    found = pages.case(need, by, tab=tab, round=round_)
    matters.look(need.matter, by=by, what=what, above=files.above(found.papers))
    now = clock.now()
    runs = looks.working_now(now)
    place, origin, came = _came_from(request, need, by)
    return {
        "need": need, "outgoing": found.outgoing, "snoozed": found.snoozed, "case": found, "tab": tab, "round": round_, "tabs": _tabs(request, need, found, tab, round_), "now": now,
        "oob": False, "first": "", "place": place, "back_href": origin, "back_name": came, "from": request.GET.get("from", ""),
        "clocks": [(t, looks.clock_look(listing.Shown(t.clock, t.face), runs=runs), looks.clock_note(listing.Shown(t.clock, t.face), False, now)) for t in found.clocks],
        "nodes": _nodes(found.plan), "tasks": _tasks(found), "fields": record_templates.display(need.template, need.fields), "direct": DIRECT,
        "phones": pages.phones(need, found.customer), "steps": _steps(found), "composer": composer(need, by), "papers": found.papers,
        "do": request.GET.get("do", "") if request.GET.get("do") in VERBS else "", "address": files.address, "most": files.most_level(by, need.matter), "is_picture": files.is_picture,
        "tick_allowed": need.state == State.HANDLING and rules.PROGRESS.allows(by, need), "ended": need.state in ENDED,
        "mentions": looks.mentions, "here_mark": live.here_mark(need.matter), "news_mark": live.news_mark(need.matter, found.story.last),
        "fresh_href": _part(request, need, tab=tab, round=round_, fresh=1), "faces": [(w.user.name, w.user_id) for w in found.watchers],
        "may_link": rules.LINK.allows(by, need), "may_reply": rules.REPLY.allows(by, need), "may_extend": "extend" in found.offers.verbs(),
        "may_withdraw": "withdraw" in found.offers.verbs(), "raise_clock": _raise_clock(found, runs), "panels": panels.of(need, by), "asked": approvals.panel(need.matter, by), **looks.head(need),
    }  # fmt: skip


def _raise_clock(found: pages.Case, runs: bool) -> dict[str, Any] | None:
    """How long management has left for its answer."""
    timed = next((t for t in found.clocks if t.clock.open and t.clock.step == Step.MANAGEMENT), None)
    return looks.clock_look(listing.Shown(timed.clock, timed.face), runs=runs) if timed else None


def _asked_part(request: HttpRequest) -> tuple[str, int | None]:
    tab, round_ = request.GET.get("tab", "all"), request.GET.get("round", "")
    return tab if tab in TABS else "all", int(round_) if round_.isdecimal() and len(round_) < 5 else None


def _tabs(request: HttpRequest, need: Need, found: pages.Case, tab: str, round_: int | None) -> list[dict]:
    return [
        {"text": label, "href": _part(request, need, tab=name, round=round_), "count": found.story.counts[name], "current": tab == name}
        for name, label in TABS.items()
    ]


def _part(request: HttpRequest, need: Need, **change: Any) -> str:
    kept = QueryDict(mutable=True)
    if came := request.GET.get("from"):
        kept["from"] = came
    kept.update({name: str(value) for name, value in change.items() if value not in (None, "", "all")})
    return reverse("needs:detail", args=[need.number]) + (f"?{kept.urlencode()}" if kept else "")


def _came_from(request: HttpRequest, need: Need, by: Actor) -> tuple[pages.Place | None, str, Any]:
    """Where the need stands in the list it was opened from, that list's address and name."""
    asked = request.GET.get("from", "")[:600]
    index = reverse("needs:index")
    if not asked:
        return None, index, _("Needs")
    try:
        filters = queries.Filters.parse(QueryDict(asked))
    except Invalid:
        return None, index, _("Needs")
    return pages.place_in(need, by, filters), f"{index}?{asked}", filters.the_queue.label


def _steps(found: pages.Case) -> list[dict]:
    """The nine steps as ui.steps draws them: when and by whom, what is running, what comes when."""
    nearest = next((t for t in found.clocks if t.clock.open), None)
    ahead = {7: "feedback", 9: "follow_up"}
    targets = deadlines.targets(found.need.category)
    made: list[dict] = []
    day = None
    for number, step in enumerate(found.steps, 1):
        note: Any = step.words
        if step.state == "done" and step.at:
            at = step.at.astimezone(clock.zone())
            note = f"{show.hm(at) if at.date() == day else f'{at:%m-%d} {show.hm(at)}'} {step.words}"
            day = at.date()
        elif step.state in ("now", "late"):
            note = show.clock_words(nearest.face.state, nearest.face.minutes, nearest.face.day, left=True) if nearest else ""
        elif number in ahead and (measure := targets.get(ahead[number])) and not step.words:
            long = 1440 if measure.round_the_clock else deadlines.calendar().day_minutes
            after = _("%(span)s after the review") if number == 7 else _("%(span)s after the end")
            note = after % {"span": show.duration(measure.minutes, long)}
        made.append({"name": step.name, "state": step.state, "note": note})
    return made


def _tasks(found: pages.Case) -> list[tuple[Any, Any]]:
    """The tasks on the need that are not nodes of its plan, each with its clock."""
    planned = {node.pk for node in found.plan.nodes.all()} if found.plan else set()
    return tasks.looks(task for task in found.tasks if task.pk not in planned)


def _nodes(plan: Any) -> list[dict]:
    """The time nodes: done with their day, the next one running, the late ones late."""
    now, made, first = clock.now(), [], True
    calendar = deadlines.calendar()
    for node in plan.nodes.all() if plan else ():
        if node.state == TaskState.WITHDRAWN:
            continue
        who = " · ".join(n for n in (node.department.name if node.department else "", node.owner.name if node.owner else "") if n)
        row: dict[str, Any] = {"node": node, "who": who, "state": "yes" if node.done_at else "", "clock": None}
        if node.done_at is None:
            row["state"], first = ("now" if first else ""), False
            left = calendar.between(now, node.due_at)
            late, soon = node.due_at < now, left < calendar.day_minutes
            row["clock"] = {
                "state": "late" if late else "soon" if soon else "ok", "minutes": abs(left), "total": calendar.between(plan.at, node.due_at) or 1,
                "day": calendar.day_minutes, "text": None if late else show.when(node.due_at, now), "title": show.full(node.due_at),
            }  # fmt: skip
        made.append(row)
    return made


# ── composer ──


def composer(need: Need, by: Actor, form: Say | None = None) -> dict[str, Any] | None:
    """Who may be written to, what was kept of an unsent text, and ready-made words. None when nobody can be."""
    may = {"reply": rules.REPLY, "internal": rules.NOTE, "heard": rules.ADD}
    open_ = [a for a in Say.AUDIENCES if need.state not in WORDLESS and may[a].allows(by, need)]
    if not open_ or by.user_id is None:
        return None
    place = draft_place(need)
    kept = matters_queries.draft(by.user_id, place) if form is None else None
    content = kept.content if kept else {}
    form = form or Say(need=need, by=by, initial={k: v for k, v in content.items() if k in Say.base_fields})
    chosen = form["audience"].value() if form["audience"].value() in open_ else open_[0]
    return {
        "form": form, "audiences": open_, "chosen": chosen, "text": form["text"].value() or "", "channel": form["channel"].value(),
        "saved": _("Draft saved %(at)s") % {"at": show.hm(kept.saved_at)} if kept else "", "draft_url": _draft_url(place),
        "words": record_templates.quick_texts("reply", need.kind), "inside": record_templates.quick_texts("internal", need.kind),
        "error": " ".join(str(e) for errors in form.errors.values() for e in errors) if form.is_bound else "",
    }  # fmt: skip


def draft_place(need: Need) -> str:
    return f"needs.say:{need.number}"


def _draft_url(place: str) -> str | None:
    to = link("desk:drafts")
    return f"{to}?place={place}" if to else None


@door(rules.VIEW)
@methods("POST")
def say(request: HttpRequest, number: str) -> HttpResponse:
    """What was written under the timeline: to the customer, among us, or what the customer said."""
    need, by = queries.find(number, request.actor), request.actor
    form = Say(request.POST, request.FILES, need=need, by=by)
    if not form.is_valid():
        return _unsent(request, need, form, 422)
    given = form.cleaned_data
    try:
        said, _before = matters.once_only(matters.Once.form(by, request.path, request.POST), lambda: _said(need, by, given))
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        for messages in refusal.fields.values():
            form.add_error(None, [str(m) for m in messages])
        return _unsent(request, need, form, refusal.status)
    matters.drop_draft(by.user_id, draft_place(need))
    answer = fresh(request, number, "composer")
    return leaving(answer, need, said) if given["audience"] == "reply" and said else answer


def _said(need: Need, by: Actor, given: dict[str, Any]) -> Any:
    text, uploads, channel = given["text"], given["uploads"], given["channel"]
    if given["audience"] == "reply":
        return actions.send_reply(need, by=by, text=text, channel=channel, question=given["question"], uploads=uploads)
    if given["audience"] == "heard":
        return actions.listen(need, by=by, text=text, channel=channel or need.channel, uploads=uploads)
    return actions.note(need, by=by, text=text, uploads=uploads)


def _unsent(request: HttpRequest, need: Need, form: Say, status: int) -> HttpResponse:
    """The composer as it was typed, with the reason; as a fragment or with the whole page around it."""
    context = _context(request, need.number) | {"composer": composer(need, request.actor, form)}
    return page(request, "needs/detail.html", context, block="composer", status=status)


# ── preview and print ──


@door(rules.VIEW)
@methods("GET")
def preview(request: HttpRequest, number: str) -> HttpResponse:
    """A quick look beside the list."""
    by = request.actor
    need = queries.find(number, by)
    matters.look(need.matter, by=by)
    plan = next((p for p in queries.plans(need) if p.round == need.round), None)
    shown = listing.clocks_of([need.pk]).get(need.pk)
    now = clock.now()
    customer = pages.customer_of(need, by)
    asked = request.GET.get("from", "")
    index = reverse("needs:index")
    words = [line for line in matters_queries.timeline(need.matter) if line.note and line.note.voice != "internal"]
    context = {
        "need": need, "offers": queries.offers(need, by, plan=plan), "direct": DIRECT, "customer": customer, "phones": pages.phones(need, customer),
        "open_needs": queries.open_counts([customer.pk], by).get(customer.pk, 0) if customer else 0,
        "clock": looks.clock_look(shown, runs=looks.working_now(now)) if shown else None, "shown": shown,
        "clock_note": looks.clock_note(shown, need.held_at is not None, now) if shown else "", "said": words[-2:], "many": len(words) + 1,
        "fields": record_templates.display(need.template, need.fields)[:6], "back": f"{index}?{asked}" if asked else index,
        "from": asked, "ascents": deadlines.ascents(need.matter, by) if shown and shown.face.state == "late" else [], **looks.head(need),
    }  # fmt: skip
    return page(request, "needs/preview.html", context, block="pane")


@door(rules.VIEW)
@methods("GET")
def print_view(request: HttpRequest, number: str) -> HttpResponse:
    """The whole record on paper: facts, clocks, story."""
    context = _context(request, number, what=Look.What.PRINT)
    return page(request, "needs/print.html", context | {"printed_by": request.actor.name, "heading": pgettext("print", "Record of need"), "mark": marks.taken()})
