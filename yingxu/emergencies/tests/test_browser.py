"""The page of an emergency in a real browser: two people write at once, nobody reloads, nothing typed is lost (E2)."""

import re

import pytest

from tests.world import PASSWORD, company
from yingxu.emergencies import actions
from yingxu.emergencies.states import State

from .conftest import Fire

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def fire(transactional_db):
    return Fire(company())


def enter(page, who):
    page.goto("/sign-in/")
    page.fill("input[name=username]", who)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/")


def test_two_people_write_and_nothing_typed_is_lost(page, fire):
    found = fire.at(State.RUNNING)
    enter(page, "qinwangshu")
    page.goto(f"/emergencies/{found.number}/")
    page.fill("#quick [name=text]", "写到一半")
    actions.write(found, by=fire.by("沈岚"), text="移动空调到库")
    page.wait_for_selector("#log >> text=移动空调到库")
    assert page.input_value("#quick [name=text]") == "写到一半", "the page renewed itself around it"
    page.press("#quick [name=text]", "Enter")
    page.wait_for_selector("#log >> text=写到一半")
    assert page.input_value("#quick [name=text]") == ""
    first = page.locator("#log > li").first.inner_text()
    assert "写到一半" in first, "the newest on top"
    assert page.locator("#log >> text=移动空调到库").count() == 1
    assert re.fullmatch(r"\d\d:\d\d", page.inner_text(".countdown"))


def test_who_writes_on_the_log_is_seen_typing(page, fire, chromium, live_server):
    found = fire.at(State.RUNNING)
    enter(page, "qinwangshu")
    page.goto(f"/emergencies/{found.number}/")
    context = chromium.new_context(base_url=live_server.url, locale="zh-CN")
    other = context.new_page()
    enter(other, "shenlan")
    other.goto(f"/emergencies/{found.number}/")
    page.wait_for_selector("#here >> text=沈岚 正在看", timeout=25_000)
    other.fill("#quick [name=text]", "移动空调")
    page.wait_for_selector("#here >> text=沈岚 正在输入", timeout=25_000)
    context.close()


def test_telling_from_the_dialog_begins_the_countdown_again(page, fire):
    found = fire.at(State.RUNNING)
    actions.set_cadence(found, by=fire.by("秦望舒"), minutes=5)
    enter(page, "shenlan")
    page.goto(f"/emergencies/{found.number}/")
    page.keyboard.press("t")
    page.wait_for_selector("dialog[open] [name=text]")
    page.fill("dialog [name=text]", "正在处理，当物安全。")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#log >> text=正在处理，当物安全。")
    assert page.locator("#affected summary").inner_text().count("告知 1 次") == 1
