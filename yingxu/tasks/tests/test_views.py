"""The work list, a task's page and its dialogs, by HTTP."""

from datetime import timedelta

import pytest

from yingxu.base import clock
from yingxu.tasks.models import State, Task

pytestmark = pytest.mark.django_db
HX = {"HTTP_HX_REQUEST": "true"}


def test_the_list_shows_what_waits_for_me(desk, enter):
    desk.give(owner="周予安")
    page = enter("周予安").get("/tasks/").content.decode()
    assert "第三方检测" in page and "2026-900001" in page
    assert "翡翠手镯复评" not in page, "the matter itself is not open to who only has a task on it"
    assert "第三方检测" not in enter("周予安").get("/tasks/?q=翡翠手镯").content.decode()
    assert "第三方检测" not in enter("方屿").get("/tasks/?whose=all&state=").content.decode()


def test_every_emptiness_says_which(desk, enter):
    client = enter("周予安")
    pages = {url: client.get(url).content.decode() for url in ("/tasks/", "/tasks/?whose=late", "/tasks/?whose=given", "/tasks/?q=x")}
    assert "都办完了" in pages["/tasks/"] and "没有超时的" in pages["/tasks/?whose=late"]
    assert "没有待办任务" in pages["/tasks/?whose=given"] and "没有符合的任务" in pages["/tasks/?q=x"]


@pytest.mark.parametrize("query", ["whose=everybody", "state=x", "sort=x", "origin=x", "owner=-1", "cursor=x"])
def test_a_list_nobody_knows_is_refused(desk, enter, query):
    assert enter("周予安").get(f"/tasks/?{query}").status_code == 422


def test_the_list_costs_the_same_for_one_and_for_many(desk, enter, django_assert_max_num_queries):
    for n in range(12):
        desk.give(owner="周予安", title=f"第 {n} 件")
    client = enter("周予安")
    client.get("/tasks/")
    with django_assert_max_num_queries(20):
        client.get("/tasks/")


def test_a_task_is_finished_from_its_page(desk, enter):
    task = desk.give(owner="周予安")
    client = enter("周予安")
    page = client.get(f"/tasks/{task.pk}/").content.decode()
    assert f"/tasks/{task.pk}/finish/" in page and f"/tasks/{task.pk}/withdraw/" not in page
    dialog = client.get(f"/tasks/{task.pk}/finish/", **HX).content.decode()
    assert "<dialog" in dialog and "<html" not in dialog
    done = client.post(f"/tasks/{task.pk}/finish/", {"result": "一致"}, **HX)
    assert done.status_code == 204 and done["HX-Redirect"] == f"/tasks/{task.pk}/"
    task.refresh_from_db()
    assert (task.state, task.result) == (State.DONE, "一致")
    again = client.post(f"/tasks/{task.pk}/finish/", {"result": "留着这句"})
    assert again.status_code == 409 and "留着这句" in again.content.decode()


def test_verbs_by_http(desk, enter):
    task = desk.give(owner="周予安")
    zhou, gu = enter("周予安"), enter("顾一鸣")
    until = (clock.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    assert zhou.post(f"/tasks/{task.pk}/postpone/", {"until": until, "reason": "排期"}).status_code == 302
    assert "decide" not in zhou.get(f"/tasks/{task.pk}/").content.decode()
    assert f"/tasks/{task.pk}/decide/" in gu.get(f"/tasks/{task.pk}/").content.decode()
    refused = gu.post(f"/tasks/{task.pk}/decide/", {"granted": "no", "note": ""})
    assert refused.status_code == 422
    assert gu.post(f"/tasks/{task.pk}/decide/", {"granted": "yes"}).status_code == 302
    assert zhou.post(f"/tasks/{task.pk}/hand-over/", {"owner": "没有这个人", "reason": "留着这句"}).status_code == 422
    assert zhou.post(f"/tasks/{task.pk}/hand-over/", {"owner": "方屿", "reason": "出库"}).status_code == 302
    assert enter("方屿").post(f"/tasks/{task.pk}/finish/", {"result": ""}).status_code == 302
    assert gu.post(f"/tasks/{task.pk}/reopen/", {"reason": "少一页"}).status_code == 302
    assert gu.post(f"/tasks/{task.pk}/withdraw/", {"reason": "不用了"}).status_code == 302
    page = gu.get(f"/tasks/{task.pk}/").content.decode()
    assert "不用了" in page and "出库" in page


def test_what_one_may_not_is_refused_and_what_one_may_not_see_is_not_there(desk, enter):
    task = desk.give(owner="周予安")
    assert enter("周予安").post(f"/tasks/{task.pk}/withdraw/", {"reason": "不想做"}).status_code == 403
    for url in (f"/tasks/{task.pk}/", f"/tasks/{task.pk}/finish/", "/tasks/999999/", f"/tasks/on/{desk.matter.number}/"):
        assert enter("方屿").get(url).status_code == 404
    assert enter("周予安").get(f"/tasks/{task.pk}/nothing/").status_code == 404
    assert Task.objects.get().state == State.OPEN


def test_the_list_as_a_workbook(desk, enter):
    desk.give(owner="叶知秋")
    got = enter("江听雨").post("/tasks/export/", {"whose": "department", "kind": "xlsx"})
    assert got["Content-Type"].startswith("application/vnd.openxmlformats")
    text = b"".join(enter("江听雨").post("/tasks/export/", {"whose": "department", "kind": "csv"}).streaming_content).decode()
    assert "第三方检测" in text and "叶知秋" in text
    assert enter("叶知秋").post("/tasks/export/", {}).status_code == 403
