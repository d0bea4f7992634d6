"""Archives kept true: last month's customer report, handed in, read and answered; this quarter's list half done, this week's just begun."""

from datetime import date, datetime, timedelta

from tests.world import World
from yingxu.base import clock
from yingxu.base.access import Actor
from yingxu.deadlines import queries as deadlines
from yingxu.deadlines.working import Calendar
from yingxu.upkeep import actions, jobs, queries, rhythm
from yingxu.upkeep.models import Check, Report, Sheet

SUMMARY = "本月新老客户往来平稳，续当客户都在到期前三天电话提醒过。砚台巷的第二间店已经开业，资金需求比预计的大。"
RISKS = "有两位客户对综合费的算法有疑问，已请典当业务部统一口径。"
PLANS = "把久无往来的客户逐一电话回访，补齐住址和联系人。"
SAID = "久无往来的客户分批回访，每周五前在档案里写明结果。"
ANSWERED = "好的，本周先做 A 级客户。"
R = Check.Result


def keep(world: World, now: datetime) -> None:
    """沈岚 looks after the customers, 苏慕青 reads her report. Each at its own time, by the verbs people use."""
    own, boss, zone, calendar = world.by("沈岚"), world.by("苏慕青"), clock.zone(), deadlines.calendar()
    today = now.astimezone(zone).date()
    quarter, month, week = (rhythm.worked_from(rhythm.SPANS[kind](today)[0], calendar) for kind in ("quarter", "month", "week"))
    for day in sorted({quarter, month, week}):
        if (at := _at(day, 8)) < now:
            with clock.at(at):
                jobs.turn()
            if day == quarter:
                _checked(Sheet.objects.filter(round__kind="quarter").first(), own, min(at + timedelta(hours=26), now))
    _news(world, now, own, calendar)
    report, due = Report.objects.order_by("-month").first(), rhythm.first_monday(today, calendar)
    if report is None or _at(due, 16) > now:
        return
    with clock.at(_at(due, 14)):
        actions.submit(report, by=own, summary=SUMMARY, risks=RISKS, plans=PLANS)
    with clock.at(min(_at(due, 17), now)):
        actions.comment(report, by=boss, text=SAID)
        actions.answer(report, by=own, text=ANSWERED)


def _at(day: date, hour: int) -> datetime:
    return rhythm.begins(day, clock.zone()) + timedelta(hours=hour)


def _checked(sheet: Sheet | None, own: Actor, at: datetime) -> None:
    """Some customers of the list: most are as before, one could not be reached."""
    if sheet is None:
        return
    with clock.at(at):
        for n, line in enumerate(queries.rounds.lines(sheet, own)[:7]):
            reached = n != 4
            results = {check.field: R.CONFIRMED if reached or check.field == "address" else R.UNREACHABLE for check in line.open}
            actions.check(sheet, by=own, customer=line.customer.pk, results=results, words="" if reached else "打过三次无人接听，短信未回")


NEWS = (
    # customer, kind, what, working days ago
    ("砚台巷珠宝商行", "entry", "老街店定了店长，姓谢，以后对账找他", 1),
    ("墨池斋画廊", "update", "月底搬到河东文化街，新门牌还没下来", 5),
)


def _news(world: World, now: datetime, own: Actor, calendar: Calendar) -> None:
    """One fact that is to be entered soon, one that is late."""
    for name, kind, text, days in NEWS:
        day = now.astimezone(clock.zone()).date()
        for _n in range(days):
            day = rhythm.worked_until(day - timedelta(days=30), day - timedelta(days=1), calendar) or day
        with clock.at(_at(day, 11)):
            actions.note(world.customer(name), by=own, kind=kind, text=text, learned_on=day)
    with clock.at(now):
        actions.state_late_news()
