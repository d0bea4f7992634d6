"""A webhook of the demonstration company: the stock system was told of yesterday's needs, once failed, and was paused.

Its receiver is a thread of this process; nothing leaves the machine.
"""

from datetime import datetime, timedelta

from django.test import override_settings

from tests.world import World
from yingxu.api import actions, sending
from yingxu.api.models import Endpoint
from yingxu.api.tests.trap import Trap
from yingxu.base import clock
from yingxu.privacy.tests.register import party

RECEIVER = "本公司库房管理部（仓储系统）"
HERE = override_settings(OUTBOUND_NETWORKS=["127.0.0.0/8"])
EVENTS = ("needs.need_accepted", "needs.need_assigned", "needs.need_closed", "needs.need_registered", "needs.result_fed_back")


def begin(world: World, receiver: Trap, now: datetime) -> Endpoint:
    """Made two weeks ago by the executive, acting for themselves."""
    with HERE, clock.at(now - timedelta(days=14)):
        party(RECEIVER)
        made = actions.make_endpoint(
            by=world.by("陆砚秋"), name="库房系统", url=f"http://127.0.0.1:{receiver.port}/yingxu", recipient=RECEIVER,
            purpose="需求有进展时提前备好当物", events=EVENTS, user=world.user("陆砚秋"),
        )[0]  # fmt: skip
        for _attempt in range(2):  # the first test finds the receiver not ready
            actions.send_test(made, by=world.by("陆砚秋"))
            sending.run()
    return made


def send(world: World, endpoint: Endpoint, now: datetime) -> None:
    """What waits goes out, the one that failed waits for its next attempt, then the executive pauses it."""
    with HERE:
        sending.run()
        with clock.at(clock.now() + timedelta(minutes=1)):
            sending.run()
    with clock.at(now):
        actions.pause_endpoint(endpoint, by=world.by("陆砚秋"))
