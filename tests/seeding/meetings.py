"""Meetings of the demonstration company and the work they gave out; told by the real verbs on needs that are being handled."""

from datetime import timedelta

from yingxu.base import clock
from yingxu.meetings import actions as meetings
from yingxu.meetings.models import Meeting, Purpose
from yingxu.needs.models import Need
from yingxu.needs.states import State
from yingxu.tasks import actions as tasks
from yingxu.tasks.actions import Node

from .telling import Story, Teller

BOX = (
    "到会：祝清欢投诉经手各部门。\n监控显示包装盒 3 月初随当物一起入库，换库位时未一并移走。\n"
    "议定：库房今天再找一遍；找不到按原价赔付；以后包装盒与当物同号封存。"
)
MONTHLY = (
    "一、上月需求 118 件，按时办结 109 件，超时集中在待接收一步。\n二、续当提醒短信试行两周，漏提醒为零，正式启用。\n"
    "三、鉴定排期从五天压到三天，外聘名单本周报。"
)


def coordinations(teller: Teller) -> None:
    """Plan every meeting at its moment."""
    teller.begin(teller.worked_before(13), _box(teller))
    teller.begin(teller.worked_before(3.5), _cabinet(teller))
    teller.begin(teller.worked_before(60), _monthly(teller))
    teller.begin(teller.worked_before(2.5), _another_date(teller))


def _in_hand(words: str) -> Need | None:
    rows = Need.objects.select_related("matter").filter(state=State.HANDLING, matter__title__contains=words)
    return rows.order_by("-matter_id").first()


def _box(teller: Teller) -> Story:
    """Held this morning: minutes, three tasks, of them one done and one late."""
    need, world = _in_hand("包装盒"), teller.world
    if need is None:
        return
    shen, now = world.by("苏慕青"), clock.now()
    starts = teller.work(now, 100)
    meeting = meetings.call(
        need.matter, by=shen, title="包装盒遗失协调会", purpose=Purpose.COORDINATION, starts_at=starts, ends_at=starts + timedelta(minutes=45),
        place="二楼小会议室", attendees=[world.user(n) for n in ("许清和", "周予安", "江听雨")], agenda="监控和入库记录\n赔还是找\n以后怎么不再丢",
    )  # fmt: skip
    yield teller.soon(now, 5, 40)
    meetings.answer(meeting, by=world.by("许清和"), comes=True, words="带换库记录")
    meetings.answer(meeting, by=world.by("周予安"), comes=True)
    yield starts + timedelta(minutes=50)
    fresh = Meeting.objects.select_related("matter", "about").get(pk=meeting.pk)
    meetings.record_minutes(fresh, by=shen, text=BOX, attended=[world.user(n).pk for n in ("苏慕青", "许清和", "周予安")])
    at = clock.now()
    made = meetings.decide(
        fresh, by=shen,
        nodes=[
            Node(title="库房逐格再找一遍包装盒", due_at=teller.work(at, 150), owner=world.user("方屿"), department=world.department("vault")),
            Node(title="查同款包装盒的市价", due_at=teller.work(at, 240), owner=world.user("周予安"), department=world.department("appraisal")),
            Node(title="包装盒同号封存写进入库规范", due_at=teller.work(at, 2_400), department=world.department("vault")),
        ],
    )  # fmt: skip
    yield teller.soon(at, 60, 140)
    tasks.finish(made[1], by=world.by("周予安"), result="同款二手 260 元，全新 420 元，已发客服。")


def _cabinet(teller: Teller) -> Story:
    """Called for tomorrow; one comes, one has not answered."""
    need, world = _in_hand("恒温恒湿柜"), teller.world
    if need is None:
        return
    starts = (clock.now() + timedelta(days=1)).replace(hour=2, minute=0, second=0, microsecond=0)
    starts = teller.work(starts, 60)
    head = world.by("许清和")
    meeting = meetings.call(
        need.matter, by=head, title="恒温恒湿柜选型协调会", purpose=Purpose.COORDINATION, starts_at=starts, ends_at=starts + timedelta(hours=1),
        place="库房值班室", link="https://meeting.example.com/yunxiu-812", attendees=[world.user(n) for n in ("方屿", "周予安", "沈岚", "贺兰舟")],
        agenda="尺寸和载重\n采购还是租\n客户能接受的交期",
    )  # fmt: skip
    yield teller.soon(clock.now(), 5, 60)
    meetings.answer(meeting, by=world.by("方屿"), comes=True)
    meetings.answer(meeting, by=world.by("贺兰舟"), comes=False, words="明天出差，会后看纪要")


def _monthly(teller: Teller) -> Story:
    """Management's monthly meeting about what the figures say."""
    world, boss = teller.world, teller.world.by("陆砚秋")
    starts = teller.work(clock.now(), 200)
    meeting = meetings.call(
        None, by=boss, title="月度需求分析会", purpose=Purpose.MANAGEMENT, starts_at=starts, ends_at=starts + timedelta(minutes=90), place="三楼会议室",
        attendees=[world.user(n) for n in ("秦望舒", "苏慕青", "江听雨", "程可", "许清和", "贺兰舟")], agenda="上月数字\n超时集中在哪一步\n下月三件事",
    )  # fmt: skip
    yield teller.soon(clock.now(), 10, 60)
    for name in ("秦望舒", "苏慕青", "江听雨", "程可"):
        meetings.answer(meeting, by=world.by(name), comes=True)
    yield starts + timedelta(minutes=95)
    fresh = Meeting.objects.select_related("matter").get(pk=meeting.pk)
    meetings.record_minutes(fresh, by=boss, text=MONTHLY, attended=[world.user(n).pk for n in ("陆砚秋", "秦望舒", "苏慕青", "江听雨", "程可")])
    at = clock.now()
    made = meetings.decide(
        fresh, by=boss,
        nodes=[
            Node(title="续当提醒短信正式启用", due_at=teller.work(at, 900), owner=world.user("苏慕青")),
            Node(title="报外聘鉴定师名单", due_at=teller.work(at, 2_000), owner=world.user("程可")),
            Node(title="待接收超时每天早会通报", due_at=teller.work(at, 4_800), owner=world.user("秦望舒")),
        ],
    )  # fmt: skip
    yield teller.soon(at, 500, 850)
    tasks.finish(made[0], by=world.by("苏慕青"), result="已启用，首日发出 14 条，无退回。")


def _another_date(teller: Teller) -> Story:
    """A task somebody cannot do in time asks for another date; nobody has decided yet."""
    need, world = _in_hand("封签录像"), teller.world
    if need is None:
        return
    head = world.by("许清和")
    given = {"title": "从备份里找三月的封签录像", "owner": world.user("方屿"), "due_at": teller.work(clock.now(), 180)}
    task = tasks.give(need.matter, by=head, details="主机上的已经覆盖，异地备份保存一年。", **given)
    yield teller.soon(clock.now(), 20, 60)
    tasks.postpone(task, by=world.by("方屿"), until=teller.work(task.due_at, 480), reason="备份盘在银行保管箱，明天上午才能取")
