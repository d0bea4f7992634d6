"""Setting level, term and circle of a customer's file; what the levels are called; what happens when a term ends."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.approvals import actions as approvals
from yingxu.approvals.models import Request
from yingxu.base import clock
from yingxu.base.access import SYSTEM, Actor
from yingxu.base.action import action, opens
from yingxu.base.errors import Invalid
from yingxu.base.given import words
from yingxu.customers import actions as customers
from yingxu.customers.models import Customer
from yingxu.matters import actions as matters
from yingxu.matters import circles
from yingxu.matters.models import Entry, Look, Matter
from yingxu.people import queries as people
from yingxu.people.models import Department, User
from yingxu.ui import levels

from . import looks, queries, rules
from .events import (
    CircleSet,
    LevelSet,
    LevelsNamed,
    LooksExported,
    Lowered,
    LoweringAsked,
    ManyLooked,
    RegisterExported,
    TermAsked,
    TermEnded,
    TermSet,
)
from .models import Custody, LevelName, Stamp, Then

MOST = 5_000
WHY = 300


@action(rules.KEEP)
def set_level(customer: Customer, *, by: Actor, level: int, why: str, ends_on: date | None = None, then: str = Then.ASK) -> Customer:
    """Raise the level, at once, for the file and everything that hangs from it. Raises Invalid for a lower one: that takes a second
    person; and for one above the actor's own clearance, who would lose sight of it."""
    why = words(why, "why", longest=WHY)
    old = customer.matter.secrecy
    if level not in (1, 2, 3):
        raise Invalid.field("level", _("There is no such secrecy level."))
    if level < old:
        raise Invalid.field("level", _("A level can only be raised here; lowering it takes a second person."))
    if level == old:
        raise Invalid.field("level", _("The file has this level already. Its term can be changed by itself."))
    if level > by.clearance:
        raise Invalid.field("level", _("This is above your own clearance."))
    _later_than_today(ends_on)
    with customers.kept(customer, "matter", by=by, why=why[:200]):
        customer.matter.secrecy = level
        customer.matter.save(update_fields=["secrecy"])
    circles.spread(customer.matter)
    given = {"before": old, "why": why, "ends_on": ends_on, "then": Then(then), "by_id": by.user_id, "at": clock.now(), "asked_on": None}
    Custody.objects.update_or_create(customer=customer, defaults=given)
    event = LevelSet(**_levels(old, level), why=why, ends_on=ends_on, then=then)
    matters.record(event, on=customer.matter, by=by, tell=[customer.matter.owner_id])
    return customer


@action(rules.KEEP)
def set_term(customer: Customer, *, by: Actor, why: str, ends_on: date | None = None) -> Customer:
    """Let the level go on until a later day, or without an end. An earlier day would lower it sooner, which takes a second person."""
    why = words(why, "why", longest=WHY)
    if not customer.matter.secrecy:
        raise Invalid(_("This file has no secrecy level."))
    _later_than_today(ends_on)
    found = Custody.objects.filter(customer=customer).first() or Custody(customer=customer, by_id=by.user_id, at=clock.now())
    old = found.ends_on
    if ends_on is not None and (old is None or ends_on < old):
        raise Invalid.field("ends_on", _("A term can only be made longer here; ending a level sooner takes a second person."))
    found.ends_on, found.asked_on = ends_on, None
    found.save()
    matters.record(TermSet(old=old, new=ends_on, why=why), on=customer.matter, by=by, tell=[customer.matter.owner_id])
    return customer


def _levels(old: int, new: int) -> dict[str, Any]:
    return {"old": old, "new": new, "was": levels.name(old), "now": levels.name(new)}


def _later_than_today(day: date | None) -> None:
    if day is not None and day <= clock.today():
        raise Invalid.field("ends_on", _("Choose a later day than today."))


@action(rules.KEEP)
def set_circle(
    customer: Customer, *, by: Actor, why: str, persons: Iterable[User] = (), departments: Iterable[Department] = ()
) -> Customer:
    """From now on only these persons, and the heads of these departments as they are today, know of the file and of what hangs from
    it. Raises Invalid when nobody among them could change the circle again, or when somebody's clearance is too low to see the file."""
    why = words(why, "why", longest=WHY)
    wanted = {user.pk: user for user in (*persons, *(d.head for d in departments if d.head_id)) if user.is_active}
    if not wanted:
        raise Invalid.field("persons", _("Name at least one person."))
    low = [user.name for user in wanted.values() if user.clearance < customer.matter.secrecy]
    if low:
        raise Invalid.field("persons", _("%(names)s may not see this level; a circle lifts no clearance.") % {"names": "、".join(low)})
    with customers.kept(customer, "matter", by=by, why=why[:200]):
        joined, left = circles.enclose(customer.matter, wanted, why=why, by_id=by.user_id)
    if not any(rules.KEEP.allows(people.actor(user), customer) for user in wanted.values()):
        raise Invalid.field("persons", _("Nobody among these could change the circle again. Name somebody who guards archives, too."))
    names = User.objects.in_bulk([*joined, *left])
    event = CircleSet(joined=[names[pk].name for pk in joined], left=[names[pk].name for pk in left], size=len(wanted), why=why)
    matters.record(event, on=customer.matter, by=by, tell=[*wanted])
    return customer


@action(rules.KEEP)
def ask_to_lower(customer: Customer, *, by: Actor, level: int, why: str, open_up: bool = False) -> Request:
    """Ask for a lower level, for no level (0), or for an end of the circle: a second person signs, and then it is so. What hangs from the
    file keeps its own level. Raises Invalid when nothing would change."""
    why = words(why, "why", longest=WHY)
    matter, old = customer.matter, customer.matter.secrecy
    if not 0 <= level <= 3 or level > old:
        raise Invalid.field("level", _("Choose a lower level, or the one it has."))
    open_up = open_up and matter.circle_id == matter.pk
    if level == old and not open_up:
        raise Invalid.field("level", _("Nothing would change."))
    facts = [[_("Customer"), f"{matter.number} {customer.name}"], [_("Secrecy level"), f"{levels.name(old)} → {levels.name(level)}"]]
    facts += [[_("Circle of persons"), _("ends")]] if open_up else []
    made = approvals.ask(
        matter, by=by, chain="archives.lower", title=_("Lower the secrecy of %(number)s") % {"number": matter.number},
        subject={"customer": customer.pk, "old": old, "level": level, "open_up": open_up, "why": why, "facts": [*facts, [_("Why"), why]]},
        url=reverse("customers:profile", args=[matter.number]) + "?part=secrecy", key=f"lower:{customer.pk}",
    )  # fmt: skip
    matters.record(LoweringAsked(**_levels(old, level), open_up=open_up, why=why), on=matter, by=by)
    return made


def lowered(request: Request, subject: Mapping[str, Any]) -> bool:
    """What a second person agreed to. Whether it still was to be done: a level raised since, or heard of twice, stays as it is."""
    with transaction.atomic():
        matter = Matter.objects.select_for_update().get(pk=subject["customer"])
        old, open_up = matter.secrecy, bool(subject["open_up"]) and matter.circle_id == matter.pk
        new = subject["level"] if old == subject["old"] else old
        if new == old and not open_up:
            return False
        with customers.kept(Customer(pk=matter.pk), "matter", by=SYSTEM, why=subject["why"][:200]):
            if open_up:
                circles.open_up(matter)
            matter.secrecy = new
            matter.save(update_fields=["secrecy"])
        if new < old:
            given = {"before": 0, "why": subject["why"] if new else "", "ends_on": None, "by_id": request.asked_by_id, "at": clock.now(), "asked_on": None}
            Custody.objects.update_or_create(customer_id=matter.pk, defaults=given)
        event = Lowered(**_levels(old, new), opened=open_up, why=subject["why"], asked_by=request.asked_by_id, request=request.pk)
        matters.record(event, on=matter, by=SYSTEM, tell=[matter.owner_id, request.asked_by_id])
    return True


@opens(rules.LABELS)
def name_levels(*, by: Actor, names: Sequence[str]) -> None:
    """What the three levels are called, from the lowest to the highest."""
    given = [words(name, f"level{n}", longest=12) for n, name in enumerate(names, 1)]
    if len(given) != 3 or len(set(given)) != 3:
        raise Invalid(_("Give each of the three levels a name of its own."))
    old = queries.names()
    for level, text in enumerate(given, 1):
        LevelName.objects.update_or_create(level=level, defaults={"text": text})
    Stamp.objects.update_or_create(id=1, defaults={"value": uuid.uuid4()})
    matters.record(LevelsNamed(old=[old.get(n, "") for n in (1, 2, 3)], new=given), on=None, by=by)


@opens(rules.EXPORT)
def export(*, by: Actor, wish: queries.Wish) -> list[Customer]:
    """The register as a list shows it, and a line in the journal that it left the house."""
    found = list(queries.to_export(by, wish)[: MOST + 1])
    if len(found) > MOST:
        raise Invalid(_("These are more than %(most)s rows. Narrow the list down and export it in parts.") % {"most": f"{MOST:,}"})
    matters.record(RegisterExported(count=len(found)), on=None, by=by)
    matters.exported("archives", by=by, rows=len(found), of=(row.pk for row in found))
    return found


@opens(rules.KEEP)
def export_looks(*, by: Actor, wish: looks.Wish, customer: Customer | None = None) -> list[Look]:
    """Who looked, as the list shows it, for a file; stated in the journal."""
    found = list(looks.to_export(by, wish, customer)[: MOST + 1])
    if len(found) > MOST:
        raise Invalid(_("These are more than %(most)s rows. Narrow the list down and export it in parts.") % {"most": f"{MOST:,}"})
    matters.record(LooksExported(count=len(found)), on=customer.matter if customer else None, by=by)
    matters.exported("looks", by=by, rows=len(found), words=wish.who, of={row.matter_id for row in found})
    return found


def tell_of_many_looks() -> int:
    """Tell those who guard archives of everybody who opened more guarded files today than is usual (LOOKS_A_DAY), once a day for each;
    returns how many."""
    begin = datetime.combine(clock.today(), time(), clock.zone())
    today = Look.objects.filter(Q(matter__secrecy__gt=0) | Q(matter__circle__isnull=False), at__gte=begin, actor_kind="user", matter__kind="customer", what__in=looks.KINDS)
    many = today.exclude(facts__has_key="list").order_by().values("user_id", "actor_name").annotate(n=Count("matter", distinct=True)).filter(n__gt=settings.LOOKS_A_DAY)
    told = set(Entry.objects.filter(event=ManyLooked.NAME, at__gte=begin).values_list("facts__user", flat=True))
    found = [row for row in many if row["user_id"] not in told]
    keepers = [user.pk for user in people.holders(rules.KEEP, beyond_own=True)] if found else []
    for row in found:
        event = ManyLooked(user=row["user_id"], name=row["actor_name"], files=row["n"], usual=settings.LOOKS_A_DAY)
        matters.record(event, on=None, by=SYSTEM, tell=[pk for pk in keepers if pk != row["user_id"]])
    return len(found)


def look_at_terms() -> int:
    """End the terms that are over, or ask about them, each once; returns how many. Safe with several workers: a file somebody holds
    waits for the next look."""
    found = 0
    for pk in queries.over():
        with transaction.atomic():
            row = Custody.objects.select_for_update(skip_locked=True, of=("self", "customer")).select_related("customer").filter(pk=pk, asked_on=None).first()
            if row is None or row.ends_on is None or row.ends_on >= clock.today():
                continue
            found += 1
            _over(row)
    return found


def _over(row: Custody) -> None:
    matter = Matter.objects.select_for_update().get(pk=row.customer_id)
    old = matter.secrecy
    if row.then == Then.DECLASSIFY and row.before < old:
        with customers.kept(row.customer, "matter", by=SYSTEM):
            matter.secrecy = row.before
            matter.save(update_fields=["secrecy"])
        row.before, row.ends_on, row.why, row.by, row.at = 0, None, "", None, clock.now()
        row.save()
        matters.record(TermEnded(**_levels(old, matter.secrecy)), on=matter, by=SYSTEM, tell=[matter.owner_id])
        return
    row.asked_on = clock.today()
    row.save(update_fields=["asked_on"])
    keepers = [user.pk for user in people.holders(rules.KEEP, row.customer)]
    matters.record(TermAsked(level=old, now=levels.name(old), ends_on=row.ends_on), on=matter, by=SYSTEM, tell=[matter.owner_id, *keepers])
