"""Destruction in the demonstration: one proposal that waits for its appraisal, one file that is gone with its certificate, one legal hold."""

from datetime import datetime, timedelta

from tests.world import World
from yingxu.approvals import actions as approvals
from yingxu.approvals.models import Request, Seat
from yingxu.base import clock
from yingxu.customers import actions as customers
from yingxu.customers.models import Customer
from yingxu.destruction import actions, carrying
from yingxu.people import queries as people
from yingxu.people.verifying import Proof

OLD = (("旧城钟表修理铺", "organisation", "13900007001"), ("明记茶行", "organisation", "13900007002"), ("云台饭店", "organisation", "13900007003"))
WHY = "店铺已注销，十年未往来"


def destroy(world: World, now: datetime) -> None:
    """沈岚 proposes, 苏慕青 appraises, three sign."""
    with clock.at(now - timedelta(days=12)):
        shops = [_shop(world, *row) for row in OLD]
    with clock.at(now - timedelta(days=6)):
        made = actions.propose(shops[0], by=people.actor(world.user("沈岚")), reason=WHY)
        made = actions.appraise(made, by=people.actor(world.user("苏慕青")), value="无保存价值，无争议、无未结账款", stays="登记号、日期和数量，供统计")
        actions.hold(shops[2], by=people.actor(world.user("苏慕青")), why="票据纠纷诉讼中，法院要求留存")
    for day in (5, 4, 3):
        with clock.at(now - timedelta(days=day)):
            _sign(made.request)
    with clock.at(now - timedelta(days=3)):
        if Request.objects.get(pk=made.request_id).state == "granted":
            carrying.carry_out(made.pk)
    with clock.at(now - timedelta(hours=5)):
        actions.propose(shops[1], by=people.actor(world.user("沈岚")), reason="歇业满五年，资料过期")



def _shop(world: World, name: str, kind: str, phone: str) -> Customer:
    return customers.add(by=people.actor(world.user("沈岚")), name=name, type=kind, phone=phone, remark="旧店，资料由前任登记")


def _sign(request: Request) -> None:
    seat = Seat.objects.filter(request=request, state=Seat.State.WAITING, step__state="open").select_related("user").order_by("pk").first()
    if seat is not None:
        approvals.approve(Request.objects.get(pk=request.pk), by=people.actor(seat.user), proof=Proof(seat.user_id, clock.now(), "password"))
