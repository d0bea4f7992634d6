"""The second factor in a real browser: taken up from the page, asked for at the door, by keyboard only."""

from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import expect

from yingxu.base import clock
from yingxu.base.access import SYSTEM
from yingxu.people import actions, totp
from yingxu.people.models import Provider

from .conftest import PASSWORD
from .provider import local_provider

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _sign_in(page: Any) -> None:
    page.goto("/sign-in/")
    expect(page.locator("[name=username]")).to_be_focused()
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
    page.goto("about:blank")  # no answer still under way brings a cookie back
    page.context.clear_cookies()
    _sign_in(page)
    assert page.url.endswith("/sign-in/second/")
    expect(page.locator("[name=code]")).to_be_focused()
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


def test_the_whole_way_by_a_provider(page: Any, people: SimpleNamespace, settings: Any) -> None:
    """Linked from one's own page, signed out there and here, in again by the button to where one was going."""
    settings.OUTBOUND_NETWORKS = ["127.0.0.0/8"]
    with local_provider() as theirs:
        actions.propose_provider(None, by=SYSTEM, name="海棠统一认证", issuer=theirs.issuer, client_id=theirs.client_id, secret=theirs.secret)
        _sign_in(page)
        page.goto(f"/settings/me/security/with/{Provider.objects.get().pk}/")
        page.fill("[name=secret]", PASSWORD)
        page.press("[name=secret]", "Enter")
        page.wait_for_url("**/settings/me/security/?saved=1")
        page.context.clear_cookies()
        page.goto("/settings/me/security/")
        assert "/sign-in/" in page.url
        page.click("text=用海棠统一认证登录")
        page.wait_for_url("**/settings/me/security/")
        assert page.locator("#accounts >> text=海棠统一认证").count() == 1
        page.evaluate("const act = document.getElementById('act'); act.action = '/sign-out/'; act.submit()")
        page.wait_for_url("**/sign-in/")
        assert theirs.leaves["client_id"] == ["yingxu"]


def test_a_passkey_in_chromium(page: Any, people: SimpleNamespace) -> None:
    """Taken up from the page and then enough by itself, with the browser's own device."""
    link = page.context.new_cdp_session(page)
    link.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    link.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    _sign_in(page)
    page.goto("/settings/me/security/passkey/")
    page.fill("[name=name]", "笔记本")
    page.fill("[name=secret]", "wrong-one")
    page.press("[name=secret]", "Enter")
    page.locator("[data-said]:not(:empty)").wait_for()
    page.fill("[name=secret]", PASSWORD)
    with page.expect_navigation():
        page.press("[name=secret]", "Enter")
    assert page.locator("code").count() == 10
    page.context.clear_cookies()
    page.goto("/sign-in/?next=/settings/me/security/")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("text=用通行密钥登录")
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    assert page.locator("#factors >> text=笔记本").count() == 1
    page.context.clear_cookies()
    _sign_in(page)
    assert page.url.endswith("/sign-in/second/")
    page.click("text=用通行密钥")
    page.wait_for_url(lambda url: "/sign-in/" not in url)
