"""The migration that carries time nodes of plans over to tasks (decision 0010)."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from yingxu.matters.models import Matter
from yingxu.people.models import Department, User

BEFORE, AFTER = ("needs", "0005_day_end"), ("needs", "0006_plans_hand_out_tasks")
AT = datetime(2026, 3, 18, 9, tzinfo=UTC)


def migrate(to):
    executor = MigrationExecutor(connection)
    executor.migrate([to])
    return MigrationExecutor(connection).loader.project_state([to]).apps


@pytest.fixture
def before(transactional_db):
    yield migrate(BEFORE)
    migrate(AFTER)


def test_every_node_is_carried_over(before):
    model = before.get_model
    department = Department.objects.create(code="pawn", name="典当业务部")
    user = User.objects.create(username="guyiming", name="顾一鸣", department=department)

    def need(number, state, *plans):
        matter = Matter.objects.create(kind="need", number=number, title="复评", department=department, opened_at=AT, changed_at=AT)
        made = model("needs", "Need").objects.create(matter_id=matter.pk, kind="pawn", channel="phone", state=state, body="复评", raised_at=AT)
        for version, nodes in enumerate(plans, 1):
            plan = model("needs", "Plan").objects.create(need=made, round=1, version=version, measures="复评", owner_id=user.pk, by_id=user.pk, at=AT)
            for title, done in nodes:
                model("needs", "PlanNode").objects.create(plan=plan, title=title, due_at=AT, done_at=AT if done else None, done_by_id=user.pk if done else None)
        return matter

    going = need("2026-000001", "handling", [("取样", True), ("旧的", False)], [("检测", False), ("答复", True)])
    ended = need("2026-000002", "closed", [("没做完", False)])
    apps = migrate(AFTER)
    tasks = apps.get_model("tasks", "Task").objects.order_by("id")
    assert [(t.title, t.state, t.matter_id, t.origin) for t in tasks] == [
        ("取样", "done", going.pk, "plan"), ("旧的", "withdrawn", going.pk, "plan"), ("检测", "open", going.pk, "plan"), ("答复", "done", going.pk, "plan"),
        ("没做完", "withdrawn", ended.pk, "plan"),
    ]  # fmt: skip
    first = tasks[0]
    assert (first.done_at, first.done_by.name, first.given_by.name, first.department.code, first.due_at) == (AT, "顾一鸣", "顾一鸣", "pawn", AT)
    assert tasks[2].late_at == AT, "what was late long ago is not told anew"
    newest = apps.get_model("needs", "Plan").objects.get(need_id=going.pk, version=2)
    assert [t.title for t in newest.nodes.order_by("id")] == ["检测", "答复"]
