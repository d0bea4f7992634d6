"""A company in which something top secret hangs on everything that can hang from something: each with a word that nobody without the
clearance may ever read."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from yingxu.agendas import actions as agendas
from yingxu.approvals import actions as approvals
from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.consulting import actions as consulting
from yingxu.customers.models import Customer
from yingxu.deadlines import actions as deadlines
from yingxu.emergencies import actions as crises
from yingxu.matters import actions as matters
from yingxu.matters.models import Matter
from yingxu.meetings import actions as meetings
from yingxu.needs import actions as needs
from yingxu.needs.models import Need
from yingxu.needs.states import State
from yingxu.people.models import User
from yingxu.tasks import actions as tasks
from yingxu.upkeep import actions as upkeep_actions
from yingxu.upkeep import jobs as upkeep

WORDS = ("玄鹤", "赤鸢", "墨麟", "银虬", "碧螭", "苍狼", "紫貂", "雪鸮", "青兕")
NEED, TASK, MEETING, EMERGENCY, ITEM, QUESTION, NOTE, CUSTOMER, REQUEST = WORDS


def plant(story: Any) -> Need:
    """Everybody is named in it: invited, called, given a task, told, following; only those with the clearance may know."""
    world, boss = story.world, story.by("陆砚秋")
    everyone = sorted({user.pk: user for user in world.people.values()}.values(), key=lambda user: user.pk)
    need = story.at(State.HANDLING, body=f"{NEED}一件", customer=world.customer("季棠"))
    upkeep.turn()  # the customer is on its owner's lists while it is still open to them
    told = {"kind": "entry", "text": f"{CUSTOMER}换了电话", "learned_on": clock.today()}
    upkeep_actions.note(world.customer("季棠"), by=story.by("沈岚"), **told)
    needs.raise_to_management(need, by=story.by("顾一鸣"), question=f"{QUESTION}怎么办？")
    Matter.objects.filter(pk=need.pk).update(title=NEED)
    need = story.fresh(need.number)
    needs.amend(need, by=SYSTEM, version=need.version, changes={"secrecy": 3})
    Customer.objects.filter(pk=need.customer_id).update(name=CUSTOMER)
    Matter.objects.filter(pk=need.customer_id).update(title=CUSTOMER, secrecy=3)
    need = story.fresh(need.number)
    matters.watch(need.matter, [user.pk for user in everyone])
    soon = clock.now() + timedelta(hours=1)
    needs.note(need, by=boss, text=f"{NOTE}的话 @顾一鸣")
    tasks.give(need.matter, by=SYSTEM, title=TASK, details=TASK, owner=world.user("顾一鸣"), due_at=soon)
    tasks.give(need.matter, by=SYSTEM, title=TASK, department=world.department("vault"), due_at=soon)
    meeting = {"starts_at": soon, "ends_at": soon + timedelta(hours=1), "place": MEETING, "agenda": MEETING}
    meetings.call(need.matter, by=boss, title=MEETING, purpose="coordination", attendees=everyone, **meeting)
    crises.declare(by=boss, title=EMERGENCY, happened=EMERGENCY, needs=[need])
    deadlines.alarm(need.matter, ladder="emergency", about=NEED, by=SYSTEM)
    with transaction.atomic():
        subject = {"facts": [[REQUEST, REQUEST]]}
        approvals.ask(need.matter, by=boss, chain="archives.lower", title=REQUEST, subject=subject)
        approvals.ask(need.customer.matter, by=boss, chain="archives.consult", title=REQUEST, subject=subject)
    consulting.ask(by=story.by("顾一鸣"), named=need.customer.matter.number, purpose="核对旧约", until=clock.today())
    agenda = agendas.prepare(by=boss, title="例会", starts_at=soon, ends_at=soon + timedelta(hours=1), attendees=everyone)
    agendas.add_item(agenda, by=boss, title=ITEM, note=ITEM, matter=need.matter)
    with clock.at(soon + timedelta(minutes=5)):
        item = agenda.items.select_related("matter").filter(title=ITEM).get()
        agendas.decide(agenda, by=boss, title=ITEM, details=ITEM, due_at=soon + timedelta(days=2), item=item, owner=world.user("顾一鸣"))
        agendas.record(agenda, by=boss, minutes={one.pk: ITEM if one.matter_id else "其他" for one in agenda.items.all()})
    return need


def cleared(user: User) -> bool:
    return user.clearance == 3
