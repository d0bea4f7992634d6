"""The demonstration company's last two quarters: some 300 needs walked through the real verbs at their own times.

Every need is a story told by a generator: it acts, then yields the moment of its next act. The stories are told together, in order of
time, until now; what has not happened by then is what the desk has to do. The same seed tells the same stories.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from tests.world import World, company
from yingxu.api.tests.trap import trap
from yingxu.base import clock
from yingxu.customers.jobs import sweep as remind
from yingxu.matters import dispatch
from yingxu.matters.models import Entry
from yingxu.needs.jobs import learn
from yingxu.needs.states import State
from yingxu.notices.models import Notice

from . import crises, destroying, guarding, hooked, keeping, messages
from .archives import archives
from .council import council
from .lives import Lives
from .mails import mails
from .management import raises
from .meetings import coordinations
from .relations import relate
from .rights import changes
from .signatures import signatures
from .telling import DAYS, KINDS, SHARE, Story

__all__ = ["KINDS", "Lives", "seed"]

STARRED: tuple[tuple[str, str, str, str, float, bool], ...] = (
    # kind, words of the title, customer, the state it has reached, working hours ago, late
    ("renewal", "今日绝当到期", "砚台巷珠宝商行", State.ACCEPTANCE, 1.0, False),
    ("redeem", "有划痕，要求查看封签录像", "季棠", State.HANDLING, 9.0, True),
    ("pawn", "期限 3 个月，希望利率下浮", "青石机械配件厂", State.HANDLING, 6.0, False),
    ("redeem", "续当三次后想一次赎回", "宋晚舟", State.ASSIGNMENT, 1.4, False),
    ("redeem", "金条分五批赎当", "白苏", State.CONFIRMATION, 34.0, False),
    ("consultation", "当票遗失", "温知夏", State.HANDLING, 7.0, False),
    ("pawn", "必须恒温恒湿", "南薰乐器行", State.REVIEW, 22.0, False),
    ("consultation", "咨询黄金典当一个月", "简宁", State.FEEDBACK, 16.0, False),
    ("suggestion", "希望到期前三天有短信提醒", "唐未", State.HANDLING, 14.0, False),
    ("purchase", "三位老客户问到名表寄售", "恒通冷链物流", State.WATCHING, 40.0, False),
    ("complaint", "息费比合同多收", "晚枫服饰", State.REGISTERED, 0.3, False),
    ("consultation", "续当和赎当哪个划算", "老城根饭庄", State.REGISTERED, 0.6, False),
    ("suggestion", "希望开通对公直接划款", "澄湖水产贸易行", State.REGISTERED, 1.2, False),
    ("pawn", "急用", "裴一诺", State.ASSIGNMENT, 0.5, False),
    ("renewal", "续当费用能不能开专票", "天工五金模具厂", State.ACCEPTANCE, 1.6, False),
    ("redeem", "钢琴赎回要专业搬运", "桑榆晚景照相馆", State.ACCEPTANCE, 0.9, False),
    ("pawn", "农忙前周转", "大有农机租赁", State.ACCEPTANCE, 2.2, False),
    ("complaint", "包装盒弄丢了", "祝清欢", State.HANDLING, 16.0, True),
    ("redeem", "赎当款已付", "傅雪见", State.HANDLING, 5.0, False),
    ("pawn", "估价差三成", "孟晚晴", State.REVIEW, 20.0, False),
    ("customisation", "恒温恒湿柜", "墨池斋画廊", State.HANDLING, 26.0, False),
    ("renewal", "名字写错了", "钟离雪", State.FEEDBACK, 12.0, False),
)  # fmt: skip


def seed(*, now: datetime | None = None, count: int = 260, starred: bool = True, progress: Callable[[str], None] = lambda _line: None) -> World:
    """Make the pawnshop and tell its last two quarters. The database must hold no company yet."""
    now = now or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    with clock.at(now - timedelta(days=DAYS + 1)):
        world = company("pawnshop")
        teller = Lives(world, now)
    _open_days(teller, count)
    if starred:
        _starred(teller)
        crises.tell(teller)
        raises(teller)
        council(teller)
        coordinations(teller)
        signatures(teller)
        archives(teller)
    teller.run(progress)
    if starred:
        mails(world, now)
        with clock.at(now):
            remind(clock.today())
    with clock.at(now):
        learn()
    with trap("500", "ok", "ok", "ok", "ok", "500", "ok", port=8009) as receiver:
        endpoint = hooked.begin(world, receiver, now)
        _settle(now)
        hooked.send(world, endpoint, now)
    messages.send(world, now)
    if starred:
        keeping.keep(world, now)
        guarding.guard(world, now, {name for _kind, _words, name, *_more in STARRED})
        destroying.destroy(world, now)
    changes(world, now)
    if starred:
        relate(world, now)
    return world


def _open_days(teller: Lives, count: int) -> None:
    """When each need comes in: more in the last weeks, mornings busier than afternoons, a few by portal at night."""
    rng = teller.rng
    days = [teller.now.date() - timedelta(days=d) for d in range(DAYS, -1, -1)]
    open_days = [d for d in days if teller.calendar.is_working_day(d)]
    weights = [1.0 + 2.2 * max(0.0, 1 - (teller.now.date() - d).days / 24) for d in open_days]
    moments = []
    for day in rng.choices(open_days, weights, k=count):
        first = timezone.make_aware(datetime.combine(day, datetime.min.time())) + timedelta(hours=9)
        moments.append(teller.work(first, rng.triangular(3, 420, 120)))
    kinds = rng.choices(list(SHARE), list(SHARE.values()), k=count)
    for at, kind in sorted(zip(moments, kinds, strict=True)):
        if at < teller.now:
            teller.begin(at, _whole(teller, kind, at))


def _whole(teller: Lives, kind: str, at: datetime) -> Story:
    """The story, made only when its moment has come, so that its words fit the day."""
    rng = teller.rng
    told = teller.pick(kind, at)
    customer = rng.choices(teller.customers, teller.weights)[0]
    if rng.random() < 0.02:
        yield from teller.doubled(told, customer, at)
    else:
        yield from teller.life(told, customer, at)


def _starred(teller: Lives) -> None:
    """The needs that screens and screenshots show by name."""
    for kind, words, name, state, hours, slow in STARRED:
        entry = next(e for e in teller.library[kind]["needs"] if words in e["title"])
        at = teller.worked_before(hours)
        teller.begin(at, _star(teller, kind, entry, name, str(state), slow))


def _star(teller: Lives, kind: str, entry: dict[str, Any], name: str, state: str, slow: bool) -> Story:
    at = clock.now()
    yield from teller.life(teller.pick(kind, at, entry), teller.world.customer(name), at, stop=state, channel="phone", slow=slow)


def _settle(now: datetime) -> None:
    """The journal is handed out, and people find in their inbox what the last days brought."""
    for _i in range(10_000):
        if not dispatch.run_once():
            break
    recent = Entry.objects.filter(at__gt=now - timedelta(days=4)).exclude(tell=[]).order_by("id")
    rows = []
    for entry in recent:
        kind = Notice.Kind.CLOCK if entry.event.startswith("deadlines.") else Notice.Kind.TOLD
        kind = Notice.Kind.MENTION if entry.event == "needs.note_written" else kind
        read = entry.at + timedelta(hours=2) if entry.at < now - timedelta(days=1) else None
        rows += [Notice(user_id=u, entry=entry, matter_id=entry.matter_id, kind=kind, at=entry.at, read_at=read) for u in entry.tell]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


