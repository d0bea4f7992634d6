"""What is due for a robot, said in order and never more often than it may speak: what would be too much is said in one message.

A robot that stumbles rests, so that a later message does not overtake an earlier one.
"""

import json
import logging
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from yingxu.base import addresses, calling, clock
from yingxu.base.errors import Invalid

from .. import queries, words
from ..models import Attempt, Delivery, Robot
from ..sending import WAITS, Result, Taken, claim, settle
from .robots import ROBOTS, fitting, read

State, Outcome = Delivery.State, Attempt.Outcome
log = logging.getLogger("yingxu.notices")
TOGETHER = 100


class Turn(NamedTuple):
    """A robot and what it says in one message."""

    robot: Robot
    taken: list[Taken]


def send_due(*, seconds: float = 20.0) -> int:
    """Let every robot say what is due, for about so long; returns how many messages were tried."""
    until, done = time.monotonic() + seconds, 0
    for pk in _waiting():
        while time.monotonic() < until and (turn := _turn(pk)) is not None:
            _say(turn)
            done += 1
    return done


def _waiting() -> list[int]:
    due = Q(state=State.WAITING, next_at__lte=clock.now()) | Q(state=State.SENDING, lease_until__lt=Now())
    rows = Delivery.objects.filter(due, robot__on=True).order_by("robot_id")
    return list(rows.values_list("robot_id", flat=True).distinct())


def _turn(pk: int) -> Turn | None:
    """The robot's next message, when it may speak and nobody else lets it."""
    now = clock.now()
    with transaction.atomic():
        robot = Robot.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
        if robot is None or (robot.rest_until and robot.rest_until > now):
            return None
        rows = Delivery.objects.filter(robot=robot).select_for_update(of=("self",))
        if rows.filter(state=State.SENDING, lease_until__gte=Now()).exists():
            return None
        slots = _slots(robot, now)
        if slots < 1:
            return None
        due = Q(state=State.WAITING, next_at__lte=now) | Q(state=State.SENDING, lease_until__lt=Now())
        found = list(rows.filter(due).order_by("-urgent", "id")[:TOGETHER])
        taken = [one for row in (found if slots == 1 else found[:1]) if (one := claim(row)) is not None]
        if not taken:
            return None
        robot.recent = [*robot.recent, now]
        robot.save(update_fields=["recent"])
        return Turn(robot, taken)


def _slots(robot: Robot, now: datetime) -> int:
    """How many messages it may say at this moment; forgets those of more than a minute ago."""
    make = ROBOTS[robot.channel]
    robot.recent = [at for at in robot.recent if now - timedelta(minutes=1) < at <= now]
    second = sum(1 for at in robot.recent if now - timedelta(seconds=1) < at)
    if second >= make.per_second:
        return 0
    return make.per_minute - len(robot.recent)


def _say(turn: Turn) -> None:
    texts: list[str] = []
    people: list[str] = []
    said: list[Taken] = []
    for one in turn.taken:
        row = Delivery.objects.select_related("matter", "user", "robot").get(pk=one.row.pk)
        text, calls = _text(row)
        if stays := queries.why_it_stays(row):
            settle(one, Result(Outcome.LEFT, stays.words, hold=stays.hold))
        elif not text:
            settle(one, Result(Outcome.LEFT, _("Nothing is left to say.")))
        else:
            texts.append(text)
            people += calls
            said.append(one)
    if said:
        result = _tried(turn.robot, _joined(texts), people)
        rest = _rest(turn.robot, result)
        for one in said:
            settle(one, replace(result, wait=rest))


def _text(row: Delivery) -> tuple[str, list[str]]:
    """The words, and whom they call."""
    body = row.content.get("body", "")
    if body:
        return "\n".join(part for part in (row.subject, body) if part), []
    told = words.fresh(row)
    return words.chat(row, told), sorted({n.user.chat_id for n in told if n.user.chat_id})


def _joined(texts: Iterable[str]) -> str:
    lines = list(texts)
    if len(lines) == 1:
        return lines[0]
    head = _("%(n)s messages together:") % {"n": len(lines)}
    return "\n".join([head, *dict.fromkeys(line for text in lines for line in text.splitlines())])


def say(robot: Robot, text: str, people: Iterable[str] = ()) -> Result:
    """One message to the group, now."""
    make = ROBOTS[robot.channel]
    url, body = make.request(robot.url, robot.secret, fitting(text, make.most), list(dict.fromkeys(people)), clock.now().timestamp())
    try:
        target = addresses.target(url)
    except Invalid as wrong:
        return Result(Outcome.REFUSED, str(wrong))
    answer = calling.call(target, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(body, ensure_ascii=False).encode())
    if answer.trouble:
        return Result(Outcome.LATER, str(calling.Trouble(answer.trouble).label))
    found = read(answer.body)
    if answer.status == 429:
        return Result(Outcome.LATER, "HTTP 429", wait=timedelta(seconds=answer.wait or 60))
    if found is None or not ({"errcode", "code", "StatusCode"} & set(found)):
        return Result(Outcome.LATER, _("The answer cannot be read (HTTP %(status)s).") % {"status": answer.status})
    return make.judge(found)


def _tried(robot: Robot, text: str, people: Iterable[str]) -> Result:
    try:
        return say(robot, text, people)
    except Exception as fault:
        log.exception("notices: robot %s", robot.pk)
        return Result(Outcome.LATER, _("A fault of our own: %(fault)s") % {"fault": type(fault).__name__})


def _rest(robot: Robot, result: Result) -> timedelta | None:
    """A robot that could not speak rests, longer each time; returns how long, None when all is well. What it says waits as long, so
    that the order stays."""
    if result.outcome != Outcome.LATER:
        if robot.stumbles or robot.rest_until:
            Robot.objects.filter(pk=robot.pk).update(stumbles=0, rest_until=None)
        return None
    stumbles = min(robot.stumbles + 1, len(WAITS))
    rest = result.wait or WAITS[stumbles - 1]
    Robot.objects.filter(pk=robot.pk).update(stumbles=stumbles, rest_until=clock.now() + rest)
    return rest
