"""Calling a meeting, moving it, calling it off, answering, and what came of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from yingxu.base import clock, given
from yingxu.base.access import Actor
from yingxu.base.action import action, opens, step
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.base.flow import move
from yingxu.matters import actions as matters
from yingxu.matters import circles
from yingxu.matters.models import Entry, Matter, Note
from yingxu.matters.queries import may_see
from yingxu.notices import actions as notices
from yingxu.people.models import Department, User
from yingxu.tasks import actions as tasks
from yingxu.tasks.actions import Node
from yingxu.tasks.models import Origin, Task

from . import invitations, rules
from .events import (
    InvitationAnswered,
    MeetingCalled,
    MeetingCancelled,
    MeetingDecided,
    MeetingEvent,
    MeetingMoved,
    MinutesRecorded,
)
from .models import MOVES, Attendee, Meeting, Minutes, Outcome, Purpose, State

ORIGIN = {Purpose.EMERGENCY: Origin.EMERGENCY, Purpose.MANAGEMENT: Origin.MANAGEMENT}


@opens(rules.CALL)
def call(
    about: Matter | None = None, *, by: Actor, title: str, starts_at: datetime, ends_at: datetime, purpose: str = Purpose.OTHER,
    place: str = "", link: str = "", chair: User | None = None, attendees: Iterable[User] = (), departments: Iterable[Department] = (),
    agenda: str = "",
) -> Meeting:  # fmt: skip
    """Ask people together at a time, in a place or behind a link; each gets an invitation their calendar understands. A department
    is spoken for by its head. Who is invited follows the matter the meeting is about, so that they can read it before."""
    if about is not None and (about.kind == "meeting" or not may_see(by, about)):
        raise Invalid.field("about", _("A meeting can be about what you may see, and not about another meeting."))
    title = given.words(title, "title", longest=200)
    _times(starts_at, ends_at)
    chair = chair or User.objects.filter(pk=by.user_id).first()
    if chair is None:
        raise Invalid.field("chair", _("Somebody has to chair the meeting."))
    matter = matters.open_matter(
        "meeting", title, number=matters.next_number("meeting", prefix="HY"), owner_id=chair.pk, department_id=chair.department_id,
        words=[agenda],
    )  # fmt: skip
    if about is not None:
        circles.follow(matter, about)
    meeting = Meeting.objects.create(
        matter=matter, about=about, purpose=purpose, starts_at=starts_at, ends_at=ends_at, place=given.words(place, "place", required=False, longest=200),
        link=link, called_by_id=by.user_id, agenda=given.words(agenda, "agenda", required=False),
    )  # fmt: skip
    _invite(meeting, chair, attendees, departments, by)
    called = MeetingCalled(
        number=meeting.number, title=title, purpose=purpose, starts_at=starts_at, place=meeting.place or link, people=[a.user.name for a in _present(meeting)]
    )
    _state(called, meeting, by, tell=_ids(meeting))
    _post(meeting, by)
    return meeting


@action(rules.LEAD)
def reschedule(
    meeting: Meeting, *, by: Actor, starts_at: datetime, ends_at: datetime, place: str | None = None, link: str | None = None,
    agenda: str | None = None, attendees: Iterable[User] | None = None, reason: str = "",
) -> Meeting:  # fmt: skip
    """Another time, place, agenda or other people; what is not given stays. Calendars take it over; after another time everybody
    answers anew, and who is no longer invited gets a cancellation."""
    _planned(meeting)
    _times(starts_at, ends_at)
    reason = given.words(reason, "reason", required=False, longest=500)
    before, moved = meeting.starts_at, (starts_at, ends_at) != (meeting.starts_at, meeting.ends_at)
    meeting.starts_at, meeting.ends_at, meeting.sequence = starts_at, ends_at, meeting.sequence + 1
    meeting.place = meeting.place if place is None else given.words(place, "place", required=False, longest=200)
    meeting.agenda = meeting.agenda if agenda is None else given.words(agenda, "agenda", required=False)
    meeting.link = meeting.link if link is None else link
    meeting.save()
    asked = {a.user_id: a for a in meeting.attendees.select_related("user")}
    wanted = set(asked) if attendees is None else _invite(meeting, meeting.chair, attendees, (), by)
    gone = [a for pk, a in asked.items() if pk not in wanted]
    if moved:
        meeting.attendees.exclude(user=meeting.chair).update(answer=Attendee.Answer.INVITED, words="", answered_at=None, by_mail=False)
    for one in gone:
        _mail(meeting, one, by, leaves=True)
    meeting.attendees.filter(pk__in=[a.pk for a in gone]).delete()
    event = MeetingMoved(number=meeting.number, title=meeting.title, starts_before=before, starts_at=starts_at, place=meeting.place or meeting.link, reason=reason)
    _state(event, meeting, by, tell=[*_ids(meeting), *(a.user_id for a in gone)])
    _post(meeting, by)
    return meeting


@action(rules.LEAD)
def cancel(meeting: Meeting, *, by: Actor, reason: str) -> Meeting:
    """It does not take place; it leaves every calendar."""
    reason = given.words(reason, "reason", longest=500)
    move(meeting, State.CANCELLED, MOVES)
    meeting.reason, meeting.sequence = reason, meeting.sequence + 1
    meeting.save()
    _close(meeting)
    event = MeetingCancelled(number=meeting.number, title=meeting.title, starts_at=meeting.starts_at, reason=reason)
    _state(event, meeting, by, tell=_ids(meeting))
    _post(meeting, by)
    return meeting


@action(rules.ANSWER)
def answer(meeting: Meeting, *, by: Actor, comes: bool, words: str = "") -> Meeting:
    """I come, or I do not, with a word to the chair. May be changed until the meeting is held."""
    _planned(meeting)
    mine = meeting.attendees.filter(user_id=by.user_id).first()
    if mine is None:
        raise NotAllowed(_("Only who is invited can answer."), code=rules.ANSWER.name)
    mine.answer = Attendee.Answer.ACCEPTED if comes else Attendee.Answer.DECLINED
    mine.words, mine.answered_at, mine.by_mail = given.words(words, "words", required=False, longest=500), clock.now(), False
    mine.save()
    event = InvitationAnswered(number=meeting.number, title=meeting.title, comes=comes, words=mine.words)
    matters.record(event, on=meeting.matter, by=by, tell=[meeting.matter.owner_id, meeting.called_by_id])
    return meeting


@step
def answered_by_mail(meeting: Meeting, *, by: Actor, address: str, comes: bool, sequence: int, stamp: datetime, words: str = "") -> Entry | None:
    """Somebody's calendar answered from this mail address: what stands there is said to have come by mail, and anything else they do goes
    before it. None, and nothing changes, for an answer to an earlier version, one older than what is known, and a meeting that is over.
    Raises NotAllowed for an address that is not invited."""
    mine = next((a for a in _present(meeting) if a.user.email and a.user.email.lower() == address.lower() and a.user.is_active), None)
    if mine is None:
        raise NotAllowed(_("Only who is invited can answer."), code=rules.ANSWER.name)
    stamp = min(stamp, clock.now())
    if meeting.state != State.PLANNED or sequence < meeting.sequence or (mine.answered_at and stamp <= mine.answered_at):
        return None
    mine.answer = Attendee.Answer.ACCEPTED if comes else Attendee.Answer.DECLINED
    mine.words, mine.answered_at, mine.by_mail = words[:500], stamp, True
    mine.save()
    event = InvitationAnswered(number=meeting.number, title=meeting.title, comes=comes, words=mine.words, by_mail=mine.user.name)
    return matters.record(event, on=meeting.matter, by=by, tell=[meeting.matter.owner_id, meeting.called_by_id])


@action(rules.LEAD)
def record_minutes(meeting: Meeting, *, by: Actor, text: str, attended: Iterable[int] | None = None) -> Minutes:
    """What was said and agreed, and who was there (user ids). Further minutes are a new version; the earlier ones stay."""
    if meeting.state == State.CANCELLED:
        raise WrongMoment(_("The meeting was cancelled."))
    if clock.now() < meeting.starts_at:
        raise WrongMoment(_("The meeting has not begun; it begins %(at)s.") % {"at": _at(meeting.starts_at)})
    text = given.words(text, "text")
    if meeting.state == State.PLANNED:
        move(meeting, State.HELD, MOVES)
        meeting.save()
        _close(meeting)
    if attended is not None:
        there = set(attended)
        for one in meeting.attendees.all():
            one.attended = one.user_id in there
            one.save(update_fields=["attended"])
    version = meeting.minutes.count() + 1
    made = Minutes.objects.create(meeting=meeting, version=version, text=text, by_id=by.user_id, at=clock.now())
    event = MinutesRecorded(
        number=meeting.number, title=meeting.title, version=version, attended=meeting.attendees.filter(attended=True).count()
    )
    _state(event, meeting, by, tell=_ids(meeting), words=text)
    return made


@action(rules.LEAD)
def decide(meeting: Meeting, *, by: Actor, nodes: Sequence[Node]) -> list[Task]:
    """The outcome: work for people and departments, each by a date, as tasks on what the meeting is about."""
    if meeting.state == State.CANCELLED:
        raise WrongMoment(_("The meeting was cancelled."))
    if not nodes:
        raise Invalid.field("nodes", _("Nothing was decided: write at least one task."))
    for node in nodes:
        if node.owner is None and node.department is None:
            raise Invalid.field("nodes", _("Who does “%(title)s”?") % {"title": node.title})
        if node.due_at <= clock.now():
            raise Invalid.field("nodes", _("“%(title)s” would be due in the past.") % {"title": node.title})
    # who runs the meeting need not see what it is about; a task would open it to whoever gets the task
    about = meeting.about if meeting.about_id and meeting.about.closed_at is None and may_see(by, meeting.about) else None
    on = about or meeting.matter
    origin = ORIGIN.get(Purpose(meeting.purpose), Origin.MEETING)
    made = [
        tasks.add(on, by=by, title=n.title, details=n.details, owner=n.owner, department=n.department, due_at=n.due_at, origin=origin)
        for n in nodes
    ]
    keep(meeting, made)
    _state(MeetingDecided(number=meeting.number, title=meeting.title, tasks=[t.pk for t in made]), meeting, by, tell=[])
    return made


@step
def keep(meeting: Meeting, made: Iterable[Task]) -> None:
    """These tasks came out of the meeting: a part of rooms above that decide item by item."""
    Outcome.objects.bulk_create([Outcome(meeting=meeting, task=task) for task in made])


# ── steps of these verbs ──


def _invite(meeting: Meeting, chair: User, attendees: Iterable[User], departments: Iterable[Department], by: Actor) -> set[int]:
    """Those named, the heads of the departments, and the chair; returns the ids of everybody wanted. They follow what the meeting is about
    only when who invites may see it: nobody opens to others, or to themselves, what is closed to them."""
    wanted: dict[int, Department | None] = {user.pk: None for user in attendees}
    for department in departments:
        if department.head_id is None:
            raise Invalid.field("departments", _("%(department)s has no head to invite; name a person.") % {"department": department.name})
        wanted[department.head_id] = department
    wanted.setdefault(chair.pk, None)
    away = User.objects.filter(pk__in=wanted, is_active=False).first()
    if away is not None:
        raise Invalid.field("attendees", _("%(name)s no longer works here.") % {"name": away.name})
    now = clock.now()
    known = set(meeting.attendees.values_list("user_id", flat=True))
    Attendee.objects.bulk_create(
        Attendee(
            meeting=meeting, user_id=pk, department=department,
            answer=Attendee.Answer.ACCEPTED if pk == chair.pk else Attendee.Answer.INVITED, answered_at=now if pk == chair.pk else None,
        )
        for pk, department in wanted.items() if pk not in known
    )  # fmt: skip
    if meeting.about_id and may_see(by, meeting.about):
        matters.watch(meeting.about, wanted)
    return set(wanted)


def _state(event: MeetingEvent, meeting: Meeting, by: Actor, *, tell: Iterable[int | None], words: str = "") -> None:
    """On the meeting's own timeline, where those concerned are told, and on that of what it is about."""
    entry = matters.record(event, on=meeting.matter, by=by, tell=tell)
    if words:
        matters.say(meeting.matter, entry, Note.Voice.INTERNAL, words)
    if meeting.about_id:
        told = set(tell)
        entry = matters.record(event, on=meeting.about, by=by, tell=[pk for pk in (meeting.about.owner_id,) if pk not in told])
        if words:
            matters.say(meeting.about, entry, Note.Voice.INTERNAL, words)


def _post(meeting: Meeting, by: Actor) -> None:
    """To everybody with a mail address, the invitation as it stands now."""
    for one in _present(meeting):
        _mail(meeting, one, by)


def _mail(meeting: Meeting, one: Attendee, by: Actor, *, leaves: bool = False) -> None:
    user = one.user
    if not user.email or not user.is_active:
        return
    if leaves and meeting.matter.guarded:
        return  # who is taken out may not see it any more, so that nothing of it may leave for them, not even its title
    page = invitations.page_address(meeting)
    with translation.override(user.language or settings.LANGUAGE_CODE):
        subject, body = _letter(meeting, page, leaves)
        ics = invitations.calendar(meeting, url=page, only=one if leaves else None).decode()
    notices.send(
        channel="mail", to=user.email, key=f"meetings:{meeting.pk}:{meeting.sequence}:{user.pk}", subject=subject, body=body, calendar=ics,
        matter=None if leaves else meeting.matter, user=user, by=by,
    )  # fmt: skip


def _letter(meeting: Meeting, page: str, leaves: bool) -> tuple[str, str]:
    at = f"{_at(meeting.starts_at)}–{timezone.localtime(meeting.ends_at):%H:%M}"
    words = {"title": meeting.title, "at": at}
    if meeting.state == State.CANCELLED or leaves:
        subject = _("Cancelled: %(title)s (%(at)s)") % words
    elif meeting.sequence:
        subject = _("Changed: %(title)s (%(at)s)") % words
    else:
        subject = _("Invitation: %(title)s (%(at)s)") % words
    lines = [
        meeting.title, at, meeting.place, meeting.link, _("Chair: %(name)s") % {"name": meeting.chair.name}, meeting.reason,
        *(f"{n}. {item}" for n, item in enumerate(meeting.items, 1)), page,
    ]  # fmt: skip
    return subject, "\n".join(line for line in lines if line)


def _present(meeting: Meeting) -> list[Attendee]:
    return list(meeting.attendees.select_related("user"))


def _ids(meeting: Meeting) -> list[int]:
    return list(meeting.attendees.values_list("user_id", flat=True))


def _planned(meeting: Meeting) -> None:
    if meeting.state != State.PLANNED:
        raise WrongMoment(_("The meeting is “%(state)s”; nothing can be changed about it any more.") % {"state": State(meeting.state).label})


def _close(meeting: Meeting) -> None:
    meeting.matter.closed_at = clock.now()
    meeting.matter.save(update_fields=["closed_at"])


def _times(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise Invalid.field("ends_at", _("The end must be after the beginning."))
    if ends_at <= clock.now():
        raise Invalid.field("starts_at", _("This time is already over."))


def _at(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")
