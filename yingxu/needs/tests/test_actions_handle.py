"""Acceptance, plan, progress, waiting, result, review (N5–N7, K3): done, refused, wrong moment."""

from datetime import timedelta

import pytest

from yingxu.base import clock
from yingxu.base.errors import Invalid, NotAllowed, WrongMoment
from yingxu.needs import actions, queries
from yingxu.needs.actions.handle import Node
from yingxu.needs.states import State

pytestmark = pytest.mark.django_db


def clocks(need):
    return dict(need.matter.clocks.exclude(outcome="cancelled").values_list("step", "outcome"))


def test_accept_starts_the_work(story):
    """N5: the department acknowledges; a second one is told who was first."""
    need = actions.accept(story.at(State.ACCEPTANCE), by=story.by("顾一鸣"))
    assert need.state == State.HANDLING and need.accepted_by.name == "顾一鸣"
    assert clocks(need)["acceptance"] == "met" and clocks(need)["handling"] == "running"
    with pytest.raises(WrongMoment, match="顾一鸣"):
        actions.accept(need, by=story.by("江听雨"))


def test_accept_is_for_the_department(story):
    with pytest.raises(NotAllowed):
        actions.accept(story.at(State.ACCEPTANCE), by=story.by("方屿"))
    with pytest.raises(WrongMoment):
        actions.accept(story.at(State.REVIEW), by=story.by("江听雨"))


def test_return_goes_back_to_triage_with_a_reason(story):
    need = story.at(State.HANDLING)
    with pytest.raises(Invalid):
        actions.return_to_triage(need, by=story.by("顾一鸣"), reason=" ")
    need = actions.return_to_triage(need, by=story.by("顾一鸣"), reason="归鉴定评估部")
    assert (need.state, need.accepted_by, need.matter.owner) == (State.TRIAGE, None, None)
    assert need.matter.department.service and clocks(need)["triage"] == "running"
    with pytest.raises(NotAllowed):
        actions.return_to_triage(story.at(State.ACCEPTANCE), by=story.by("方屿"), reason="不归我们")
    with pytest.raises(WrongMoment):
        actions.return_to_triage(story.at(State.REVIEW), by=story.by("顾一鸣"), reason="太晚了")


def test_transfer_within_the_department_goes_on(story):
    need = actions.transfer(story.at(State.HANDLING), by=story.by("顾一鸣"), owner=story.world.user("叶知秋"))
    assert need.state == State.HANDLING and need.matter.owner.name == "叶知秋"


def test_transfer_elsewhere_has_to_be_accepted_anew(story):
    need, vault = story.at(State.HANDLING), story.world.department("vault")
    with pytest.raises(Invalid):
        actions.transfer(need, by=story.by("顾一鸣"), department=vault)
    need = actions.transfer(need, by=story.by("顾一鸣"), department=vault, reason="要出库")
    assert need.state == State.ACCEPTANCE and need.accepted_by is None and need.matter.department == vault
    with pytest.raises(WrongMoment):
        actions.transfer(story.at(State.REVIEW), by=story.by("顾一鸣"), owner=story.world.user("叶知秋"))
    with pytest.raises(NotAllowed):
        actions.transfer(story.at(State.HANDLING), by=story.by("方屿"), owner=story.world.user("方屿"))


def test_what_waits_for_the_customer_is_passed_on_without_being_accepted_anew(story):
    need, vault = story.at(State.CONFIRMATION), story.world.department("vault")
    with pytest.raises(NotAllowed):
        actions.pass_on(need, by=story.by("方屿"), department=vault, reason="改由保管部答复")
    with pytest.raises(Invalid):
        actions.pass_on(need, by=story.by("顾一鸣"), department=vault, reason=" ")
    need = actions.pass_on(need, by=story.by("顾一鸣"), department=vault, reason="改由保管部答复")
    assert (need.state, need.matter.department, need.matter.owner) == (State.CONFIRMATION, vault, None)
    with pytest.raises(WrongMoment):
        actions.pass_on(story.at(State.HANDLING), by=story.by("顾一鸣"), department=vault, reason="改由保管部答复")


def test_a_new_plan_is_a_new_version(story):
    """N6: nothing is overwritten."""
    need = story.at(State.HANDLING, planned=False)
    due = clock.now() + timedelta(days=1)
    actions.plan(need, by=story.by("顾一鸣"), measures="重看", nodes=[Node(title="预约", due_at=due, owner=story.world.user("叶知秋"))])
    actions.plan(need, by=story.by("顾一鸣"), measures="重看并送检")
    assert [(p.version, p.measures, len(p.nodes.all())) for p in queries.plans(need)] == [(2, "重看并送检", 0), (1, "重看", 1)]
    assert clocks(story.fresh(need.number))["plan"] == "met"


def test_plan_refuses(story):
    need = story.at(State.HANDLING, planned=False)
    with pytest.raises(Invalid):
        actions.plan(need, by=story.by("顾一鸣"), measures="")
    with pytest.raises(Invalid):
        actions.plan(need, by=story.by("顾一鸣"), measures="重看", nodes=[Node(title="太早", due_at=clock.now() - timedelta(days=9))])
    with pytest.raises(NotAllowed):
        actions.plan(need, by=story.by("方屿"), measures="重看")
    with pytest.raises(WrongMoment):
        actions.plan(story.at(State.ACCEPTANCE), by=story.by("顾一鸣"), measures="重看")


def test_nodes_are_ticked_and_opened_again(story):
    need = story.at(State.HANDLING, planned=False)
    node = story.node(need)
    actions.finish_node(need, by=story.by("顾一鸣"), node=node)
    with pytest.raises(WrongMoment):
        actions.finish_node(need, by=story.by("顾一鸣"), node=node)
    actions.reopen_node(need, by=story.by("顾一鸣"), node=node)
    node.refresh_from_db()
    assert node.done_at is None
    with pytest.raises(NotAllowed):
        actions.finish_node(need, by=story.by("方屿"), node=node)
    with pytest.raises(NotAllowed):
        actions.reopen_node(need, by=story.by("方屿"), node=node)
    actions.plan(need, by=story.by("顾一鸣"), measures="新方案")
    for verb in (actions.finish_node, actions.reopen_node):
        with pytest.raises(WrongMoment):
            verb(need, by=story.by("顾一鸣"), node=node)


def test_progress_stays_inside_unless_marked(story):
    need = story.at(State.HANDLING)
    actions.progress(need, by=story.by("顾一鸣"), text="已约第二鉴定师")
    actions.progress(need, by=story.by("顾一鸣"), text="您好，已约好复评时间。", to_customer=True)
    assert list(need.matter.notes.values_list("voice", flat=True)) == ["internal", "told"]
    assert clocks(need)["first_response"] == "met"
    with pytest.raises(Invalid):
        actions.progress(need, by=story.by("顾一鸣"), text="")
    with pytest.raises(NotAllowed):
        actions.progress(need, by=story.by("方屿"), text="插一句")
    with pytest.raises(WrongMoment):
        actions.progress(story.at(State.REVIEW), by=story.by("顾一鸣"), text="晚了")


def test_waiting_for_the_customer_rests_the_working_clocks(story):
    """K3: the pause is visible and counted; the customer's words end it."""
    need = actions.hold(story.at(State.HANDLING), by=story.by("顾一鸣"), reason="等购买发票")
    assert need.held_at and clocks(need)["handling"] == "paused"
    with pytest.raises(WrongMoment):
        actions.hold(need, by=story.by("顾一鸣"), reason="再等")
    need = actions.listen(need, by=story.by("沈岚"), text="发票找到了", channel="wechat")
    assert need.held_at is None and clocks(need)["handling"] == "running"
    with pytest.raises(WrongMoment):
        actions.resume(need, by=story.by("顾一鸣"))
    need = actions.hold(need, by=story.by("顾一鸣"), reason="等证书")
    assert actions.resume(need, by=story.by("顾一鸣")).held_at is None


def test_hold_and_resume_refuse(story):
    need = story.at(State.HANDLING)
    with pytest.raises(Invalid):
        actions.hold(need, by=story.by("顾一鸣"), reason="")
    with pytest.raises(NotAllowed):
        actions.hold(need, by=story.by("方屿"), reason="等")
    with pytest.raises(WrongMoment):
        actions.hold(story.at(State.ACCEPTANCE), by=story.by("顾一鸣"), reason="等")
    held = actions.hold(need, by=story.by("顾一鸣"), reason="等")
    with pytest.raises(NotAllowed):
        actions.resume(held, by=story.by("方屿"))


def test_submit_comes_after_the_plan_and_its_nodes(story):
    """N6, N7"""
    need = story.at(State.HANDLING, planned=False)
    with pytest.raises(WrongMoment):
        actions.submit(need, by=story.by("顾一鸣"), done="做了", answer="好了")
    node = story.node(need)
    with pytest.raises(WrongMoment, match="第三方检测"):
        actions.submit(need, by=story.by("顾一鸣"), done="做了", answer="好了")
    actions.finish_node(need, by=story.by("顾一鸣"), node=node)
    with pytest.raises(Invalid):
        actions.submit(need, by=story.by("顾一鸣"), done="做了", answer="")
    need = actions.submit(need, by=story.by("顾一鸣"), done="做了", answer="好了")
    assert need.state == State.REVIEW and clocks(need)["handling"] == "met" and clocks(need)["review"] == "running"
    with pytest.raises(WrongMoment):
        actions.submit(need, by=story.by("顾一鸣"), done="再做", answer="好了")
    with pytest.raises(NotAllowed):
        actions.submit(story.at(State.HANDLING), by=story.by("方屿"), done="做了", answer="好了")


def test_review_passes_with_better_words(story):
    need = actions.review(story.at(State.REVIEW), by=story.by("苏慕青"), answer="您好，经复评维持 36 万元。")
    assert need.state == State.FEEDBACK and need.results.get().answer.startswith("您好")
    with pytest.raises(WrongMoment):
        actions.review(need, by=story.by("苏慕青"))
    with pytest.raises(NotAllowed):
        actions.review(story.at(State.REVIEW), by=story.by("方屿"))


def test_nobody_reviews_their_own_result(story):
    """Whoever may submit and review still needs a second person."""
    need, both = story.at(State.HANDLING), story.by("苏慕青")
    actions.submit(need, by=story.by("顾一鸣"), done="做了", answer="好了")
    need.results.update(by_id=both.user_id)
    for verb, more in ((actions.review, {}), (actions.send_back, {"reason": "再看"})):
        with pytest.raises(NotAllowed):
            verb(need, by=both, **more)
    assert story.fresh(need.number).state == State.REVIEW


def test_send_back_returns_it_with_a_reason(story):
    need = story.at(State.REVIEW)
    with pytest.raises(Invalid):
        actions.send_back(need, by=story.by("苏慕青"), reason="")
    need = actions.send_back(need, by=story.by("苏慕青"), reason="没有写检测结论")
    assert need.state == State.HANDLING and need.results.get().reason == "没有写检测结论" and clocks(need)["handling"] == "running"
    with pytest.raises(WrongMoment):
        actions.send_back(need, by=story.by("苏慕青"), reason="再看")
    with pytest.raises(NotAllowed):
        actions.send_back(story.at(State.REVIEW), by=story.by("方屿"), reason="再看")


def test_passing_and_telling_is_one_press(story):
    need = actions.pass_and_tell(story.at(State.REVIEW), by=story.by("苏慕青"), answer="维持 36 万元。", tell=True, channel="sms")
    assert need.state == State.CONFIRMATION and need.matter.notes.get(voice="told").channel == "sms"
    assert actions.pass_and_tell(story.at(State.REVIEW), by=story.by("苏慕青"), tell=False).state == State.FEEDBACK
