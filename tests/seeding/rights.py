"""A few changes of rights: some in effect, one refused, two that wait for the other security administrator."""

from datetime import datetime, timedelta

from tests.world import World
from yingxu.base import clock
from yingxu.people import actions
from yingxu.people.models import Role


def changes(world: World, now: datetime) -> None:
    one, other = world.by("温如言"), world.by("纪云帆")
    role = Role.objects.get
    with clock.at(now - timedelta(days=12)):
        done = actions.propose_clearance(world.user("贺兰舟"), 2, by=one, why="接管绝当品库，要看机密客户的当物")
    with clock.at(now - timedelta(days=12) + timedelta(minutes=40)):
        actions.agree(done, by=other)
    with clock.at(now - timedelta(days=5)):
        refused = actions.propose_grant(world.user("周予安"), role(code="department-head"), by=other, why="程可出差两周")
    with clock.at(now - timedelta(days=4, hours=20)):
        actions.refuse(refused, by=one, said="出差期间用签批代理，不必给角色")
    with clock.at(now - timedelta(hours=3)):
        actions.propose_grant(world.user("叶知秋"), role(code="front-desk"), by=one, why="前台轮班，顶两周")
    with clock.at(now - timedelta(hours=1)):
        actions.propose_clearance(world.user("林小满"), 2, by=other, why="接手沈岚的机密客户")
