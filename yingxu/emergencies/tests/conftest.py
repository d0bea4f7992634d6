"""Emergencies in any state, made by the verbs and nothing else."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.world import company
from yingxu.base import clock
from yingxu.emergencies import actions
from yingxu.emergencies.actions.finish import Improvement
from yingxu.emergencies.models import Emergency, Resource
from yingxu.emergencies.states import State
from yingxu.needs import actions as needs
from yingxu.needs.models import Need

MORNING = datetime(2026, 3, 18, 9, 4, tzinfo=clock.zone())  # a Wednesday


class Fire:
    """Emergencies of the pawnshop: 许清和 declares, 秦望舒 leads, 沈岚 tells the customers."""

    def __init__(self, world: Any) -> None:
        self.world, self.by = world, world.by

    def need(self, customer: str = "季棠", channel: str = "portal", **more: Any) -> Need:
        given = {"kind": "suggestion", "channel": channel, "customer": self.world.customer(customer), "backfill": True, "body": "存放的钢琴要恒温恒湿。"} | more
        done = needs.register(needs.Intake(**given), by=self.by("沈岚"))
        return Need.objects.select_related("matter").get(pk=done.id)

    def declare(self, *needs_: Need, by: str = "许清和", **more: Any) -> Emergency:
        given = {"title": "2 号库房恒温机组停机", "happened": "9 点压缩机停机，库温 26 度，还在升。"} | more
        seer = self.by("沈岚") if needs_ else self.by(by)
        return self.fresh(actions.declare(by=seer, needs=needs_, **given))

    def fresh(self, emergency: Emergency) -> Emergency:
        return Emergency.objects.select_related("matter__owner").get(pk=emergency.pk)

    def at(self, state: State, *needs_: Need, **more: Any) -> Emergency:
        """An emergency in this state, with one affected customer unless others are given."""
        found = self.declare(*(needs_ or (self.need(),)), **more)
        lead = self.by("秦望舒")
        if state == State.DECLARED:
            return found
        if state == State.CALLED_OFF:
            actions.call_off(found, by=lead, reason="误报，传感器故障")
            return self.fresh(found)
        actions.acknowledge(found, by=lead)
        if state == State.RUNNING:
            return self.fresh(found)
        actions.solve(found, by=lead, solution="备用机组开机，库温回到 22 度。")
        if state == State.SOLVED:
            return self.fresh(found)
        actions.tell(found, by=self.by("沈岚"), text="设备已经修好，当物安全。", end=True)
        actions.review(found, by=lead, well="到场快", badly="备机没有试过", causes="保养超期", improvements=[Improvement("每月试一次备机", self.world.user("许清和"))])
        if state == State.CLOSED:
            actions.close(found, by=lead)
        return self.fresh(found)

    def reserve(self, total: Any = 3, **more: Any) -> Resource:
        given = {"kind": "equipment", "name": "移动空调", "unit": "台", "keeper": self.world.user("许清和"), "place": "城南仓"} | more
        return actions.take_in(by=self.by("秦望舒"), total=total, **given)


@pytest.fixture
def world(db: None) -> Any:
    """The pawnshop, there since the day before the morning."""
    with clock.at(MORNING - timedelta(days=1)):
        return company()


@pytest.fixture
def fire(world: Any) -> Fire:
    return Fire(world)


@pytest.fixture
def then() -> Callable[[float], Any]:
    """`with then(31):` – so many minutes after the morning."""
    return lambda minutes: clock.at(MORNING + timedelta(minutes=minutes))
