"""Reserves from a list (E3): judged row by row before anything is done, twice the same list makes no doubles."""

import io
import re
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from yingxu.base.errors import Invalid
from yingxu.emergencies import actions, queries
from yingxu.emergencies.models import Resource
from yingxu.emergencies.states import Kind

pytestmark = pytest.mark.django_db
HEAD = ["类别", "名称", "单位", "数量", "存放地点", "保管人", "有效期", "备注"]
GOOD = [["设备", "移动空调", "台", 3, "城南仓", "许清和", date(2030, 5, 1), "随车带电缆"], ["物资", "干冰", "公斤", "1,200.5", "", "许清和", "2031/1/9", ""]]
BAD = [["房子", "帐篷", "顶", 2, "", "许清和", "", ""], ["物资", "", "箱", "很多", "", "无此人", "明年", ""]]


def sheet(*rows: list, kind: str = "xlsx") -> SimpleUploadedFile:
    if kind == "csv":
        text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
        return SimpleUploadedFile("储备.csv", text.encode("gb18030"))
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return SimpleUploadedFile("储备.xlsx", out.getvalue())


def look(client, *rows, kind: str = "xlsx") -> str:
    answer = client.post("/emergencies/reserves/import/", {"file": sheet(HEAD, *rows, kind=kind)})
    assert answer.status_code == 200
    return answer.content.decode()


def take(client, page: str):
    return client.post("/emergencies/reserves/import/", {"rows": re.search(r'name="rows" value="([^"]+)"', page)[1]})


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_list_is_looked_at_then_taken_in_once(fire, enter, kind):
    lead = enter("秦望舒")
    page = look(lead, *GOOD, kind=kind)
    assert not Resource.objects.exists(), "looking does nothing"
    assert take(lead, page).status_code == take(lead, page).status_code == 302
    aircon, ice = Resource.objects.select_related("matter__owner").order_by("matter__number")
    assert (aircon.kind, aircon.matter.title, aircon.unit, aircon.total, aircon.place, aircon.expires_on, aircon.notes) == (
        Kind.EQUIPMENT, "移动空调", "台", 3, "城南仓", date(2030, 5, 1), "随车带电缆",
    )  # fmt: skip
    assert (str(ice.total), ice.matter.owner.name, ice.expires_on) == ("1200.50", "许清和", date(2031, 1, 9))
    again = look(lead, *GOOD, ["设备", "移动空调", "台", 9, "城北仓", "许清和", "", ""])
    assert again.count("已在册") == 2, "another place is another reserve"
    take(lead, again)
    assert Resource.objects.count() == 3


def test_what_cannot_be_read_says_why_and_is_left_out(fire, enter):
    lead = enter("秦望舒")
    page = look(lead, *BAD, GOOD[0], GOOD[0])
    for words in ("请选储备种类", "无此人", "明年", "不入册"):
        assert words in page
    take(lead, page)
    assert [r.matter.title for r in Resource.objects.select_related("matter")] == ["移动空调"]


def test_refused(fire, enter):
    lead, path = enter("秦望舒"), "/emergencies/reserves/import/"
    assert "保管人" in lead.post(path, {"file": sheet(HEAD[:4], ["设备", "空调", "台", 1])}).content.decode()
    for sent in ({}, {"rows": "forged"}, {"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04 none")}, {"file": sheet(HEAD, *[GOOD[0]] * 501)}):
        assert lead.post(path, sent).status_code == 422
    assert enter("顾一鸣").get(path).status_code == 403
    with pytest.raises(Invalid):
        actions.bring_in(by=fire.by("秦望舒"), rows=[_row(fire), _row(fire, name="")])
    assert not Resource.objects.exists(), "all or nothing"


def _row(fire, **more):
    return {"kind": "equipment", "name": "空调", "unit": "台", "total": 1, "place": "", "keeper": fire.world.user("许清和")} | more


def test_looking_costs_the_same_for_many(fire, enter, django_assert_max_num_queries):
    lead = enter("秦望舒")
    look(lead, GOOD[0])
    with django_assert_max_num_queries(25):
        look(lead, *[["物资", f"干冰 {n}", "公斤", 1, "", "许清和", "", ""] for n in range(40)])
    assert len(queries.reserve_marks()) == 0
