"""Which columns the list shows: chosen by each person, kept on the server, the same in exports (ui.md §12)."""

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from yingxu.needs import actions, columns
from yingxu.needs.states import State
from yingxu.people.models import User

pytestmark = pytest.mark.django_db
ALL = "/needs/?queue=all"


def choose(client: Client, *codes: str, **more: str):
    return client.post(reverse("needs:columns"), {"columns": codes, "next": ALL, **more})


def heads(page: str) -> list[str]:
    """What stands over the list's columns, without the boxes to tick."""
    row = page.partition('<table class="needs')[2].partition("<thead><tr>")[2].partition("</tr>")[0]
    return [cell.partition(">")[2].replace("</a>", "").rpartition(">")[2].strip() for cell in row.split("</th>")[1:-1]]


def exported(client: Client, kind: str = "csv") -> list[list]:
    said = b"".join(client.post(reverse("needs:export"), {"query": "queue=all", "kind": kind}).streaming_content)
    if kind == "csv":
        return list(csv.reader(io.StringIO(said.decode("utf-8-sig"))))
    return [list(row) for row in load_workbook(io.BytesIO(said)).active.values]


def test_columns_are_chosen_and_kept_for_one_person(story, enter):
    story.register("周六开库吗", title="周六开库", tags=["加急", "开库", "周末"], customer=story.world.customer("季棠"))
    shen, su = enter("沈岚"), enter("苏慕青")
    usual = heads(shen.get(ALL).content.decode())
    assert usual == ["类别", "需求", "最近动态", "环节", "部门 · 负责人", "时限"]
    done = choose(shen, "registered", "customer", "tags", "latest")
    assert done.status_code == 302 and done["Location"] == ALL
    page = shen.get(ALL).content.decode()
    assert heads(page) == ["需求", "最近动态", "标签", "登记时间"], "from left to right, whatever the order they were ticked in"
    row = page.partition("<tr data-row=")[2] or page.partition("data-row=")[2]
    row = row.partition("</tr>")[0]
    assert "季棠" in row and "开库" in row and "+1" in row and "今天 9:12" in row and "周六开库吗" in row
    assert 'class="clock' not in row and 'class="stage' not in row and "#phone" not in row
    assert 'value="registered" checked' in page and 'value="due" checked' not in page
    assert heads(su.get(ALL).content.decode()) == usual, "nobody else's list changed"
    choose(shen, usual="1")
    assert heads(shen.get(ALL).content.decode()) == usual
    assert columns.LIST not in User.objects.get(name="沈岚").columns


def test_no_column_at_all_still_shows_number_and_subject(story, enter):
    need, client = story.register(title="周六开库"), enter("沈岚")
    assert choose(client).status_code == 302
    page = client.get(ALL).content.decode()
    assert heads(page) == ["需求"] and f'data-row="{need.number}"' in page and "周六开库" in page


def test_rating_and_open_tasks_have_columns(story, enter):
    done, busy, client = story.at(State.CONFIRMATION), story.at(State.HANDLING), enter("沈岚")
    actions.confirm(done, by=story.by("沈岚"), rating=4, channel="phone")
    story.node(busy)
    choose(client, "rating")
    page = client.get(ALL).content.decode()
    assert heads(page) == ["需求", "评分"] and "项任务未完成" not in page
    choose(client, "tasks")
    assert "1 项任务未完成" in client.get(ALL).content.decode()


def test_what_is_exported_is_what_is_shown(story, enter):
    """S17, ui.md §12: the shown columns in their order, and number and subject always."""
    need = story.register("周六开库吗", title="周六开库", tags=["加急"], customer=story.world.customer("季棠"))
    story.node(story.at(State.HANDLING, title="手镯"))
    client = enter("苏慕青")
    usual = exported(client)[0]
    assert usual == ["编号", "类别", "主题", "客户", "业务类型", "渠道", "未完成任务", "最近沟通", "状态", "部门", "负责人", "时限", "环节时限"]
    choose(client, "tags", "customer", "category", "tasks")
    table = {row[0]: row for row in exported(client)}
    assert table["编号"] == ["编号", "类别", "主题", "客户", "未完成任务", "标签"]
    assert table[need.number] == [need.number, "", "周六开库", "季棠", "0", "加急"]
    assert exported(client, "xlsx")[0] == table["编号"]
    assert sorted(row[4] for row in table.values() if row[0] != "编号") == ["0", "1"]
    choose(client)
    assert exported(client, "xlsx")[0] == ["编号", "主题"]
    whole = exported(client, "all")
    assert {"客户原话", "登记人", "轮次", "标签"} <= set(whole[0]) and len(whole) == 3, "every field, whatever is shown"


def test_what_is_no_column_is_refused_and_what_is_no_longer_one_is_left_out(story, enter):
    client = enter("沈岚")
    assert choose(client, "colour").status_code == 422
    assert client.get(reverse("needs:columns")).status_code == 405
    assert enter("管鹿鸣").post(reverse("needs:columns"), {"columns": ["due"]}).status_code == 403
    assert Client().post(reverse("needs:columns"), {"columns": ["due"]}).status_code == 302
    assert choose(client, "due", next="https://evil.test/")["Location"] == "/needs/"
    user = User.objects.get(name="沈岚")
    user.columns = {columns.LIST: ["gone", "due"], "other": ["x"]}
    user.save()
    story.register()
    assert heads(client.get(ALL).content.decode()) == ["需求", "时限"]
    choose(client, usual="1")
    assert User.objects.get(name="沈岚").columns == {"other": ["x"]}, "other lists keep theirs"


@pytest.mark.django_db(transaction=True)
def test_chosen_columns_cost_nothing_more(story, enter, django_assert_max_num_queries):
    client = enter("沈岚")
    for number in range(6):
        story.register(f"第 {number} 件")
    choose(client, *columns.NAMES)
    client.get(ALL)
    with django_assert_max_num_queries(11):
        assert client.get(ALL).content.decode().count("data-row=") == 6
    choose(client, "registered")
    with django_assert_max_num_queries(10):  # neither latest words nor tasks are asked for
        client.get(ALL)
