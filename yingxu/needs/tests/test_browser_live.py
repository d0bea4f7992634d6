"""Two people at one need, in real browsers (issue 3 §10): who is here and who types; what others state comes without a reload while
what one writes, and where one is, stay."""

import pytest
from playwright.sync_api import expect

from tests.world import PASSWORD, company
from yingxu.needs import actions
from yingxu.needs.states import State
from yingxu.needs.tests.conftest import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def enter(context, base_url: str, username: str):
    """A browser of somebody's own."""
    page = context.new_page()
    page.goto(f"{base_url}/sign-in/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{base_url}/")
    return page


@pytest.fixture
def two(chromium, live_server, transactional_db):
    """沈岚 and 苏慕青, each in a browser of her own, and a story."""
    story = Story(company())
    contexts = [chromium.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN") for _i in range(2)]
    yield story, *(enter(context, live_server.url, name) for context, name in zip(contexts, ("shenlan", "sumuqing"), strict=True)), live_server.url
    for context in contexts:
        context.close()


def test_two_at_one_need(two):
    story, shen, su, base = two
    need = story.at(State.HANDLING)
    here = f"{base}/needs/{need.number}/"
    shen.goto(here)
    su.goto(here)
    su.wait_for_selector("#here >> text=沈岚 正在看", timeout=45_000)
    shen.wait_for_selector("#here >> text=苏慕青 正在看", timeout=45_000)
    shen.locator("form.composer textarea").press_sequentially("正在写的话", delay=1_000)  # a person, who is seen to type
    su.wait_for_selector("#here >> text=沈岚 正在输入", timeout=45_000)

    # 沈岚 reads further up: nothing moves, the news wait; what she writes and its focus stay
    shen.evaluate("const s = document.querySelector('#story .scroll'); s.style.height = '120px'; s.style.flex = 'none'; s.scrollTop = -400;")
    shen.focus("form.composer textarea")
    actions.note(need, by=story.by("苏慕青"), text="封签完好")
    shen.wait_for_selector("#news >> text=有 1 条新动态", timeout=45_000)
    assert not shen.locator("text=封签完好").count()
    assert shen.evaluate("document.activeElement.name") == "text"
    shen.click("#news .newer")
    shen.wait_for_selector("#story >> text=封签完好")
    assert shen.input_value("form.composer textarea") == "正在写的话"
    assert not shen.locator("#news .newer").count()

    # 苏慕青 is at the end of the story: it comes by itself, and her place stays
    su.focus("form.composer textarea")
    actions.note(need, by=story.by("沈岚"), text="客户明天来")
    su.wait_for_selector("#story >> text=客户明天来", timeout=45_000)
    assert su.evaluate("document.activeElement.name") == "text"

    # what is in use beside the story is not replaced under the hand
    shen.evaluate("document.querySelector('#case details.menu').open = true")
    actions.progress(need, by=story.by("顾一鸣"), text="已约第二鉴定师")
    shen.wait_for_selector("#story >> text=已约第二鉴定师", timeout=45_000)
    assert shen.evaluate("document.querySelector('#case details.menu').open")


def test_a_list_says_what_came_in_and_stays_still(two):
    story, shen, _su, base = two
    story.register("第一件")
    shen.goto(f"{base}/needs/?queue=all")
    shen.wait_for_selector("tr[data-row]")
    before = shen.locator("tr[data-row]").first.bounding_box()
    story.register("第二件")
    shen.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    shen.wait_for_selector("#newer >> text=有 1 条新需求，点此显示", timeout=45_000)
    assert shen.locator("tr[data-row]").count() == 1
    assert shen.locator("tr[data-row]").first.bounding_box() == before, "the rows stand where they stood"
    shen.click("#newer a")
    expect(shen.locator("tr[data-row]")).to_have_count(2)


def test_it_rests_while_nobody_looks_and_says_when_it_is_cut_off(two):
    story, shen, _su, base = two
    need = story.at(State.HANDLING)
    asked: list[str] = []
    shen.on("request", lambda r: asked.append(r.url) if r.url.endswith("/pulse/") else None)
    shen.goto(f"{base}/needs/{need.number}/")
    shen.wait_for_timeout(500)
    assert len(asked) == 1
    shen.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))")
    shen.wait_for_timeout(2_500)
    assert len(asked) == 1, "nobody looks"
    shen.context.set_offline(True)
    for _i in range(3):
        shen.evaluate("Object.defineProperty(document, 'hidden', { value: false, configurable: true }); document.dispatchEvent(new Event('visibilitychange'))")
        shen.wait_for_timeout(2_200)
    shen.wait_for_selector("#heart >> text=连接断了")
    shen.context.set_offline(False)
    shen.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    shen.wait_for_selector("#heart", state="hidden")
