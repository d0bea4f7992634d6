"""The settings of people, departments and roles (S1 of the mission, S2, S8)."""

import threading

import pytest
from django.db import connections
from django.test import Client

from yingxu.base.access import SYSTEM, Actor, Reach
from yingxu.base.errors import Invalid, NotAllowed
from yingxu.people import actions, queries, rules
from yingxu.people.models import Department, Grant, Role, User

from .conftest import user

pytestmark = pytest.mark.django_db
PAGES = ("/settings/people/", "/settings/people/new/", "/settings/departments/", "/settings/departments/new/", "/settings/roles/", "/settings/roles/new/")


# ── pages ──


@pytest.mark.parametrize("path", PAGES)
def test_pages_open_to_managers_only(manager, signed, path):
    page = manager.get(path)
    assert page.status_code == 200 and page.content.decode().count("<h1") == 1
    assert signed("shen").get(path).status_code == 403


def test_lists_ask_little(manager, people, django_assert_max_num_queries):
    for n in range(30):
        actions.add_user(by=SYSTEM, username=f"u{n}", name=f"同事{n}", department=people.pawn, password="x")
    for path, most in (("/settings/people/", 14), ("/settings/departments/", 12), ("/settings/roles/", 12)):
        with django_assert_max_num_queries(most):
            manager.get(path)


def test_people_are_found(manager, people):
    def names(query: str) -> str:
        return manager.get(f"/settings/people/?{query}").content.decode()

    assert "顾一鸣" in names("q=GU") and "沈岚" not in names("q=GU")
    assert "<mark>顾</mark>一鸣" in names("q=顾")
    assert "顾一鸣" in names(f"department={people.office.pk}"), "departments below count"
    assert "沈岚" not in names(f"department={people.pawn.pk}")
    assert "没有找到" in names("q=nobody") and "没有离职人员" in names("left=1")
    assert manager.get("/settings/people/?department=9999999999999").status_code == 200


@pytest.mark.parametrize("path", ["/settings/people/99999/", "/settings/departments/99999/", "/settings/roles/99999/"])
def test_what_is_not_there(manager, path):
    assert manager.get(path).status_code == 404


# ── people ──


def test_somebody_new(manager, people):
    answer = manager.post("/settings/people/new/", {
        "name": "程可", "username": "cheng.ke", "department": people.pawn.pk, "email": "ck@example.com", "clearance": "1",
    })  # fmt: skip
    html = answer.content.decode()
    secret = html.split('data-copy="')[1].split('"')[0]
    made = user("cheng.ke")
    assert made.check_password(secret) and len(secret) >= 16 and made.password_due
    assert (made.name, made.department, made.clearance) == ("程可", people.pawn, 1)
    assert secret not in manager.get(f"/settings/people/{made.pk}/").content.decode(), "it is shown once"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"username": "SHEN"}, "已有人用"), ({"username": "a b"}, "只用文字"), ({"username": ""}, None), ({"clearance": "9"}, None), ({"email": "x"}, None),
     ({"department": "77777"}, None)],
)  # fmt: skip
def test_somebody_impossible(manager, people, wrong, said):
    given = {"name": "程可", "username": "ck", "department": people.pawn.pk, "email": "", "clearance": "0"} | wrong
    answer = manager.post("/settings/people/new/", given)
    assert answer.status_code == 422 and "程可" in answer.content.decode(), "what was typed is kept"
    assert said is None or said in answer.content.decode()
    assert User.objects.count() == 3


def test_changing_somebody(manager, people):
    given = {"name": "顾一鸣", "username": "gu", "department": people.service.pk, "email": "", "clearance": "2"}
    assert manager.post(f"/settings/people/{people.gu.pk}/", given).status_code == 302
    assert (user("gu").department, user("gu").clearance) == (people.service, 2)
    assert manager.post(f"/settings/people/{people.gu.pk}/", given | {"username": "shen"}).status_code == 422


def test_whoever_leaves_is_out_and_may_come_back(manager, people, signed):
    gone = signed("gu")
    manager.post(f"/settings/people/{people.gu.pk}/active/", {"active": "off"})
    assert gone.get("/settings/me/").status_code == 302 and not user("gu").is_active
    assert "顾一鸣" in manager.get("/settings/people/?left=1").content.decode()
    manager.post(f"/settings/people/{people.gu.pk}/active/", {"active": "on"})
    assert user("gu").is_active and signed("gu").get("/settings/me/").status_code == 200


def test_nobody_deactivates_themselves(manager, people):
    answer = manager.post(f"/settings/people/{people.fang.pk}/active/", {"active": "off"})
    assert answer.status_code == 422 and "不能停用自己" in answer.content.decode() and user("fang").is_active


# ── roles given and ended ──


def test_a_role_is_given_and_ended_and_both_stay_readable(manager, people):
    role = Role.objects.get(code="clerk")
    path = f"/settings/people/{people.gu.pk}/roles/"
    assert manager.post(path, {"role": role.pk}).status_code == 302
    manager.post(path, {"role": role.pk})
    held = Grant.objects.get(user=people.gu)
    assert held.granted_by == people.fang and held.ends_at is None
    manager.post(f"{path}{held.pk}/end/")
    manager.post(f"{path}{held.pk}/end/")
    held.refresh_from_db()
    assert held.ended_by == people.fang and held.ends_at >= held.begins_at
    manager.post(path, {"role": role.pk})
    assert Grant.objects.filter(user=people.gu).count() == 2, "given again is a new row"
    page = manager.get(f"/settings/people/{people.gu.pk}/").content.decode()
    assert page.count("方屿授予") == 2 and page.count("方屿收回") == 1
    assert manager.post(path, {"role": "999"}).status_code == 422
    assert manager.post(f"/settings/people/{people.shen.pk}/roles/{held.pk}/end/").status_code == 404


def test_changing_ones_own_roles_keeps_this_session_only(manager, signed, people):
    elsewhere = signed("fang")
    manager.post(f"/settings/people/{people.fang.pk}/roles/", {"role": Role.objects.get(code="clerk").pk})
    assert manager.get("/settings/people/").status_code == 200 and elsewhere.get("/settings/people/").status_code == 302


def test_the_last_manager_stays(manager, people):
    held = Grant.objects.get(user=people.fang)
    answer = manager.post(f"/settings/people/{people.fang.pk}/roles/{held.pk}/end/")
    assert answer.status_code == 422 and "至少要有一人能管理人员" in answer.content.decode()
    held.refresh_from_db()
    assert held.ends_at is None
    role = held.role
    with pytest.raises(Invalid, match="至少"):
        actions.edit_role(role, by=SYSTEM, name=role.name, description="", granted={})
    with pytest.raises(Invalid, match="至少"):
        actions.edit_role(role, by=SYSTEM, name=role.name, description="", granted={rules.MANAGE.name: "own"})
    with pytest.raises(Invalid, match="至少"):
        actions.deactivate_user(people.fang, by=SYSTEM)
    assert queries.managers() == [people.fang]
    actions.grant(people.shen, role, by=SYSTEM)
    with pytest.raises(Invalid, match="两人"):
        actions.deactivate_user(people.fang, by=SYSTEM)


@pytest.mark.django_db(transaction=True)
def test_two_managers_cannot_put_each_other_out_at_once(people):
    role = Role.objects.get(code="manager")
    actions.grant(people.shen, role, by=SYSTEM)
    actions.grant(people.gu, role, by=SYSTEM)
    refused, start = [], threading.Barrier(3)

    def end(held: Grant) -> None:
        start.wait(10)
        try:
            actions.end_grant(held, by=SYSTEM)
        except Invalid:
            refused.append(held)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=end, args=[held]) for held in Grant.objects.filter(role=role)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 2 and len(queries.managers()) == 2, "of two, two remain: one proposes, another agrees"


# ── departments ──


def test_departments_make_a_tree(manager, people):
    manager.post("/settings/departments/new/", {"name": "夜班", "parent": people.service.pk, "head": people.shen.pk})
    night = Department.objects.get(name="夜班")
    assert night.parent == people.service and night.head == people.shen and not night.service
    assert [(b.department.name, b.depth) for b in queries.tree()] == [("总经理室", 0), ("客户服务部", 1), ("夜班", 2), ("典当业务部", 1)]
    assert queries.subtree(people.office.pk) == {d.pk for d in Department.objects.all()}
    answer = manager.post(f"/settings/departments/{people.service.pk}/", {"name": "客户服务部", "parent": night.pk, "service": "on"})
    assert answer.status_code == 422 and "不能隶属于自己" in answer.content.decode()
    people.service.refresh_from_db()
    assert people.service.parent == people.office


def test_there_is_one_customer_service(manager, people):
    manager.post(f"/settings/departments/{people.pawn.pk}/", {"name": "典当业务部", "parent": people.office.pk, "service": "on"})
    assert list(Department.objects.filter(service=True)) == [people.pawn] == [queries.service_department()]


def test_a_department_is_closed_only_when_it_is_empty(manager, people):
    path = f"/settings/departments/{people.pawn.pk}/active/"
    assert manager.post(path, {"active": "off"}).status_code == 422
    actions.deactivate_user(people.gu, by=SYSTEM)
    assert manager.post(path, {"active": "off"}).status_code == 302
    assert people.pawn not in queries.departments() and "已停用" in manager.get("/settings/departments/").content.decode()
    manager.post(path, {"active": "on"})
    assert people.pawn in queries.departments()
    actions.deactivate_user(people.shen, by=SYSTEM)
    assert manager.post(f"/settings/departments/{people.service.pk}/active/", {"active": "off"}).status_code == 422


# ── roles ──


def test_a_role_is_rules_with_a_reach(manager, people):
    done = manager.post("/settings/roles/new/", {"name": "看客户", "description": "只看", "customers.view": "subtree", "needs.view": ""})
    role = Role.objects.get(name="看客户")
    assert done.headers["Location"] == f"/settings/roles/{role.pk}/?saved=1"
    assert queries.reaches_of(role) == {"customers.view": "subtree"}
    page = manager.get(f"/settings/roles/{role.pk}/").content.decode()
    assert 'name="customers.view" value="subtree"' in page and "查看客户" in page
    manager.post(f"/settings/roles/{role.pk}/", {"name": "看客户", "description": "", "customers.view": "all", "needs.view": "all"})
    assert queries.reaches_of(role) == {"customers.view": "all", "needs.view": "all"}


def test_it_holds_at_once(manager, signed, people):
    client = signed("shen")
    assert client.get("/settings/templates/kinds/").status_code == 403
    role = Role.objects.get(code="clerk")
    manager.post(f"/settings/roles/{role.pk}/", {"name": role.name, "description": "", "templates.manage": "all"})
    assert client.get("/settings/templates/kinds/").status_code == 200
    manager.post(f"/settings/roles/{role.pk}/", {"name": role.name, "description": "", "people.manage": "all"})
    assert client.get("/settings/people/").status_code == 302, "whoever becomes an administrator comes in anew"


@pytest.mark.parametrize("wrong", [{"name": "系统管理员"}, {"name": ""}, {"customers.view": "everything"}])
def test_a_role_that_cannot_be(manager, wrong):
    answer = manager.post("/settings/roles/new/", {"name": "新", "description": ""} | wrong)
    assert answer.status_code == 422 and Role.objects.count() == 2


def test_rules_nobody_defined_are_refused(people):
    with pytest.raises(Invalid, match="fly"):
        actions.add_role(by=SYSTEM, name="x", granted={"people.fly": "all"})


def test_managing_within_ones_department_is_not_managing_people(people):
    """The rule knows no near and far: held with less than everything it opens no row."""
    by = Actor(kind="user", name="x", id=people.gu.pk, user_id=people.gu.pk, reaches={rules.MANAGE.name: Reach.OWN})
    with pytest.raises(NotAllowed):
        actions.reset_password(people.shen, by=by)


def test_passwords_leave_no_trace_in_pages(manager, people):
    answer = manager.post(f"/settings/people/{people.gu.pk}/password/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert Client().get(f"/settings/people/{people.gu.pk}/password/").status_code in (302, 405)
