"""The script makes it quicker, by keyboard, and never twice (U4, W1)."""

from pathlib import Path

import pytest

from yingxu.ui.storage import compact

STATIC = Path(__file__).resolve().parent.parent / "static" / "ui"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def selected(desk) -> list[str]:
    return desk.eval_on_selector_all("tr[aria-selected=true]", "rows => rows.map(r => r.dataset.row)")


def test_walking_and_selecting_by_keys(desk):
    desk.evaluate("document.querySelectorAll('tr').forEach(r => r.classList.remove('open'))")
    desk.keyboard.press("j")
    assert desk.eval_on_selector("tr.open", "r => r.dataset.row") == "2026-000338"
    assert desk.evaluate("document.activeElement.closest('tr').dataset.row") == "2026-000338"
    desk.keyboard.press("j")
    desk.keyboard.press("k")
    desk.keyboard.press("x")
    assert selected(desk) == ["2026-000338", "2026-000332"]
    for key in ("j", "j", "j", "Shift+X"):
        desk.keyboard.press(key)
    assert selected(desk) == ["2026-000338", "2026-000332", "2026-000333", "2026-000335"]
    desk.click("[data-clear]")
    assert selected(desk) == []
    desk.check("[data-all]")
    assert len(selected(desk)) == 4


def test_keys_are_not_pressed_while_typing_or_composing(desk):
    desk.goto("/ui/forms/")
    desk.focus("[name=contact]")
    desk.keyboard.press("?")
    assert not desk.is_visible("#keys")
    desk.evaluate("document.activeElement.blur()")
    desk.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: '?', isComposing: true, bubbles: true}))")
    assert not desk.is_visible("#keys")
    desk.keyboard.press("?")
    assert desk.is_visible("#keys")
    desk.keyboard.press("Escape")
    assert not desk.is_visible("#keys")


def test_letter_keys_switched_off(desk, agent):
    agent.letter_keys = False
    agent.save(update_fields=["letter_keys"])
    desk.reload()
    desk.keyboard.press("?")
    assert not desk.is_visible("#keys")


def test_jumping_and_choosing_by_number(desk):
    desk.goto("/ui/forms/")
    desk.keyboard.press("Alt+2")
    assert desk.evaluate("document.activeElement.name") == "contact"
    desk.keyboard.press("Alt+3")
    desk.keyboard.press("4")
    assert desk.input_value("[name=kind]:checked") == "ask"


def test_a_code_is_typed_and_pasted_across_its_boxes(desk):
    desk.goto("/ui/forms/")
    boxes = desk.locator("[data-code] input")
    boxes.nth(0).focus()
    for letter in "WX":
        desk.keyboard.press("Delete")
        desk.keyboard.type(letter)
    assert desk.evaluate("[...document.querySelectorAll('[data-code] input')].indexOf(document.activeElement)") == 2
    desk.evaluate(
        "(text) => { const data = new DataTransfer(); data.setData('text', text);"
        "document.querySelector('[data-code] input').dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})) }",
        "ABCD-2345",
    )
    assert [boxes.nth(i).input_value() for i in range(8)] == list("ABCD2345")


def test_a_found_customer_is_taken_with_arrow_and_enter(desk):
    desk.goto("/ui/forms/")
    desk.evaluate(
        """() => { const list = document.querySelector('#id_caller-found');
        document.querySelector('ul.found:not([id])').querySelectorAll('li').forEach(li => list.append(li));
        const form = document.createElement('form'); form.innerHTML = '<input name="customer">';
        const field = document.querySelector('[name=caller]').closest('.field'); field.before(form); form.append(field); }"""
    )
    desk.focus("[name=caller]")
    desk.keyboard.press("ArrowDown")
    assert desk.get_attribute("[name=caller]", "aria-activedescendant") == "found-2"
    desk.keyboard.press("Enter")
    assert desk.input_value("form [name=customer] >> nth=0") == "温知夏"
    assert desk.locator("#id_caller-found li").count() == 0


def test_result_of_an_act_is_said_and_survives_a_redirect(desk):
    desk.evaluate(
        "document.body.dispatchEvent(new CustomEvent('toast', {detail: {text: '已分派 3 件', undo: '/undo/'}, bubbles: true}))"
    )
    assert desk.inner_text("#toasts .grow") == "已分派 3 件"
    assert desk.get_attribute("#toasts button", "formaction") == "/undo/"
    desk.reload()
    assert desk.inner_text("#toasts .grow") == "已分派 3 件"
    desk.evaluate(
        "document.body.dispatchEvent(new CustomEvent('toast', {detail: {text: '已存', left: 1}, bubbles: true}))"
    )
    desk.locator("#toasts .grow >> text=已存").wait_for(state="detached")
    desk.reload()
    assert desk.locator("#toasts .toast").count() == 0


def test_a_form_is_sent_once(desk):
    desk.goto("/ui/talking/")
    desk.evaluate(
        "document.addEventListener('submit', e => { if (!e.defaultPrevented) { window.sent = (window.sent ?? 0) + 1; e.preventDefault(); } })"
    )
    desk.fill(".composer textarea >> nth=0", "检测费由我司承担。")
    for _n in range(3):
        desk.keyboard.press("Control+Enter")
    assert desk.evaluate("window.sent") == 1


def test_a_shown_number_covers_itself_again(desk):
    desk.goto("/ui/basics/")
    assert "6222" in desk.inner_text("[data-cover]")
    desk.evaluate("document.querySelector('[data-cover]').dataset.seconds = 2")
    desk.locator("[data-cover]").wait_for(state="detached", timeout=5000)
    assert "6222" not in desk.inner_text("main")


def test_a_refused_form_gets_the_focus(desk):
    desk.goto("/ui/forms/")
    assert desk.evaluate("'errors' in document.activeElement.dataset")


def test_colours_of_the_person(desk, agent):
    def ground() -> str:
        return desk.evaluate("['body', 'main'].map(e => getComputedStyle(document.querySelector(e)).color).join()")

    light = ground()
    agent.theme = "dark"
    agent.save(update_fields=["theme"])
    desk.reload()
    assert ground() != light


@pytest.mark.parametrize("width", [320, 390, 1100, 1366])
def test_no_page_scrolls_sideways(desk, width):
    desk.set_viewport_size({"width": width, "height": 800})
    for part in ("basics", "forms", "lists", "talking", "figures"):
        desk.goto(f"/ui/{part}/")
        assert desk.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["tokens.css", "tokens-dark.css", "app.css"])
def test_compact_styles_mean_the_same(chromium, name):
    """What is sent in fewer bytes gives the browser the very same rules."""
    text = (STATIC / name).read_text()
    page = chromium.new_page()
    rules = "(css) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); return [...sheet.cssRules].map(rule => rule.cssText.replace(/\\s*,\\s*/g, ',').replace(/\\s+/g, ' ')); }"
    assert page.evaluate(rules, compact(text)) == page.evaluate(rules, text)
    page.close()


def test_what_was_typed_is_kept_every_five_seconds(desk):
    """ui.md §11: nothing typed is ever lost, and it says when it was kept."""
    kept: list[str] = []

    def answer(route):
        kept.append(route.request.post_data or "")
        route.fulfill(status=204)

    desk.route("**/draft/", answer)
    desk.goto("/ui/talking/")
    form = desk.locator("form.composer").nth(1)
    form.evaluate("form => form.dataset.draftUrl = '/draft/'")
    form.locator("textarea").fill("明早十点双人出库")
    form.locator("[data-saved]", has_text="草稿已存").wait_for(timeout=9000)
    assert len(kept) == 1 and "明早十点双人出库" in kept[0] and "csrfmiddlewaretoken" in kept[0]


def test_leaving_with_unsaved_words_asks_first(desk):
    desk.route("**/draft/", lambda route: route.abort())
    desk.goto("/ui/talking/")
    desk.locator("form.composer").nth(0).evaluate("form => form.dataset.draftUrl = '/draft/'")
    desk.locator("form.composer textarea").nth(0).fill("还没写完")
    asked: list[str] = []
    desk.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    desk.evaluate("setTimeout(() => location.assign('/ui/'))")
    desk.wait_for_timeout(800)
    assert asked == ["beforeunload"]
    assert desk.url.endswith("/ui/talking/")


def test_two_letters_lead_to_a_place(desk):
    letter, to = desk.eval_on_selector("[data-go]", "a => [a.dataset.go, a.getAttribute('href')]")
    desk.keyboard.press("g")
    desk.keyboard.press(letter)
    desk.wait_for_url(f"**{to}")


def test_menus_shut_by_escape_and_by_a_press_elsewhere(desk):
    for shut in (lambda: desk.keyboard.press("Escape"), lambda: desk.mouse.click(600, 20)):
        desk.click(".person-menu summary")
        assert desk.is_visible(".person-menu > div")
        shut()
        assert not desk.is_visible(".person-menu > div")


def test_a_running_clock_counts_down_and_turns_late(desk):
    desk.clock.install()
    desk.goto("/ui/basics/")
    soon = desk.locator(".clock[data-minutes='38'] span")
    assert soon.inner_text() == "38 分"
    desk.clock.run_for(37 * 60_000 + 6_000)
    assert soon.inner_text() == "1 分"
    assert desk.inner_text("#told") == "还剩 1 分"
    desk.clock.run_for(61 * 60_000)
    assert soon.inner_text() == "超 1 小时"
    assert "late" in desk.get_attribute(".clock[data-minutes='38']", "class")
