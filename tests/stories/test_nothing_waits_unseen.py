"""From an e-mail to a closed need, and nothing waits unseen on the way: a late step climbs and is taken, departments meet and share out
tasks, an emergency is declared and closed, management decides, a letter leaves with a token and its answer finds its way back.

By HTTP and by what the worker runs, over real sockets, with the clock moved on from step to step (U1, K4, N13, N14, E1, E2, N7 to N9).
"""

import asyncio
import contextvars
import re
import smtplib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from tests.world import company
from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.deadlines import jobs as deadlines
from yingxu.deadlines import queries as calendars
from yingxu.deadlines.models import Climb, Clock
from yingxu.emergencies import actions as emergencies
from yingxu.emergencies.models import Affected, Call, Emergency
from yingxu.intake import actions as intake
from yingxu.intake.mail import arriving, listening
from yingxu.intake.models import Received
from yingxu.matters import dispatch
from yingxu.matters.models import Failure
from yingxu.meetings.models import Meeting
from yingxu.needs import actions as needs
from yingxu.needs.models import Need
from yingxu.needs.queries import management
from yingxu.needs.states import Outcome, State
from yingxu.notices import actions as notices
from yingxu.notices import post
from yingxu.notices import queries as outbox
from yingxu.notices.models import Channel, Delivery, Notice
from yingxu.notices.sending import send_due
from yingxu.notices.tests.sinks import Mood, mail_server
from yingxu.tasks import jobs as tasks
from yingxu.tasks.models import Task

from .test_loop_by_http import Person

pytestmark = pytest.mark.django_db(transaction=True)

US, JI = "service@yunxiu.example", "jitang@mail.example"
CAST = ("沈岚", "苏慕青", "江听雨", "顾一鸣", "秦望舒", "陆砚秋", "周予安", "许清和")


DAYS: list[date] = []  # the working days of the story; they are ahead of us, since what is long past when it is recorded tells nobody


def at(hour: int, minute: int = 0, day: int = 0) -> Any:
    """That time of a day of the story."""
    return clock.at(datetime.combine(DAYS[day], time(hour, minute), tzinfo=clock.zone()))


def typed(hour: int, minute: int = 0) -> str:
    return f"{DAYS[0].isoformat()}T{hour:02d}:{minute:02d}"


@contextmanager
def our_door() -> Iterator[int]:
    """Our own SMTP listener in a thread, at the moment the story has reached."""
    ready, ports, loop, stop = threading.Event(), [], asyncio.new_event_loop(), asyncio.Event()

    async def run() -> None:
        servers = await listening.listen("127.0.0.1", smtp=-1)
        ports.append(servers[0].sockets[0].getsockname()[1])
        ready.set()
        await stop.wait()
        for server in servers:
            server.close()

    here = contextvars.copy_context()
    thread = threading.Thread(target=lambda: here.run(loop.run_until_complete, run()), daemon=True)
    thread.start()
    assert ready.wait(20)
    yield ports[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)


def write_to_us(text: str, *, to: str = US, **headers: str) -> None:
    """The customer's mail comes in through our door, and the worker sorts it."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"季棠 <{JI}>", to, headers.pop("subject", "冰柜停了，寄存的当物怎么办")
    mail["Message-ID"] = headers.pop("message_id")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    with our_door() as port, smtplib.SMTP("127.0.0.1", port, timeout=20) as server:
        server.send_message(mail, from_addr=JI, to_addrs=[to])
    arriving.sort_waiting()


def work() -> None:
    """What the worker does at this moment: hand out the journal, look at every clock, send what is due."""
    now = clock.now()
    deadlines.sweep(now)
    deadlines.climb(now)
    tasks.sweep(now)
    emergencies.look_at_countdowns()
    needs.release()
    while dispatch.run_once():
        pass
    send_due(Channel.MAIL, post.hand_over)


def told(name: str, event: str) -> bool:
    """Did this person get a notice of such an event?"""
    return Notice.objects.filter(user__name=name, entry__event=event).exists()


class Cast(dict):
    """The people, each in a browser of their own; `do` posts and says what was refused."""

    def do(self, name: str, path: str, **data: Any) -> Any:
        answer = self[name].client.post(path, data)
        said = re.findall(r'class="(?:error|notice bad)[^>]*>.*?</(?:p|div)', answer.content.decode(), re.S) if answer.status_code != 302 else ""
        assert answer.status_code == 302, (path, answer.status_code, said)
        return answer

    def see(self, name: str, path: str) -> str:
        answer = self[name].client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.content.decode()


@pytest.fixture
def world(db: None) -> Any:
    """The pawnshop, founded before the story begins."""
    with clock.at(clock.now() - timedelta(days=30)):
        made = company()
    calendar, today = calendars.calendar(), clock.today()
    DAYS[:] = [day for n in range(1, 40) if calendar.is_working_day(day := today + timedelta(days=n))][:3]
    return made


@pytest.fixture
def mood(world: Any) -> Iterator[Mood]:
    """The company's mail server, as far as we are concerned."""
    mood = Mood()
    with mail_server(mood) as port:
        notices.set_mail(by=SYSTEM, on=True, host="127.0.0.1", port=port, security="none", username="", password="", from_address=US, from_name="云岫典当", reply_address="")
        yield mood


@pytest.fixture
def cast(world: Any) -> Cast:
    with at(8, 45):
        return Cast({name: Person(world, name) for name in CAST})


@pytest.fixture
def need(world: Any, mood: Mood, cast: Cast) -> Callable[[], Need]:
    """The need that the customer's mail became."""
    with at(8, 50):
        intake.add_mailbox(by=SYSTEM, name="客服", address=US, way="delivered", kind="consultation")
    with at(9, 12):
        write_to_us("你们的恒温库是不是停电了？我那把琴还在里面，请马上看一下。", message_id="<ji-1@mail.example>")
        work()
    pk = Need.objects.get().pk
    return lambda: Need.objects.select_related("matter__owner", "matter__department").get(pk=pk)


def test_from_the_mail_to_the_closed_need(need, cast, world, mood):
    number = need().number
    assert need().channel == "mail" and "那把琴" in need().body and Received.objects.get().state == Received.State.NEED
    page = f"/needs/{number}/"

    # ── a step is late: it climbs, is taken, and the climbing ends ──
    with at(9, 20):
        cast.do("沈岚", page + "triage/", category="urgent", kind="consultation", urgency="5", importance="5", department=world.department("vault").pk, owner="")
        work()
    assert need().state == State.ACCEPTANCE
    with at(9, 36):
        work()
    assert told("许清和", "deadlines.clock_breached"), "the head of a department whose need nobody has"
    with at(10, 10):
        work()
        climb = Climb.objects.get(matter=need().matter, clock__step="acceptance")
        assert climb.told >= 2 and told("秦望舒", "deadlines.clock_escalated")
        assert "升级" in cast.see("秦望舒", page)
        cast.do("许清和", f"/settings/deadlines/climbs/{climb.pk}/", words="我来接", promised_at="")
    climb.refresh_from_db()
    assert climb.state == Climb.State.TAKEN and climb.taken_by == world.user("许清和")
    with at(10, 15):
        cast.do("许清和", page + "accept/")
        cast.do("许清和", page + "plan/", measures="查机组，移库，通知客户", owner="许清和", node_title="", node_due="", node_department="", node_owner="")
        work()
    climb.refresh_from_db()
    assert climb.state == Climb.State.ENDED

    # ── an emergency is declared from it: called, acknowledged, told, solved, looked back at, closed ──
    with at(10, 20):
        cast.do("沈岚", f"/emergencies/new/?needs={number}", title="恒温库停电", happened="机组跳闸，库温 27 度", level="1", secrecy="0", numbers=number)
        work()
        crisis = Emergency.objects.select_related("matter").get()
        there = f"/emergencies/{crisis.number}/"
        assert crisis.number in cast.see("陆砚秋", "/needs/"), "the banner is on every page"
        assert Call.objects.filter(emergency=crisis, user=world.user("秦望舒"), acknowledged_at=None).exists()
    with at(10, 27):
        work()
        assert Climb.objects.get(matter=crisis.matter, clock=None).told >= 1, "silence climbs, five minutes each"
        cast.do("秦望舒", there + "acknowledge/")
    with at(10, 35):
        cast.do("秦望舒", there + "plan/", measures="租移动空调，当物移到二号库")
        cast.do("沈岚", there + "tell/", text="机组跳闸，正在抢修，您的琴已移到二号库，温湿度正常。")
        work()
    assert any("二号库" in letter.get_body(("plain",)).get_content() for letter in mood.letters if letter["To"] == JI)
    with at(11, 10):
        work()
        assert Affected.objects.get(emergency=crisis).missed == 1, "half an hour without a word is stated"
        cast.do("沈岚", there + "tell/", text="备用机组已经启动。")
    with at(11, 30):
        cast.do("秦望舒", there + "solve/", solution="更换接触器，恢复供电")
        cast.do("沈岚", there + "tell_end/", text="已经恢复，您的琴没有受影响。")
        cast.do("秦望舒", there + "review/", well="移库快", badly="告警晚", causes="接触器老化", improvement_title="每月试备用机组", improvement_owner="许清和", improvement_due=(DAYS[0] + timedelta(days=90)).isoformat())
        cast.do("秦望舒", there + "close/")
        work()
    assert crisis.number not in cast.see("陆砚秋", "/needs/")

    # ── several departments: a meeting, its outcome are tasks, and the result waits for them ──
    with at(11, 40):
        call = f"/meetings/call/?about={number}"
        cast.do("许清和", call, title="库温事故处理", purpose="coordination", starts_at=typed(13, 30), minutes="30", place="二楼", attendees="周予安，沈岚", chair="", agenda="琴的状况\n怎么答复")
    with at(14, 5):
        meeting = Meeting.objects.get()
        cast.do("许清和", f"/meetings/{meeting.number}/minutes/", text="由鉴定评估部检查琴体并出具书面意见。", attended=[world.user("许清和").pk, world.user("周予安").pk])
        cast.do("许清和", f"/meetings/{meeting.number}/decide/", node_title="检查琴体，出书面意见", node_due=typed(16), node_department=world.department("appraisal").pk, node_owner="周予安")
        work()
        task = Task.objects.get(matter=need().matter)
        assert task.title in cast.see("周予安", "/tasks/") and task.title in cast.see("沈岚", page)
        refused = cast["许清和"].client.post(page + "submit/", {"done": "修好了", "answer": "没有受影响"})
        assert refused.status_code == 409 and task.title in refused.content.decode(), "not resolved while a task is open"

    # ── straight to management ──
    with at(14, 10):
        cast.do("许清和", page + "raise/", question="要不要免当期保管费？", why="客户在等", recommendation="免一个月", waits="on")
        work()
    assert told("陆砚秋", "needs.raised_to_management")
    with at(14, 30):
        assert "要不要免当期保管费" in cast.see("陆砚秋", "/needs/management/") and "要不要免当期保管费" in cast.see("陆砚秋", "/")
        cast.do("陆砚秋", page + "decide/", text="免一个月，书面致歉。")
        work()
    assert told("许清和", "needs.management_decided") and "免一个月，书面致歉。" in cast.see("沈岚", page)
    assert management.raises_of(need())[0].clock.outcome == "met"

    # ── a letter with a token; its answer comes back to the same need ──
    with at(14, 40):
        before = len(mood.letters)
        cast.do("沈岚", page + "say/", audience="reply", channel="mail", text="琴正在检查，下午出书面意见。您希望寄到哪里？", question="on")
        work()
    with at(14, 41):
        work()
        letter = next(one for one in mood.letters[before:] if one["To"] == JI)
        token = re.fullmatch(r"<([^@]+)@.+>", letter["Message-ID"])[1]
        matter, delivery = outbox.thread(token)
        assert f"+{token}@" in letter["Reply-To"] and (matter.number, delivery.state) == (number, Delivery.State.SENT)
    with at(15, 5):
        write_to_us(
            "寄到我店里就行，谢谢。\n\n> 您希望寄到哪里？", to=letter["Reply-To"].addresses[0].addr_spec, message_id="<ji-2@mail.example>", subject="回复: 您的需求",
            In_Reply_To=letter["Message-ID"],
        )  # fmt: skip
        work()
    assert Need.objects.count() == 1 and Received.objects.order_by("pk").last().state == Received.State.REPLY
    assert "寄到我店里就行" in cast.see("许清和", page)
    assert not need().matter.notes.filter(question=True, answered_at=None).exists()

    # ── the task is done, the result passes, the customer is satisfied, the visit takes place ──
    with at(15, 30):
        cast.do("周予安", f"/tasks/{task.pk}/finish/", result="琴体无开裂，漆面正常")
        cast.do("许清和", page + "progress/", text="书面意见已出")
        cast.do("许清和", page + "submit/", done="恢复供电，琴体检查无碍，免一个月保管费", answer="您的琴检查无碍，书面意见随信寄到店里，免一个月保管费，向您致歉。")
    with at(15, 50):
        cast.do("苏慕青", page + "review/", answer="您的琴检查无碍，书面意见随信寄到店里，免一个月保管费，向您致歉。", tell="on", channel="mail")
        work()
    with at(15, 51):
        work()
    assert need().state == State.CONFIRMATION and any("免一个月保管费" in one.get_body(("plain",)).get_content() for one in mood.letters)
    with at(16, 30):
        cast.do("沈岚", page + "confirm/", rating="5", comment="处理得很清楚", channel="phone")
    with at(10, day=2):
        cast.do("沈岚", page + "visit/", satisfied="yes", notes="琴音正常", channel="phone", problem="")
        work()

    # ── closed, and nothing waits ──
    assert (need().state, need().outcome) == (State.CLOSED, Outcome.SATISFIED)
    assert not Clock.objects.filter(matter=need().matter, outcome__in=["running", "paused"]).exists()
    assert not Climb.objects.exclude(state=Climb.State.ENDED).exists()
    assert not need().matter.tasks.filter(state="open").exists() and management.open_raise(need()) is None
    assert not Received.objects.filter(state__in=[Received.State.WAITING, Received.State.QUARANTINE]).exists()
    assert not Delivery.objects.filter(matter=need().matter).exclude(state=Delivery.State.SENT).exists()
    assert not Failure.objects.exists()
    whole = cast.see("沈岚", page)
    for words in ("那把琴", "恒温库停电", "检查琴体，出书面意见", "免一个月，书面致歉。", "寄到我店里就行", "处理得很清楚"):
        assert words in whole, words
