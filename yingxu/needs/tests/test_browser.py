"""The queue and a need by keyboard, in a real browser: select, preview, one form after the other, write, find the draft again."""

import pytest

from tests.world import PASSWORD, company
from yingxu.needs import actions
from yingxu.needs.models import Need
from yingxu.needs.states import State
from yingxu.needs.tests.conftest import Story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(page, transactional_db):
    """The page of 沈岚, signed in today; (page, needs made so far)."""
    story = Story(company())
    needs = [story.register(f"第 {number} 件：翡翠手镯复评") for number in range(3)]
    page.goto("/sign-in/")
    page.fill("input[name=username]", "shenlan")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/")
    return page, story, needs


def test_the_queue_by_keyboard(desk):
    """ui.md §10: J K X Space F; the bar for what is selected; a press on a row shows it beside the list."""
    page, _story, needs = desk
    page.goto("/needs/?queue=all&sort=opened")
    page.wait_for_selector("#preview h2")
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    assert page.locator("tr[aria-selected=true]").count() == 2 and page.locator("#bulk").is_visible()
    assert "2" in page.locator("#bulk b").inner_text()
    page.keyboard.press("Space")
    page.wait_for_selector(f"#preview .number:text-is('{needs[2].number}')")
    page.click(f"tr[data-row='{needs[0].number}'] td.where")
    page.wait_for_selector(f"#preview .number:text-is('{needs[0].number}')")
    page.click("#preview [data-shut]")
    assert not page.locator("#preview h2").count()
    page.keyboard.press("f")
    page.wait_for_selector("#filter-form [name=category]", state="attached")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("复评")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    assert page.locator("tr[data-row]").count() == 3


def test_a_need_by_keyboard(desk):
    """A opens the assessment over the page, Ctrl Enter sends it; what somebody else did meanwhile is told and nothing typed is lost."""
    page, story, needs = desk
    need = needs[0]
    page.goto(f"/needs/{need.number}/")
    page.keyboard.press("a")
    page.wait_for_selector("dialog[open] [name=category]", state="attached")
    page.fill("dialog [name=reason]", "客户很急")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog[open] [data-errors]")
    assert page.input_value("dialog [name=reason]") == "客户很急"
    actions.answer_now(need, by=story.by("苏慕青"), answer="已电话答复")
    page.check("dialog [value=urgent]")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog[open] .notice.bad:not([data-errors])")
    assert page.input_value("dialog [name=reason]") == "客户很急" and Need.objects.get(pk=need.pk).state == State.CLOSED
    page.keyboard.press("Escape")
    page.goto(f"/needs/{needs[1].number}/")
    page.keyboard.press("a")
    page.check("dialog [value=important]")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".toast")
    page.wait_for_selector("header.case .chip.important")


def test_the_composer(desk):
    """@ calls a colleague, :: ready-made words; a draft comes back; Ctrl Enter sends without leaving the page."""
    page, story, needs = desk
    page.goto(f"/needs/{needs[0].number}/")
    page.click(".composer label:has([value=internal])")
    page.click(".composer textarea")
    page.keyboard.type("请看 @苏")
    page.wait_for_selector("#mentions [role=option]")
    page.keyboard.press("Enter")
    assert page.input_value(".composer textarea") == "请看 @苏慕青 "
    page.wait_for_selector("[data-saved]:has-text('草稿')", timeout=9_000)
    page.reload()
    assert page.input_value(".composer textarea") == "请看 @苏慕青 " and page.locator(".composer [value=internal]").is_checked()
    page.click(".composer textarea")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".timeline .internal")
    assert page.input_value(".composer textarea") == "" and needs[0].matter.watchers.get().user_id == story.by("苏慕青").user_id
    page.click(".composer textarea")
    page.keyboard.type("::")
    page.wait_for_selector("details[data-quick][open]")
    page.locator("details[data-quick] button").first.click()
    assert len(page.input_value(".composer textarea")) > 5


def test_straight_to_management_with_one_key(desk):
    """N13: U on the need and in the preview opens the question; what was asked stands on the need."""
    page, _story, needs = desk
    page.goto("/needs/?queue=all&sort=opened")
    page.wait_for_selector("#preview h2")
    page.keyboard.press("u")
    page.wait_for_selector("dialog[open] [name=question]")
    page.keyboard.press("Escape")
    page.goto(f"/needs/{needs[0].number}/")
    page.keyboard.press("u")
    page.wait_for_selector("dialog[open] [name=question]")
    page.fill("dialog [name=question]", "能不能按 42 万放款？")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#management")
    assert "能不能按 42 万放款？" in page.locator("#management").inner_text()
