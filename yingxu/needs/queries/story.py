"""One need's timeline as it is read: what was said, told, noted, done, and the lines between (N18); and its nine steps."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.base.kept import kept
from yingxu.base.names import word
from yingxu.deadlines.models import Clock, Outcome
from yingxu.files import queries as files
from yingxu.files.models import File
from yingxu.matters.models import Note
from yingxu.matters.queries import Line, timeline
from yingxu.meetings.events import MeetingEvent, MinutesRecorded
from yingxu.notices.models import Delivery
from yingxu.people.models import User
from yingxu.tasks.events import TaskEvent

from .. import events
from ..models import Confirmation, Need, Plan, Result, Round
from ..states import STEP, Channel, State
from .reach import ORIGINALS

TABS: dict[str, Any] = {
    "all": pgettext_lazy("tab", "All"),
    "customer": pgettext_lazy("tab", "With the customer"),
    "internal": pgettext_lazy("tab", "Internal"),
    "work": pgettext_lazy("tab", "Plans and results"),
    "clock": pgettext_lazy("tab", "Time limits"),
}
WORK = (events.PlanWritten, events.ResultSubmitted, events.ProgressRecorded, events.ResultPassed, events.ResultSentBack, events.NodeDone,
        TaskEvent, MeetingEvent)  # fmt: skip
STOPS: dict[type, str] = {  # the clock that an act stops
    events.NeedTriaged: "triage", events.NeedAccepted: "acceptance", events.PlanWritten: "plan", events.ResultSubmitted: "handling",
    events.ResultPassed: "review", events.ResultSentBack: "review", events.ResultFedBack: "feedback",
    events.NeedConfirmed: "confirmation", events.NeedRejected: "confirmation", events.VisitRecorded: "follow_up",
    events.ManagementAnswered: "management", events.ManagementDecided: "management", events.RaiseDelegated: "management",
}  # fmt: skip
MANAGEMENT: dict[type, tuple[Any, str]] = {  # what is put to management: the head of its entry, and its tone
    events.RaisedToManagement: (pgettext_lazy("story", "Raised to management"), "warn"),
    events.RaiseDelegated: (pgettext_lazy("story", "Delegated"), ""),
    events.ManagementAnswered: (pgettext_lazy("story", "Management's answer"), "good"),
    events.ManagementDecided: (pgettext_lazy("story", "Management's decision"), "good"),
}
LATE = timedelta(days=1)  # recorded later than this, it is history that was brought in
NEAR = 5  # seconds between an act and the clock it stopped


@dataclass
class Told:
    """One item of the story. `kind`: said, told, internal, work, event. `clock` is the clock this act stopped."""

    kind: str
    who: str
    who_id: int | None
    at: datetime
    round: int
    text: Any = ""
    via: str = ""
    head: Any = ""
    mark: str = "flag"
    tag: Any = ""
    tone: str = ""
    tabs: frozenset[str] = frozenset({"all"})
    files: Sequence[File] = ()
    plan: Plan | None = None
    result: Result | None = None
    rating: int | None = None
    clock: Clock | None = None
    anchor: str = ""
    sent: Sequence[Delivery] = ()  # what left the house with these words
    original: str = ""  # where the mail is that these words came in


@dataclass
class Day:
    """The items of one day, and of one round when several rounds met on it."""

    on: date
    round: int
    begins: bool  # the round begins here
    items: list[Told] = field(default_factory=list)


@dataclass
class Story:
    days: list[Day]
    counts: dict[str, int]
    hidden: int  # items the tab or the round leaves out
    last: int  # the newest entry's id
    facts: list[tuple[Any, datetime, str]]  # (event, moment, who), oldest first


def story(need: Need, by: Actor, *, plans: Sequence[Plan], results: Sequence[Result], rounds: Sequence[Round], clocks: Sequence[Clock],
          verdicts: Sequence[Confirmation], papers: Sequence[File], sent: Mapping[int | None, list[Delivery]],
          tab: str = "all", round: int | None = None) -> Story:  # fmt: skip
    """Everything that happened, oldest first, as the tab and the round ask; counts are over everything. `sent`: what left the house, by
    journal entry. `papers` are those the actor may know of: what was done with others is not told. Two queries, and one for mails."""
    every = timeline(need.matter)
    lines, last = files.known(every, by, papers), max((line.entry.pk for line in every), default=0)
    with_entry: dict[int | None, list[File]] = defaultdict(list)
    for paper in papers:
        with_entry[paper.entry_id].append(paper)
    people = departments_of(line.entry.actor_id for line in lines if line.entry.actor_kind == "user")
    known = {p.pk: p for p in plans}, {r.pk: r for r in results}, {v.round: v for v in verdicts}
    teller = _Teller(need, *known, rounds, clocks, with_entry, people, sent)
    told = [teller.tell(line) for line in lines]
    _by_mail(need, lines, told)
    counts = {name: sum(name in one.tabs for one in told) for name in TABS}
    shown = [one for one in told if tab in one.tabs and round in (None, one.round)]
    facts = [(line.event, line.entry.at, line.entry.who) for line in lines]
    return Story(_days(shown), counts, len(told) - len(shown), last, facts)


def _by_mail(need: Need, lines: Sequence[Line], told: Sequence[Told]) -> None:
    """Words that came by mail lead to the mail."""
    mails = [line.entry.pk for line in lines if line.note and line.note.channel == Channel.MAIL and line.note.voice == Note.Voice.SAID]
    if need.channel == Channel.MAIL:
        mails += [line.entry.pk for line in lines if isinstance(line.event, events.NeedRegistered)]
    found = {entry: to for ask in ORIGINALS if mails for entry, to in ask(mails).items()}
    for line, one in zip(lines, told, strict=True):
        one.original = found.get(line.entry.pk, "")


def departments_of(user_ids: Iterable[int | None]) -> dict[int, str]:
    """Where people work, by their id."""
    return {pk: name or "" for pk, name in _departments_of({pk for pk in user_ids if pk})}


@kept
def _departments_of(user_ids: list[int]):
    return User.objects.filter(pk__in=user_ids).values_list("id", "department__name")


def _days(told: Iterable[Told]) -> list[Day]:
    days: list[Day] = []
    began: set[int] = set()
    for one in told:
        on = one.at.astimezone(clock.zone()).date()
        if not days or days[-1].on != on or days[-1].round != one.round:
            days.append(Day(on, one.round, one.round not in began))
            began.add(one.round)
        days[-1].items.append(one)
    return days


@dataclass
class _Teller:
    need: Need
    plans: dict[int, Plan]
    results: dict[int, Result]
    verdicts: dict[int, Confirmation]
    rounds: Sequence[Round]
    clocks: Sequence[Clock]
    papers: dict[int | None, list[File]]
    people: dict[int, str]
    sent: Mapping[int | None, list[Delivery]]

    def tell(self, line: Line) -> Told:
        entry, event = line.entry, line.event
        own = entry.actor_kind == "user"
        one = Told(
            "event", entry.who if entry.actor_kind != "system" else "", entry.actor_id if own else None, entry.at,
            self._round(line), event.sentence() if event else entry.event, mark=event.ICON if event else "flag",
            tone=event.TONE if event else "", files=self.papers.get(entry.pk, ()), anchor=f"entry-{entry.pk}",
            sent=self.sent.get(entry.pk, ()),
        )  # fmt: skip
        one.clock = self._clock(event, one)
        if isinstance(event, events.NeedRegistered):
            return self._registered(one)
        if line.note is not None:
            self._words(one, line.note, event)
        if isinstance(event, events.PlanWritten) and event.plan in self.plans:
            self._plan(one, self.plans[event.plan])
        elif isinstance(event, events.ResultSubmitted) and event.result in self.results:
            self._result(one, self.results[event.result])
        elif isinstance(event, events.NeedConfirmed | events.NeedRejected):
            self._verdict(one, event)
        elif isinstance(event, MinutesRecorded) and line.note is not None:
            one.kind, one.head, one.text = "work", event.sentence(), line.note.body
        elif isinstance(event, events.VisitRecorded) and event.notes:
            one.kind, one.head, one.text = "work", one.text, event.notes
        one.tabs = frozenset({"all", *self._tabs(one, line)})
        return one

    def _round(self, line: Line) -> int:
        known = getattr(line.event, "round", None)
        if known:
            return known
        return max((r.number for r in self.rounds if r.began_at <= line.entry.at), default=1)

    def _clock(self, event: Any, one: Told) -> Clock | None:
        step = STOPS.get(type(event))
        for found in self.clocks if step else ():
            if found.step == step and found.stopped_at and found.outcome != Outcome.CANCELLED \
                    and abs((found.stopped_at - one.at).total_seconds()) < NEAR:  # fmt: skip
                return found
        return None

    def _registered(self, one: Told) -> Told:
        need = self.need
        via = [need.customer.name if need.customer_id and need.customer.name != need.caller else "", str(Channel(need.channel).label)]
        if one.who and one.who_id:
            via.append(_("recorded by %(name)s") % {"name": one.who})
        one.kind, one.text, one.via = "said", need.body, " · ".join(v for v in via if v)
        one.who, one.who_id = need.caller or (need.customer.name if need.customer_id else _("Customer")), None
        one.at = need.raised_at
        one.files = [*one.files, *self.papers.get(None, ())]
        one.tabs = frozenset({"all", "customer"})
        return one

    def _words(self, one: Told, note: Note, event: Any) -> None:
        one.text, channel = note.body, word("channel", note.channel) if note.channel else ""
        if isinstance(event, events.ProgressRecorded):
            one.kind, one.head, one.via = "work", pgettext("story", "Progress"), self.people.get(one.who_id or 0, "")
            one.tag, one.tone = (_("told to the customer"), "good") if event.to_customer else (_("for us only"), "")
        elif type(event) in MANAGEMENT:
            one.kind, one.via, one.tag = "work", self.people.get(one.who_id or 0, ""), event.sentence()
            one.head, one.tone = MANAGEMENT[type(event)]
        elif note.voice == Note.Voice.SAID:
            one.kind, one.via = "said", channel
            if one.who_id:
                one.via = " · ".join(v for v in (channel, _("recorded by %(name)s") % {"name": one.who}) if v)
                one.who, one.who_id = self.need.caller or one.who, None
        elif note.voice == Note.Voice.TOLD:
            reply = _("asked the customer by %(channel)s") if note.question else _("to the customer by %(channel)s")
            one.kind, one.via = "told", reply % {"channel": channel} if channel else str(one.text)
            if note.question:
                one.tag, one.tone = (_("answered"), "good") if note.answered_at else (_("waits for the answer"), "warn")
            if isinstance(event, events.ResultFedBack):
                one.tag, one.tone = _("result fed back"), "good"
            if note.channel in (Channel.MAIL, Channel.SMS) and not one.sent and note.entry.recorded_at - note.at < LATE:
                one.tag, one.tone = _("not sent: no address is known"), "warn"
        else:
            one.kind, one.via = "internal", self.people.get(one.who_id or 0, "")

    def _plan(self, one: Told, plan: Plan) -> None:
        one.kind, one.plan, one.text = "work", plan, plan.measures
        one.head, one.via = _("Handling plan, version %(version)s") % {"version": plan.version}, self.people.get(one.who_id or 0, "")

    def _result(self, one: Told, result: Result) -> None:
        one.kind, one.result, one.text, one.head = "work", result, result.done, _("Result")
        one.via = self.people.get(one.who_id or 0, "")
        verdict = self.verdicts.get(result.round)
        if result.review == Result.Review.WAITING:
            one.tag, one.tone = _("waits for review"), "warn"
        elif result.review == Result.Review.SENT_BACK:
            one.tag, one.tone = _("sent back"), "bad"
        elif verdict is not None:
            one.tag, one.tone = (_("customer satisfied"), "good") if verdict.satisfied else (_("customer not satisfied"), "bad")
        else:
            one.tag, one.tone = _("passed"), "good"

    def _verdict(self, one: Told, event: events.NeedConfirmed | events.NeedRejected) -> None:
        one.rating = event.rating
        spoken = event.comment if isinstance(event, events.NeedConfirmed) else ""
        if spoken:
            one.kind, one.text, one.via = "said", spoken, word("channel", event.channel) if event.channel else ""
            one.tag = _("satisfied")
            if one.who_id:
                one.via = " · ".join(v for v in (one.via, _("recorded by %(name)s") % {"name": one.who}) if v)
                one.who, one.who_id = self.need.caller or one.who, None
        elif isinstance(event, events.NeedRejected) and one.kind == "said":
            one.tag, one.tone = _("not satisfied: round %(round)s begins") % {"round": event.round + 1}, "bad"

    def _tabs(self, one: Told, line: Line) -> Iterable[str]:
        event = line.event
        if one.kind in ("said", "told") or isinstance(event, events.ResultFedBack | events.NeedConfirmed | events.NeedRejected):
            yield "customer"
        if one.kind == "internal":
            yield "internal"
        if isinstance(event, WORK) or type(event) in MANAGEMENT:
            yield "work"
        if line.entry.event.startswith("deadlines.") or one.clock or isinstance(event, events.NeedHeld | events.NeedResumed):
            yield "clock"


# ── the nine steps ──

NAMES = (
    pgettext_lazy("step", "Register"), pgettext_lazy("step", "Assess"), pgettext_lazy("step", "Assign"), pgettext_lazy("step", "Accept"),
    pgettext_lazy("step", "Handle"), pgettext_lazy("step", "Review"), pgettext_lazy("step", "Feed back"),
    pgettext_lazy("step", "Confirm"), pgettext_lazy("step", "Visit"),
)  # fmt: skip
DONE_BY: tuple[tuple[type, ...], ...] = (
    (events.NeedRegistered,), (events.NeedTriaged, events.NeedAnswered), (events.NeedAssigned, events.NeedTransferred), (events.NeedAccepted,),
    (events.ResultSubmitted,), (events.ResultPassed,), (events.ResultFedBack,), (events.NeedConfirmed,), (events.VisitRecorded,),
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """`state`: done, now, late or "" (to come, or left out). `at` and `words` say when it was done and by whom or with what."""

    name: Any
    state: str
    at: datetime | None = None
    words: Any = ""


def steps(need: Need, facts: Sequence[tuple[Any, datetime, str]], *, service: str = "", late: bool = False) -> list[Step]:
    """The nine steps of the present round, from the facts of its story. `service` is the department that reviews."""
    here = STEP[State(need.state)]
    found: list[Step] = []
    for number, name in enumerate(NAMES, 1):
        hit = next(((e, at, who) for e, at, who in reversed(facts) if isinstance(e, DONE_BY[number - 1]) and _of_round(e, need, number)), None)
        if number < here:
            skipped = hit is None
            found.append(Step(name, "" if skipped else "done", hit[1] if hit else None, _credit(hit[0], hit[2]) if hit else pgettext("step", "left out")))
        elif number == here:
            found.append(Step(name, "late" if late else "now"))
        else:
            found.append(Step(name, "", None, {6: service, 8: _("the customer")}.get(number, "")))
    return found


def _of_round(event: Any, need: Need, number: int) -> bool:
    return number == 1 or getattr(event, "round", 1) == need.round


def _credit(event: Any, who: str) -> Any:
    if isinstance(event, events.NeedTriaged):
        return word("category", event.category)
    if isinstance(event, events.NeedAssigned):
        return event.department
    if isinstance(event, events.NeedTransferred):
        return event.to
    return who
