"""Meetings of management (M4): the agenda from the data, minutes item by item, decisions as tasks, follow-up; who may, when, who sees what."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from yingxu.agendas import actions, controls, queries
from yingxu.agendas.models import Agenda, Decision, Item
from yingxu.base import clock
from yingxu.base.errors import Gone, Invalid, NotAllowed, WrongMoment
from yingxu.meetings import actions as meetings
from yingxu.needs import actions as needs
from yingxu.needs.states import State
from yingxu.tasks import actions as tasks

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
BOSS = "陆砚秋"


@pytest.fixture
def prepared(story):
    def make(days=1, **more):
        begin = clock.now() + timedelta(days=days)
        given = {"title": "管理层需求例会", "starts_at": begin, "ends_at": begin + timedelta(hours=1), "attendees": [story.world.user("秦望舒"), story.world.user("苏慕青")]}
        return actions.prepare(by=story.by(BOSS), **(given | more))

    return make


@pytest.fixture
def raised(story):
    need = story.at(State.HANDLING)
    needs.raise_to_management(need, by=story.by("顾一鸣"), question="能不能按 42 万放款？")
    return need


def during(agenda):
    return clock.at(agenda.meeting.starts_at + timedelta(minutes=5))


def kinds(agenda):
    return list(agenda.items.values_list("kind", flat=True))


def test_the_agenda_is_made_from_the_data(story, raised, prepared):
    rejected = story.reject(story.at(State.CONFIRMATION))
    done = needs.complain_about_handling(story.at(State.HANDLING), by=story.by("沈岚"), text="没人回电话")
    late = story.at(State.ACCEPTANCE)
    with clock.at(clock.now() + timedelta(days=3)):
        agenda = prepared()
        found = {item.matter_id: item for item in queries.items(agenda, story.by(BOSS))}
    assert found[raised.pk].kind == "raise" and "顾一鸣" in found[raised.pk].note
    assert found[late.pk].kind == "overdue" and found[rejected.pk].kind in ("unsatisfied", "overdue")
    assert any(item.kind in ("complaint", "overdue") and done.matter.number for item in found.values())
    assert len(found) == agenda.items.count()  # each matter once, under its most pressing reason
    figures = {f["code"]: f for f in agenda.figures}
    assert figures["registered"]["n"] == len(figures["registered"]["ids"]) >= 4 and figures["rejected"]["ids"] == [rejected.pk]


def test_the_invitation_says_how_many_and_no_name(story, raised, prepared):
    """The outline goes out by mail; what a need is about stays in the house."""
    agenda = prepared()
    assert "翡翠" not in agenda.meeting.agenda and "(1)" in agenda.meeting.agenda


def test_preparing_is_for_those_who_run_meetings(story, raised):
    begin = clock.now() + timedelta(days=1)
    given = {"title": "例会", "starts_at": begin, "ends_at": begin + timedelta(hours=1)}
    for who in ("顾一鸣", "沈岚", "严守拙"):
        with pytest.raises(NotAllowed):
            actions.prepare(by=story.by(who), **given)
    with pytest.raises(Invalid):
        actions.prepare(by=story.by(BOSS), **given | {"ends_at": begin})


def test_a_meeting_of_management_called_elsewhere_has_one_too(story, raised):
    begin = clock.now() + timedelta(days=1)
    meeting = meetings.call(by=story.by(BOSS), title="碰头", starts_at=begin, ends_at=begin + timedelta(hours=1), purpose="management")
    assert kinds(meeting.planned_agenda) == ["raise"]
    other = meetings.call(by=story.by(BOSS), title="别的", starts_at=begin, ends_at=begin + timedelta(hours=1), purpose="other")
    assert not Agenda.objects.filter(meeting=other).exists()


def test_choosing_ordering_adding(story, raised, prepared):
    agenda, boss = prepared(), story.by(BOSS)
    added = actions.add_item(agenda, by=boss, title="下季度费率", note="市场在降", matter=raised.matter)
    first = agenda.items.get(kind="raise")
    actions.arrange(agenda, by=boss, order=[added.pk, first.pk], chosen=[added.pk])
    assert [(i.title, i.chosen) for i in agenda.items.all()] == [("下季度费率", True), (first.title, False)]
    with pytest.raises(Invalid):
        actions.add_item(agenda, by=boss, title=" ")
    for verb, given in ((actions.arrange, {"order": [], "chosen": []}), (actions.add_item, {"title": "插一项"}), (actions.refresh, {})):
        with pytest.raises(NotAllowed):
            verb(agenda, by=story.by("沈岚"), **given)
    meetings.cancel(agenda.meeting, by=boss, reason="改期")
    agenda = Agenda.objects.get(pk=agenda.pk)
    for verb, given in ((actions.arrange, {"order": [], "chosen": []}), (actions.add_item, {"title": "插一项"}), (actions.refresh, {})):
        with pytest.raises(WrongMoment):
            verb(agenda, by=boss, **given)


def test_making_it_anew_keeps_what_is_still_true(story, raised, prepared):
    agenda, boss = prepared(), story.by(BOSS)
    actions.add_item(agenda, by=boss, title="下季度费率")
    other = story.at(State.HANDLING)
    needs.raise_to_management(other, by=story.by("顾一鸣"), question="能不能派两人？")
    needs.decide(raised, by=boss, text="放。")
    actions.refresh(agenda, by=boss)
    assert sorted(agenda.items.values_list("title", flat=True)) == sorted(["下季度费率", "能不能派两人？"])


def test_minutes_item_by_item_fix_the_agenda(story, raised, prepared):
    agenda, boss = prepared(), story.by(BOSS)
    item = agenda.items.get()
    with pytest.raises(WrongMoment):
        actions.record(agenda, by=boss, minutes={item.pk: "同意"})
    with during(agenda):
        with pytest.raises(Invalid):
            actions.record(agenda, by=boss, minutes={item.pk: " "})
        with pytest.raises(NotAllowed):
            actions.record(agenda, by=story.by("沈岚"), minutes={item.pk: "同意"})
        agenda = actions.record(agenda, by=boss, minutes={item.pk: "同意，按 40 万。"}, attended=[boss.user_id])
    assert agenda.meeting.state == "held" and not agenda.open
    assert "同意，按 40 万。" in agenda.meeting.minutes.get().text
    assert agenda.meeting.attendees.get(user=story.world.user(BOSS)).attended
    with pytest.raises(WrongMoment):
        actions.add_item(agenda, by=boss, title="太晚了")


def test_decisions_are_tasks_on_the_need_and_the_next_meeting_begins_with_them(story, raised, prepared):
    agenda, boss = prepared(), story.by(BOSS)
    item, due = agenda.items.get(), clock.now() + timedelta(days=4)
    with pytest.raises(WrongMoment):
        actions.decide(agenda, by=boss, item=item, title="派两人", owner=story.world.user("顾一鸣"), due_at=due)
    with during(agenda):
        for wrong in ({"owner": None}, {"due_at": clock.now() - timedelta(days=1)}, {"title": ""}):
            with pytest.raises(Invalid):
                actions.decide(agenda, **({"by": boss, "item": item, "title": "派两人", "owner": story.world.user("顾一鸣"), "due_at": due} | wrong))
        with pytest.raises(NotAllowed):
            actions.decide(agenda, by=story.by("沈岚"), title="派两人", owner=story.world.user("顾一鸣"), due_at=due)
        actions.record(agenda, by=boss, minutes={item.pk: "派两人去"})
        made = actions.decide(agenda, by=boss, item=item, title="派两人上门", owner=story.world.user("顾一鸣"), due_at=due)
        besides = actions.decide(agenda, by=boss, title="修订费率表", department=story.world.department("finance"), due_at=due)
    assert made.task.matter_id == raised.pk and besides.task.matter_id == agenda.meeting_id
    assert raised.matter.entries.filter(event="agendas.decision_taken").exists() and agenda.meeting.outcomes.count() == 2
    with clock.at(due + timedelta(days=3)):
        following = prepared()
        first = list(following.items.all())[:2]
        assert [i.kind for i in first] == ["decision", "decision"] and "超时" in first[0].note and following.previous == agenda
        tasks.finish(made.task, by=story.by("顾一鸣"), result="去过了")
        actions.refresh(following, by=boss)
        assert kinds(following).count("decision") == 1
        late = queries.counts(boss)
        assert (late["open"], late["late"], late["done"]) == (1, 1, 1)
        begin, end = agenda.meeting.starts_at, clock.now() + timedelta(minutes=1)
        assert (controls.minutes_written(begin, end, None).kept, controls.decisions_have_owner_and_day(begin, end, None).kept) == (1, 2)
        carried = controls.decisions_carried_out(begin, end, None)
        assert (carried.applied, carried.kept, carried.failed) == (2, 0, 2)  # one done late, one not at all


def test_the_list_counts_each_decision_once(story, raised, prepared):
    agenda, boss = prepared(), story.by(BOSS)
    actions.add_item(agenda, by=boss, title="下季度费率")
    with during(agenda):
        for title in ("派两人上门", "修订费率表"):
            actions.decide(agenda, by=boss, title=title, department=story.world.department("finance"), due_at=clock.now() + timedelta(days=4))
    (row,) = queries.listed(boss).rows
    assert (row.items_, row.decided, row.left) == (2, 2, 2)


def test_a_meeting_without_minutes_is_seen(story, raised, prepared):
    agenda = prepared()
    with clock.at(agenda.meeting.ends_at + timedelta(hours=1)):
        tally = controls.minutes_written(agenda.meeting.starts_at, clock.now(), None)
    assert (tally.applied, tally.failed, tally.broken[0].matter_id) == (1, 1, agenda.meeting_id)


def test_what_one_may_not_see_is_not_on_ones_agenda(story, raised, prepared):
    """S5: those invited read what they may see; the others do not know there is a meeting."""
    hidden = story.at(State.HANDLING)
    needs.raise_to_management(hidden, by=story.by("顾一鸣"), question="这件很机密")
    needs.amend(hidden, by=story.by("沈岚"), version=hidden.version, changes={"secrecy": 2})
    agenda = prepared(attendees=[story.world.user("江听雨"), story.world.user("贺兰舟")])
    needs.raise_to_management(story.at(State.HANDLING, department="vault"), by=story.by("方屿"), question="库房的事")
    actions.refresh(agenda, by=story.by(BOSS))
    assert {i.title for i in queries.items(agenda, story.by(BOSS))} == {"能不能按 42 万放款？", "这件很机密", "库房的事"}
    assert {i.title for i in queries.items(agenda, story.by("江听雨"))} == {"能不能按 42 万放款？", "这件很机密"}
    assert queries.items(agenda, story.by("贺兰舟")) == []
    with pytest.raises(Gone):
        queries.find(agenda.meeting.number, story.by("叶知秋"))


# ── pages ──


def url(name, *args):
    return reverse(f"agendas:{name}", args=args)


def test_from_the_list_to_the_decision_by_http(story, raised, enter):
    boss, begin = enter(BOSS), clock.now() + timedelta(days=1)
    assert "还没有" in boss.get(url("index")).content.decode()
    assert boss.get(url("new"), **HTMX).status_code == 200
    sent = {"title": "例会", "starts_at": begin.strftime("%Y-%m-%dT%H:%M"), "minutes": "60", "attendees": "秦望舒"}
    assert boss.post(url("new"), {**sent, "title": ""}).status_code == 422
    to = boss.post(url("new"), sent)["Location"]
    page = boss.get(to).content.decode()
    assert "能不能按 42 万放款？" in page and page.count("button primary") == 1 and page.count("<h1>") == 1
    agenda = Agenda.objects.get()
    number, item = agenda.meeting.number, agenda.items.get()
    assert boss.post(url("add_item", number), {"title": "费率", "number": raised.number}).status_code == 302
    assert boss.post(url("add_item", number), {"title": "费率", "number": "2026-999999"}).status_code == 422
    added = agenda.items.get(kind="other")
    assert boss.post(url("arrange", number), {"order": [item.pk, added.pk], "chosen": [item.pk, added.pk], "up": added.pk}).status_code == 302
    assert list(agenda.items.values_list("pk", flat=True)) == [added.pk, item.pk]
    assert boss.post(url("refresh", number)).status_code == 302
    with during(agenda):
        page = boss.get(to).content.decode()
        assert f'name="said_{item.pk}"' in page and page.count("button primary") == 1
        assert boss.post(url("minutes", number), {"attended": []}).status_code == 422
        assert boss.post(url("minutes", number), {f"said_{item.pk}": "派两人", "attended": [agenda.meeting.attendees.first().user_id]}).status_code == 302
        sent = {"title": "派两人上门", "owner": "顾一鸣", "due_at": (begin + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")}
        assert boss.get(url("decide", number) + f"?item={item.pk}", **HTMX).status_code == 200
        assert boss.post(url("decide", number) + f"?item={item.pk}", {**sent, "due_at": ""}).status_code == 422
        assert boss.post(url("decide", number) + f"?item={item.pk}", sent).status_code == 302
        assert boss.get(url("decide", number) + "?item=99999").status_code == 404
        page = boss.get(to).content.decode()
        assert "派两人上门" in page and "派两人" in page and "name=\"said_" not in page and "name=\"said_" in boss.get(to + "?edit=1").content.decode()
        assert "派两人上门" in boss.get(url("decisions")).content.decode()
        assert "派两人上门" not in boss.get(url("decisions") + "?state=done").content.decode()
        assert "派两人上门" in enter("顾一鸣").get(url("decisions")).content.decode()
        assert "派两人上门" not in enter("方屿").get(url("decisions")).content.decode()
        file = boss.post(url("export"), {"state": "all", "kind": "csv"})
        assert "派两人上门" in b"".join(file.streaming_content).decode("utf-8-sig")
        assert enter("顾一鸣").post(url("export"), {"state": "all"}).status_code == 403
    assert Decision.objects.get().task.matter_id == raised.pk
    figure = boss.get(url("figure", number, "raised")).content.decode()
    assert raised.number in figure
    assert boss.get(url("figure", number, "nothing")).status_code == 404


def test_doors(story, raised, prepared, enter):
    number = prepared().meeting.number
    for path in (url("agenda", number), url("figure", number, "raised")):
        assert enter("叶知秋").get(path).status_code == 404
        assert enter("苏慕青").get(path).status_code == 200
    for path in (url("arrange", number), url("refresh", number), url("minutes", number), url("decide", number), url("add_item", number)):
        assert enter("顾一鸣").post(path).status_code == 403
    for wrong in ("?state=x", "?sort=x", "?owner=9"):
        assert enter(BOSS).get(url("decisions") + wrong).status_code == 422


def test_pages_cost_the_same_whatever_their_rows(story, prepared, enter, django_assert_max_num_queries):
    for at in range(4):
        need = story.at(State.HANDLING)
        needs.raise_to_management(need, by=story.by("顾一鸣"), question=f"第 {at} 问")
    agenda, boss = prepared(), enter(BOSS)
    with during(agenda):
        for item in Item.objects.all():
            actions.decide(agenda, by=story.by(BOSS), item=item, title=item.title, owner=story.world.user("顾一鸣"), due_at=clock.now() + timedelta(days=2))
        for path, most in ((url("agenda", agenda.meeting.number), 24), (url("decisions"), 20), (url("index"), 16)):
            boss.get(path)
            with django_assert_max_num_queries(most):
                boss.get(path)


def test_forms_sent_twice_are_done_once(story, raised, enter):
    boss, begin = enter(BOSS), clock.now() + timedelta(days=1)
    once = re.search(r'name="nonce" value="([^"]+)"', boss.get(url("new")).content.decode())[1]
    sent = {"title": "例会", "starts_at": begin.strftime("%Y-%m-%dT%H:%M"), "minutes": "60", "nonce": once}
    first, again = boss.post(url("new"), sent), boss.post(url("new"), sent)
    assert first.status_code == 302 and first["Location"] == again["Location"] and Agenda.objects.count() == 1
    number = Agenda.objects.get().meeting.number
    before = Item.objects.count()
    assert [boss.post(url("add_item", number), {"title": "费率", "nonce": once + "2"}).status_code for _i in range(2)] == [302, 302]
    assert Item.objects.count() == before + 1
