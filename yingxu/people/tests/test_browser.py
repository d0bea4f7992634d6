"""The second factor in a real browser: taken up from the page, asked for at the door, by keyboard only."""

from types import SimpleNamespace
from typing import Any

import pytest

from yingxu.base import clock
from yingxu.people import totp

from .conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _sign_in(page: Any) -> None:
    page.goto("/sign-in/")
    page.keyboard.type("shen")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_an_app_is_taken_up_and_asked_for(page: Any, people: SimpleNamespace) -> None:
    _sign_in(page)
    page.goto("/settings/me/security/app/")
    secret = page.inner_text("#secret").replace(" ", "")
    page.fill("[name=code]", totp.code(secret, totp.step_at(clock.now())))
    page.fill("[name=secret]", PASSWORD)
    with page.expect_navigation():
        page.press("[name=secret]", "Enter")
    assert page.locator("code").count() == 10
    page.goto("/settings/me/security/")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.clear_cookies()
    _sign_in(page)
    assert page.url.endswith("/sign-in/second/") and page.evaluate("document.activeElement.name") == "code"
    page.keyboard.type(totp.code(secret, totp.step_at(clock.now()) + 1))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/")


def test_administrators_and_changes_on_screen(page: Any, people: SimpleNamespace) -> None:
    page.goto("/sign-in/")
    page.fill("[name=username]", "fang")
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.press("[name=password]", "Enter")
    for address in ("/settings/administrators/", "/settings/changes/", "/settings/sign-in/"):
        page.goto(address)
        assert page.locator("h1").count() == 1
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
        page.set_viewport_size({"width": 1366, "height": 768})
