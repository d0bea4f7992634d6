"""The monthly report: laid out, written, handed in with its figures frozen, read, commented; late ones are told of (A7)."""

import io
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

from yingxu.base import clock
from yingxu.base.controls import controls
from yingxu.base.errors import Gone, Invalid, NotAllowed, WrongMoment
from yingxu.matters.models import Entry, Matter
from yingxu.needs.states import State
from yingxu.people.models import User
from yingxu.tasks.models import State as TaskState
from yingxu.tasks.models import Task
from yingxu.upkeep import actions, jobs, queries
from yingxu.upkeep.models import Report

from .conftest import moment

pytestmark = pytest.mark.django_db
APRIL = moment("2026-04-01T08:00")
S = Report.State


@pytest.fixture
def report(world):
    with clock.at(APRIL):
        jobs.turn()
    return Report.objects.select_related("matter", "task").get(month="2026-03-01")


def handed_in(report, world, at=APRIL, **words):
    with clock.at(at):
        return actions.submit(report, by=world.by("沈岚"), **({"summary": "新开两户，都已回访。"} | words))


def test_one_report_for_each_who_looks_after_customers_and_only_once(world, report):
    for days in (0, 1, 3):
        with clock.at(APRIL + timedelta(days=days)):
            jobs.turn()
    found = Report.objects.get()
    assert (found.person, found.state, found.due_on) == (world.user("沈岚"), S.DRAFT, date(2026, 4, 7))  # 6 April is a day off after Qingming
    assert found.task.owner == world.user("沈岚") and found.task.due_at.astimezone(clock.zone()).date() == found.due_on


def test_handing_in_freezes_the_figures_with_their_moment(world, report, story):
    with clock.at(moment("2026-03-26T10:00")):
        story.at(State.HANDLING, customer=world.customer("季棠"))
    handed_in(report, world)
    report.refresh_from_db()
    figures = {row["code"]: row["ids"] for row in report.figures}
    assert len(figures["new"]) == 2 and len(figures["needs"]) == 1 and report.as_of == APRIL
    with clock.at(moment("2026-03-27T10:00")):
        story.at(State.HANDLING, customer=world.customer("季棠"))
    assert {f.code: f.n for f in queries.reports.shown(world.by("苏慕青"), Report.objects.get().figures)}["needs"] == 1
    assert Task.objects.get(pk=report.task_id).state == TaskState.DONE
    with pytest.raises(WrongMoment):
        actions.write(report, by=world.by("沈岚"), summary="改一改")


def test_a_figure_counts_only_what_the_reader_may_see(world, report):
    handed_in(report, world)
    report.refresh_from_db()
    reader = world.by("苏慕青")
    assert {f.code: f.n for f in queries.reports.shown(reader, report.figures)}["new"] == 2
    Matter.objects.filter(pk=world.customer("季棠").pk).update(secrecy=3)
    low = type(reader)(**{**vars(reader), "clearance": 0})
    found = {f.code: f for f in queries.reports.shown(low, report.figures)}
    assert found["new"].n == found["customers"].n == 1
    assert [m.title for m, _page in queries.reports.behind(low, [pk for row in report.figures for pk in row["ids"]])] == ["砚台巷珠宝商行"]


def test_words_are_needed_and_only_the_owner_writes(world, report):
    with clock.at(APRIL), pytest.raises(Invalid) as refused:
        actions.submit(report, by=world.by("沈岚"), summary="  ")
    assert "summary" in refused.value.fields
    for verb in (actions.submit, actions.write):
        with pytest.raises(NotAllowed):
            verb(report, by=world.by("苏慕青"), summary="代写")
    with pytest.raises(Gone):
        queries.reports.find(report.matter.number, world.by("顾一鸣"))


def test_read_commented_answered(world, report):
    boss = world.by("苏慕青")
    with pytest.raises(WrongMoment):
        actions.read(report, by=boss)
    handed_in(report, world)
    actions.read(report, by=boss)
    actions.read(report, by=boss)
    assert Report.objects.get().state == S.READ and Entry.objects.filter(event="upkeep.report_read").count() == 1
    actions.comment(report, by=boss, text="季棠的联系人补一下。")
    assert Report.objects.get().state == S.ANSWERED
    actions.answer(report, by=world.by("沈岚"), text="今天补。")
    assert list(Report.objects.get().comments.values_list("text", flat=True)) == ["季棠的联系人补一下。", "今天补。"]
    assert world.user("沈岚").pk in Entry.objects.filter(event="upkeep.report_commented").first().tell


def test_nobody_reads_their_own_report(world, report):
    Matter.objects.filter(pk=report.pk).update(owner=world.user("苏慕青"))
    with clock.at(APRIL):
        actions.submit(report, by=world.by("苏慕青"), summary="本月平稳。")
    with pytest.raises(NotAllowed):
        actions.read(report, by=world.by("苏慕青"))


def test_reminded_the_day_before_and_the_reader_told_when_late_each_once(world, report):
    for text in ("2026-04-03T09:00", "2026-04-07T09:00", "2026-04-07T17:00", "2026-04-08T09:00", "2026-04-09T09:00"):
        with clock.at(moment(text)):
            jobs.turn()
    assert Entry.objects.filter(event="upkeep.report_due_soon").count() == 1
    late = Entry.objects.get(event="upkeep.report_late")
    assert {world.user("沈岚").pk, world.user("苏慕青").pk} <= set(late.tell)
    span = (moment("2026-04-01T00:00"), moment("2026-05-01T00:00"), None)
    with clock.at(moment("2026-04-08T12:00")):
        tally = controls()["upkeep.monthly_report"].tally(*span)
        assert (tally.applied, tally.kept, tally.failed) == (1, 0, 1)
    handed_in(report, world, moment("2026-04-09T10:00"))
    with clock.at(moment("2026-04-09T12:00")):
        assert controls()["upkeep.monthly_report"].tally(*span).failed == 1
        assert controls()["upkeep.reports_read"].tally(*span).applied == 1


def test_what_is_nobodys_the_head_reports_on(world):
    User.objects.filter(pk=world.user("沈岚").pk).update(is_active=False)
    with clock.at(APRIL):
        jobs.turn()
    assert Report.objects.get().person == world.user("沈岚").department.head


def test_pages(world, report, enter):
    number = report.matter.number
    own, boss = enter("沈岚"), enter("苏慕青")
    with clock.at(APRIL):
        assert boss.get(f"/upkeep/reports/{number}/").status_code == 404  # a draft is its writer's
        assert "草稿" in boss.get("/upkeep/reports/").content.decode()
        assert own.get(f"/upkeep/reports/{number}/").status_code == 200
        assert own.post(f"/upkeep/reports/{number}/write/", {"summary": "写了一半"}).status_code == 302
        assert own.post(f"/upkeep/reports/{number}/submit/", {"summary": ""}).status_code == 422
        assert own.post(f"/upkeep/reports/{number}/submit/", {"summary": "新开两户。"}).status_code == 302
        assert "新开两户。" in boss.get(f"/upkeep/reports/{number}/").content.decode()
        assert "季棠" in boss.get(f"/upkeep/reports/{number}/figures/new/").content.decode()
        assert boss.get(f"/upkeep/reports/{number}/figures/none/").status_code == 404
        assert "新开两户。" in boss.get(f"/upkeep/reports/{number}/print/").content.decode()
        assert boss.post(f"/upkeep/reports/{number}/read/").status_code == 302
        assert own.post(f"/upkeep/reports/{number}/read/").status_code == 403
        assert boss.post(f"/upkeep/reports/{number}/comment/", {"text": "好。"}).status_code == 302
        assert own.post("/upkeep/reports/export/").status_code == 403
        found = boss.post("/upkeep/reports/export/", {"kind": "xlsx"})
        rows = list(load_workbook(io.BytesIO(b"".join(found.streaming_content))).active.values)
        assert rows[1][0] == number and "新开两户。" in rows[1]
        assert boss.get("/upkeep/reports/?part=nonsense").status_code == 422
        assert boss.get("/upkeep/reports/?month=2026-03&state=answered").status_code == 200
    assert enter("顾一鸣").get(f"/upkeep/reports/{number}/").status_code == 404


def test_a_report_asks_as_often_for_many_customers_as_for_few(world, report, django_assert_max_num_queries):
    world.everyone()
    with clock.at(APRIL), django_assert_max_num_queries(22):
        queries.reports.measured(world.by("沈岚"), world.user("沈岚").pk, date(2026, 3, 1), date(2026, 3, 31))
