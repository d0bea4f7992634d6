"""The frame: who sees which places, in which light, and how a refusal looks."""

import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.test import RequestFactory, override_settings
from django.urls import path

from yingxu.base import web
from yingxu.base.access import Actor, Reach, Rule
from yingxu.base.errors import Gone, Stale
from yingxu.ui import places
from yingxu.ui.frame import frame, link

RULE = Rule("ui.tested", "Tested")


@pytest.fixture
def rooms(monkeypatch):
    for name in ("RAIL", "SETTINGS", "SHORTCUTS", "START", "PERSONAL", "ACTS"):
        monkeypatch.setattr(places, name, {})
    monkeypatch.setattr(places, "BELL", {})
    monkeypatch.setattr(places, "BANNERS", [])
    places.place("目录", "list", "ui:catalogue", order=20, go="u", dot=lambda actor: True)
    places.place("人员", "users", "people:me", rule=RULE, order=10)
    places.place("没有", "x", "nowhere:index")
    places.setting("目录", "ui:catalogue", rule=RULE)
    places.start("登记需求", "ui:catalogue")


def asked(actor: Actor | None):
    request = RequestFactory().get("/ui/")
    request.actor = actor
    return frame(request)


def test_what_one_may_not_open_is_not_there(rooms):
    plain = asked(Actor(kind="user", name="沈岚", user_id=1))
    assert [(p["name"], p["dot"]) for p in plain.rail] == [("目录", True)]
    assert plain.settings == [] and plain.settings_href is None
    able = asked(Actor(kind="user", name="沈岚", user_id=1, reaches={RULE.name: Reach.ALL}))
    assert [p["name"] for p in able.rail] == ["人员", "目录"]
    assert [s["href"] for s in able.settings] == ["/ui/"]
    assert [s["go"] for s in able.shortcuts] == ["u"]
    assert able.start == {"name": "登记需求", "icon": "plus", "href": "/ui/"}


@pytest.mark.parametrize(
    "actor", [None, Actor(kind="customer", name="梁女士", matters=frozenset({1})), Actor(kind="token", name="t")]
)
def test_others_see_no_places(rooms, actor):
    made = asked(actor)
    assert made.rail == [] and made.start is None and made.bell is None


def test_what_burns_stands_on_every_page_of_those_who_may_see_it(rooms, staff, agent):
    """E1, ui.md §5: the room decides for whom; a drill is quieter than an emergency; nobody else is asked."""
    asked_for = []

    def burning(actor):
        asked_for.append(actor.user_id)
        if actor.user_id == agent.pk:
            yield places.Banner("应急进行中", "2 号库房 <恒温>", "/ui/", "进入应急")
            yield places.Banner("应急演练", "断电", "/ui/", "看演练", tone="drill")

    places.banner(burning)
    places.banner(burning)
    text = staff.get("/ui/lists/").content.decode()
    assert text.count('class="banner"') == text.count('class="banner drill"') == 1
    assert "2 号库房 &lt;恒温&gt;" in text and 'href="/ui/"' in text
    assert asked_for == [agent.pk]
    assert asked(Actor(kind="user", name="方屿", user_id=agent.pk + 1)).banners == []
    assert asked(Actor(kind="customer", name="梁女士", matters=frozenset({1}))).banners == [] == asked(None).banners
    assert len(asked_for) == 2


def test_a_banner_is_drawn_again_when_its_version_changes():
    said = places.Banner("应急进行中", "已 1 分钟", "/ui/", "进入应急", version="3")
    assert said.mark == places.Banner("应急进行中", "已 2 分钟", "/ui/", "进入应急", version="3").mark
    assert said.mark != places.Banner("应急进行中", "已 2 分钟", "/ui/", "进入应急", version="4").mark
    assert places.Banner("a", "b", "/ui/", "c").mark != places.Banner("a", "d", "/ui/", "c").mark


def test_a_page_this_installation_has_not():
    assert link("nowhere:index") is None and link("") is None
    assert link("ui:catalogue") == "/ui/"


@pytest.mark.parametrize(
    ("theme", "media"), [("follow", "(prefers-color-scheme: dark)"), ("dark", "all"), ("light", "not all")]
)
def test_theme_of_the_person(staff, agent, theme, media):
    agent.theme = theme
    agent.save(update_fields=["theme"])
    assert f'tokens-dark.css" media="{media}"' in staff.get("/ui/").content.decode()


def test_letter_keys_can_be_switched_off(staff, agent):
    assert 'data-letter-keys="on"' in staff.get("/ui/").content.decode()
    agent.letter_keys = False
    agent.save(update_fields=["letter_keys"])
    assert 'data-letter-keys="off"' in staff.get("/ui/").content.decode()


def test_what_does_not_exist_looks_like_our_own_page(staff):
    answer = staff.get("/ui/nothing-like-this/")
    text = answer.content.decode()
    assert answer.status_code == 404
    assert str(Gone().message) in text or "这里没有可以打开的内容" in text
    assert 'class="rail"' in text


def test_htmx_gets_the_sentence_alone(staff):
    answer = staff.get("/ui/nothing-like-this/", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert answer["HX-Retarget"] == "#said"
    assert "<html" not in answer.content.decode() and "这里没有可以打开的内容" in answer.content.decode()


def test_collected_files_are_whole_and_named_by_content(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": "yingxu.ui.storage.Compact"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    named = storages["staticfiles"].hashed_files
    for name in ("ui/app.css", "ui/tokens.css", "ui/app.js", "ui/icons.svg"):
        assert (tmp_path / named[name]).stat().st_size == (tmp_path / name).stat().st_size > 1000
    assert "/*" not in (tmp_path / named["ui/app.css"]).read_text()


@web.public
def stale(request):
    raise Stale("方屿刚改过这一栏", theirs={"责任部门": ("库房保管部", "典当业务部")})


@web.public
def broken(request):
    raise web.Busy("数据库暂时连不上")


@web.public
def crash(request):
    return web.page(request, "ui/500.html", status=500)


urlpatterns = [path("stale/", stale), path("p/stale/", stale), path("broken/", broken), path("crash/", crash)]


@override_settings(ROOT_URLCONF=__name__)
def test_refusals_of_every_kind(client):
    """ui.md §11: both values stand side by side, and the person chooses."""
    answer = client.get("/stale/")
    assert answer.status_code == 409
    for words in ("方屿刚改过这一栏", "库房保管部", "典当业务部", 'class="plain"'):
        assert words in answer.content.decode()
    assert 'class="portal"' in client.get("/p/stale/").content.decode()
    assert client.get("/broken/").status_code == 503
    assert "系统出错了" in client.get("/crash/").content.decode()
