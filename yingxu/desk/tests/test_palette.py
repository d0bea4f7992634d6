"""Search and commands: only what the actor may see and do (N17, A2, S4)."""

import pytest

from yingxu.base import clock
from yingxu.desk import queries
from yingxu.desk.pinyin import initials
from yingxu.matters.models import Matter
from yingxu.needs.models import SavedView
from yingxu.ui import places

from .test_home import a_need  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("words", "letters"),
    [("登记需求", "djxq"), ("我的设置", "wdsz"), ("客户", "kh"), ("人员名单", "rymd"), ("API 接口", "apijk"), ("啊座", "az"), ("𠮷，（）", ""), ("", "")],
)
def test_initials(words, letters):
    assert initials(words) == letters


def _names(by, text=""):
    return [c.name for c in queries.commands(by, text)]


def test_commands_are_found_by_name_and_by_initials(world):
    by = world.by("沈岚")
    assert "首页" in _names(by) and _names(by, "首页") == ["首页"] == _names(by, "sy")
    assert _names(by, "wdsz") == ["我的设置"]
    assert not _names(by, "没有这个")


def test_what_one_may_not_open_is_not_offered(world):
    assert "角色" not in _names(world.by("沈岚"), "角色")
    assert "角色" in _names(world.by("温如言"), "角色") and "角色" in _names(world.by("温如言"), "js")


def test_every_command_opens(world, signed_in):
    client = signed_in("管鹿鸣")
    commands = queries.commands(world.by("管鹿鸣"), many=99)
    assert len(commands) > 5
    for command in commands:
        assert client.get(command.href).status_code == 200, command


def test_needs_by_words_and_by_number(world, a_need):  # noqa: F811
    need = a_need("翡翠手镯今日绝当到期")
    a_need("金条分五批赎当")
    by = world.by("沈岚")
    serial = str(int(need.matter.number[-6:]))
    for text in ("手镯", "手镯 绝当", need.matter.number, f"{clock.today().year}-", serial.zfill(2)):
        assert need.matter.number in [n["number"] for n in queries.search(by, text).needs], text
    assert not queries.search(by, "没有这个").needs and queries.search(by, "手").needs == []
    Matter.objects.filter(pk=need.pk).update(secrecy=3)
    for text in ("手镯", need.matter.number, serial.zfill(2)):
        assert need.matter.number not in [n["number"] for n in queries.search(by, text).needs], text


def test_customers_and_views(world):
    world.customer("砚台巷珠宝商行")
    by = world.by("沈岚")
    assert [c.customer.name for c in queries.search(by, "砚台巷").customers] == ["砚台巷珠宝商行"]
    SavedView.objects.create(owner=world.user("沈岚"), name="续当与赎当", query="kind=pawn")
    SavedView.objects.create(owner=world.user("顾一鸣"), name="续当别人的", query="kind=pawn")
    assert [v.name for v in queries.search(by, "续当").views] == ["续当与赎当"]
    nobody = world.by("管鹿鸣")
    assert not queries.search(nobody, "砚台巷").customers or "customers.view" in nobody.reaches


def test_the_fragment_and_the_page(world, a_need, signed_in, django_assert_max_num_queries):  # noqa: F811
    a_need("翡翠手镯今日绝当到期")
    client = signed_in("沈岚")
    with django_assert_max_num_queries(16):
        fragment = client.get("/palette/?q=手镯", headers={"HX-Request": "true"}).content.decode()
    assert "<mark>手镯</mark>" in fragment and "<html" not in fragment and "data-item" in fragment
    page = client.get("/palette/?q=手镯").content.decode()
    assert "<mark>手镯</mark>" in page and page.count("<h1") == 1
    empty = client.get("/palette/?q=" + "没" * 500, headers={"HX-Request": "true"})
    assert empty.status_code == 200 and "没有找到" in empty.content.decode()
    hostile = client.get("/palette/", {"q": "<script>alert(1)</script>' OR 1=1 --\x00"})
    assert hostile.status_code == 200 and b"<script>alert" not in hostile.content


def test_strangers_are_sent_to_sign_in(client, db):
    assert client.get("/palette/?q=a").status_code == 302


def test_settings_are_listed_for_whom_they_open(world, signed_in):
    html = signed_in("管鹿鸣").get("/settings/").content.decode()
    for place, href in places.open_to(world.by("管鹿鸣"), places.SETTINGS):
        assert href in html and str(place.name) in html
    assert "/settings/roles/" not in signed_in("沈岚").get("/settings/").content.decode()
