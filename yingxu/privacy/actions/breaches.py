"""Breaches of personal data, from being found to being closed by another person (P16; PIPL art. 57; GB/T 35273 10)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from yingxu.base import clock, given
from yingxu.base.access import Actor
from yingxu.base.action import action, opens
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.deadlines import actions as clocks
from yingxu.deadlines.models import Category, Step
from yingxu.matters.actions import exported, next_number, open_matter, record
from yingxu.notices import actions as outbox
from yingxu.people import queries as people

from .. import fields as kinds_of_data
from .. import queries, reaching, rules
from ..events import (
    AuthorityTold,
    BreachClosed,
    BreachClosingAsked,
    BreachDescribed,
    BreachNoted,
    BreachPersonsChosen,
    BreachReopened,
    BreachReported,
    PersonsSpared,
    PersonsTold,
    RecordsExported,
)
from ..models import Breach

SERIES = "AQ"
MOST = 5_000  # affected customers in one breach, and messages at one time
State, Size = Breach.State, Breach.Size
CATEGORY = {Size.LARGER: Category.URGENT, Size.ORDINARY: Category.GENERAL}  # which column of the time limits holds
STEPS = (Step.BREACH_REPORT, Step.BREACH_WORD)


@opens(rules.REPORT)
def report_breach(
    *, by: Actor, title: str, what: str, found_at: datetime, happened: str, fields: Iterable[str], size: str = Size.ORDINARY, drill: bool = False
) -> Breach:
    """Data leaked, was changed, lost or misused, or may have been. From the moment it was found two clocks run: the authority is told, and
    the persons are. Those who handle breaches are told at once."""
    title, happened = given.words(title, "title", longest=180), given.words(happened, "happened", longest=4_000)
    values = _checked(what=what, size=size, fields=fields)
    if found_at > clock.now():
        raise Invalid.field("found_at", _("This moment is still to come."))
    reporter, service = given.staff(by), people.service_department()
    leads = next(iter(people.holders(rules.HANDLE_BREACH, beyond_own=True)), None)
    owner = reporter if by.may(rules.HANDLE_BREACH) or leads is None else leads.pk
    matter = open_matter(
        "breach", str(_("[Drill] %(words)s") % {"words": title}) if drill else title, number=next_number(SERIES, prefix=SERIES), owner_id=owner,
        department_id=service.pk if service else by.department_id, words=[happened],
    )  # fmt: skip
    made = Breach.objects.create(matter=matter, found_at=found_at, happened=happened, drill=drill, **values)
    for step in STEPS:
        clocks.start(matter, step, category=CATEGORY[Size(size)], at=found_at, by=by)
    told = [user.pk for user in people.holders(rules.HANDLE_BREACH, made)]
    record(BreachReported(drill=drill, what=what, size=size), on=matter, by=by, tell=[owner, *told])
    return made


@action(rules.HANDLE_BREACH)
def describe_breach(
    breach: Breach, *, by: Actor, what: str, size: str, fields: Iterable[str], happened: str, cause: str = "", harm: str = "", measures: str = "",
    persons: int | None = None,
) -> Breach:  # fmt: skip
    """What is known by now. Another size measures the clocks anew, from the moment it was found."""
    _running(breach)
    values: dict[str, Any] = _checked(what=what, size=size, fields=fields) | {
        "happened": given.words(happened, "happened", longest=4_000), "persons": persons,
        **{name: given.words(text, name, required=False, longest=4_000) for name, text in (("cause", cause), ("harm", harm), ("measures", measures))},
    }  # fmt: skip
    changed = sorted(key for key, value in values.items() if getattr(breach, key) != value)
    if not changed:
        return breach
    for key, value in values.items():
        setattr(breach, key, value)
    breach.save()
    if "size" in changed:
        clocks.retarget(breach.matter, CATEGORY[Size(size)], at=clock.now(), by=by)
    record(BreachDescribed(drill=breach.drill, fields=changed, size=size), on=breach.matter, by=by, tell=[breach.matter.owner_id])
    return breach


@action(rules.HANDLE_BREACH)
def choose_affected(breach: Breach, *, by: Actor, asked: queries.Chosen, anew: bool = False) -> int:
    """The customers a choice means are affected, of those this person may see; added to those chosen before, or instead of those of them
    this person sees. Returns how many this person sees chosen now."""
    _running(breach)
    found = list(queries.chosen(by, asked).values_list("pk", flat=True)[: MOST + 1])
    if not found:
        raise Invalid(_("Nobody fits this choice."))
    if len(found) > MOST:
        raise Invalid(_("These are more than %(most)s customers. Narrow the choice down.") % {"most": f"{MOST:,}"})
    if anew:
        breach.customers.remove(*queries.affected_by(breach, by).exclude(pk__in=found))
    breach.customers.add(*found)
    count = queries.affected_count(breach, by)
    if breach.persons is None or breach.persons < count:
        breach.persons = count
        breach.save(update_fields=["persons"])
    record(BreachPersonsChosen(drill=breach.drill), on=breach.matter, by=by)
    return count


@action(rules.HANDLE_BREACH)
def note_breach(breach: Breach, *, by: Actor, words: str) -> Breach:
    """A step, as it was taken."""
    _running(breach)
    record(BreachNoted(drill=breach.drill, words=given.words(words, "words", longest=1_000)), on=breach.matter, by=by)
    return breach


@action(rules.HANDLE_BREACH)
def tell_authority(breach: Breach, *, by: Actor, authority: str) -> Breach:
    """The authority was told: which one, how, under which number. In a drill, that it would have been."""
    _running(breach)
    if breach.authority_at:
        raise WrongMoment(_("The authority was told already."))
    breach.authority_at, breach.authority = clock.now(), given.words(authority, "authority", longest=300)
    breach.save(update_fields=["authority_at", "authority"])
    due = clocks.stop(breach.matter, Step.BREACH_REPORT, at=breach.authority_at, by=by)
    late = bool(due and due.due_at and breach.authority_at > due.due_at)
    record(AuthorityTold(drill=breach.drill, late=late), on=breach.matter, by=by, tell=[breach.matter.owner_id])
    return breach


@action(rules.HANDLE_BREACH)
def tell_persons(breach: Breach, *, by: Actor, text: str, how: str = "") -> Breach:
    """The affected customers are written to, by mail or else SMS, through the outbox; who has no such way is told otherwise, and `how`
    says it. Each message is on the customer's own file: who may not see that does not see it. It is our duty and no use of data beyond it, so no consent is asked. In a drill nothing leaves."""
    _running(breach)
    text, how = given.words(text, "text", longest=1_000), given.words(how, "how", required=False, longest=1_000)
    files = list(breach.customers.filter(erased_at=None).order_by("pk"))
    if not files and not how:
        raise Invalid.field("how", _("No customers are chosen; say how the persons are told."))
    ways = {} if breach.drill else reaching.ways(file.pk for file in files)
    left = len(files) - (0 if breach.drill else len(ways))
    if left and not breach.drill and not how:
        raise Invalid.field("how", _("Not all of them can be written to; say how the others are told."))
    first = breach.told_at is None
    now = clock.now()
    breach.told_at, breach.spared = now, False
    breach.told_how = "\n\n".join(part for part in (text, how) if part)
    breach.save(update_fields=["told_at", "told_how", "spared"])
    entry = record(PersonsTold(drill=breach.drill), on=breach.matter, by=by)
    file_of = {file.pk: file for file in files}
    with override(settings.LANGUAGE_CODE):
        subject = _("About your personal data")
        for file, (channel, address) in sorted(ways.items()):
            outbox.send(channel=channel, to=address, subject=subject, body=text, matter=file_of[file], entry=entry, key=f"privacy.breach:{entry.pk}:{file}", by=by, urgent=True)
    if first:
        clocks.stop(breach.matter, Step.BREACH_WORD, at=now, by=by)
    return breach


@action(rules.HANDLE_BREACH)
def spare_persons(breach: Breach, *, by: Actor, why: str) -> Breach:
    """The measures taken keep harm away effectively, so the persons need not be told (art. 57); the authority may order it all the same."""
    _running(breach)
    if breach.told_at is not None:
        raise WrongMoment(_("The persons were told already."))
    breach.told_at, breach.spared, breach.told_how = clock.now(), True, given.words(why, "why", longest=2_000)
    breach.save(update_fields=["told_at", "spared", "told_how"])
    clocks.stop(breach.matter, Step.BREACH_WORD, at=breach.told_at, by=by)
    record(PersonsSpared(drill=breach.drill, why=breach.told_how[:200]), on=breach.matter, by=by)
    return breach


@action(rules.HANDLE_BREACH)
def ask_closing(breach: Breach, *, by: Actor, lessons: str) -> Breach:
    """Everything is done and what was learnt is written down; another person reviews it. Cause, harm and measures must be known, and
    authority and persons told, or why not."""
    _running(breach)
    missing = [label for name, label in (("cause", _("Cause")), ("harm", _("Possible harm")), ("measures", _("Measures"))) if not getattr(breach, name)]
    missing += [] if breach.authority_at else [_("that the authority was told")]
    missing += [] if breach.told_at else [_("that the persons were told")]
    if missing:
        raise WrongMoment(_("Still missing: %(what)s.") % {"what": "、".join(str(word) for word in missing)})
    breach.state, breach.asked_by_id, breach.lessons = State.REVIEW, given.staff(by), given.words(lessons, "lessons", longest=4_000)
    breach.save(update_fields=["state", "asked_by", "lessons"])
    told = [user.pk for user in people.holders(rules.REVIEW, breach)]
    record(BreachClosingAsked(drill=breach.drill), on=breach.matter, by=by, tell=told)
    return breach


@action(rules.REVIEW)
def review_breach(breach: Breach, *, by: Actor, agreed: bool, words: str = "") -> Breach:
    """Another person than who asked for it closes it, or says what is still to be done."""
    if breach.state != State.REVIEW:
        raise WrongMoment(_("The breach is now “%(state)s”. Reload to see what changed.") % {"state": State(breach.state).label})
    if by.user_id is not None and by.user_id == breach.asked_by_id:
        raise NotAllowed(_("You asked for it to be closed; another person reviews that."), code="privacy.second_person")
    words = given.words(words, "words", required=not agreed, longest=2_000)
    tell = [breach.asked_by_id, breach.matter.owner_id]
    if not agreed:
        breach.state, breach.words = State.OPEN, words
        breach.save(update_fields=["state", "words"])
        record(BreachReopened(drill=breach.drill, words=words[:200]), on=breach.matter, by=by, tell=tell)
        return breach
    breach.state, breach.words, breach.reviewed_by_id = State.CLOSED, words, given.staff(by)
    breach.save(update_fields=["state", "words", "reviewed_by"])
    breach.matter.closed_at = clock.now()
    breach.matter.save(update_fields=["closed_at"])
    record(BreachClosed(drill=breach.drill), on=breach.matter, by=by, tell=tell)
    return breach


@opens(rules.EXPORT)
def export_breaches(*, by: Actor, wish: queries.BreachWish) -> list[Breach]:
    """The breaches this person may see, as the wish says; stated in the journal."""
    found = list(queries.breaches_to_export(by, wish))
    record(RecordsExported(what="breaches", count=len(found)), on=None, by=by)
    exported("breaches", by=by, rows=len(found), words=wish.q, of=[row.pk for row in found])
    return found


def _checked(*, what: str, size: str, fields: Iterable[str]) -> dict[str, Any]:
    sorts = sorted(set(fields))
    for name, value, choices in (("what", what, Breach.What), ("size", size, Size)):
        if value not in choices.values:
            raise Invalid.field(name, _("Choose one of those named."))
    if not sorts or set(sorts) - set(kinds_of_data.KINDS):
        raise Invalid.field("fields", _("Choose the kinds of data concerned."))
    return {"what": what, "size": size, "fields": sorts}


def _running(breach: Breach) -> None:
    if breach.state != State.OPEN:
        raise WrongMoment(_("The breach is now “%(state)s”. Reload to see what changed.") % {"state": State(breach.state).label})
