"""Customers' files that are guarded: two with a level and a term, one of them soon over, one for a circle of persons."""

from datetime import datetime, timedelta

from tests.world import World, content
from yingxu.approvals import actions as approvals
from yingxu.approvals.models import Request
from yingxu.archives import actions as archives
from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.consulting import actions as consulting
from yingxu.consulting import glass
from yingxu.customers import actions as customers
from yingxu.matters import actions as matters
from yingxu.matters.models import Matter
from yingxu.matters.queries import may_see, needs_below
from yingxu.people import queries as people

LEVELLED = (("恒通冷链物流", 1, "报价和账期仅限经办部门知悉", 20), ("南薰乐器行", 2, "代管藏品清单，按约定保密", 340))
CLOSED_WHY = "估价争议调查期间，仅限调查人员知悉"


def guard(world: World, now: datetime, spoken_of: set[str]) -> None:
    """苏慕青 guards archives; the closed file is of somebody no screen shows by name."""
    keeper, user = people.actor(world.user("苏慕青")), world.user
    with clock.at(now - timedelta(days=9)):
        for name, level, why, days in LEVELLED:
            archives.set_level(world.customer(name), by=keeper, level=level, why=why, ends_on=clock.today() + timedelta(days=days))
    closed = next(row["name"] for row in reversed(content("customers")["customers"]) if row["name"] not in spoken_of)
    with clock.at(now - timedelta(days=2)):
        persons = [user(name) for name in ("苏慕青", "陆砚秋", "秦望舒")]
        archives.set_circle(world.customer(closed), by=keeper, why=CLOSED_WHY, persons=persons, departments=[world.department("pawn")])
    _consult(world, now, closed)
    _look(world, now)
    _glass(world, now, closed)


def _consult(world: World, now: datetime, closed: str) -> None:
    """顾一鸣 was let in for a week; 周予安 named a file nobody finds."""
    with clock.at(now - timedelta(days=1)):
        row = consulting.ask(by=_as(world, "顾一鸣"), named=closed, purpose="核对当年的估价记录，答复客户复核意见", until=clock.today() + timedelta(days=7))
        consulting.put_forward(row.pk)
        request = Request.objects.get(chain=consulting.CHAIN, key=f"consult:{row.pk}")
        while seat := request.seats.filter(state="waiting", step__state="open").first():
            approvals.approve(request, by=people.actor(seat.user), words="同意，仅限核对估价")
        consulting.granted(request, {"consultation": row.pk})
    with clock.at(now - timedelta(hours=3)):
        row = consulting.ask(by=_as(world, "周予安"), named="老库区那批红木家具的客户", purpose="复核保管费", until=clock.today() + timedelta(days=3))
        consulting.put_forward(row.pk)


def _look(world: World, now: datetime) -> None:
    """Whoever opened a levelled file said what for: a need of the customer, or a reason."""
    file = world.customer(LEVELLED[0][0])
    for days, name, reason in ((6, "顾一鸣", ""), (4, "陆砚秋", "月度经营分析"), (2, "苏慕青", ""), (1, "陆砚秋", "")):
        by = _as(world, name)
        needs = [] if reason else needs_below(by, file.matter, most=1)
        with clock.at(now - timedelta(days=days, hours=1)):
            if may_see(by, file.matter):
                customers.say_what_for(file, by=by, need=needs[0].number if needs else "", reason=reason or ("" if needs else "核对账期"))
                matters.look(file.matter, by=by, detail="part contracts")


def _glass(world: World, now: datetime, closed: str) -> None:
    """沈岚 read the closed file for two hours, and it was reviewed; 程可 did last night, and that is still to be reviewed."""
    for name, ago, why, reviewed in (
        ("沈岚", timedelta(days=1, hours=6), "当事客户在柜台情绪激动，急需核对封存状态", "确属紧急，只看了封存记录，处置得当。"),
        ("程可", timedelta(hours=11), "库区报警，急需核对该客户当物位置", ""),
    ):
        with clock.at(now - ago):
            row = glass.break_glass(by=_as(world, name), named=closed, purpose=why, hours=2)
            consulting.put_forward(row.pk)
            request = Request.objects.get(chain=glass.CHAIN, key=f"consult:{row.pk}")
            seat = request.seats.filter(state="waiting", step__state="open").first()
            approvals.approve(request, by=people.actor(seat.user), words="同意，请按时复核")
            consulting.granted(request, {"consultation": row.pk})
        with clock.at(now - ago + timedelta(minutes=4)):
            looked = Matter.objects.get(customer__name=closed)
            matters.look(looked, by=_as(world, name))
        with clock.at(now - ago + timedelta(hours=2, minutes=10)):
            consulting.look_over()
        if reviewed:
            with clock.at(now - ago + timedelta(hours=5)):
                row.refresh_from_db()
                glass.review(row, by=_as(world, "苏慕青"), finding="justified", words_=reviewed)


def _as(world: World, name: str) -> Actor:
    return people.actor(world.user(name))
