"""Lists of departments and staff: looked at first, applied row by row, undone; nobody leaves who was not chosen (U5)."""

import io
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from yingxu.base.access import SYSTEM
from yingxu.base.errors import WrongMoment
from yingxu.people import actions, queries
from yingxu.people.directory import actions as directory
from yingxu.people.directory.planning import plan
from yingxu.people.models import Department, DirectoryImport, DirectoryRow, Role, User

from .conftest import user

pytestmark = pytest.mark.django_db
HOME = "/settings/people/import/"
DEPARTMENTS = "部门编码,部门名称,上级部门,部门负责人,客户服务\nvault-2,二号库房,vault,,\nvault,库房管理部,总经理室,gu,否\nservice,客户服务中心,office,shen,是\n"
STAFF = [
    ["登录名", "姓名", "部门", "角色", "邮箱", "手机", "在职"],
    ["gu", "顾一鸣", "典当业务部", "客服", "gu@example.com", "138 0000 4455", "是"],
    ["bai.su", "白苏", "service", "客服", "", "13900004455", ""],
    ["song-wz", "宋晚舟", "service", "", "", "", "在职"],
    ["fang", "方屿", "总经理室", "系统管理员", "", "", "是"],
]


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    settings.FILES_DIR = tmp_path / "files"


def xlsx(rows: list[list[Any]]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


@pytest.fixture
def by(people: SimpleNamespace) -> Any:
    return queries.actor(people.fang)


def received(by: Any, data: bytes, name: str = "list.xlsx", shape: str = "") -> DirectoryImport:
    return directory.receive(SimpleUploadedFile(name, data), by=by, shape=shape)


def planned(run: DirectoryImport) -> dict[str, list[str]]:
    """What each line would do, by what becomes of it."""
    found: dict[str, list[str]] = {}
    for step in plan(run, directory.read(run)).steps:
        found.setdefault(step.act, []).append(step.title)
    return found


def applied(by: Any, data: bytes, **more: Any) -> DirectoryImport:
    return directory.apply(received(by, data), by=by, **more)


# ── departments ──


def test_departments_in_any_order_and_encoding(by: Any, people: SimpleNamespace) -> None:
    run = received(by, DEPARTMENTS.encode("gbk"), "部门.csv")
    assert run.shape == "departments" and planned(run) == {"add": ["二号库房", "库房管理部"], "change": ["客户服务中心"]}
    directory.apply(run, by=by)
    vault = Department.objects.get(code="vault")
    assert (vault.parent, vault.head, Department.objects.get(code="vault-2").parent) == (people.office, people.gu, vault)
    people.service.refresh_from_db()
    assert (people.service.name, people.service.head, people.service.service) == ("客户服务中心", people.shen, True)
    assert planned(received(by, DEPARTMENTS.encode("utf-8-sig"), "部门.csv")) == {"same": ["二号库房", "库房管理部", "客户服务中心"]}, "twice changes nothing"


def test_departments_that_cannot_be(by: Any) -> None:
    rows = "code,name,parent,head,service\na,甲,b,,\nb,乙,a,,\nc,丙,nowhere,,\nd d,丁,,,\ne,,,,\nf,己,,nobody,\ng,庚,,,maybe\nf,己,,,\npawn,典当,,,yes\nh,辛,,,yes\n"
    run = received(by, rows.encode(), "d.csv")
    assert planned(run) == {"refuse": ["甲", "乙", "丙", "丁", "", "庚", "己", "辛"], "add": ["己"], "change": ["典当"]}
    directory.apply(run, by=by)
    assert set(Department.objects.values_list("code", flat=True)) == {"office", "service", "pawn", "f"}
    assert "nobody" in DirectoryRow.objects.get(department__code="f").message, "the head comes later, with the staff"
    assert run.rows.filter(outcome="refused").count() == 8


# ── staff ──


def test_staff(by: Any, people: SimpleNamespace) -> None:
    run = received(by, xlsx(STAFF))
    found = plan(run, directory.read(run))
    assert run.shape == "staff" and planned(run) == {"change": ["顾一鸣"], "add": ["白苏", "宋晚舟"], "same": ["方屿"]}
    assert [missing.username for missing in found.missing] == ["shen"]
    directory.apply(run, by=by)
    gu = User.objects.get(username="gu")
    assert (gu.email, gu.mobile, gu.department) == ("gu@example.com", "13800004455", people.pawn)
    assert [grant.role.code for grant in queries.grants_of(gu)] == ["clerk"]
    assert "13900004455" not in str(list(User.objects.values_list("sealed_mobile", flat=True))), "numbers are sealed"
    assert user("shen").is_active, "who is missing is only proposed"
    again = received(by, xlsx(STAFF))
    assert planned(again) == {"same": ["顾一鸣", "白苏", "宋晚舟", "方屿"]}, "twice changes nothing"
    directory.apply(again, by=by)
    assert not again.rows.exists() and User.objects.count() == 5


def test_first_passwords_are_taken_once(by: Any, people: SimpleNamespace) -> None:
    run = applied(by, xlsx(STAFF))
    run.refresh_from_db()
    assert "bai.su" not in run.secrets
    rows = directory.take_passwords(run, by=by)
    assert [row[:2] for row in rows] == [["bai.su", "白苏"], ["song-wz", "宋晚舟"]]
    made = user("bai.su")
    assert made.check_password(rows[0][2]) and made.password_due
    run.refresh_from_db()
    with pytest.raises(WrongMoment):
        directory.take_passwords(run, by=by)
    assert applied(by, xlsx([STAFF[0], ["li", "黎", "", "", "", "", ""]]), keep_passwords=False).secrets == ""


def test_rows_that_cannot_be(by: Any, people: SimpleNamespace) -> None:
    rows = [
        STAFF[0], ["", "无名", "", "", "", "", ""], ["a b", "空格", "", "", "", "", ""], ["nodep", "无部门", "月球部", "", "", "", ""], ["norole", "无角色", "", "船长", "", "", ""],
        ["nomail", "无邮箱", "", "", "x@", "", ""], ["nophone", "无手机", "", "", "", "12345", ""], ["noyes", "无状态", "", "", "", "", "也许"],
        ["boss", "要管人", "", "系统管理员", "", "", ""], ["twin", "双", "", "", "", "", ""], ["TWIN", "双", "", "", "", "", ""], [123456789012345678, "长号", "", "", "", "", ""],
        ["gone", "已离职", "", "", "", "", "离职"],
    ]  # fmt: skip
    run = received(by, xlsx(rows))
    assert planned(run) == {"refuse": ["无名", "空格", "无部门", "无角色", "无邮箱", "无手机", "无状态", "要管人", "双", "长号"], "add": ["双"], "same": ["已离职"]}
    assert plan(run, directory.read(run)).missing == [], "with a name that cannot be read nobody counts as missing"
    directory.apply(run, by=by)
    assert User.objects.count() == 4 and not queries.open_grants().filter(user__username="boss").exists()
    assert "本人页面" in DirectoryRow.objects.get(title="要管人").message


def test_who_leaves_is_chosen_and_never_the_last_manager(by: Any, people: SimpleNamespace) -> None:
    rows = [STAFF[0][:2], ["bai", "白苏"]]
    run = applied(by, xlsx(rows), leaving=[people.shen.pk, people.fang.pk])
    assert not user("shen").is_active and user("fang").is_active and user("gu").is_active
    assert {row.title: row.outcome for row in run.rows.all()} == {"白苏": "added", "沈岚": "left", "方屿": "refused"}
    rows = [["登录名", "姓名", "在职"], ["fang", "方屿", "否"]]
    run = applied(queries.actor(_second_manager(people)), xlsx(rows))
    assert user("fang").is_active and run.rows.get().outcome == "refused", "two are needed, so that one agrees to what the other proposes"
    actions.grant(user("bai"), Role.objects.get(code="manager"), by=SYSTEM)
    applied(queries.actor(user("gu")), xlsx(rows))
    assert not user("fang").is_active, "there are two others now"
    assert applied(_somebody_else(people), xlsx([["登录名", "姓名", "在职"], ["gu", "顾一鸣", "否"]])).rows.get().outcome == "refused", "the last one stays"


def _second_manager(people: SimpleNamespace) -> User:
    actions.grant(people.gu, Role.objects.get(code="manager"), by=SYSTEM)
    return User.objects.get(pk=people.gu.pk)


def _somebody_else(people: SimpleNamespace) -> Any:
    """Somebody else than gu who could, were it not for the rule."""
    from dataclasses import replace

    return replace(queries.actor(people.gu), user_id=people.fang.pk, id=people.fang.pk)


def test_a_list_never_takes_roles_away_nor_clearance(by: Any, people: SimpleNamespace) -> None:
    User.objects.filter(pk=people.shen.pk).update(clearance=2)
    applied(by, xlsx([["登录名", "姓名", "角色"], ["shen", "沈岚岚", ""]]))
    shen = user("shen")
    assert (shen.name, shen.clearance, shen.department) == ("沈岚岚", 2, people.service), "columns that are not there change nothing"
    assert [grant.ends_at for grant in queries.grants_of(shen)] == [None]


def test_undone(by: Any, people: SimpleNamespace) -> None:
    run = applied(by, xlsx(STAFF), leaving=[people.shen.pk])
    actions.edit_user(user("song-wz"), by=SYSTEM, username="song-wz", name="宋晚", department=None, email="", clearance=0)
    assert directory.undo(run, by=by) == (3, 1), "what was changed since is kept"
    gu = user("gu")
    assert (gu.email, gu.mobile, user("shen").is_active, user("bai.su").is_active, user("song-wz").is_active) == ("", "", True, False, True)
    assert not queries.open_grants().filter(user=gu).exists()
    with pytest.raises(WrongMoment):
        directory.undo(run, by=by)
    run = applied(by, DEPARTMENTS.encode(), leaving=())
    assert directory.undo(run, by=by) == (3, 0)
    people.service.refresh_from_db()
    assert people.service.name == "客户服务部" and not Department.objects.get(code="vault").active


# ── on screen ──


def upload(client: Any, data: bytes, name: str = "list.xlsx", **more: Any) -> Any:
    return client.post(HOME, {"file": SimpleUploadedFile(name, data), **more})


def test_the_whole_way_on_screen(manager: Any, people: SimpleNamespace) -> None:
    assert "还没有名单" in manager.get(HOME).content.decode()
    answer = upload(manager, xlsx(STAFF))
    path = answer["Location"]
    run = DirectoryImport.objects.get()
    text = manager.get(path).content.decode()
    assert "<h1" in text and len(run.header) == 7 and "13800004455" in text and "白苏" in text and "沈岚" in text
    mapping = {f"c-{i}": run.mapping.get(name, "") for i, name in enumerate(run.header)}
    assert manager.post(path, {**mapping, "c-1": "", "act": "preview"}).status_code == 422
    assert manager.post(path, {**mapping, "act": "apply", "leaving": [str(people.shen.pk), "x", "9" * 30], "passwords": "list"})["Location"] == path
    text = manager.get(path).content.decode()
    assert "下载初始密码" in text and not user("shen").is_active
    book = load_workbook(io.BytesIO(b"".join(manager.post(path + "passwords/").streaming_content)))
    assert user("bai.su").check_password(book.active["C2"].value.removeprefix("'"))
    assert manager.post(path + "passwords/").status_code == 409
    assert manager.post(path, {**mapping, "act": "apply"}).status_code == 422
    assert "白苏" not in manager.get(path + "?outcome=changed").content.decode()
    assert manager.post(path + "undo/").status_code == 302 and user("shen").is_active
    assert manager.get(path + "refused/").status_code == 200
    assert load_workbook(io.BytesIO(b"".join(manager.get(HOME + "staff.xlsx").streaming_content))).active["A1"].value == "登录名"


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"\xd0\xcf\x11\xe0old", b"PK\x03\x04broken", b"\x1f\x8bbroken", b"\xff\xfe\x00", b"\x81\x00\xfe\x00", b"a,b\n" + b"1,2\n" * 5_001]
)
def test_bad_files(data: bytes, manager: Any) -> None:
    answer = upload(manager, data, "list.csv")
    assert answer.status_code == 422 and not DirectoryImport.objects.exists()
    assert manager.post(HOME).status_code == 422


def test_a_list_without_the_right_columns_asks_for_them(manager: Any) -> None:
    path = upload(manager, "甲,乙\n1,2\n".encode(), "x.csv", shape="staff")["Location"]
    assert "登录名" in manager.get(path).content.decode()
    assert manager.post(path, {"c-0": "username", "c-1": "username", "act": "apply"}).status_code == 422
    assert manager.post(path, {"c-0": "username", "c-1": "name", "act": "preview"}).status_code == 200


def test_only_who_may(signed: Any, people: SimpleNamespace, by: Any) -> None:
    run = received(by, xlsx(STAFF))
    clerk = signed("shen")
    for path in (HOME, f"{HOME}{run.pk}/", f"{HOME}{run.pk}/refused/", f"{HOME}staff.xlsx"):
        assert clerk.get(path).status_code == 403
    for path in (HOME, f"{HOME}{run.pk}/", f"{HOME}{run.pk}/passwords/", f"{HOME}{run.pk}/undo/"):
        assert clerk.post(path).status_code == 403
    assert signed("fang").get(f"{HOME}999999/").status_code == 404


def test_old_lists_are_forgotten(by: Any, settings: Any) -> None:
    from datetime import timedelta

    from yingxu.base import clock

    run, other = applied(by, xlsx(STAFF)), received(by, xlsx(STAFF))
    with clock.at(clock.now() + timedelta(days=31)):
        directory.forget_lists()
    run.refresh_from_db()
    assert run.secrets == "" and not directory.place(other).exists() and not DirectoryImport.objects.filter(pk=other.pk).exists()


def test_a_preview_takes_few_queries(manager: Any, django_assert_max_num_queries: Any) -> None:
    rows = [STAFF[0], *[[f"u{n}", f"同事{n}", "service", "客服", "", "", ""] for n in range(150)]]
    path = upload(manager, xlsx(rows))["Location"]
    with django_assert_max_num_queries(20):
        manager.get(path)
