"""The whole loop in a real browser: a customer on a phone, customer service and a department at their desks (N1 to N9, N2 by keyboard)."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.world import PASSWORD, words_leave
from yingxu.base import clock
from yingxu.needs.models import Link, Need
from yingxu.needs.states import State

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ANSWER = "维持 36 万，附复评说明。"


@pytest.fixture
def browser(chromium: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """`browser()`: a window of one's own; script errors fail the test."""
    contexts, errors = [], []

    def window(width: int = 1366, height: int = 768, **more: Any) -> Any:
        contexts.append(chromium.new_context(base_url=live_server.url, viewport={"width": width, "height": height}, locale="zh-CN", **more))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield window
    for context in contexts:
        context.close()
    assert not errors, errors


class Desk:
    """A person at their desk."""

    def __init__(self, page: Any, username: str) -> None:
        self.page = page
        page.goto("/sign-in/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        with page.expect_navigation():
            page.press("[name=password]", "Enter")

    def open(self, number: str) -> None:
        self.page.goto(f"/needs/{number}/")

    def ask(self, number: str, verb: str) -> Any:
        """The dialog of a verb, opened by its button."""
        self.open(number)
        self.page.locator(f'#case a.button[hx-get*="/{verb}/"]:visible').first.click()
        return self.page.locator("#ask dialog[open]")

    def send(self) -> None:
        """Ctrl+Enter, and the page that follows."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Control+Enter")

    def do(self, number: str, verb: str, **fields: str) -> None:
        """Open the dialog, fill it in, send it."""
        dialog = self.ask(number, verb)
        self.fill(dialog, **fields)
        self.send()

    def fill(self, dialog: Any, **fields: str) -> None:
        dialog.wait_for()
        for name, value in fields.items():
            dialog.locator(f"[name={name}]").first.fill(value)
            dialog.locator(f"[name={name}]").first.focus()


def need(number: str) -> Need:
    return Need.objects.select_related("matter__department", "matter__owner").get(matter__number=number)


def soon() -> str:
    return (clock.now() + timedelta(days=2)).astimezone(clock.zone()).strftime("%Y-%m-%dT%H:%M")


def one_round(shen: Desk, su: Desk, jiang: Desk, number: str) -> None:
    """From triage to the customer's confirmation."""
    dialog = shen.ask(number, "triage")
    dialog.wait_for()
    dialog.get_by_role("link", name="采用").click()
    shen.page.wait_for_selector("[name=department] option:checked:not([value=''])", state="attached")
    dialog.locator("[name=category][value=important]").check()
    dialog.locator("[name=owner]").fill("江听雨")
    dialog.locator("[name=reason]").focus()
    shen.send()
    assert need(number).state == State.ACCEPTANCE and need(number).matter.department.code == "pawn"

    jiang.open(number)
    with jiang.page.expect_navigation():
        jiang.page.locator("#case .primary").click()
    dialog = jiang.page.locator("dialog[open]")
    dialog.wait_for()
    assert need(number).state == State.HANDLING
    dialog.locator("[name=measures]").fill("换一位师傅复评")
    dialog.locator("[name=node_title]").first.fill("复评")
    dialog.locator("[name=node_due]").first.fill(soon())
    dialog.locator("[name=measures]").focus()
    jiang.send()
    dialog = jiang.ask(number, "progress")
    jiang.fill(dialog, text="已经约好周四上午复评")
    dialog.locator("[name=to_customer]").check()
    jiang.send()
    jiang.page.locator("#side button.tick").click()
    jiang.page.wait_for_selector("#side button.tick.yes")
    jiang.do(number, "submit", done="罗师傅复评", answer=ANSWER)
    assert need(number).state == State.REVIEW
    dialog = su.ask(number, "review")
    su.fill(dialog, answer=ANSWER)
    dialog.locator("[name=tell]").uncheck()
    su.send()
    assert need(number).state == State.FEEDBACK
    su.do(number, "feed_back", text="您好，复评结果：" + ANSWER)
    assert need(number).state == State.FEEDBACK and su.page.locator(".toast button:has-text('撤回')").is_visible()
    words_leave()
    assert need(number).state == State.CONFIRMATION


def test_the_loop(world: Any, browser: Callable[..., Any]):
    phone = browser(390, 844, is_mobile=True, has_touch=True)
    phone.goto("/p/")
    phone.get_by_role("link", name="提需求").first.click()
    phone.locator("[name=kind][value=pawn]").check(force=True)
    with phone.expect_navigation():
        phone.locator("button[name=act][value=kind]").click()
    phone.fill("[name=body]", "翡翠手镯想当 42 万，别家估过这个价，想请师傅再看一次。")
    phone.fill("[name=f-item]", "翡翠手镯")
    phone.fill("[name=f-amount]", "420000")
    phone.locator("[name=f-term]").first.check(force=True)
    phone.fill("[name=name]", "季棠")
    phone.fill("[name=phone]", "13900004244")
    phone.check("[name=agreed]", force=True)
    with phone.expect_navigation():
        phone.locator("form button.primary").last.click()
    number = re.search(r"\d{4}-\d{6}", phone.inner_text("main"))
    assert number, phone.inner_text("main")
    number = number[0]
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the phone"

    shen, su, jiang = (Desk(browser(), name) for name in ("shenlan", "sumuqing", "jiangtingyu"))
    one_round(shen, su, jiang, number)

    phone.goto(f"/p/needs/{number}/")
    assert "已经约好周四上午复评" in phone.inner_text("main") and "江听雨" not in phone.content()
    phone.locator("label.mood").nth(1).click()
    phone.fill("[name=why]", "还是同一位师傅看的")
    with phone.expect_navigation():
        phone.locator("button[name=ok][value=no]").click()
    assert (need(number).state, need(number).round) == (State.REOPENED, 2)

    one_round(shen, su, jiang, number)
    phone.goto(f"/p/needs/{number}/")
    phone.locator("label.mood").first.click()
    phone.locator("label[for$='-5']").click()
    with phone.expect_navigation():
        phone.locator("button[name=ok][value=yes]").click()
    assert (need(number).state, need(number).rating) == (State.VISIT, 5)

    dialog = shen.ask(number, "visit")
    dialog.wait_for()
    dialog.locator("[name=satisfied][value=yes]").check(force=True)
    shen.fill(dialog, notes="很满意", problem="还想问续当怎么办")
    shen.send()

    done = need(number)
    assert (done.state, done.round) == (State.CLOSED, 2) and done.rounds.get(number=2).reason == "还是同一位师傅看的"
    assert [plan.round for plan in done.plans.order_by("id")] == [1, 2] and done.results.count() == 2
    link = Link.objects.get(a=done)
    assert link.type == Link.Type.FOLLOW_UP and link.b.body == "还想问续当怎么办"
    met = set(done.matter.clocks.filter(outcome="met").values_list("step", "round"))
    for step in ("triage", "acceptance", "plan", "handling", "review", "feedback", "confirmation"):
        assert {(step, 1), (step, 2)} <= met, step
    shen.open(number)
    story = shen.page.inner_text("#story")
    for words in ("登记", "确认满意，5 星", "记录了回访，新问题登记为", "第 2 轮", "还是同一位师傅看的", "换一位师傅复评", ANSWER):
        assert words in story, words
    assert not re.search(r"\b(the|need|customer|round)\b", story), "a line in English"


def test_registering_by_keyboard_alone(world: Any, browser: Callable[..., Any]):
    """N2: N, the phone number, arrow and Enter for the customer, Alt and digits between the parts, Ctrl+Enter."""
    known = world.customer("季棠")
    page = Desk(browser(), "shenlan").page
    keys = page.keyboard
    page.goto("/needs/")
    with page.expect_navigation():
        keys.press("n")
    expect(page.locator("[name=phone]")).to_be_focused()
    with page.expect_response(lambda answer: "/intake/found/" in answer.url and answer.ok):
        keys.type("13900004244")
    page.wait_for_selector("#found [role=option]:not([aria-disabled])")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator("[name=customer]")).not_to_have_value("")
    keys.press("Alt+2")
    assert page.evaluate("document.activeElement.name") == "kind"
    with page.expect_response(lambda answer: "/intake/fields/" in answer.url and answer.ok):
        kinds = page.eval_on_selector_all("[name=kind]", "all => all.map(i => i.value)")
        keys.press(str(kinds.index("consultation") + 1))
    page.wait_for_selector("[name='f-scope']", state="attached")
    page.locator("[name='f-scope']").first.focus()
    keys.press("Space")
    keys.press("Alt+3")
    keys.type("想问一下赎当要带什么。")
    keys.press("Alt+4")
    assert page.evaluate("document.activeElement.name") == "category"
    keys.press("Space")
    with page.expect_navigation():
        keys.press("Control+Enter")
    made = Need.objects.select_related("matter").get()
    assert (made.customer, made.kind, made.body) == (known, "consultation", "想问一下赎当要带什么。")
    assert made.category and made.fields["scope"] and made.registered_by == world.user("沈岚")
    assert made.matter.number in page.inner_text("main") and page.evaluate("document.activeElement.name") == "phone"
