"""The customers' pages in a real browser (C1, C8, A9)."""

import pytest
from playwright.sync_api import expect

from yingxu.customers import actions
from yingxu.customers.models import Customer

from .conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page, username: str) -> None:
    page.goto("/sign-in/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)


def test_from_the_list_to_a_warned_new_file_by_keyboard(shen, page):
    known = actions.add(by=shen.actor, name="砚台巷珠宝商行", phone="13900002046")
    sign_in(page, "shen")
    page.goto("/customers/")
    page.keyboard.press("c")
    page.wait_for_url("**/customers/new/")
    expect(page.locator("[name=phone]")).to_be_focused()
    page.keyboard.type("139 0000 2046")
    page.wait_for_selector(f"#doubles a[href='/customers/{known.matter.number}/']")
    page.keyboard.press("Tab")
    page.keyboard.type("谢诚")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[name=sure]")
    page.check("[name=sure]")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("h1:has-text('谢诚')")
    assert Customer.objects.count() == 2


def test_uncover_covers_itself(shen, page):
    customer = actions.add(by=shen.actor, name="梁雯", phone="13900002046")
    sign_in(page, "shen")
    page.goto(f"/customers/{customer.matter.number}/")
    page.click(".masked button")
    page.fill("[name=reason]", "约时间取件")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=139 **** 2046")
    page.click(".masked button")
    page.wait_for_selector("text=139 0000 2046")
    page.evaluate("document.querySelector('[data-cover]').dataset.seconds = 1")
    page.wait_for_selector("text=139 **** 2046")
    assert "139 0000 2046" not in page.content()


@pytest.mark.parametrize("width", [390, 1366])
def test_nothing_scrolls_sideways(shen, page, width):
    customer = actions.add(by=shen.actor, name="云岫市青石区砚台巷珠宝钟表眼镜有限责任公司" * 3, contact_name="梁雯", phone="13900002046", tags=["长标签" * 6] * 1)
    other = actions.add(by=shen.actor, name="砚台巷", phone="13900002046")
    sign_in(page, "shen")
    page.set_viewport_size({"width": width, "height": 800})
    number = customer.matter.number
    for address in ("", "new/", f"{number}/", f"{number}/edit/", f"{number}/numbers/", f"{number}/merge/?with={other.matter.number}"):
        page.goto(f"/customers/{address}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
