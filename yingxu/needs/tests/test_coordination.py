"""Several departments on one need (N14): tasks hold it back, who has one sees it, a meeting is called from it and leaves tasks."""

from datetime import timedelta

import pytest
from django.db import transaction

from yingxu.base import clock
from yingxu.base.errors import Gone, WrongMoment
from yingxu.base.events import revive
from yingxu.meetings import actions as meetings
from yingxu.meetings.models import Meeting
from yingxu.meetings.queries import about
from yingxu.needs import actions, queries, rules
from yingxu.needs.actions.handle import Node
from yingxu.needs.models import Need
from yingxu.needs.states import State
from yingxu.notices import actions as notices
from yingxu.notices.models import Notice
from yingxu.people import queries as people
from yingxu.tasks import actions as tasks
from yingxu.tasks import jobs
from yingxu.tasks.models import State as TaskState
from yingxu.tasks.models import Task

pytestmark = pytest.mark.django_db
HX = {"HTTP_HX_REQUEST": "true"}


def give(story, need, *, owner=None, department=None, by="顾一鸣", title="出库拍照", hours=24):
    return tasks.give(
        need.matter, by=story.by(by), title=title, owner=story.world.user(owner) if owner else None,
        department=story.world.department(department) if department else None, due_at=clock.now() + timedelta(hours=hours),
    )  # fmt: skip


def test_nodes_of_a_plan_are_tasks(story):
    """N6: a node without anybody stays with the department that plans; a new version takes over what it names again."""
    need = story.at(State.HANDLING, planned=False)
    due, gu = clock.now() + timedelta(days=1), story.by("顾一鸣")
    zhou = story.world.user("周予安")
    actions.plan(need, by=gu, measures="复评", nodes=[Node(title="取样", due_at=due), Node(title="检测", due_at=due, owner=zhou), Node(title="多余的", due_at=due)])
    first = {t.title: t for t in Task.objects.filter(matter=need.matter)}
    assert {(t.origin, t.department.code) for t in first.values()} == {("plan", "pawn"), ("plan", "appraisal")}
    later = due + timedelta(days=1)
    actions.plan(need, by=gu, measures="复评二", nodes=[Node(title="检测", due_at=later, owner=zhou), Node(title="取样", due_at=due), Node(title="答复", due_at=later)])
    now = {t.title: t for t in Task.objects.filter(matter=need.matter)}
    assert now["检测"].pk == first["检测"].pk and now["检测"].due_at == later, "the same task goes on"
    assert now["多余的"].state == TaskState.WITHDRAWN and now["答复"].state == TaskState.OPEN
    newest, older = queries.plans(story.fresh(need.number))
    assert [n.title for n in newest.nodes.all()] == ["取样", "检测", "答复"] and len(older.nodes.all()) == 3


def test_a_need_is_not_resolved_while_a_task_is_open(story):
    """The refusal names the task and who has it; at every later step, too."""
    need = story.at(State.HANDLING)
    task = give(story, need, owner="方屿")
    with pytest.raises(WrongMoment, match="出库拍照（方屿）"):
        actions.submit(need, by=story.by("顾一鸣"), done="做了", answer="好了")
    offered = queries.offers(story.fresh(need.number), story.by("顾一鸣"), plan=queries.plans(need)[0])
    assert offered.primary.verb == "progress" and "submit" not in offered.verbs()
    tasks.finish(task, by=story.by("方屿"), result="拍好了")
    assert queries.offers(story.fresh(need.number), story.by("顾一鸣"), plan=queries.plans(need)[0]).primary.verb == "submit"
    actions.submit(need, by=story.by("顾一鸣"), done="做了", answer="好了")
    late = give(story, need, owner="方屿", title="补一张")
    with pytest.raises(WrongMoment, match="补一张"):
        actions.review(need, by=story.by("苏慕青"))
    assert queries.offers(story.fresh(need.number), story.by("苏慕青")).primary.reason
    tasks.withdraw(late, by=story.by("顾一鸣"), reason="不用了")
    actions.review(need, by=story.by("苏慕青"))
    last = give(story, need, owner="方屿", title="再补一张")
    with pytest.raises(WrongMoment, match="再补一张"):
        actions.feed_back(need, by=story.by("沈岚"))
    tasks.finish(last, by=story.by("方屿"))
    actions.feed_back(need, by=story.by("沈岚"))


def test_it_is_neither_answered_on_the_spot_nor_closed_as_unanswered(story):
    need = story.at(State.TRIAGE)
    give(story, need, owner="方屿", by="秦望舒")
    with pytest.raises(WrongMoment, match="出库拍照"):
        actions.answer_now(need, by=story.by("沈岚"), answer="就这样")


def test_the_customers_word_is_never_held_back(story):
    need = story.at(State.CONFIRMATION)
    give(story, need, owner="方屿", by="秦望舒")
    assert actions.confirm(need, by=story.by("沈岚"), channel="phone").state == State.VISIT


@pytest.mark.parametrize("verb", ["void", "merge", "close"])
def test_what_ends_unresolved_takes_its_tasks_along(story, verb):
    need = story.at(State.REGISTERED)
    task = give(story, need, owner="方屿", by="秦望舒")
    if verb == "void":
        actions.void(need, by=story.by("苏慕青"), reason="登记错了")
    elif verb == "merge":
        actions.merge(need, by=story.by("沈岚"), into=story.register("同一件"))
    else:
        actions.close(need, by=story.by("沈岚"), outcome="declined", reason="不收")
    task.refresh_from_db()
    assert task.state == TaskState.WITHDRAWN and task.reason


def test_who_has_a_task_sees_the_need(story):
    """And only they: the department while it is open, who did it for good, nobody above their clearance."""
    need, fang, zhou = story.at(State.HANDLING), story.by("方屿"), story.by("周予安")
    for by in (fang, zhou):
        with pytest.raises(Gone):
            queries.find(need.number, by)
    mine, ours = give(story, need, owner="方屿"), give(story, need, department="appraisal")
    assert queries.find(need.number, fang) == queries.find(need.number, zhou) == need
    assert not rules.PROGRESS.allows(fang, need), "seeing is not handling"
    for task, by in ((mine, fang), (ours, story.by("程可"))):
        tasks.finish(task, by=by)
    assert queries.find(need.number, fang) == need
    with pytest.raises(Gone):
        queries.find(need.number, zhou)
    secret = story.at(State.ACCEPTANCE, secrecy=2)
    give(story, secret, owner="方屿", by="江听雨")
    with pytest.raises(Gone):
        queries.find(secret.number, fang)


def test_seeing_says_the_same_of_one_and_of_many(story):
    """`allows`, `where` and `holders` agree for everybody, with every kind of task on the needs."""
    first, second, third = story.at(State.HANDLING), story.at(State.HANDLING), story.at(State.ACCEPTANCE, secrecy=2)
    give(story, first, owner="方屿")
    give(story, second, department="appraisal")
    give(story, third, owner="方屿", by="江听雨")
    tasks.withdraw(give(story, second, owner="乔木"), by=story.by("顾一鸣"), reason="不用了")
    tasks.finish(give(story, first, department="growth"), by=story.by("贺兰舟"))
    cast = set(story.world.people.values())
    rows = list(Need.objects.select_related("matter"))
    for user in cast:
        by = people.actor(user)
        one_by_one = {n.pk for n in rows if rules.VIEW.allows(by, n)}
        assert one_by_one == set(Need.objects.filter(rules.VIEW.where(by)).values_list("pk", flat=True)), user
        assert one_by_one == set(queries.visible_to(by).values_list("pk", flat=True))
    for need in rows:
        assert set(people.holders(rules.VIEW, need)) == {u for u in cast if rules.VIEW.allows(people.actor(u), need)}


def test_who_is_late_is_told_and_shown(story, enter):
    """The worker states it on the need; owner and head find it in their inbox; the list and the page say so."""
    need = story.at(State.HANDLING)
    give(story, need, owner="方屿", hours=1)
    with clock.at(clock.now() + timedelta(hours=2)):
        assert jobs.sweep(clock.now()) == 1
        with transaction.atomic():
            entry = need.matter.entries.get(event="tasks.task_late")
            entry.recorded_at = entry.at
            notices.deliver(revive(entry.event, entry.facts, entry.personal), entry)
        told = set(Notice.objects.filter(entry=entry).values_list("user__name", flat=True))
        assert told == {"方屿", "许清和", "顾一鸣"}
        page = enter("顾一鸣").get("/needs/?queue=all").content.decode()
        assert "1 项任务未完成，1 项超时" in page
        page = enter("方屿").get(f"/needs/{need.number}/").content.decode()
        assert "任务“出库拍照”已超时" in page


def test_a_meeting_is_called_from_the_need(story, enter):
    """The dialog names those concerned; minutes and decisions stand on the need's timeline and beside it."""
    need = story.at(State.HANDLING)
    give(story, need, owner="方屿")
    gu = enter("顾一鸣")
    page = gu.get(f"/needs/{need.number}/").content.decode()
    assert f"/meetings/call/?about={need.number}" in page and f"/tasks/on/{need.number}/" in page
    assert f"/meetings/call/?about={need.number}" not in enter("严守拙").get(f"/needs/{need.number}/").content.decode()
    dialog = gu.get(f"/meetings/call/?about={need.number}", **HX).content.decode()
    assert all(name in dialog for name in ("方屿", "许清和", "江听雨"))
    ids = [story.world.user(name).pk for name in ("方屿", "许清和")]
    sent = {"title": "封签协调会", "purpose": "coordination", "starts_at": "2026-03-18T10:00", "minutes": "30", "suggested": ids, "place": "二楼"}
    assert gu.post(f"/meetings/call/?about={need.number}", sent)["Location"] == f"/needs/{need.number}/"
    meeting = Meeting.objects.select_related("matter", "about").get()
    assert meeting.about_id == need.pk and meeting.attendees.count() == 3
    with clock.at(meeting.ends_at):
        meetings.record_minutes(meeting, by=story.by("顾一鸣"), text="议定：当面拆封，录像留底。")
        meetings.decide(meeting, by=story.by("顾一鸣"), nodes=[Node(title="当面拆封", due_at=clock.now() + timedelta(days=1), department=story.world.department("vault"))])
        page = gu.get(f"/needs/{need.number}/").content.decode()
    assert "议定：当面拆封，录像留底。" in page and page.count("当面拆封") > 2 and meeting.number in page
    assert Task.objects.get(title="当面拆封").matter_id == need.pk
    assert meeting in about(need.matter, story.by("沈岚")), "who sees the need sees what was agreed about it"


def test_a_task_is_given_from_the_need(story, enter):
    need = story.at(State.HANDLING)
    gu = enter("顾一鸣")
    assert "<dialog" in gu.get(f"/tasks/on/{need.number}/", **HX).content.decode()
    refused = gu.post(f"/tasks/on/{need.number}/", {"title": "留着这句", "owner": "", "department": ""})
    assert refused.status_code == 422 and "留着这句" in refused.content.decode()
    done = gu.post(f"/tasks/on/{need.number}/", {"title": "查监控", "owner": "方屿", "due_at": "2026-03-20T17:00"})
    assert done["Location"] == f"/needs/{need.number}/" and Task.objects.get(title="查监控").owner.name == "方屿"
    assert "查监控" in enter("方屿").get("/tasks/").content.decode()
    assert enter("严守拙").get(f"/tasks/on/{need.number}/").status_code == 403
