"""Classes reckoned, one set otherwise; a few prospects in their steps; birthdays and the care they bring."""

from datetime import datetime, timedelta
from decimal import Decimal

from tests.world import World
from yingxu.base import clock
from yingxu.customers import actions as customers
from yingxu.relations import actions, jobs

FACTS = {"fit": "与老客户同一商圈，当物易估", "wish": "旺季前周转", "decider": "东家本人", "offer": "额度三十万，按月计费", "paper": "HT-2026-0117"}
PROSPECTS = (
    # name, trade, source, expected yuan, days ago, the steps it went, given up for
    ("漱石印社", "文玩", "砚台巷珠宝商行介绍", "120000", 40, ("screen", "target", "contact", "proposal"), ""),
    ("半夏药材行", "药材", "商会名录", "300000", 26, ("screen", "target", "contact"), ""),
    ("望江茶楼", "餐饮", "门店咨询", "80000", 9, ("screen",), ""),
    ("云锦绸庄", "纺织", "展会", "150000", 3, (), ""),
    ("长亭钟表维修", "钟表", "商会名录", "60000", 60, ("screen", "target", "contact"), "选了同行"),
    ("听泉琴馆", "乐器", "南薰乐器行介绍", "200000", 75, ("screen", "target", "contact", "proposal", "contract"), ""),
)
BORN = (("温知夏", 8, 15, True), ("宋晚舟", 2, 30, True), ("季棠", 5, 20, False))


def relate(world: World, now: datetime) -> None:
    """All by the people of the front desk, at their own times; the night's reckoning last."""
    by = world.by("沈岚")
    for name, trade, source, amount, days, steps, lost in PROSPECTS:
        with clock.at(now - timedelta(days=days)):
            file = customers.add(by=by, name=name, type="organisation", industry=trade, owner_id=by.user_id, department_id=by.department_id)
            due = (now + timedelta(days=30)).date()
            actions.pursue(file, by=by, source=source, expected_amount=Decimal(amount), expected_on=due)
        for n, step in enumerate(steps, 1):
            with clock.at(now - timedelta(days=days * (1 - n / (len(steps) + 1)))):
                actions.move(file, by=by, step=step, facts=FACTS)
        if lost:
            with clock.at(now - timedelta(days=5)):
                actions.give_up(file, by=by, reason=lost, note="对方利率低两厘")
        elif "contract" not in steps:
            with clock.at(now - timedelta(hours=6)):
                actions.plan_step(file, by=by, title="约东家面谈", due_at=now + timedelta(days=2))
    with clock.at(now - timedelta(days=4, hours=3)):  # two files that may be one, and one nobody looks after yet
        for name in ("城南旧钟表行", "城南旧钟表行（北街店）"):
            file = customers.add(by=by, name=name, type="organisation", industry="钟表", phone="139 0000 7701", owner_id=by.user_id, department_id=by.department_id)
        customers.edit(file, by=by, owner=None, why="负责人调岗，待指定")
    with clock.at(now - timedelta(days=2)):
        for name, month, day, lunar in BORN:
            actions.note_birthday(world.customer(name), by=by, month=month, day=day, lunar=lunar, year=1985)
        soon = now.date() + timedelta(days=3)
        actions.note_birthday(world.customer("白苏"), by=by, month=soon.month, day=soon.day)
    with clock.at(now - timedelta(hours=5)):
        jobs.plan_care(clock.today())
        if run := actions.nightly(clock.today()):
            jobs.finish(run)
    with clock.at(now - timedelta(hours=2)):
        actions.override(
            world.customer("恒通冷链物流"), by=world.by("苏慕青"), dimension="stage", value="growing", reason="新仓下月启用，需求会增加", until=(now + timedelta(days=60)).date()
        )
