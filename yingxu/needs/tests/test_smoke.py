"""The loop by verbs, two rounds."""

from datetime import timedelta

import pytest

from yingxu.base import clock
from yingxu.base.access import RULES
from yingxu.deadlines import actions as deadlines
from yingxu.needs import actions, queries
from yingxu.needs.states import State
from yingxu.people import queries as people
from yingxu.people.models import Department, Grant, Role, RoleRule, User
from yingxu.templates.models import Template, TemplateVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    service = Department.objects.create(code="service", name="客户服务部", service=True)
    pawn = Department.objects.create(code="pawn", name="典当业务部")
    role = Role.objects.create(code="all", name="全部")
    for name in RULES:
        RoleRule.objects.create(role=role, rule=name, reach=4)
    who = {}
    for username, department in (("shenlan", service), ("xu", service), ("gu", pawn)):
        user = User.objects.create(username=username, name=username, department=department, clearance=3)
        Grant.objects.create(user=user, role=role, begins_at=clock.now() - timedelta(days=1))
        who[username] = people.actor(user)
    template = Template.objects.create(code="pawn", name="典当")
    template.current = TemplateVersion.objects.create(template=template, number=1, fields=[], created_at=clock.now())
    template.save()
    return who | {"pawn": pawn}


def test_loop(cast):
    shen, xu, gu = cast["shenlan"], cast["xu"], cast["gu"]
    done = actions.register(actions.Intake(kind="pawn", body="翡翠手镯想当 42 万，别家估过这个价。", channel="phone", customer_name="季棠", phone="13900002046"), by=shen,
                            once=actions.Once.of("test", "k", {"a": 1}))
    again = actions.register(actions.Intake(kind="pawn", body="翡翠手镯想当 42 万，别家估过这个价。", channel="phone"), by=shen, once=actions.Once.of("test", "k", {"a": 1}))
    assert again.repeated and again.number == done.number
    need = queries.find(done.number, shen)
    assert need.customer.name == "季棠"
    actions.triage(need, by=shen, category="important")
    actions.assign(need, by=shen, department=cast["pawn"])
    actions.accept(need, by=gu)
    actions.plan(need, by=gu, measures="复评", nodes=[actions.handle.Node(title="复评", due_at=clock.now() + timedelta(days=1))])
    need = queries.find(done.number, gu)
    actions.finish_node(need, by=gu, node=queries.plans(need)[0].nodes.all()[0])
    actions.submit(need, by=gu, done="复核", answer="维持 36 万")
    actions.review(need, by=xu)
    actions.feed_back(need, by=shen)
    actions.reject(need, by=shen, reason="没换人", channel="phone")
    need = queries.find(done.number, shen)
    assert need.state == State.REOPENED and need.round == 2
    rows = queries.inbox(shen, queries.Filters.parse({"queue": "triage"}))
    assert [r["matter__number"] for r in rows.rows] == [done.number]
    assert queries.counts(shen)["triage"] == 1
    assert queries.inbox(shen, queries.Filters.parse({"q": "手镯想当"})).rows
    assert not queries.inbox(shen, queries.Filters.parse({"q": "手镯当"})).rows
    many = actions.register_many([actions.Intake(kind="pawn", body=f"金条 {i}", channel="api", customer_name=f"客户{i}", phone=f"1390000{i:04}") for i in range(5)] + [actions.Intake(kind="no", body="x", channel="api")], by=shen)
    assert [type(m).__name__ for m in many] == ["Registered"] * 5 + ["Invalid"]
    print(queries.offers(need, shen))
