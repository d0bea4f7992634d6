"""Customer files that are full: sections, key persons, papers, contracts with a collection plan, dealings with a next step."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from yingxu.base import clock
from yingxu.customers import actions as customers
from yingxu.customers.models import Customer

from .telling import Story, Teller

FILES: dict[str, dict[str, Any]] = {
    "砚台巷珠宝商行": {
        "people": [("谢先生", "账务", "guards", "open", "对利率敏感"), ("黎师傅", "鉴定顾问", "influences", "for", "看重检测报告")],
        "scale": {"staff": "9", "shops": "1", "turnover": "860万", "region": "青石区、临江区", "sales": "强", "potential": "大", "culture": "夫妻店，讲情面，账目分明", "policy": "做熟客，不赊账"},
        "later": {"shops": "2"},
        "purchase": {"procedure": "梁女士定，账务复核后付款", "cycle": "7", "season": ["一季度", "四季度"], "tender": "否"},
        "business": {"done": "三年典当十一笔，续当五次，无绝当", "now": "最高额质押在执行", "terms": "到期一次还本付息", "habit": "按时", "competitors": "一成在和记典当", "attitude": "主动"},
        "finance": {"limit": "200万", "used": "128万", "rating": "AA", "arrears": "2024 年一次，三天内付清", "finance": "无银行负债，店铺自有"},
        "pawn": {"goods": ["黄金", "珠宝"], "custody": "翡翠单独封存", "redeems": "常续当", "renewals": "5"},
        "papers": [("licence", "", "92440300MA5EXAMPLE", "青石区市场监督管理局", 18), ("tax", "", "云税青字 2021-0837", "青石区税务局", 400)],
        "contract": ("最高额质押合同", "2000000", "质押", 41, [(-12, "30000", "三季度息费"), (20, "30000", "四季度息费")]),
        "dealings": [
            ("visit", 26, "第二间门店月初开业，备货资金紧。问到名表寄售。", "答复寄售是否开办", 6),
            ("called_us", 9, "问年底息费能不能按季结，答可以，合同里有。", "", 0),
        ],
    },
    "青石机械配件厂": {
        "people": [("何会计", "财务科", "guards", "against", "嫌费率高")],
        "scale": {"staff": "46", "turnover": "3200万", "region": "云岫市及周边", "sales": "中", "potential": "一般", "policy": "稳，不借长债"},
        "purchase": {"procedure": "邵厂长提，董事会两人会签", "cycle": "15", "tender": "否"},
        "business": {"now": "设备抵押一笔", "terms": "按月付息", "habit": "偶有拖延", "attitude": "配合"},
        "finance": {"limit": "300万", "used": "150万", "rating": "A"},
        "papers": [("licence", "", "91440300708EXAMPLE", "青石区市场监督管理局", -6), ("permit", "安全生产许可", "云安许 2023-118", "云岫市应急管理局", 120)],
        "contract": ("设备抵押借款合同", "1500000", "抵押", 200, [(-40, "12500", "十月利息"), (-9, "12500", "十一月利息"), (21, "12500", "十二月利息")]),
        "dealings": [("reception", 15, "邵厂长来店，利息十一月晚几天付，已约定日期。", "跟进十一月利息", 4)],
    },
    "季棠": {
        "household": {"occupation": "小学教师", "household": "3", "lives": "临江区", "income": "10 万至 30 万", "likes": "腕表，爱听清楚每一步"},
        "business": {"done": "腕表典当两笔", "habit": "提前", "attitude": "主动"},
        "pawn": {"goods": ["名表"], "redeems": "到期赎"},
        "papers": [("identity", "", "310115EXAMPLE0017", "云岫市公安局", 900)],
        "dealings": [("called", 5, "告知腕表封签录像可以到店查看。", "", 0)],
    },
}  # fmt: skip


def archives(teller: Teller) -> None:
    """Each file is filled in over some weeks by 沈岚."""
    for i, (name, row) in enumerate(FILES.items()):
        teller.begin(teller.now - timedelta(days=60 - i), _filled(teller, name, row))


def _filled(teller: Teller, name: str, row: dict[str, Any]) -> Story:
    world, customer = teller.world, teller.world.customer(name)
    by = world.by("沈岚")
    above = customer.contacts.first()
    for person, position, role, stance, note in row.get("people", []):
        customers.add_contact(customer, by=by, name=person, position=position, role=role, stance=stance, note=note, reports_to=above)
    if above is not None and row.get("people"):
        customers.edit_contact(customer, above, by=by, role="decides", preference="微信")
    for code in ("scale", "purchase", "household", "business", "pawn"):
        if code in row:
            customers.fill(customer, code, by=by, values=row[code], why="建档走访")
    if "finance" in row:
        customers.fill(customer, "finance", by=by, values=row["finance"], why="授信评审")
    for kind, called, number, issuer, days in row.get("papers", []):
        customers.take_in_paper(customer, by=by, kind=kind, name=called, number=number, issuer=issuer, valid_until=_day(teller.now, days))
    if "contract" in row:
        _signed(teller, customer, row["contract"])
    yield from _dealt(teller, customer, row)


def _signed(teller: Teller, customer: Customer, agreed: tuple) -> None:
    title, amount, kind, days, plan = agreed
    by = teller.world.by("沈岚")
    made = customers.draw_up(
        customer, by=by, title=title, kind=kind, ours="总公司", amount=Decimal(amount), begins_on=_day(teller.now, days - 365), ends_on=_day(teller.now, days),
        clauses="利率按当月牌价；提前还款不收违约金；当物由双方封签后入库。",
    )  # fmt: skip
    customers.put_in_force(customer, made, by=by)
    rows = [(_day(teller.now, on), Decimal(sum_), note) for on, sum_, note in plan]
    customers.plan_collection(customer, made, by=by, instalments=rows)


def _dealt(teller: Teller, customer: Customer, row: dict[str, Any]) -> Story:
    by, world = teller.world.by("沈岚"), teller.world
    for kind, ago, text, step, days in row["dealings"]:
        yield _by_day(teller.now, ago, len(text))
        customers.write_down(
            customer, by=by, kind=kind, text=text, next_step=step, next_owner=world.user("沈岚") if step else None,
            next_due=teller.now + timedelta(days=days) if step else None,
        )  # fmt: skip
        if later := row.get("later") if ago > 20 else None:
            customers.fill(customer, "scale", by=by, values=later, why="走访记录")
    contract = customer.contracts.first()
    if contract:
        late = contract.instalments.first()
        yield _by_day(teller.now, 4, 17)
        if late and contract.instalments.count() > 2:
            customers.pay(customer, contract, by=by, instalment=late.pk, paid_on=clock.today())


def _by_day(now: datetime, ago: int, salt: int) -> datetime:
    """So many days ago, at an hour when people work; never later than now."""
    at = (now - timedelta(days=ago)).astimezone(clock.zone())
    return min(at.replace(hour=9 + salt % 9, minute=5 + salt * 7 % 50), now)


def _day(now: datetime, days: int) -> Any:
    return (now + timedelta(days=days)).date()
