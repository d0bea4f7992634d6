"""Emergencies and reserves of the demonstration: one closed and reviewed, one drill, one under way, told through the verbs."""

from collections.abc import Callable
from datetime import datetime, timedelta

from yingxu.base import clock
from yingxu.emergencies import actions as crises
from yingxu.emergencies.actions.finish import Improvement
from yingxu.emergencies.models import Dispatch, Emergency, Resource, Told
from yingxu.needs.models import Need
from yingxu.needs.states import State
from yingxu.tasks import actions as tasks
from yingxu.tasks.models import Task

from .telling import Story, Teller

RESERVES = (
    # kind, name, unit, how much, place, keeper, good for days, looked over in days
    ("equipment", "移动空调", "台", 3, "城南仓", "许清和", None, 60),
    ("equipment", "备用发电机", "台", 1, "总店地下室", "许清和", None, 20),
    ("supplies", "防潮箱", "个", 40, "城南仓", "方屿", None, None),
    ("supplies", "干粉灭火器", "具", 24, "各库房", "许清和", 26, 26),
    ("experts", "制冷技师（外协）", "人", 4, "外协名册", "许清和", None, None),
    ("equipment", "押运车", "辆", 2, "行政部", "罗一禾", None, 90),
    ("money", "应急储备金", "元", 50_000, "财务部", "罗一禾", None, None),
)
TOUCHED = (State.HANDLING, State.ACCEPTANCE, State.REVIEW, State.CONFIRMATION)


def tell(teller: Teller) -> None:
    """Put the stories among the others."""
    now = teller.now
    teller.begin(now - timedelta(days=60), _reserves(teller))
    teller.begin(now - timedelta(days=23, hours=3), _reviewed(teller))
    teller.begin(now - timedelta(days=6, hours=5), _drill(teller))
    teller.begin(now - timedelta(minutes=102), _running(teller))


def _after(start: datetime) -> Callable[[float], datetime]:
    return lambda minutes: start + timedelta(minutes=minutes)


def _touched(teller: Teller, many: int) -> dict[str, list]:
    """Open needs that the vault could touch, the latest first; with too few of them, customers who have things there."""
    rows = Need.objects.filter(state__in=TOUCHED, customer__isnull=False, matter__secrecy=0, matter__closed_at=None)
    needs = list(rows.select_related("matter", "customer").order_by("-pk")[:many])
    others = [teller.world.customer(name) for name in ("南薰乐器行", "墨池斋画廊", "季棠")]
    return {"needs": needs, "customers": others[: max(0, 3 - len(needs))]}


def _reserves(teller: Teller) -> Story:
    world, day = teller.world, teller.now.date()
    for kind, name, unit, total, place, keeper, good, look in RESERVES:
        crises.take_in(
            by=world.by("秦望舒"), kind=kind, name=name, unit=unit, total=total, place=place, keeper=world.user(keeper),
            expires_on=day + timedelta(days=good) if good else None, check_on=day + timedelta(days=look) if look else None,
        )  # fmt: skip
    yield clock.now() + timedelta(days=30)
    chest = Resource.objects.get(matter__title="防潮箱")
    crises.adjust(chest, by=world.by("秦望舒"), total=38, reason="两个锁扣坏了，报废")


def _answered(found: Emergency, but: tuple[str, ...], teller: Teller) -> None:
    for waiting in found.calls.filter(acknowledged_at=None).exclude(user__name__in=but).select_related("user"):
        crises.acknowledge(found, by=teller.world.by(waiting.user.name))


def _rung_up(found: Emergency, teller: Teller, but: int = 0) -> None:
    """沈岚 calls those who are reached only by phone."""
    waiting = list(Told.objects.filter(telling__emergency=found, done_at=None).order_by("id"))
    for told in waiting[: len(waiting) - but]:
        if Told.objects.filter(pk=told.pk, done_at=None).exists():
            crises.called_by_phone(found, by=teller.world.by("沈岚"), told=told.pk)


def _reviewed(teller: Teller) -> Story:
    by, then = teller.world.by, _after(clock.now())
    found = crises.declare(
        by=by("沈岚"), title="总店停电，收当系统中断", happened="总店 14 点停电，收当和赎当都办不了，大厅有客户在等。", level=3, **_touched(teller, 2),
    )  # fmt: skip
    yield then(3)
    crises.acknowledge(found, by=by("秦望舒"))
    crises.call_in(found, by=by("秦望舒"), people=[teller.world.user("许清和"), teller.world.user("苏慕青")])
    _answered(found, (), teller)
    yield then(6)
    crises.write(found, by=by("许清和"), text="供电公司说是片区线路故障，预计一小时内恢复")
    generator = Resource.objects.get(matter__title="备用发电机")
    sent = crises.dispatch(generator, by=by("秦望舒"), emergency=found, quantity=1, carrier="许清和")
    yield then(10)
    crises.plan(found, by=by("秦望舒"), measures="一、发电机先供收当系统和库房。\n二、大厅客户登记电话，恢复后按顺序办理。\n三、每半小时告知一次。")
    crises.tell(found, by=by("沈岚"), text="您好，总店临时停电，您的业务我们已登记，恢复后马上办理，当物安全。")
    _rung_up(found, teller)
    yield then(24)
    crises.arrive(generator, by=by("秦望舒"), dispatch=sent.pk)
    crises.write(found, by=by("秦望舒"), text="发电机已供电，先办赎当", kind="decision")
    yield then(38)
    crises.tell(found, by=by("沈岚"), text="您好，系统已用备用电源恢复，正在按顺序办理，请放心。")
    _rung_up(found, teller)
    yield then(64)
    crises.solve(found, by=by("秦望舒"), solution="市电恢复，系统和库房都已切回，数据核对无误。")
    crises.tell(found, by=by("沈岚"), text="您好，供电已恢复，您的业务可以正常办理。给您添麻烦了。", end=True)
    _rung_up(found, teller)
    crises.give_back(Resource.objects.get(pk=generator.pk), by=by("秦望舒"), dispatch=sent.pk, returned=1)
    yield then(60 * 26)
    crises.review(
        found, by=by("秦望舒"), well="三分钟内有人接手，发电机十四分钟到位，客户每次都按时得到消息。",
        badly="发电机没有油，现买耽误了八分钟；大厅没有应急照明。", causes="备用发电机三个月没有试机，检查单上没有油量一项。",
        improvements=[
            Improvement("备用发电机每月试机，油量写进检查单", teller.world.user("许清和"), (teller.now + timedelta(days=9)).date()),
            Improvement("大厅加装应急照明", teller.world.user("许清和"), (teller.now + timedelta(days=30)).date()),
        ],
    )  # fmt: skip
    yield then(60 * 27)
    crises.close(found, by=by("秦望舒"))


def _drill(teller: Teller) -> Story:
    by, then = teller.world.by, _after(clock.now())
    found = crises.declare(by=by("许清和"), title="1 号库房烟感报警", happened="演练：1 号库房烟感报警，假定东南角起烟。", level=1, drill=True)
    yield then(2)
    crises.acknowledge(found, by=by("秦望舒"))
    crises.join(found, by=by("沈岚"), **_touched(teller, 2))
    yield then(5)
    crises.write(found, by=by("许清和"), text="库房人员清点完毕，3 人全部撤出")
    yield then(12)
    crises.tell(found, by=by("沈岚"), text="演练：您好，库房消防设备报警，当物安全，正在检查。")
    yield then(31)
    crises.solve(found, by=by("秦望舒"), solution="演练结束，用时 31 分钟。")
    crises.tell(found, by=by("沈岚"), text="演练：您好，检查完毕，一切正常。", end=True)
    yield then(60 * 3)
    crises.review(
        found, by=by("秦望舒"), well="撤出和清点都在五分钟内。", badly="两名新同事不知道集合点。", causes="入职时没有带着走一遍。",
        improvements=[Improvement("新同事入职第一天走一遍疏散路线", teller.world.user("苗青禾"), (teller.now + timedelta(days=14)).date())],
    )  # fmt: skip
    crises.close(found, by=by("秦望舒"))


def _running(teller: Teller) -> Story:
    by, then = teller.world.by, _after(clock.now())
    found = crises.declare(
        by=by("沈岚"), title="2 号库房恒温机组停机，影响 37 件当物",
        happened="9 点巡库发现 2 号库房恒温机组停机，库温 25.8℃ 还在升，里面有钢琴、字画等 37 件温敏当物，上限 28℃。", level=2, **_touched(teller, 6),
    )  # fmt: skip
    yield then(1)
    crises.acknowledge(found, by=by("秦望舒"))
    yield then(3)
    crises.call_in(found, by=by("秦望舒"), people=[teller.world.user(n) for n in ("许清和", "方屿", "苏慕青", "罗一禾", "周予安", "程可")])
    _answered(found, ("罗一禾", "周予安"), teller)
    yield then(6)
    crises.write(found, by=by("许清和"), text="已断电并转备用电，压缩机不启动，报修")
    yield then(18)
    crises.plan(found, by=by("秦望舒"), measures="一、移动空调先压住库温，十分钟测一次。\n二、钢琴、字画 9 件转 1 号库房，双人押运。\n三、每半小时告知客户；A 级客户逐户打电话。")
    crises.call_meeting(
        found, by=by("秦望舒"), title="应急会议：2 号库房停机", starts_at=then(20), minutes=15, place="总店 3 楼小会议室",
        people=[teller.world.user(n) for n in ("许清和", "方屿", "苏慕青", "沈岚")],
    )  # fmt: skip
    for title, owner, minutes in (
        ("断电、贴警示、转备用电", "许清和", 24), ("9 件温敏当物转 1 号库房", "方屿", 116),
        ("逐户电话告知 A 级客户", "沈岚", 96), ("压缩机更换报价与审批", "罗一禾", 172),
    ):  # fmt: skip
        crises.give_task(found, by=by("秦望舒"), title=title, owner=teller.world.user(owner), due_at=then(minutes))
    tasks.finish(Task.objects.get(matter=found.matter, title="断电、贴警示、转备用电"), by=by("许清和"), result="已转备用电")
    yield then(26)
    crises.tell(found, by=by("沈岚"), text="您好，库房恒温设备临时故障，您的当物安全，我们正在处理，半小时内再告诉您进展。")
    _rung_up(found, teller)
    yield then(36)
    crises.write(found, by=by("秦望舒"), text="租用移动空调 2 台，先用储备金，上限 6,000 元", kind="decision")
    money, aircon = Resource.objects.get(matter__title="应急储备金"), Resource.objects.get(matter__title="移动空调")
    crises.dispatch(money, by=by("秦望舒"), emergency=found, quantity=6000, carrier="罗一禾")
    crises.dispatch(aircon, by=by("秦望舒"), emergency=found, quantity=2, carrier="方屿", back_on=(teller.now + timedelta(days=5)).date())
    yield then(54)
    crises.tell(found, by=by("沈岚"), text="您好，移动空调正在运往库房，库温 26.9 度，当物安全。")
    _rung_up(found, teller)
    yield then(66)
    crises.dispatch(
        Resource.objects.get(matter__title="制冷技师（外协）"), by=by("秦望舒"), emergency=found, quantity=2, arrives_at=then(126),
    )  # fmt: skip
    crises.write(found, by=by("沈岚"), text="南薰乐器行要求看实时温度，已发链接")
    yield then(84)
    crises.tell(found, by=by("沈岚"), text="您好，移动空调已到库，温敏当物正在转到 1 号库房，逐件换封签，当物安全。")
    _rung_up(found, teller, but=1)
    yield then(87)
    crises.write(found, by=by("秦望舒"), text="钢琴、字画 9 件先转 1 号库房，双人押运、逐件换封签", kind="decision")
    yield then(94)
    line = crises.write(found, by=by("方屿"), text="W2 探头 27.8℃，10 分钟升 0.3℃")
    yield then(95)
    crises.correct(found, by=by("方屿"), line=line.pk, text="W2 探头 27.4℃，10 分钟升 0.3℃")
    yield then(100)
    for row in Dispatch.objects.filter(emergency=found, resource=aircon):
        crises.arrive(Resource.objects.get(pk=aircon.pk), by=by("秦望舒"), dispatch=row.pk)
    crises.write(found, by=by("方屿"), text="移动空调 2 台到库，已开机，十分钟后复测")
    crises.set_standing(found, by=by("秦望舒"), standing="目前库温 27.4℃，上限 28℃")
