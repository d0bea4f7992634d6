"""Approvals in the demonstration: some waiting, one late, one sent back and asked again, one approved, one not; a deputy."""

from datetime import timedelta
from typing import Any

from yingxu.approvals import actions as approvals
from yingxu.approvals.models import Chain, Request
from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.people.models import User

from .telling import Story, Teller

ASKED = (
    # who asks, working hours ago, what, details, customer, what became of it
    ("顾一鸣", 2.0, "砚台巷珠宝商行利率下浮 0.2 个点", "一年内续当 4 次，无逾期；按 2.6% / 月续当三个月，少收约 2,520 元。", "砚台巷珠宝商行", ""),
    ("方屿", 30.0, "外聘恒温机组检修一次", "2 号库房机组湿度两次越线，厂家上门检修，报价 3,800 元，含备件。", "", "late"),
    ("周予安", 9.0, "送第三方检测翡翠手镯一只", "本店两位鉴定师结论不一致，送检 2 天，检测费 600 元由我司承担。", "季棠", "back"),
    ("叶知秋", 60.0, "赎当款分两次结清", "客户先付七成取走三件，余款 3 月底前付清，剩余两件留库。", "白苏", "yes"),
    ("顾一鸣", 75.0, "免收晚枫服饰一个月综合费", "客户认为上期多收，要求免一个月。", "晚枫服饰", "no"),
    ("沈岚", 3.0, "周末柜台增加一个班次", "近三周周六平均等候 26 分钟，建议周六上午加一人，算加班。", "", "passed"),
)


def signatures(teller: Teller) -> None:
    """Each request at its own time, by the verbs people use; and two people's absence."""
    world = teller.world
    for who, hours, title, details, customer, became in ASKED:
        at = teller.worked_before(hours)
        teller.begin(at, _life(teller, world.user(who), title, details, customer, became))
    teller.begin(teller.worked_before(11.0), _absence(teller))


def _life(teller: Teller, who: User, title: str, details: str, customer: str, became: str) -> Story:
    world, by = teller.world, teller.world.by
    matter = world.customer(customer).matter if customer else None
    if became == "passed":  # two signatures: the head, then management
        steps = [{"name": "本部门主管", "who": "head", "within": "1d"}, {"name": "总经理", "who": "role", "code": "executive", "within": "2d"}]
        chain = Chain.objects.get(code=approvals.OTHER)
        was: list[dict[str, Any]] = [{"name": s.name, "who": s.who, "code": s.code, "within": s.within} for s in chain.steps.all()]
        approvals.set_chain(chain, by=SYSTEM, steps=steps, distinct=False, lapse_days=chain.lapse_days)
        request = approvals.propose(by=by(who.name), title=title, details=details, matter=matter)
        approvals.set_chain(chain, by=SYSTEM, steps=was, distinct=False, lapse_days=chain.lapse_days)
    else:
        request = approvals.propose(by=by(who.name), title=title, details=details, matter=matter)
    head = by(_head(request))
    if became in ("yes", "passed"):
        yield clock.now() + timedelta(minutes=50)
        approvals.approve(request, by=head, words="情况属实，同意。")
    elif became == "no":
        yield clock.now() + timedelta(hours=2)
        approvals.refuse(request, by=head, reason="上期费用已复核，没有多收；改为把明细发给客户。")
    elif became == "back":
        yield clock.now() + timedelta(minutes=35)
        approvals.send_back(request, by=head, reason="写明送哪家机构、哪天取回。")
        yield clock.now() + timedelta(minutes=40)
        subject = approvals.in_words(f"{details}送省质检珠宝站，后天下午取回。")
        approvals.resubmit(Request.objects.get(pk=request.pk), by=by(who.name), subject=subject, words="补了机构和取回时间。")


def _head(request: Request) -> str:
    return request.seats.select_related("user").get().user.name


def _absence(teller: Teller) -> Story:
    world, now = teller.world, clock.now()
    approvals.name_deputy(
        by=world.by("许清和"), deputy=world.user("程可"), begins_at=now, ends_at=teller.now + timedelta(days=2), reason="外出参加安防培训",
    )  # fmt: skip
    yield from ()
