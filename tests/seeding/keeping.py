"""Archives kept true: last month's customer report, handed in, read and answered; this quarter's list half done, this week's just begun."""

from datetime import date, datetime, timedelta

from tests.world import World
from yingxu.base import clock
from yingxu.deadlines import queries as deadlines
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


def _checked(sheet: Sheet | None, own, at: datetime) -> None:
    """Some customers of the list: most are as before, one could not be reached."""
    if sheet is None:
        return
    with clock.at(at):
        for n, line in enumerate(queries.rounds.lines(sheet, own)[:7]):
            reached = n != 4
            results = {check.field: R.CONFIRMED if reached or check.field == "address" else R.UNREACHABLE for check in line.open}
            actions.check(sheet, by=own, customer=line.customer.pk, results=results, words="" if reached else "打过三次无人接听，短信未回")
