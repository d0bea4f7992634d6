"""C1, C9, B2: papers that run out, contracts with what is to be collected, dealings whose next step is a task."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from yingxu.base import clock
from yingxu.base.errors import Gone, Invalid, NotAllowed, Stale, WrongMoment
from yingxu.customers import actions, queries
from yingxu.customers.controls import contracts_spoken_of, history_kept, next_step_given, paid_in_time, papers_spoken_of
from yingxu.customers.jobs import sweep
from yingxu.customers.models import Contract, Customer, Paper
from yingxu.matters.models import Entry
from yingxu.tasks.models import Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(shen) -> Customer:
    return actions.add(by=shen.actor, name="砚台巷珠宝商行", type="organisation", contact_name="梁女士", phone="13900002046", owner_id=shen.user.pk)


def told(name: str) -> int:
    return Entry.objects.filter(event=f"customers.{name}").count()


def noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time())) + timedelta(hours=12)


def test_a_paper_is_spoken_of_once_before_and_once_after_its_end(shen, company):
    ends = clock.today() + timedelta(days=60)
    paper = actions.take_in_paper(company, by=shen.actor, kind="licence", number="92440300MA5DD1234X", valid_until=ends)
    assert paper.sealed and "MA5DD" not in paper.masked + paper.sealed
    assert sweep(clock.today()) == 0
    for day, speaks, tasks in ((40, 0, 0), (31, 0, 0), (30, 1, 1), (29, 1, 1), (0, 1, 1), (-1, 2, 1), (-9, 2, 1)):
        today = ends - timedelta(days=day)
        with clock.at(noon(today)):
            sweep(today)
        assert (told("paper_ends"), Task.objects.count()) == (speaks, tasks), day
    task = Task.objects.get()
    assert (task.owner_id, timezone.localtime(task.due_at).date()) == (shen.user.pk, ends) and "营业执照" in task.title
    actions.amend_paper(company, paper, by=shen.actor, valid_until=ends + timedelta(days=365))
    paper.refresh_from_db()
    assert (paper.told_on, paper.ended_on) == (None, None)


def test_papers_refused(shen, ye, gu, company):
    with pytest.raises(NotAllowed):
        actions.take_in_paper(company, by=ye.actor, kind="licence")
    with pytest.raises(Invalid):
        actions.take_in_paper(company, by=shen.actor, kind="passport")
    with pytest.raises(Invalid):
        actions.take_in_paper(company, by=shen.actor, kind="tax", issued_on=date(2026, 2, 1), valid_until=date(2026, 1, 1))
    paper = actions.take_in_paper(company, by=shen.actor, kind="tax", number="云税 123456")
    assert actions.reveal_paper(paper, by=shen.actor, reason="核对") == "云税 123456" and told("paper_number_revealed") == 1
    with pytest.raises(NotAllowed):
        actions.reveal_paper(paper, by=ye.actor)
    other = actions.add(by=shen.actor, name="别家")
    with pytest.raises(Gone):
        actions.amend_paper(other, paper, by=shen.actor, issuer="x")
    actions.retire_paper(company, paper, by=shen.actor, why="换证")
    assert not Paper.objects.get().active


def contract(shen, company, **more) -> Contract:
    made = actions.draw_up(company, by=shen.actor, title="最高额质押合同", amount=Decimal("2000000"), ends_on=clock.today() + timedelta(days=100), **more)
    return actions.put_in_force(company, made, by=shen.actor)


def test_what_is_collected_and_what_is_late(shen, company):
    made, today = contract(shen, company), clock.today()
    rows = [(today + timedelta(days=10), Decimal(300), "一"), (today + timedelta(days=40), Decimal(200), "二")]
    actions.plan_collection(company, made, by=shen.actor, instalments=rows)
    first = made.instalments.first()
    actions.pay(company, made, by=shen.actor, instalment=first.pk, amount=Decimal(100))
    assert queries.contracts.arrears(queries.contracts.of(company), today) == 0
    later = today + timedelta(days=11)
    with clock.at(noon(today + timedelta(days=4))):
        sweep(clock.today())
        assert told("instalment_due") == 1
    with clock.at(noon(later)):
        sweep(later)
        sweep(later)
        assert told("instalment_due") == 2 and queries.contracts.arrears(queries.contracts.of(company), later) == 200
        assert [c.late for c in queries.contracts.index(shen.actor, queries.contracts.Wish(show="arrears")).rows] == [True]
        with pytest.raises(Invalid):
            actions.pay(company, made, by=shen.actor, instalment=first.pk, amount=Decimal(201))
        actions.pay(company, made, by=shen.actor, instalment=first.pk)
        with pytest.raises(WrongMoment):
            actions.pay(company, made, by=shen.actor, instalment=first.pk)
        period = (noon(today), noon(today + timedelta(days=60)), None)
        assert (paid_in_time(*period).failed, paid_in_time(*period).applied) == (1, 2)
    actions.plan_collection(company, made, by=shen.actor, instalments=[(today + timedelta(days=50), Decimal(90), "")])
    assert [row.amount for row in made.instalments.all()] == [Decimal(300), Decimal(90)]
    with pytest.raises(Invalid):
        actions.plan_collection(company, made, by=shen.actor, instalments=[(today, Decimal("2000000"), "")])


def test_a_contract_is_spoken_of_ended_and_renewed(shen, company):
    made = contract(shen, company)
    for before, speaks, state in ((31, 0, "running"), (30, 1, "running"), (5, 1, "running"), (-1, 1, "ended")):
        today = made.ends_on - timedelta(days=before)
        with clock.at(noon(today)):
            sweep(today)
        made.refresh_from_db()
        assert (told("contract_ends"), made.state) == (speaks, state), before
    again = actions.renew(company, made, by=shen.actor, begins_on=made.ends_on, ends_on=made.ends_on + timedelta(days=365))
    made.refresh_from_db()
    assert (made.state, again.state, again.renews_id, again.clauses) == ("renewed", "running", made.pk, made.clauses)
    going = contract(shen, company, renewal="automatic")
    with clock.at(noon(going.ends_on + timedelta(days=3))):
        sweep(clock.today())
    going.refresh_from_db()
    assert going.state == "running"


def test_contracts_refused_and_stale(shen, ye, company):
    with pytest.raises(NotAllowed):
        actions.draw_up(company, by=ye.actor, title="x")
    with pytest.raises(Invalid) as wrong:
        actions.draw_up(company, by=shen.actor, title="", currency="XXX", begins_on=date(2026, 2, 1), ends_on=date(2026, 1, 1), colour="red")
    assert set(wrong.value.fields) == {"title", "currency", "ends_on", "colour"}
    made = contract(shen, company)
    with pytest.raises(WrongMoment):
        actions.put_in_force(company, made, by=shen.actor)
    actions.amend_contract(company, made, by=shen.actor, version=made.version, clauses="利率按牌价", why="补签")
    with pytest.raises(Stale) as stale:
        actions.amend_contract(company, made, by=shen.actor, version=made.version, clauses="利率另议")
    assert list(stale.value.theirs.values()) == [("利率按牌价", "利率另议")]
    actions.end_contract(company, made, by=shen.actor, reason="双方协商")
    with pytest.raises(WrongMoment):
        actions.amend_contract(company, made, by=shen.actor, title="别的")


def test_the_list_shows_only_contracts_of_visible_customers(shen, wei, company):
    contract(shen, company)
    hidden = actions.add(by=wei.actor, name="密户", secrecy=3)
    actions.draw_up(hidden, by=wei.actor, title="密约")
    actions.write_down(hidden, by=wei.actor, kind="called", text="密谈")
    assert [c.title for c in queries.contracts.index(shen.actor, queries.contracts.Wish(show="")).rows] == ["最高额质押合同"]
    assert not queries.dealings.index(shen.actor, queries.dealings.Wish()).rows
    assert len(actions.export_contracts(queries.contracts.Wish(show=""), by=shen.actor)) == 1


def test_a_next_step_is_a_task_of_somebody(shen, gu, ye, company):
    due = clock.now() + timedelta(days=2)
    made = actions.write_down(company, by=shen.actor, kind="visit", text="第二间门店开业", next_step="答复寄售", next_owner=gu.user, next_due=due)
    assert (made.task.owner_id, made.task.due_at, made.task.matter_id) == (gu.user.pk, due, company.pk)
    for wrong in ({"kind": "dream"}, {"at": clock.now() + timedelta(days=1)}, {"text": " "}, {"next_due": due}, {"next_step": "x", "next_due": clock.now() - timedelta(days=1)}):
        with pytest.raises(Invalid):
            actions.write_down(company, by=shen.actor, **{"kind": "visit", "text": "x", **wrong})
    with pytest.raises(NotAllowed):
        actions.write_down(company, by=ye.actor, kind="visit", text="x")
    assert len(queries.dealings.index(shen.actor, queries.dealings.Wish(open=True)).rows) == 1
    actions.strike(company, made, by=shen.actor, reason="写错了客户")
    with pytest.raises(WrongMoment):
        actions.strike(company, made, by=shen.actor, reason="再划")
    assert not queries.dealings.index(shen.actor, queries.dealings.Wish()).rows


def test_controls(shen, company):
    start, end = clock.now() - timedelta(days=1), clock.now() + timedelta(days=200)
    actions.edit(company, by=shen.actor, grade="A", version=1, why="季度评审")
    contract(shen, company)
    actions.take_in_paper(company, by=shen.actor, kind="tax", valid_until=clock.today() + timedelta(days=9))
    actions.write_down(company, by=shen.actor, kind="visit", text="x", next_step="y")
    for control in (history_kept, papers_spoken_of, contracts_spoken_of, next_step_given):
        tally = control(start, end, None)
        assert (tally.applied, tally.failed) == (1, 0), control
    with clock.at(noon(clock.today() + timedelta(days=20))):
        assert papers_spoken_of(start, end, None).failed == 1


def test_files_that_may_be_one(shen, wei, company):
    twin = actions.add(by=shen.actor, name="砚台巷珠宝", phone="13900002046")
    actions.add(by=wei.actor, name="密户", phone="13900002046", secrecy=3)
    assert [(p.one.pk, p.other.pk, p.same) for p in queries.suspected(shen.actor)] == [(company.pk, twin.pk, ["phone"])]
    assert len(queries.suspected(wei.actor)) == 3
