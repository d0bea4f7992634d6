"""Meetings of management in the demonstration: one held with decisions that were followed up, one ahead."""

from datetime import datetime, timedelta

from django.utils import timezone

from yingxu.agendas import actions as agendas
from yingxu.agendas.models import Agenda, Item
from yingxu.base import clock
from yingxu.tasks import actions as tasks
from yingxu.tasks.models import Task

from .telling import Story, Teller

SAID = {
    "raise": "一线说得清楚，按建议办，责任到人，办完在需求上回一句。",
    "escalated": "先把人定下来，今天就接手，卡在哪一步写进进展。",
    "overdue": "超时的原因是排期，鉴定排期表从下周起每天早上公布。",
    "unsatisfied": "换人重看，先给客户打电话，不要再发短信。",
    "complaint": "由响应小组核实，三天内答复客户，部门不自查自答。",
    "decision": "上次定的还没办完，再给三天，下次会前销项。",
}
DECIDED = (
    # what, who, days, what became of it
    ("鉴定排期表每天早上公布，超两天的外聘鉴定师", "程可", 4, "已公布，外聘名单两人，合同已签。"),
    ("封签录像保存期改为两年，补购存储", "许清和", 6, ""),
    ("费率减免权限写成一页纸，贴到柜台", "江听雨", 9, "已印发，柜台和系统常用语都更新了。"),
    ("不满意需求由客服主管当天回电", "苏慕青", 21, ""),
)
PEOPLE = ("秦望舒", "苏慕青", "江听雨", "程可", "许清和")


def council(teller: Teller) -> None:
    """Plan the meeting of the week before last, what followed from it, and the one of tomorrow."""
    held = _morning(teller, teller.now - timedelta(days=13))
    teller.begin(held - timedelta(days=2), _held(teller, held))
    teller.begin(teller.worked_before(3.0), _ahead(teller))


def _morning(teller: Teller, day: datetime) -> datetime:
    """Half past nine on that day, or on the next one that is worked."""
    at = timezone.localtime(day).replace(hour=9, minute=30, second=0, microsecond=0)
    while not teller.calendar.is_working_day(at.date()):
        at += timedelta(days=1)
    return at


def _prepared(teller: Teller, at: datetime) -> Agenda:
    boss = teller.world.by("陆砚秋")
    return agendas.prepare(
        by=boss, title="管理层需求例会", starts_at=at, ends_at=at + timedelta(minutes=90), place="三楼会议室", attendees=[teller.world.user(name) for name in PEOPLE]
    )


def _held(teller: Teller, at: datetime) -> Story:
    boss = teller.world.by("陆砚秋")
    agenda = _prepared(teller, at)
    agendas.add_item(agenda, by=boss, title="柜台费率减免的口径", note="近两周问得最多")
    yield at + timedelta(minutes=95)
    items = list(agenda.items.all())
    chosen = items[:6] + [items[-1]] if len(items) > 7 else items
    agendas.arrange(agenda, by=boss, order=[item.pk for item in items], chosen=[item.pk for item in chosen])
    minutes = {item.pk: SAID.get(item.kind, "口径统一：减免由部门主管批，超过一成的报管理层。") for item in chosen}
    agenda = agendas.record(agenda, by=boss, minutes=minutes, attended=[boss.user_id, *(teller.world.user(name).pk for name in PEOPLE[:4])])
    made: list[tuple[Task, str]] = []
    for number, (title, who, days, result) in enumerate(DECIDED):
        item = Item.objects.get(pk=chosen[number % len(chosen)].pk) if number < 2 else None
        done = agendas.decide(agenda, by=boss, item=item, title=title, owner=teller.world.user(who), due_at=_morning(teller, at + timedelta(days=days)).replace(hour=17))
        made.append((done.task, result))
    for task, result in made:
        if result:
            yield max(clock.now() + timedelta(hours=20), (task.due_at or at) - timedelta(hours=22))
            tasks.finish(task, by=teller.world.by(task.owner.name), result=result)


def _ahead(teller: Teller) -> Story:
    _prepared(teller, _morning(teller, teller.now + timedelta(days=1)))
    yield from ()
