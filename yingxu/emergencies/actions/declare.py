"""An emergency begins, or turns out to be none."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from yingxu.base.access import Actor
from yingxu.base.action import action, check, opens
from yingxu.base.errors import Invalid
from yingxu.base.flow import at_state
from yingxu.base.given import staff, words
from yingxu.customers import rules as customers_rules
from yingxu.customers.models import Customer
from yingxu.deadlines import queries as deadlines
from yingxu.matters import actions as matters
from yingxu.matters import circles
from yingxu.matters.models import Matter
from yingxu.needs import rules as needs_rules
from yingxu.needs.models import Need
from yingxu.people.models import Department, User

from .. import queries, rules
from ..events import EmergencyCalledOff, EmergencyDeclared
from ..models import DRILL, Emergency
from ..states import Level, State
from . import alarms
from ._parts import CADENCE, call, everybody, leader, put, state, still_affected
from .telling import add_affected


@opens(rules.DECLARE)
def declare(
    *, by: Actor, title: str, happened: str, level: int = Level.SECOND, drill: bool = False, needs: Iterable[Need] = (),
    customers: Iterable[Customer] = (), lead: User | None = None, secrecy: int = 0,
) -> Emergency:  # fmt: skip
    """Start the emergency mechanism (E1): the leader of the response group is called at once by every way they have, the heads
    and owners concerned as well, and each must acknowledge. A drill is the same with numbers of its own; it tells no customer."""
    staff(by)
    title, happened = words(title, "title", longest=120), words(happened, "happened")
    if level not in Level.values:
        raise Invalid.field("level", _("Choose a level."))
    touched, touched_customers = _seen(needs, customers, by)
    about = [need.matter for need in touched] + [customer.matter for customer in touched_customers]
    if secrecy > by.clearance:
        raise Invalid.field("secrecy", _("This is above your own clearance."))
    group = Department.objects.filter(response_group=True, active=True).select_related("head").first()
    leads = leader(lead or (group.head if group else None), Matter(secrecy=secrecy), *about)
    made = Emergency.objects.create(
        matter=_matter(title, happened, drill, secrecy, leads, group), level=level, drill=drill, happened=happened,
        declared_by_id=by.user_id, cadence_minutes=cadence(),
    )  # fmt: skip
    for matter in about:
        circles.follow(made.matter, matter)
    called = call(made, [leads, *_concerned(group, touched)])
    matters.watch(made.matter, [staff(by)])
    entry = state(EmergencyDeclared(drill=drill, level=level, called=len(called)), made, by, tell=[u.pk for u in called])
    matters.say(made.matter, entry, "internal", happened)
    if touched or touched_customers:
        add_affected(made, touched, touched_customers, by)
    alarms.raise_alarm(made, by)
    queries.look_again()
    return made


def cadence() -> int:
    """How often an affected customer is told, in minutes, as the time limits say."""
    measure = deadlines.targets("urgent").get("crisis_update")
    return measure.minutes if measure else CADENCE


def _matter(title: str, happened: str, drill: bool, secrecy: int, leads: User, group: Department | None) -> Matter:
    prefix = DRILL if drill else "YJ"
    return matters.open_matter(
        "emergency", _("[Drill] %(words)s") % {"words": title} if drill else title, number=matters.next_number(f"emergency.{prefix}", prefix=prefix),
        owner_id=leads.pk, department_id=group.pk if group else leads.department_id, secrecy=secrecy, words=[happened],
    )  # fmt: skip


def _seen(needs: Iterable[Need], customers: Iterable[Customer], by: Actor) -> tuple[list[Need], list[Customer]]:
    """Only what the person may see can be brought into an emergency."""
    touched = list({n.pk: n for n in needs}.values())
    others = list({c.pk: c for c in customers}.values())
    for need in touched:
        check(needs_rules.VIEW, by, need)
    for customer in others:
        check(customers_rules.VIEW, by, customer)
    return touched, others


def _concerned(group: Department | None, needs: list[Need]) -> list[User]:
    """The response group, and of each need touched its owner and the head of its department."""
    people = list(User.objects.filter(department=group, is_active=True)) if group else []
    owners = {n.matter.owner_id for n in needs} | {n.matter.department.head_id for n in needs if n.matter.department_id}
    return people + list(User.objects.filter(pk__in=owners - {None}).order_by("id"))


@action(rules.LEAD)
def call_off(emergency: Emergency, *, by: Actor, reason: str) -> Emergency:
    """It was declared by mistake: everybody called hears so, and nothing counts down any more."""
    at_state(emergency, State.DECLARED, State.RUNNING)
    reason = words(reason, "reason", longest=500)
    put(emergency, State.CALLED_OFF)
    emergency.save()
    still_affected(emergency).update(due_at=None, late_at=None)
    alarms.still(emergency, by)
    state(EmergencyCalledOff(drill=emergency.drill, reason=reason), emergency, by, tell=everybody(emergency))
    return emergency


