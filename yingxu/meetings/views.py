"""The list of meetings, a meeting's page, its verbs, its invitation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yingxu.base import clock, sheets
from yingxu.base.access import Actor
from yingxu.base.action import check
from yingxu.base.errors import Gone, Invalid, Refusal
from yingxu.base.web import door, go, methods, page
from yingxu.matters import actions as kept
from yingxu.matters import live as presence
from yingxu.matters import queries as matters
from yingxu.matters.models import Look, Matter
from yingxu.tasks import queries as tasks
from yingxu.ui.asking import ask
from yingxu.ui.frame import link

from . import actions, forms, invitations, queries, rules
from .models import Attendee, Meeting, Purpose, State

PARTS: dict[str, tuple[Any, str]] = {
    "upcoming": (pgettext_lazy("meetings", "Upcoming"), "calendar"),
    "mine": (pgettext_lazy("meetings", "With me"), "users"),
    "past": (pgettext_lazy("meetings", "Past"), "history"),
    "all": (pgettext_lazy("meetings", "All meetings"), "list"),
}
SORTS = (("soon", gettext_lazy("Earliest first")), ("latest", gettext_lazy("Latest first")))


# ── list ──


def wish(asked: Any) -> queries.Wish:
    """What a query string asks for. Raises Invalid for what no list knows."""
    found = queries.Wish(
        part=asked.get("part") or "upcoming", purpose=asked.get("purpose", ""), state=asked.get("state", ""), q=asked.get("q", "").strip()[:100],
        sort=asked.get("sort", ""),
    )  # fmt: skip
    if found.part not in queries.PARTS or found.purpose not in ["", *Purpose.values] or found.state not in ["", *State.values] or found.sort not in ["", *queries.SORTS]:
        raise Invalid(_("This list has no such filter."))
    return found


def _address(asked: queries.Wish, **over: Any) -> str:
    values = {key: getattr(asked, key) for key in ("part", "purpose", "state", "q", "sort")} | over
    kept = {key: value for key, value in values.items() if value and value != {"part": "upcoming"}.get(key)}
    return reverse("meetings:index") + (f"?{urlencode(kept)}" if kept else "")


@door(rules.VIEW)
@methods("GET")
def index(request: HttpRequest) -> HttpResponse:
    by, asked = request.actor, wish(request.GET)
    found = queries.listed(by, asked, request.GET.get("cursor", ""))
    filters = [(_("Purpose"), Purpose(asked.purpose).label, _address(asked, purpose=""))] if asked.purpose else []
    filters += [(_("State"), State(asked.state).label, _address(asked, state=""))] if asked.state else []
    plain = queries.Wish()
    context = {
        "wish": asked, "slice": found, "rows": [_row(m, by) for m in found.rows], "address": _address, "heading": PARTS[asked.part][0],
        "parts": [{"heading": _("Meetings")}, *({"text": text, "icon": icon, "href": _address(plain, part=part), "current": part == asked.part}
                                                 for part, (text, icon) in PARTS.items())],
        "purposes": Purpose.choices, "states": State.choices, "sorts": SORTS, "sort": asked.sort or ("soon" if asked.part == "upcoming" else "latest"),
        "filters": filters, "may_call": by.may(rules.CALL),
    }  # fmt: skip
    return page(request, "meetings/index.html", context, block="rows")


def _row(meeting: Meeting, by: Actor) -> dict[str, Any]:
    people = list(meeting.attendees.all())
    mine = next((a for a in people if a.user_id == by.user_id), None)
    return {
        "meeting": meeting, "mine": mine, "many": len(people), "come": sum(a.answer == Attendee.Answer.ACCEPTED for a in people),
        "faces": [(a.user.name, a.user_id) for a in people[:5]],
    }  # fmt: skip


@door(rules.VIEW)
@methods("POST")
def export(request: HttpRequest) -> HttpResponse:
    """The list as shown, for who may see it."""
    kind = "csv" if request.POST.get("kind") == "csv" else "xlsx"
    heads = [_("Number"), _("Subject"), _("Purpose"), _("State"), _("Begins"), _("Ends"), _("Place"), _("Chair"), _("Who is invited"), _("About"), _("Tasks")]
    asked = wish(request.POST)
    found = list(queries.to_export(request.actor, asked)[:2_000])
    kept.exported("meetings", by=request.actor, rows=len(found), words=asked.q, of=(m.pk for m in found))
    rows = (
        [m.number, m.title, m.get_purpose_display(), m.get_state_display(), m.starts_at, m.ends_at, m.place or m.link, m.chair,
         [a.user.name for a in m.attendees.all()], m.about.number if m.about and matters.may_see(request.actor, m.about) else "", [o.task.title for o in m.outcomes.all() if not o.task.matter.beyond(m.matter)]]
        for m in found
    )  # fmt: skip
    return sheets.download(str(_("Meetings")), heads, rows, kind=kind)


# ── one meeting ──


@door(rules.VIEW)
@methods("GET")
def meeting(request: HttpRequest, number: str) -> HttpResponse:
    return page(request, "meetings/meeting.html", _context(request, queries.find(number, request.actor)))


def _context(request: HttpRequest, found: Meeting, **more: Any) -> dict[str, Any]:
    by, now = request.actor, clock.now()
    kept.look(found.matter, by=by)
    people = queries.attendees(found)
    mine = next((a for a in people if a.user_id == by.user_id), None)
    versions = queries.minutes(found)
    leads, seen = rules.LEAD.allows(by, found), found.about_id and matters.may_see(by, found.about)
    place = f"meetings.minutes:{found.number}"
    draft = matters.draft(by.user_id, place) if leads and by.user_id else None
    first = {"text": (draft.content.get("text") if draft else "") or (versions[0].text if versions else ""),
             "attended": [str(a.user_id) for a in people if (a.attended if versions else a.answer == Attendee.Answer.ACCEPTED)]}  # fmt: skip
    drafts = link("desk:drafts")
    return {
        "meeting": found, "people": people, "mine": mine, "versions": versions, "leads": leads, "begun": now >= found.starts_at,
        "tasks": tasks.looks(queries.outcomes(found, by), now), "lines": queries.story(found), "offers": _offers(found, by, mine, leads, now),
        "about": found.about if seen else None, "about_href": matters.page_of(found.about) if seen else "",
        "record": forms.Record(people=[(a.user_id, a.user.name) for a in people], initial=first) if leads and found.state != State.CANCELLED else None,
        "draft_url": f"{drafts}?place={place}" if drafts else None, "here_mark": presence.here_mark(found.matter), **more,
    }  # fmt: skip


@dataclass(frozen=True)
class Offer:
    verb: str
    label: Any
    key: str = ""
    danger: bool = False


LABEL = {
    "answer": pgettext_lazy("meeting button", "Answer"), "reschedule": pgettext_lazy("meeting button", "Change"),
    "cancel": pgettext_lazy("meeting button", "Cancel the meeting"), "decide": pgettext_lazy("meeting button", "Write down decisions"),
}  # fmt: skip


def _offers(found: Meeting, by: Actor, mine: Attendee | None, leads: bool, now: Any) -> list[Offer]:
    """What this person may do now, the likeliest first."""
    offers: list[Offer] = []
    if leads and found.state != State.CANCELLED and now >= found.starts_at:
        offers.append(Offer("decide", LABEL["decide"], "d"))
    if found.state == State.PLANNED:
        if mine is not None and rules.ANSWER.allows(by, found):
            offers.insert(0 if mine.answer == Attendee.Answer.INVITED else len(offers), Offer("answer", LABEL["answer"], "a"))
        if leads:
            offers += [Offer("reschedule", LABEL["reschedule"], "c"), Offer("cancel", LABEL["cancel"], danger=True)]
    return offers


@door(rules.VIEW)
@methods("GET")
def invitation(request: HttpRequest, number: str) -> HttpResponse:
    """The meeting for one's calendar, as a file."""
    found = queries.find(number, request.actor)
    kept.look(found.matter, by=request.actor, what=Look.What.FILE)
    address = request.build_absolute_uri(reverse("meetings:meeting", args=[number]))
    body = invitations.calendar(found, url=address)
    response = HttpResponse(body, content_type=f"text/calendar; charset=utf-8; method={'CANCEL' if found.state == State.CANCELLED else 'REQUEST'}")
    response["Content-Disposition"] = f'attachment; filename="{invitations.file_name(found)}"'
    return response


@door(rules.LEAD)
@methods("POST")
def minutes(request: HttpRequest, number: str) -> HttpResponse:
    """What was written under the meeting; refused, it stands there again."""
    found = queries.find(number, request.actor)
    form = forms.Record(request.POST, people=[(a.user_id, a.user.name) for a in queries.attendees(found)])
    status = 422
    if form.is_valid():
        try:
            actions.record_minutes(found, by=request.actor, **form.cleaned_data)
            kept.drop_draft(request.actor.user_id, f"meetings.minutes:{number}")
            return go(request, reverse("meetings:meeting", args=[number]))
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
    return page(request, "meetings/meeting.html", _context(request, found, record=form), status=status)


# ── verbs ──


@door(rules.CALL)
@methods("GET", "POST")
def call(request: HttpRequest) -> HttpResponse:
    """A new meeting, about a matter when `about` names one."""
    by = request.actor
    about = _about(request, by)
    people = queries.suggested(about) if about else []
    first = {"title": _("Coordination: %(title)s") % {"title": about.title} if about else "", "suggested": [str(u.pk) for u in people],
             "purpose": Purpose.COORDINATION if about else Purpose.OTHER}  # fmt: skip
    form = forms.Call(request.POST, people=people) if request.method == "POST" else forms.Call(initial=first, people=people)
    here = reverse("meetings:call") + (f"?about={about.number}" if about else "")
    return ask(
        request, form, lambda **given: kept.once_only(kept.Once.form(by, here, request.POST), lambda: actions.call(about, by=by, **given))[0], title=_("Call a meeting"), said=_("Meeting called, invitations are on their way"),
        address=here, back=matters.page_of(about) or reverse("meetings:index"), number=about.number if about else "", subject=about.title if about else "",
        wide=True, then=lambda made: reverse("meetings:meeting", args=[made.number]) if not about else matters.page_of(about),
    )  # fmt: skip


def _about(request: HttpRequest, by: Actor) -> Matter | None:
    number = request.GET.get("about", "")
    if not number:
        return None
    found = matters.visible_matters(by).select_related("department").filter(number=number).first()
    if found is None:
        raise Gone()
    return found


@door(rules.VIEW)
@methods("GET", "POST")
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    found, by = queries.find(number, request.actor), request.actor
    if verb not in _ACTS:
        raise Gone()
    rule, form_of, run, said, fields, wide = _ACTS[verb]
    check(rule, by, found)
    kept.look(found.matter, by=by)
    form = form_of(request, found)
    return ask(
        request, form, lambda **given: kept.once_only(kept.Once.form(by, request.path, request.POST), lambda: run(found, by=by, **given)), title=LABEL[verb], said=said, address=reverse("meetings:act", args=[number, verb]),
        back=reverse("meetings:meeting", args=[number]), number=number, subject=found.title, danger=verb == "cancel", wide=wide, fields=fields,
    )  # fmt: skip


def _bound(shape: type) -> Callable[[HttpRequest, Meeting], Any]:
    return lambda request, _found: shape(request.POST) if request.method == "POST" else shape()


def _rescheduled(request: HttpRequest, found: Meeting) -> forms.Reschedule:
    people = [a.user for a in queries.attendees(found)]
    first = {"starts_at": found.starts_at, "place": found.place, "link": found.link, "agenda": found.agenda, "attendees": people}
    given = (request.POST,) if request.method == "POST" else ()
    return forms.Reschedule(*given, initial=first, ends_at=found.ends_at)


_PLAIN = "ui/ask_fields.html"
_ACTS: dict[str, tuple[Any, Callable[[HttpRequest, Meeting], Any], Callable[..., Any], Any, str, bool]] = {
    "answer": (rules.ANSWER, _bound(forms.Answer), actions.answer, gettext_lazy("Answer noted"), _PLAIN, False),
    "reschedule": (rules.LEAD, _rescheduled, actions.reschedule, gettext_lazy("Changed, everybody is told"), _PLAIN, True),
    "cancel": (rules.LEAD, _bound(forms.Cancel), actions.cancel, gettext_lazy("Cancelled, everybody is told"), _PLAIN, False),
    "decide": (rules.LEAD, _bound(forms.Decide), actions.decide, gettext_lazy("Tasks given"), "meetings/decide.html", True),
}  # fmt: skip
