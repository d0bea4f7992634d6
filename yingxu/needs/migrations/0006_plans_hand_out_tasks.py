"""Time nodes of plans become tasks: one list of work for everybody (decision 0010)."""

from collections.abc import Iterator
from itertools import islice

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone

BATCH = 2_000
ENDED = ("closed", "merged", "void")


def carry_over(apps, schema_editor) -> None:
    """Every node as a task on its need: done ones done, those of the plan in force open, the others withdrawn when they were
    replaced. What is already late counts as stated, so that nobody is told of it anew."""
    Node, Plan, Task = (apps.get_model(*path) for path in (("needs", "PlanNode"), ("needs", "Plan"), ("tasks", "Task")))
    Handed = Plan.nodes.through
    newest: dict = {}
    for need_id, number, version in Plan.objects.order_by("need_id", "round", "version").values_list("need_id", "round", "version"):
        newest[need_id, number] = version
    now = timezone.now()
    rows = Node.objects.select_related("plan__need__matter").order_by("id").iterator(chunk_size=BATCH)
    for batch in _batches(rows):
        tasks = [_task(Task, node, newest, now) for node in batch]
        Task.objects.bulk_create(tasks)
        Handed.objects.bulk_create(Handed(plan_id=node.plan_id, task_id=task.pk) for node, task in zip(batch, tasks, strict=True))


def _batches(rows) -> Iterator[list]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _task(Task, node, newest: dict, now):
    plan, need = node.plan, node.plan.need
    in_force = need.round == plan.round and newest[need.pk, plan.round] == plan.version and need.state not in ENDED
    state = "done" if node.done_at else "open" if in_force else "withdrawn"
    return Task(
        matter_id=need.pk, title=node.title, owner_id=node.owner_id, department_id=node.department_id or need.matter.department_id,
        due_at=node.due_at, state=state, origin="plan", given_by_id=plan.by_id, given_at=plan.at, done_at=node.done_at,
        done_by_id=node.done_by_id, withdrawn_at=now if state == "withdrawn" else None,
        late_at=node.due_at if state == "open" and node.due_at < now else None,
    )


class Migration(migrations.Migration):
    dependencies = [("needs", "0005_day_end"), ("tasks", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="plannode",
            name="plan",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="needs.plan"),
        ),
        migrations.AddField(model_name="plan", name="nodes", field=models.ManyToManyField(related_name="plans", to="tasks.task")),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.DeleteModel(name="PlanNode"),
    ]
